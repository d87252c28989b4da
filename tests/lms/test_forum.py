"""Questions under lessons: who sees what, and who hears of an answer."""

import pytest
from sqlalchemy import select

from backend import clock as real_clock
from backend import db
from backend.accounts.roles import Role
from backend.notifications import follow
from backend.notifications.chats import ChatRef
from lms.courses import service as courses
from lms.courses.models import Enrolment
from tests.cast import PASSWORD
from tests.conftest import Clock
from tests.database import TestDatabase
from tests.lms.course import CODE, make_course, make_official
from tests.page import Browser, Page

HOME, UNDER = "/dao-tao/hoi-dap", f"/hoc/hoi-dap/{CODE}/thu-la"
QUESTION = "Thư này có phải lừa đảo không?"
pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(autouse=True)
def school(database: TestDatabase, clock: Clock) -> None:
    now = real_clock.now()
    with db.transaction() as session:
        make_course(session, now=now)
        make_official(session, "thu", "Đặng Minh Thư", Role.TRAINER)
        for login, name in (("binh", "Nguyễn Văn Bình"), ("chi", "Trần Chi")):
            courses.enrol(session, make_official(session, login, name), CODE, now=now)


def sign_in(page: Browser, login: str, to: str) -> Page:
    page.client.cookies.clear()
    page.get(f"/dang-nhap?next={to}")
    page.post("/dang-nhap", login=login, password=PASSWORD)
    return page.get(to)


def ask(page: Browser, text: str = QUESTION) -> Page:
    sign_in(page, "binh", UNDER)
    return page.post(UNDER, cau_hoi=text)


def answer(page: Browser, **fields: str) -> Page:
    action = sign_in(page, "thu", HOME).forms
    url = next(form.get("action", "") for form in action if HOME in form.get("action", ""))
    return page.post(url, fields)


def test_asked_from_the_lesson_answered_and_read_by_all(page: Browser) -> None:
    lesson = sign_in(page, "binh", f"/hoc/{CODE}/thu-la")
    assert lesson.link("Hỏi đáp về bài này").endswith(UNDER)
    assert "Chờ giảng viên trả lời" in ask(page).text
    assert QUESTION not in sign_in(page, "chi", UNDER).text
    waiting = sign_in(page, "thu", HOME)
    assert "Chờ trả lời (1)" in waiting.text
    assert "Nguyễn Văn Bình" in waiting.text
    assert "Chờ trả lời (0)" in answer(page, tra_loi="Đúng, xin đừng bấm.").text
    seen = sign_in(page, "chi", UNDER)
    assert QUESTION in seen.text
    assert "Đúng, xin đừng bấm." in seen.text
    assert "Bình" not in seen.text


def test_a_private_answer_is_seen_by_whoever_asked(page: Browser) -> None:
    ask(page)
    answer(page, tra_loi="Chỉ cho anh.", rieng="on")
    assert "Chỉ cho anh." in sign_in(page, "binh", UNDER).text
    assert QUESTION not in sign_in(page, "chi", UNDER).text


def test_whoever_asked_is_told_once(page: Browser, outbox) -> None:
    with db.transaction() as session:
        first = select(Enrolment.person_id).order_by(Enrolment.id).limit(1)
        binh = session.scalars(first).one()
        code = follow.code(session, binh, now=real_clock.now())
        assert follow.link(session, ChatRef("telegram", "17"), code, now=real_clock.now())
    ask(page)
    for text in ("Đúng.", "Đúng vậy."):
        answer(page, tra_loi=text)
    assert [(one.chat, "Thư lạ" in one.text) for one in outbox()] == [("17", True)]


def test_nothing_and_the_same_again_are_no_questions(page: Browser) -> None:
    ask(page)
    ask(page)
    refused = page.post(UNDER, cau_hoi="  ", status=422)
    assert "Xin ghi câu hỏi" in refused.text
    assert "Chờ trả lời (1)" in sign_in(page, "thu", HOME).text


def test_an_empty_answer_is_refused(page: Browser) -> None:
    ask(page)
    action = sign_in(page, "thu", HOME).forms
    url = next(form.get("action", "") for form in action if HOME in form.get("action", ""))
    assert "Xin ghi câu trả lời" in page.post(url, tra_loi="", status=422).text


def test_ten_questions_an_hour(page: Browser) -> None:
    sign_in(page, "binh", UNDER)
    for number in range(10):
        page.post(UNDER, cau_hoi=f"Câu {number}?")
    assert "đã hỏi nhiều" in page.post(UNDER, cau_hoi="Nữa?", status=422).text


def test_learners_see_neither_the_list_nor_lessons_that_are_not_theirs(page: Browser) -> None:
    sign_in(page, "binh", "/hoc")
    page.get(HOME, status=403)
    page.get(f"/hoc/hoi-dap/{CODE}/khong-co", status=404)
