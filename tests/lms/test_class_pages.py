"""The roll-call as people do it: a trainer at the wall, learners with their telephones."""

import io

import pytest
from python_calamine import CalamineWorkbook

from backend import clock as real_clock
from backend import db
from backend.accounts.roles import Role
from lms.classes import marks
from lms.classes import service as classes
from lms.courses import service as courses
from tests.cast import PASSWORD
from tests.conftest import Clock
from tests.database import TestDatabase
from tests.lms.course import make_official
from tests.lms.room import CODE, LESSON, make_class, make_course
from tests.page import Browser, Page, hidden_fields, words

HOME = "/dao-tao/lop"
pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(autouse=True)
def school(database: TestDatabase, clock: Clock) -> None:
    with db.transaction() as session:
        make_course(session, now=real_clock.now())
        make_official(session, "thu", "Đặng Minh Thư", Role.TRAINER)
        binh = make_official(session, "binh")
        make_official(session, "chi", "Trần Chi")
        courses.enrol(session, binh, CODE, now=real_clock.now())


def sign_in(page: Browser, login: str, to: str) -> Page:
    page.client.cookies.clear()
    page.get(f"/dang-nhap?next={to}")
    page.post("/dang-nhap", login=login, password=PASSWORD)
    return page.get(to)


def class_now() -> str:
    """A class that begins now; its token."""
    with db.transaction() as session:
        return make_class(session, starts=real_clock.now(), seats=30).token


def open_roll(page: Browser, token: str) -> Page:
    sign_in(page, "thu", f"{HOME}/{token}")
    return page.post(f"{HOME}/{token}/diem-danh", viec="mo")


@pytest.mark.parametrize("typed", ["30 chỗ", "ba mươi", "-3", "0", "99999", "1" * 20, "²"])
def test_seats_that_are_no_number_are_never_taken_for_any_number(page: Browser, typed: str) -> None:
    facts = {"lesson": f"{CODE}/{LESSON}", "place": "Hội trường A", "trainer": "Thư",
             "day": "2026-01-06", "since": "08:00", "until": "10:00", "seats": typed}  # fmt: skip
    sign_in(page, "thu", f"{HOME}/moi")
    refused = page.post(f"{HOME}/moi", facts, status=422)
    fault = refused.one("p", id="o-seats-loi")
    assert words(fault) == "Xin ghi số chỗ từ 1 đến 5000, hoặc để trống nếu không giới hạn."
    for name in ("seats", "place", "day", "since", "until"):
        assert refused.one("input", name=name).get("value") == facts[name]
    assert refused.one("option", selected="").get("value") == facts["lesson"]
    with db.reading() as session:
        assert not classes.listed(session, since=real_clock.now())


def test_seats_left_empty_are_as_many_as_come(page: Browser) -> None:
    sign_in(page, "thu", f"{HOME}/moi")
    page.post(f"{HOME}/moi", lesson=f"{CODE}/{LESSON}", place="Hội trường A", trainer="Thư",
              day="2026-01-06", since="08:00", until="10:00", seats="")  # fmt: skip
    with db.reading() as session:
        assert [one.row.seats for one in classes.listed(session, since=real_clock.now())] == [0]


def test_a_trainer_sets_up_a_class_and_a_learner_books(page: Browser) -> None:
    sign_in(page, "thu", f"{HOME}/moi")
    facts = {"lesson": f"{CODE}/{LESSON}", "place": "Hội trường A", "trainer": "Thư",
             "day": "2026-01-06", "since": "08:00", "until": "10:00", "seats": "1"}  # fmt: skip
    refused = page.post(f"{HOME}/moi", {**facts, "until": "07:00"}, status=422)
    assert refused.one("input", name="place").get("value") == "Hội trường A"
    page.post(f"{HOME}/moi", {**facts, "day": "mai"}, status=422)
    made = page.post(f"{HOME}/moi", facts)
    assert "06/01/2026, 08:00–10:00" in made.text
    booked = f"/hoc/lop/{CODE}/{LESSON}"
    assert sign_in(page, "binh", f"/hoc/{CODE}/{LESSON}").link("Xem lịch lớp").endswith(booked)
    page.get(booked)
    assert "còn 0 trên 1 chỗ" in page.post(booked, viec="giu").text
    assert "còn 1 trên 1 chỗ" in page.post(booked, viec="thoi").text
    page.get(f"/hoc/lop/{CODE}/doc", status=404)


def test_the_wall_shows_a_mark_that_changes(page: Browser, clock: Clock) -> None:
    token = class_now()
    wall = open_roll(page, token)
    assert wall.path == f"{HOME}/{token}/ma"
    with db.reading() as session:
        assert classes.find(session, token).is_open
    digits = marks.digits(token, clock.now)
    assert f"{digits[:3]} {digits[3:]}" in wall.text
    clock.move(seconds=30)
    page.fragment(f"{HOME}/{token}/ma")
    assert f"{digits[:3]} {digits[3:]}" not in page.get(f"{HOME}/{token}/ma").text


def test_scan_present_closed_counted_and_on_the_list(page: Browser, clock: Clock) -> None:
    token = class_now()
    open_roll(page, token)
    here = f"/hoc/diem-danh/{token}"
    address = f"{here}/{marks.mark(token, clock.now)}"
    asked = sign_in(page, "binh", address)
    assert "Nguyễn Văn Bình" in asked.text
    with db.reading() as session:
        assert not classes.attenders(session, classes.find(session, token).row.id)
    clock.move(minutes=3)
    fields = hidden_fields(asked.form(here))
    noted = "Đã ghi nhận có mặt lúc 09:03 ngày 05/01/2026"
    assert noted in page.post(here).text
    clock.move(minutes=1)
    assert noted in page.client.post(here, data=fields).text
    assert "Tôi có mặt" not in page.get(address).text
    assert "Chưa vào học khoá này" in sign_in(page, "chi", address).text
    sign_in(page, "thu", f"{HOME}/{token}")
    shown = page.post(f"{HOME}/{token}/diem-danh", viec="chot", queries=60)
    assert "tính giờ cho 1 người" in shown.text
    assert "đã tính giờ" in shown.text
    content = page.client.get(f"{HOME}/{token}/danh-sach.xlsx").content
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    assert rows[1][0] == "Nguyễn Văn Bình"
    assert rows[1][3:7] == ["có", "09:03 05/01/2026", 120, "quét mã"]
    assert "Nguyễn Văn Bình" in page.get(f"{HOME}/{token}/in").text
    assert page.get(f"{HOME}/{token}/ma").path == f"{HOME}/{token}"


def test_digits_wrong_then_late_then_confirmed_by_hand(page: Browser, clock: Clock) -> None:
    token = class_now()
    open_roll(page, token)
    digits = marks.digits(token, clock.now)
    clock.move(minutes=20)
    here = f"/hoc/diem-danh/{token}"
    sign_in(page, "binh", here)
    assert "không đúng" in page.post(here, ma_so="abc").text
    assert "gửi muộn" in page.post(here, ma_so=digits).text
    listed = sign_in(page, "thu", f"{HOME}/{token}")
    assert "Chờ xác nhận (1)" in listed.text
    refused = page.post(f"{HOME}/{token}/danh-sach", viec="ghi", minutes="120", status=422)
    assert "lý do" in refused.text
    said = page.post(
        f"{HOME}/{token}/danh-sach", viec="ghi", minutes="100", reason="Đi muộn 20 phút"
    )
    assert "100 phút · ghi tay: Đi muộn 20 phút" in said.text


def test_the_list_is_for_trainers(page: Browser) -> None:
    token = class_now()
    sign_in(page, "binh", "/hoc")
    for address in (HOME, f"{HOME}/{token}", f"{HOME}/{token}/ma", f"{HOME}/{token}/in"):
        page.get(address, status=403)
    assert page.client.get(f"{HOME}/{token}/danh-sach.xlsx").status_code == 403
