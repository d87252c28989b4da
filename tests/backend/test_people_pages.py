"""Agencies keep their directory on pages: rosters, people, accounts."""

import pytest
from sqlalchemy import select, update

from backend import audit, db
from backend import clock as now_is
from backend.accounts import service as accounts
from backend.accounts.models import Officer
from backend.accounts.roles import Role
from backend.config import settings
from backend.people import demo, roster_pages, sheet
from backend.people import service as people
from backend.people.columns import meaning
from backend.people.models import Person
from tests.page import Browser, hidden_fields, words
from tests.rosters import HEADINGS, workbook


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
    with db.reading() as session:
        acts = [row.action for row in audit.of(session, f"person:{here.rpartition('/')[2]}")]
    assert acts == ["person.added", "person.moved", "person.corrected", "person.left"]


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
