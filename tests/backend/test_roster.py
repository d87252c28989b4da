"""Rosters: read whatever was typed, shown row by row, applied once, and never twice."""

import contextlib
import io
import unicodedata
import zipfile
from datetime import date
from typing import Any

import pytest
import xlsxwriter  # type: ignore[import-untyped]  # no stubs exist
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend import clock as now_is
from backend import db
from backend.accounts import service as accounts
from backend.accounts.models import Officer
from backend.accounts.roles import Role, SignedIn
from backend.config import settings
from backend.errors import Conflict, InvalidInput, NotFound
from backend.people import cli, demo, entries, officers, roster, roster_pages, sheet
from backend.people import service as people
from backend.people.columns import meaning
from backend.people.compare import Plan, Standing
from backend.people.duties import Duty
from backend.people.legacy_text import (
    _TCVN3,
    _VNI,
    Encoding,
    convert,
    could_be_legacy,
    decoded,
    detect,
    is_syllable,
    mend,
)
from backend.people.models import Agency, Person, RosterDraft
from tests.page import Browser, hidden_fields, words

ADMIN = SignedIn(1, "an", "An", Role.ADMINISTRATOR)
HEADINGS = ["STT", "Mã cán bộ", "Họ và tên (*)", "Mã cơ quan", "Cơ quan", "Chức vụ",
            "Nhiệm vụ CNTT", "Ngày sinh", "Email", "Điện thoại", "Số CCCD"]  # fmt: skip
BINH = [1, "0007", "Nguyễn Văn Bình", "SKHCN", "Sở Khoa học và Công nghệ", "Chuyên viên",
        "chuyên trách", "05/03/1985", "binh@camau.gov.vn", "0912 000 111",
        "096085001234"]  # fmt: skip
HA = [2, "0008", "Lê Thị Hà", "SKHCN", "", "", "", date(1990, 12, 31), "", 912000222, 96190001111]
LETTERS = "".join(_TCVN3.values())


def workbook(*rows: list[Any]) -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"default_date_format": "dd/mm/yyyy"}) as book:
        page = book.add_worksheet()
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                if isinstance(cell, date):
                    page.write_datetime(number, column, cell)
                else:
                    page.write(number, column, cell)
    return file.getvalue()


def typed(text: str, encoding: Encoding) -> str:
    """As somebody with that keyboard typed it."""
    table = _TCVN3 if encoding is Encoding.TCVN3 else _VNI
    spelt: dict[str, str] = {}
    for key, value in table.items():
        spelt.setdefault(value, key)
    return "".join(spelt.get(letter, letter) for letter in text)


@pytest.fixture
def office(session: Session, clock) -> Agency:
    return people.open_agency(session, "SKHCN", "Sở Khoa học và Công nghệ", since=date(2025, 7, 1))


def received(session: Session, *rows: list[Any], officer: SignedIn = ADMIN) -> RosterDraft:
    return roster.receive(
        session, officer, workbook(["DANH SÁCH CÁN BỘ"], HEADINGS, *rows), "ds.xlsx",
        since=now_is.today(), now=now_is.now(),
    )  # fmt: skip


def planned(session: Session, *rows: list[Any], officer: SignedIn = ADMIN) -> Plan:
    return roster.plan(session, officer, received(session, *rows, officer=officer))


def applied(session: Session, *rows: list[Any], **ticks) -> roster.Outcome:
    draft = received(session, *rows)
    mark = roster.plan(session, ADMIN, draft).mark
    return roster.apply(session, ADMIN, draft, mark=mark, now=now_is.now(), **ticks)


NAMES = [
    "Nguyễn Văn Bình", "Trần Thị Hằng", "Đặng Quốc Việt", "Phường Tân Xuyên", "Lê Mỹ Duyên",
    "Sở Khoa học và Công nghệ", "Huỳnh Ngọc Ẩn", "Phó trưởng phòng", "Vũ Thuỷ Tiên", "Ủy ban",
]  # fmt: skip


@pytest.mark.parametrize("encoding", [Encoding.TCVN3, Encoding.VNI])
def test_old_fonts_are_recognised_and_read(encoding: Encoding) -> None:
    names = [name for name in NAMES if "Ẩ" not in name and "Ủ" not in name]
    old = [typed(name, encoding) for name in names]
    assert old != names
    assert detect(old) is encoding
    assert [mend(name, encoding) for name in old] == names
    mixed = [*old, "Cà Mau", "Phạm Thị Lựu", "binh@camau.gov.vn"]
    assert [mend(name, detect(mixed)) for name in mixed][-2:] == mixed[-2:]
    assert mend("Phạm Thị Lựu", encoding) == "Phạm Thị Lựu"


def test_unicode_is_left_alone() -> None:
    assert detect(NAMES) is Encoding.UNICODE
    assert detect(["Tú", "Hà", "Lê Bình"]) is Encoding.UNICODE
    assert detect([]) is Encoding.UNICODE
    assert mend("Tru\u031bo\u031b\u0300ng", Encoding.UNICODE) == "Trường"


def test_among_capitals_tcvn3_means_capitals() -> None:
    assert convert("§ÆNG TRÇN", Encoding.TCVN3) == "ĐẶNG TRẦN"
    assert convert("§µo Hµ", Encoding.TCVN3) == "Đào Hà"


@given(st.text(alphabet=LETTERS.lower() + "abcdeghiklmnopqrstuvxy ", max_size=40))
def test_every_letter_survives_tcvn3(text: str) -> None:
    assert convert(typed(text, Encoding.TCVN3), Encoding.TCVN3) == text


@given(st.text(alphabet=LETTERS, max_size=30))
def test_every_letter_survives_vni(text: str) -> None:
    assert convert(typed(text, Encoding.VNI), Encoding.VNI) == text


@given(st.text(max_size=60), st.sampled_from(Encoding))
def test_any_text_is_mended_to_something_storable(text: str, encoding: Encoding) -> None:
    cell = entries.text_of(text, encoding)
    assert cell == unicodedata.normalize("NFC", cell)
    assert "\x00" not in cell
    if text.isascii() or not could_be_legacy(text):
        assert mend(text, encoding) == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize("word", ["nghiêng", "quý", "Đặng", "giếng", "khuya", "thuở", "ốc"])
def test_syllables(word: str) -> None:
    assert is_syllable(word)
    assert not is_syllable(word + "zz")


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "cp1258", "tcvn3", "vni"])
def test_text_files_of_any_origin(codec: str) -> None:
    text = "Mã cán bộ;Họ và tên\n" + "\n".join(f"00{i};{n}" for i, n in enumerate(NAMES[:6]))
    if codec == "cp1258":
        raw = b"".join(as_cp1258(letter) for letter in text)
    elif codec in ("tcvn3", "vni"):
        raw = typed(text, Encoding(codec)).encode("latin-1")
    else:
        raw = text.encode(codec)
    assert decoded(raw) == text
    assert sheet.read(raw, "ds.csv")[1] == ["000", "Nguyễn Văn Bình"]


def as_cp1258(letter: str) -> bytes:
    try:
        return letter.encode("cp1258")
    except UnicodeEncodeError:
        parts = unicodedata.normalize("NFD", letter)
        tone = [part for part in parts if part in "\u0300\u0301\u0303\u0309\u0323"]
        base = unicodedata.normalize("NFC", "".join(p for p in parts if p not in tone))
        return (base + "".join(tone)).encode("cp1258")


@pytest.mark.parametrize(
    ("heading", "column"),
    [("MÃ CÁN BỘ", "code"), ("Ho va ten", "name"), ("Họ và tên (*)", "name"),
     ("Số  CCCD", "citizen"),
     ("Nhiệm vụ CNTT", "duty"), ("Đơn vị công tác", "agency"), ("E-mail", "email"), ("STT", None)],
)  # fmt: skip
def test_headings(heading: str, column: str | None) -> None:
    assert meaning(heading) == column


def test_cells_are_read_as_they_were_meant(session, office) -> None:
    binh, ha = (line.entry for line in planned(session, BINH, HA).lines)
    assert (binh.code, binh.duty, binh.born_on) == ("0007", Duty.ICT_FULL, date(1985, 3, 5))
    assert (binh.phone, ha.phone) == ("0912000111", "0912000222")
    assert ha.born_on == date(1990, 12, 31)
    assert ha.citizen_digest == entries.citizen_digest("096190001111")
    assert "096085001234" not in str(vars(session.scalars(select(RosterDraft)).one()))


@pytest.mark.parametrize(
    ("cell", "born"),
    [("05/03/1985", date(1985, 3, 5)), ("5-3-1985", date(1985, 3, 5)),
     ("1985-03-05", date(1985, 3, 5)),
     (31111, date(1985, 3, 5)), ("31111", date(1985, 3, 5)), ("", None)],
)  # fmt: skip
def test_dates(cell, born) -> None:
    assert entries.day_of(cell, today=date(2026, 1, 5)) == born


@pytest.mark.parametrize("cell", ["03/25/1985", "1985", "31/02/1985", "01/01/2024", "hôm qua"])
def test_dates_that_are_none(cell) -> None:
    with pytest.raises(entries.Refused):
        entries.day_of(cell, today=date(2026, 1, 5))


@given(st.text(max_size=30) | st.floats() | st.integers() | st.dates() | st.booleans())
def test_no_cell_breaks_the_reading(cell) -> None:
    for read in (lambda: entries.day_of(cell, today=date(2026, 1, 5)),
                 lambda: entries.phone_of(entries.text_of(cell)),
                 lambda: entries.citizen_number_of(entries.text_of(cell)),
                 lambda: entries.email_of(entries.text_of(cell)),
                 lambda: entries.duty_of(entries.text_of(cell)),
                 lambda: entries.name_of(entries.text_of(cell))):  # fmt: skip
        with contextlib.suppress(entries.Refused):  # anything else is a bug
            read()


def test_the_same_file_again_changes_nothing(session, office) -> None:
    assert applied(session, BINH, HA) == roster.Outcome(new=2)
    again = planned(session, BINH, HA)
    assert again.counts == {Standing.UNCHANGED: 2}
    assert applied(session, BINH, HA).total == 0
    assert len(session.scalars(select(Person)).all()) == 2


def test_what_changed_is_named_and_an_empty_cell_erases_nothing(session, office, clock) -> None:
    applied(session, BINH)
    clock.move(days=30)
    moved = [*BINH[:5], "Phó phòng", "kiêm nhiệm", "", "", "0912 000 999", ""]
    line = planned(session, moved).lines[0]
    assert [(c.field, c.before, c.after) for c in line.changes] == [
        ("position", "Chuyên viên", "Phó phòng"), ("duty", "ict_full", "ict_part"),
        ("phone", "0912000111", "0912000999"),
    ]  # fmt: skip
    assert applied(session, moved).changed == 1
    person = session.scalars(select(Person)).one()
    here = people.official(session, person.id, at=now_is.today())
    before = people.official(session, person.id, at=date(2026, 1, 10))
    assert here is not None
    assert before is not None
    assert (here.position, here.email, before.position) == (
        "Phó phòng", "binh@camau.gov.vn", "Chuyên viên")  # fmt: skip


def test_people_who_left_go_only_when_ticked(session, office, clock) -> None:
    applied(session, BINH, HA)
    clock.move(days=10)
    plan = planned(session, BINH)
    assert [known.code for known in plan.left] == ["0008"]
    assert applied(session, BINH).left == 0
    assert people.official(session, plan.left[0].person_id, at=now_is.today())
    assert applied(session, BINH, leaving={plan.left[0].person_id}).left == 1
    assert people.official(session, plan.left[0].person_id, at=now_is.today()) is None
    assert planned(session, BINH).left == []


def test_a_row_with_an_error_is_nobody_who_left(session, office) -> None:
    applied(session, BINH, HA)
    wrong = [2, "0008", "Lê Thị Hà", "SKHCN", "", "", "làm hết", "", "", "", ""]
    plan = planned(session, BINH, wrong)
    assert plan.lines[1].standing is Standing.ERROR
    assert "kiêm nhiệm" in plan.lines[1].problems[0]
    assert plan.left == []


def test_duplicates_are_refused_with_their_row(session, office) -> None:
    twin = [*BINH[:1], "0009", *BINH[2:]]
    plan = planned(session, BINH, BINH, twin)
    assert [line.standing for line in plan.lines] == [Standing.NEW, Standing.ERROR, Standing.ERROR]
    assert "dòng 3" in plan.lines[1].problems[0]
    assert "CCCD trùng với dòng 3" in plan.lines[2].problems[0]
    applied(session, BINH)
    assert "0007" in planned(session, twin).lines[0].problems[0]


def test_a_code_that_lost_its_zeros_finds_its_owner(session, office) -> None:
    applied(session, BINH)
    line = planned(session, [1, 7, *BINH[2:]]).lines[0]
    assert line.standing is Standing.UNCHANGED
    assert "số 0" in line.doubts[0]


def test_unknown_agencies_are_opened_only_when_ticked(session, office) -> None:
    new = [1, "0010", "Trần Văn Út", "SNV", "Sở Nội vụ", "", "", "", "", "", ""]
    plan = planned(session, new)
    assert [(o.code, o.name, o.people) for o in plan.openings] == [("SNV", "Sở Nội vụ", 1)]
    assert applied(session, new) == roster.Outcome(skipped=1)
    assert applied(session, new, opening={"SNV"}) == roster.Outcome(new=1, opened=1)
    typo = [1, "0011", "Trần Văn Tư", "", "Sở Nội vu", "", "", "", "", "", ""]
    assert planned(session, typo).lines[0].standing is Standing.NEW, "accents do not matter"
    typo[4] = "Sở Nội vụu"
    assert "“Sở Nội vụ”" in planned(session, typo).lines[0].problems[0]


def test_coordinators_change_their_own_agency_only(session, office) -> None:
    other = people.open_agency(session, "SNV", "Sở Nội vụ", since=date(2025, 7, 1))
    applied(session, BINH)
    me = people.add_person(session, "0001", "Phan Khoa", now=now_is.now())
    people.place(session, me.id, other.id, position="", duty=Duty.NONE, since=date(2025, 8, 1))
    khoa = SignedIn(9, "khoa", "Khoa", Role.COORDINATOR, person_id=me.id)
    own = [1, "0010", "Trần Văn Út", "SNV", "", "", "", "", "", "", ""]
    theft = [1, "0007", "Nguyễn Văn Bình", "SNV", "", "", "", "", "", "", ""]
    unknown = [1, "0012", "Trần Văn Năm", "STP", "Sở Tư pháp", "", "", "", "", "", ""]
    plan = planned(session, own, theft, HA, unknown, officer=khoa)
    assert [line.standing for line in plan.lines] == [Standing.NEW] + [Standing.ERROR] * 3
    assert plan.openings == []
    assert [known.code for known in plan.left] == ["0001"]
    with pytest.raises(NotFound):
        roster.draft(session, ADMIN, session.scalars(select(RosterDraft.id)).all()[-1],
                     now=now_is.now())  # fmt: skip


def test_what_was_not_shown_is_not_done(session, office) -> None:
    draft = received(session, BINH)
    seen = roster.plan(session, ADMIN, draft).mark
    people.add_person(session, "0007", "Nguyễn Văn Bình", now=now_is.now())
    with pytest.raises(Conflict):
        roster.apply(session, ADMIN, draft, mark=seen, now=now_is.now())
    seen = roster.plan(session, ADMIN, draft).mark
    done = roster.apply(session, ADMIN, draft, mark=seen, now=now_is.now())
    assert done.changed == 1
    assert roster.apply(session, ADMIN, draft, mark="x", now=now_is.now()) == done, "twice is once"
    assert draft.entries == "[]", "what was applied is not kept a second time"


def test_later_changes_are_not_overwritten(session, office, clock) -> None:
    applied(session, BINH)
    draft = roster.receive(
        session, ADMIN, workbook(HEADINGS, [*BINH[:5], "Trưởng phòng", *BINH[6:]]), "ds.xlsx",
        since=date(2025, 12, 1), now=now_is.now(),
    )  # fmt: skip
    assert "05/01/2026" in roster.plan(session, ADMIN, draft).lines[0].problems[0]


def test_drafts_go_after_a_day(session, office, clock) -> None:
    draft = received(session, BINH)
    clock.move(hours=25)
    with pytest.raises(NotFound):
        roster.draft(session, ADMIN, draft.id, now=now_is.now())
    roster.forget(session)
    assert session.scalars(select(RosterDraft)).all() == []


def zipped(**files: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as box:
        for name, content in files.items():
            box.writestr(name.replace("__", "/") + ".xml", content)
    return file.getvalue()


def far_cell(reference: bytes) -> bytes:
    good = workbook(HEADINGS, BINH)
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(good)) as old, zipfile.ZipFile(file, "w") as new:
        for member in old.infolist():
            new.writestr(member, old.read(member).replace(b'r="A2"', b'r="' + reference + b'"'))
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"", "a.xlsx"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 100, "a.xls"),
        (b"PK\x03\x04 broken", "a.xlsx"),
        (b"hello", "a.xlsx"),
        (zipped(word__document=b"<x/>"), "a.docx"),
        (zipped(xl__workbook=b"<x/>", bomb=b"\0" * (sheet.MOST_BYTES + 1)), "a.xlsx"),
        (zipped(xl__workbook=b"not xml"), "a.xlsx"),
        (far_cell(b"XFD1048576"), "a.xlsx"),
        (far_cell(b"A1048576"), "a.xlsx"),
        (b"a;b\n" * (sheet.MOST_ROWS + 200), "a.csv"),
    ],
)
def test_what_is_no_roster_is_refused_in_words(data: bytes, name: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        sheet.read(data, name)
    assert refusal.value.message.endswith(".")


def test_a_file_without_headings_says_which_are_needed(session, office) -> None:
    with pytest.raises(InvalidInput, match="Mã cán bộ"):
        roster.receive(
            session, ADMIN, workbook(["a", "b"], [1, 2]), "x.xlsx", since=now_is.today(),
            now=now_is.now(),
        )  # fmt: skip


def test_footers_are_nobody(session, office) -> None:
    footers = [["Tổng cộng: 1 người"], ["", "", "Người lập biểu"]]
    assert len(planned(session, BINH, *footers).lines) == 1


def test_accounts_follow_the_directory(session, office, clock) -> None:
    applied(session, BINH, HA)
    opened = officers.open_accounts(session, None, at=now_is.today(), now=now_is.now())
    assert (len(opened.links), opened.without_mailbox) == (1, 1)
    account = accounts.linked(session)[0]
    assert (account.login, account.agency) == ("binh@camau.gov.vn", office.name)
    assert not officers.open_accounts(session, None, at=now_is.today(), now=now_is.now()).links
    clock.move(days=5)
    applied(session, [*BINH[:8], "b2@camau.gov.vn", *BINH[9:]])
    officers.follow(session, at=now_is.today(), now=now_is.now())
    assert accounts.linked(session)[0].email == "b2@camau.gov.vn"
    people.leave(session, account.person_id, last_day=now_is.today())
    assert officers.follow(session, at=now_is.today(), now=now_is.now()) == 0
    clock.move(days=1)
    officers.follow_daily(session)
    assert accounts.linked(session)[0].is_disabled
    people.place(session, account.person_id, office.id, position="", duty=Duty.NONE,
                 since=now_is.today())  # fmt: skip
    assert len(officers.open_accounts(session, None, at=now_is.today(), now=now_is.now()).links)
    assert not accounts.linked(session)[0].is_disabled


def test_the_demo_is_made_once_and_has_every_duty(session, clock) -> None:
    demo.seed(session)
    demo.seed(session)
    rows = session.execute(people.directory(now_is.today())).all()
    assert len(rows) == 29
    assert {row.duty for row in rows} == set(Duty)
    assert len({row.agency_id for row in rows}) == 4


def test_the_command_line_shows_first_and_applies_when_told(
    database, clock, tmp_path, capsys
) -> None:
    file = tmp_path / "ds.xlsx"
    file.write_bytes(workbook(HEADINGS, BINH, HA))
    assert cli.main(["import", str(file)]) == 0
    assert "Cơ quan chưa có: SKHCN" in capsys.readouterr().out
    assert cli.main(["import", str(file), "--open", "--apply"]) == 0
    assert "2 thay đổi. Bỏ qua: 1" in capsys.readouterr().out
    assert cli.main(["import", str(file), "--apply"]) == 0
    assert cli.main(["import", str(file), "--apply", "--agency", "KHONG"]) == 1
    assert cli.main(["import", str(tmp_path / "nothing.xlsx")]) == 1


@pytest.fixture
def desk(page: Browser, clock) -> Browser:
    with db.transaction() as session:
        demo.seed(session)
        accounts.create(
            session, "an", name="An", role=Role.ADMINISTRATOR, password="mot-mat-khau-du-dai",
            now=now_is.now(),
        )  # fmt: skip
    page.get("/dang-nhap")
    page.post("/dang-nhap", login="an", password="mot-mat-khau-du-dai")
    return page


def send(page: Browser, data: bytes, name: str = "ds.xlsx", status: int = 200):
    shown = page.get(roster_pages.HOME)
    answer = page.client.post(
        roster_pages.HOME, data=hidden_fields(shown.form(roster_pages.HOME)),
        files={"file": (name, data)},
    )  # fmt: skip
    return page._shown(answer, [], status, 40)


def test_from_the_file_to_the_directory_on_pages(desk: Browser) -> None:
    new = [1, "0101", "Trần Văn Út", "STP", "Sở Tư pháp", "", "kiêm nhiệm", "", "", "", ""]
    wrong = [2, "0102", "", "SNV", "", "", "", "", "", "", ""]
    changed = [3, "0004", "Hồ Thanh Liêm", "SKHCN", "", "Giám đốc", "", "", "", "", ""]
    shown = send(desk, workbook(HEADINGS, new, wrong, changed))
    assert "Có lỗi (1)" in shown.text
    assert "Thiếu họ và tên" in shown.text
    assert "Sở Tư pháp (STP)" in shown.text
    assert "Đặng Minh Thư (0002)" in shown.text, "not in the file"
    assert "Phó Giám đốc → Giám đốc" in desk.get(f"{shown.path}?xem=changed").text
    desk.get(f"{shown.path}?xem=new&trang=999")
    done = desk.post(shown.path, {"open": "STP"}, queries=60)
    assert "Thêm mới: 1" in done.text
    assert "Thay đổi: 1" in done.text
    assert desk.get("/quan-tri/can-bo?q=tran van ut").text.count("Trần Văn Út") == 1
    assert "Giám đốc" in desk.get("/quan-tri/can-bo?q=0004").text


def test_a_file_that_cannot_be_read_comes_back_with_words(desk: Browser) -> None:
    assert "Không đọc được" in send(desk, b"PK nonsense", status=422).text
    assert "Xin chọn tệp" in send(desk, b"", "", status=422).text


def test_the_template_is_read_back(desk: Browser) -> None:
    rows = sheet.read(desk.client.get(f"{roster_pages.HOME}/mau.xlsx").content, "mau.xlsx")
    assert [meaning(str(heading)) for heading in rows[0]] == [
        "code", "name", "agency_code", "agency", "position", "duty", "born", "email", "phone",
        "citizen",
    ]  # fmt: skip


def test_agencies_open_merge_and_show_their_tree(desk: Browser) -> None:
    shown = desk.get("/quan-tri/co-quan")
    assert "Sở Nội vụ" in shown.text
    desk.post("/quan-tri/co-quan", code="TT1", name="Trung tâm Một", parent="1")
    assert desk.post("/quan-tri/co-quan", code="TT1", name="Lại", status=409).text
    shown = desk.get("/quan-tri/co-quan")
    options = {words(o): o.get("value", "") for o in shown.form(shown.path).iter("option")}
    merge = "/quan-tri/co-quan/nhap"
    gone, into = options["Xã Đất Mũi"], options["Phường An Xuyên"]
    assert desk.post(merge, gone=gone, into=gone, on="2026-01-05", status=409).text
    done = desk.post(merge, gone=gone, into=into, on="2026-01-05", queries=120)
    assert "7 người chuyển theo" in done.text
    assert "Xã Đất Mũi" not in words(done.one("ul", class_="tree"))
    assert "Phường An Xuyên" in desk.get("/quan-tri/can-bo?q=cong danh").text


def test_one_person_by_hand(desk: Browser) -> None:
    form = desk.get("/quan-tri/can-bo/moi")
    (agency, *_) = [o.get("value", "") for o in form.one("select", name="agency").iter("option")]
    new = {"code": "0200", "name": "Trần Thị Mới", "agency": agency, "duty": "none"}
    shown = desk.post("/quan-tri/can-bo/moi", new, email="moi@camau.gov.vn", since="2026-01-01")
    here = shown.path
    assert "Chưa có tài khoản" in shown.text
    form = desk.get("/quan-tri/can-bo/moi")
    assert "đã có" in desk.post("/quan-tri/can-bo/moi", new, since="2026-01-01", status=409).text
    desk.get(here)
    moved = desk.post(f"{here}/cong-tac", duty="ict_full", position="Chuyên viên", agency=agency,
                      since="2026-01-05")  # fmt: skip
    assert "Chuyên trách CNTT · 05/01/2026 – nay" in moved.text
    assert "01/01/2026 – 04/01/2026" in moved.text
    late = desk.post(f"{here}/cong-tac", duty="none", agency=agency, since="2026-01-02", status=409)
    assert "05/01/2026" in late.text
    assert "không hợp lệ" in desk.post(f"{here}/thong-tin", name="Mới", email="x", status=422).text
    assert (
        desk.post(f"{here}/thong-tin", name="Trần Mới", email="moi@camau.gov.vn").h1 == "Trần Mới"
    )
    opened = desk.post("/quan-tri/can-bo/tai-khoan", person=here.rpartition("/")[2])
    assert opened.link("Liên kết 1")
    assert "Tài khoản: moi@camau.gov.vn" in desk.get(here).text
    desk.post(f"{here}/moi-lai")
    desk.get(here)
    left = desk.post(f"{here}/nghi", last_day="2026-01-04", queries=40)
    assert "Đã nghỉ" in left.text
    assert "Tài khoản đã khóa" in left.text
    desk.get("/quan-tri/can-bo/99999999999999999999", status=404)


def test_accounts_for_everybody_at_once(desk: Browser) -> None:
    desk.get("/quan-tri/can-bo?co_quan=1&nhiem_vu=ict_full")
    opened = desk.post("/quan-tri/can-bo/tai-khoan", queries=400)
    assert "Đã mở 26 tài khoản" in opened.text
    assert "Tài khoản học" not in desk.get("/quan-tri/can-bo").text


def test_coordinators_see_their_own_agency_only(page: Browser, clock) -> None:
    with db.transaction() as session:
        demo.seed(session)
        binh = people.directory(now_is.today()).where(Person.staff_code == "0004")
        elsewhere = session.execute(binh).one().person_id
        mine = session.scalars(select(Person.id).where(Person.staff_code == "0003")).one()
        khoa = next(one for one in accounts.linked(session) if one.person_id == mine)
        session.execute(update(Officer).where(Officer.id == khoa.id).values(is_demo=False))
        token = accounts.begin(session, khoa.id, now=now_is.now())
    page.client.cookies.set("__Host-officer" if settings().is_https else "officer", token)
    shown = page.get("/quan-tri/can-bo")
    assert "Phan Anh Khoa" in shown.text
    assert "Sở Nội vụ" not in shown.text
    assert "Mở cơ quan mới" not in page.get("/quan-tri/co-quan").text
    page.get(f"/quan-tri/can-bo/{elsewhere}", status=404)
