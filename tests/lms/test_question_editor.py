"""Questions written by hand: every type, saved as typed, live only once the course is published."""

from typing import Any

import pytest

from backend import clock as real_clock
from backend import db
from backend.accounts.roles import Role
from lms import questions
from lms.authoring import service as authoring
from lms.courses import loader
from lms.courses import service as courses
from lms.questions import QUESTIONS
from lms.questions import service as bank
from tests.cast import PASSWORD
from tests.conftest import Clock
from tests.database import TestDatabase
from tests.lms.course import CODE, announced, make_course, make_official
from tests.page import Browser, Page, hidden_fields

DESK = f"/dao-tao/soan/{CODE}"
BANK = f"{DESK}/cau-hoi"
pytestmark = pytest.mark.usefixtures("database")

TYPED: dict[str, tuple[dict[str, Any], Any]] = {
    "single": ({"c0": "Gọi lại số cũ", "c1": "Chuyển tiền", "right": "0", "f1": "Đừng vội"}, 0),
    "multiple": ({"c0": "A", "c1": "B", "c2": "C", "right": ["0", "2"]}, [0, 2]),
    "truefalse": ({"right": "0"}, False),
    "matching": ({"l0": "HTTP", "r0": "80", "l1": "HTTPS", "r1": "443", "more": "22\n21"}, [0, 1]),
    "ordering": ({"items": "Rút dây mạng\nBáo cáo\n\nGhi biên bản"}, [0, 1, 2]),
    "short": ({"accepts": "mật khẩu\npassword", "accents": "1"}, "mật khẩu"),
    "numeric": ({"value": "1.200,5", "tolerance": "0,5", "unit": "MB"}, "1200,5"),
}


@pytest.fixture
def desk(database: TestDatabase, clock: Clock, page: Browser) -> Browser:
    """The trainer at the desk of CB00."""
    with db.transaction() as session:
        make_course(session, now=real_clock.now())
        make_official(session, "thu", "Đặng Minh Thư", Role.TRAINER)
    page.get(f"/dang-nhap?next={BANK}")
    page.post("/dang-nhap", login="thu", password=PASSWORD)
    page.get(BANK)
    return page


def begun(desk: Browser, kind: str) -> Page:
    desk.get(BANK)
    return desk.post(f"{BANK}/moi", loai=kind)


def publish(desk: Browser) -> None:
    """Make the course fit to be opened, and open it."""
    desk.get(f"{DESK}/bai/thu-la")
    desk.post(f"{DESK}/bai/thu-la", title="Thư lạ", minutes="5", body="Không còn hình.")
    desk.get(DESK)
    desk.post(f"{DESK}/mo", queries=60)


def test_every_type_is_written_here() -> None:
    assert set(TYPED) == set(QUESTIONS)


@pytest.mark.parametrize("kind", list(TYPED))
def test_a_question_is_written_tried_and_asked(desk: Browser, kind: str) -> None:
    fields, right = TYPED[kind]
    empty = begun(desk, kind)
    key = empty.path.split("/")[-1]
    shared = {"text": "Câu mới", "category": "mới", "difficulty": "3", "feedback": "Vì sao"}
    done = desk.post(empty.path, {**shared, **fields})
    assert "chờ mở phiên bản mới" in done.text
    assert "Làm thử như người học" in done.text
    with db.reading() as session:
        made = authoring.stock(session, authoring.opened(session, CODE))[key]
        assert key not in {one.key for one in bank.current(session, CODE)}, "not live yet"
    assert (made.key(), made.category, made.difficulty) == (right, "mới", 3)
    desk.get(f"{empty.path}/xem")
    sent: dict[str, Any] = {
        f"p0.{name}": values for name, values in made.write(right, "xem").items()
    }
    assert "100 %" in desk.post(f"{empty.path}/xem", sent).text
    shown: dict[str, Any] = fields_of(desk.get(empty.path))
    desk.post(empty.path, shown)
    with db.reading() as session:
        kept = authoring.stock(session, authoring.opened(session, CODE))[key]
    assert kept == made, "a form that is saved as it was shown changes nothing"


def fields_of(page: Page) -> dict[str, list[str]]:
    """What the page's form holds, as a browser without scripts would send it."""
    found: dict[str, list[str]] = {}
    for field in page.form(page.path).iter():
        if field.tag not in ("input", "textarea", "select"):
            continue
        name, value = field.get("name"), field.get("value", "")
        if field.tag == "select":
            chosen = [o for o in field.iter("option") if "selected" in o.attrib]
            option = (chosen or list(field.iter("option")))[0]
            value = option.get("value", option.text or "")
        elif field.tag == "textarea":
            value = (field.text or "").removeprefix("\n")
        elif field.get("type") in ("radio", "checkbox") and "checked" not in field.attrib:
            continue
        if name:
            found.setdefault(name, []).append(value)
    return found


def test_what_is_not_finished_is_kept_and_keeps_the_course_shut(desk: Browser) -> None:
    empty = begun(desk, "single")
    half = desk.post(empty.path, text="Mới viết", c0="Một", right="0")
    assert "ít nhất hai phương án" in half.text
    assert str(desk.get(empty.path).one("textarea", name="c0").text).strip() == "Một"
    assert "Mới viết" in desk.get(BANK).text
    assert "chưa hoàn chỉnh" in desk.get(DESK).text
    desk.get(empty.path)
    desk.post(f"{BANK}/bo-ra", cau=empty.path.split("/")[-1])
    assert "chưa hoàn chỉnh" not in desk.get(DESK).text


def test_an_edit_is_a_new_version_from_the_day_the_course_is_published(desk: Browser) -> None:
    desk.get(f"{BANK}/truefalse")
    desk.post(f"{BANK}/truefalse", text="Sửa lại", right="1", difficulty="2", category="chung")
    with db.reading() as session:
        before = {one.key: one for one in bank.current(session, CODE)}["truefalse"]
    assert before.question.text != "Sửa lại"
    publish(desk)
    with db.reading() as session:
        after = {one.key: one for one in bank.current(session, CODE)}["truefalse"]
        assert bank.by_ids(session, [before.id])[0].question == before.question
        outline = authoring.opened(session, CODE).outline
    assert (after.question.text, after.question.difficulty) == ("Sửa lại", 2)
    assert after.id != before.id
    assert not outline["questions"]


def test_scripts_save_and_are_told_of_another_writer(desk: Browser) -> None:
    url = f"{BANK}/truefalse"
    stale = hidden_fields(desk.get(url).form(url))
    typed = {**stale, "text": "Một", "right": "1"}
    first = desk.client.post(url, data=typed, headers={"accept": "application/json"})
    assert first.json() == {"luot": 1}
    told = desk.post(url, text="Hai", right="1", luot="0", status=409)
    assert "vừa lưu phần này" in told.text
    assert "Hai" in str(told.one("textarea", name="text").text)


def stock_of_networks(count: int) -> None:
    """True or false questions about networks, in turn easy, middling and hard."""
    raw = {"type": "truefalse", "right": True, "category": "mạng"}
    items = [
        questions.parse({**raw, "id": f"m{n}", "text": f"Câu {n}", "difficulty": 1 + n % 3})
        for n in range(count)
    ]
    with db.transaction() as session:
        bank.put(session, CODE, items, now=real_clock.now())


def test_the_bank_is_searched_by_words_category_and_difficulty(desk: Browser) -> None:
    stock_of_networks(25)

    def found(query: str) -> int:
        return len(desk.get(f"{BANK}?{query}").all("li", class_="result"))

    assert found("chu_de=m%E1%BA%A1ng") == 20
    assert found("chu_de=m%E1%BA%A1ng&trang=2") == 5
    assert found("q=cau+17") == 1
    assert found("chu_de=m%E1%BA%A1ng&muc=3") == 8


def test_all_that_were_found_get_one_difficulty(desk: Browser) -> None:
    desk.get(f"{BANK}?muc=1&q=")
    assert "Đã đổi độ khó của 7 câu" in desk.post(f"{BANK}/do-kho", do_kho="3").text
    desk.get(f"{BANK}?muc=3")
    desk.post(f"{BANK}/do-kho", do_kho="2", q="không có câu nào như thế")
    with db.reading() as session:
        stock = authoring.stock(session, authoring.opened(session, CODE))
        assert {one.difficulty for one in stock.values()} == {3}
        assert {one.question.difficulty for one in bank.current(session, CODE)} == {1}
    publish(desk)
    with db.reading() as session:
        assert {one.question.difficulty for one in bank.current(session, CODE)} == {3}


def test_a_test_draws_by_category_and_difficulty(desk: Browser) -> None:
    stock_of_networks(9)
    url = f"{DESK}/bai/cuoi-khoa"
    hidden = desk.get(url).all("input", type="hidden")
    named = next(str(one.get("name")) for one in hidden if one.get("value") == "mạng")
    count = named.replace("category", "count")
    rules = {
        "title": "Cuối khoá", "minutes": "15", "quiz_kind": "final", "pass_mark": "80",
        "quiz_minutes": "20", "attempts": "3", "feedback": "end", "asks": "draw",
    }  # fmt: skip
    desk.post(url, {**rules, f"{count}-1": "2", f"{count}-3": "4"})
    assert "rút nhiều câu hơn" in desk.get(DESK).text
    desk.get(url)
    desk.post(url, {**rules, f"{count}-1": "2", f"{count}-3": "3", f"{count}-0": "1"})
    with db.reading() as session:
        here = authoring.opened(session, CODE)
    final = next(one for one in here.outline["quizzes"] if one["kind"] == "final")
    drawn = [
        (one["difficulty"], one["count"]) for one in final["draw"] if one["category"] == "mạng"
    ]
    assert drawn == [(1, 2), (3, 3), (None, 1)]
    assert "rút nhiều câu hơn" not in desk.get(DESK).text


def test_all_that_stands_about_a_course_is_written_here(desk: Browser) -> None:
    with db.transaction() as session:
        courses.publish(session, announced("KT01"), now=real_clock.now())
    desk.get(DESK)
    desk.post(
        DESK, title="Tên", summary="Gì đó", hours="4", audience="all", validity="24",
        outcomes="Biết", target="90", prerequisites="KT01", time_share="70", final="1",
        text0="Nghị định 331", number0="331/2026/NĐ-CP", verified0="1",
    )  # fmt: skip
    for viec, place, title in (
        ("doi-ten", "0", "Phần đầu"), ("them-phan", "", "Phần hai"), ("phan-len", "1", "")
    ):  # fmt: skip
        desk.get(DESK)
        desk.post(f"{DESK}/sap-xep", viec=viec, phan=place, title=title)
    with db.reading() as session:
        outline = authoring.opened(session, CODE).outline
    assert [one["title"] for one in outline["sections"]] == ["Phần hai", "Phần đầu"]
    assert outline["completion"] == {"time_share": 0.7, "practice": False, "final": True}
    assert (outline["prerequisites"], outline["target"]) == (["KT01"], 0.9)
    legal = [(one["number"], one["verified"]) for one in outline["legal"]]
    assert legal == [("331/2026/NĐ-CP", True)]


def send_file(desk: Browser, lesson: str, name: str, data: bytes) -> int:
    form = desk.get(f"{DESK}/bai/{lesson}").form(f"{DESK}/tep")
    fields = {**hidden_fields(form), "bai": lesson}
    return int(
        desk.client.post(f"{DESK}/tep", data=fields, files={"tep": (name, data)}).status_code
    )


def test_a_video_comes_with_captions(desk: Browser) -> None:
    desk.get(DESK)
    made = desk.post(f"{DESK}/sap-xep", viec="them-bai", phan="0", kind="video", title="Xem")
    vtt = "WEBVTT\n\n00:00.000 --> 00:01.000\nChào".encode()
    assert send_file(desk, "xem", "bai.mp4", b"\0\0\0\x18ftypmp42" + bytes(99)) < 400
    assert send_file(desk, "xem", "bai.vtt", vtt) < 400
    assert send_file(desk, "xem", "bai.vtt", b"khong phai") == 422
    desk.get(made.path)
    desk.post(made.path, title="Xem", minutes="3", media="video/bai.mp4", body="")
    assert "chưa có phụ đề" in desk.get(DESK).text
    desk.get(made.path)
    desk.post(made.path, title="Xem", minutes="3", media="video/bai.mp4", captions="video/bai.vtt")
    assert "chưa có phụ đề" not in desk.get(DESK).text
    seen = desk.get(f"{DESK}/xem/xem")
    assert str(seen.one("track", kind="captions").get("src")).endswith("video/bai.vtt")


def test_a_large_file_is_taken_where_files_are_taken_and_nowhere_else(desk: Browser) -> None:
    assert send_file(desk, "thu-la", "to.pdf", b"%PDF-1.7\n" + bytes(3 * 1024 * 1024)) < 400
    with db.reading() as session:
        here = authoring.opened(session, CODE)
        assert "tai-lieu/to.pdf" in loader.addresses(session, here.row.id)
    fields = hidden_fields(desk.get(BANK).form(f"{BANK}/bo-ra"))
    refused = desk.client.post(f"{BANK}/bo-ra", data={**fields, "cau": "x" * (3 * 1024 * 1024)})
    assert refused.status_code == 413
