"""Surveys: once for each round, nobody's name, nothing shown below five."""

import io

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import inspect, select

from backend import clock as real_clock
from backend import db
from backend.accounts.roles import Role
from lms.courses import service as courses
from lms.courses.models import Enrolment
from lms.courses.service import Taking
from lms.surveys import questions as surveying
from lms.surveys import service as surveys
from lms.surveys.models import SurveyAnswer, SurveyMark
from tests.cast import PASSWORD
from tests.conftest import Clock
from tests.database import TestDatabase
from tests.lms.course import CODE, make_course, make_official
from tests.page import Browser, Page

HOME, ASKED = f"/dao-tao/khao-sat/{CODE}", f"/hoc/khao-sat/{CODE}"
pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(autouse=True)
def school(database: TestDatabase, clock: Clock) -> None:
    with db.transaction() as session:
        make_course(session, now=real_clock.now())
        make_official(session, "thu", "Đặng Minh Thư", Role.TRAINER)


def sign_in(page: Browser, login: str, to: str) -> Page:
    page.client.cookies.clear()
    page.get(f"/dang-nhap?next={to}")
    page.post("/dang-nhap", login=login, password=PASSWORD)
    return page.get(to)


def through(login: str, *, done: bool = True) -> Taking:
    """Somebody who is through with the course."""
    with db.transaction() as session:
        person = make_official(session, login, f"Người {login}")
        courses.enrol(session, person, CODE, now=real_clock.now())
        taking = courses.taking(session, person, CODE)
        if done:
            courses.complete(session, taking.enrolment, now=real_clock.now())
        return taking


def said(login: str, grade: str, words: str = "") -> bool:
    taking = through(login)
    with db.transaction() as session:
        return surveys.answer(session, taking, {0: grade, 3: words})


def test_a_learner_answers_once_and_the_course_page_leads_there(page: Browser) -> None:
    through("binh")
    assert sign_in(page, "binh", f"/hoc/{CODE}").link("Góp ý").endswith(ASKED)
    page.get(ASKED)
    assert "ít nhất một câu" in page.post(ASKED, c0="9", status=422).text
    assert "Cảm ơn" in page.post(ASKED, c0="4", c3="Khoá màn hình").text
    assert "đã góp ý" in page.get(ASKED).text
    with db.transaction() as session:
        person = courses.taking_of(session, session.scalars(select(Enrolment.id)).one())
        assert surveys.answer(session, person, {0: "1"}) is False
        assert surveys.answered(session, person.enrolment.course_id) == 1


def test_before_the_end_nobody_is_asked(page: Browser) -> None:
    through("binh", done=False)
    assert not sign_in(page, "binh", ASKED).all("fieldset")


def test_nothing_is_shown_below_five(page: Browser) -> None:
    for number, grade in enumerate(("5", "4", "4", "1")):
        said(f"n{number}", grade, "Chậm lại")
    few = sign_in(page, "thu", HOME)
    assert "Chậm lại" not in few.text
    assert not few.all("svg")
    assert "4 lượt góp ý" in few.text
    said("n5", "4", "Nhanh lên")
    shown = page.get(HOME)
    assert "Trung bình 3,6 trên 5, 5 người" in shown.text
    assert "Chậm lại" in shown.text
    content = page.client.get(f"{HOME}/ket-qua.xlsx").content
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    assert [row[1:3] for row in rows[1:6]] == [[1, 1], [2, 0], [3, 0], [4, 3], [5, 1]]
    assert sorted(row[1] for row in rows[6:]) == ["Chậm lại"] * 4 + ["Nhanh lên"]


def test_nothing_leads_from_an_answer_to_a_person() -> None:
    assert {column.key for column in inspect(SurveyAnswer).columns} == {
        "id", "course_id", "question", "grade", "words"
    }  # fmt: skip
    assert [column.key for column in inspect(SurveyMark).columns] == ["enrolment_id"]
    for number in range(8):
        said(f"n{number}", "3")
    with db.reading() as session:
        ids = [row.id for row in session.query(SurveyAnswer).order_by(SurveyAnswer.id)]
    assert len(ids) == 8
    assert min(ids) > 8, "random numbers do not say who came first"


def test_a_trainer_asks_something_else_and_old_answers_stay(page: Browser) -> None:
    for number in range(5):
        said(f"n{number}", "5")
    sign_in(page, "thu", HOME)
    usual = surveying.usual()[0].text
    refused = page.post(HOME, t0="Một?", k0="grade", t1="", t2="", t3="", t4="", status=422)
    assert "từ 3 đến 6 câu" in refused.text
    assert refused.one("input", name="t0").get("value") == "Một?"
    kept = {"t0": "Một?", "k0": "grade", "t1": "Hai?", "k1": "words", "t2": "Ba?", "k2": "words"}
    shown = page.post(HOME, {**kept, "t3": "", "t4": ""})
    assert usual in shown.text
    with db.reading() as session:
        row = courses.find(session, CODE)
        assert [one.text for one in surveys.asked(session, row.id)] == ["Một?", "Hai?", "Ba?"]
    page.post(HOME, {**kept, "t1": "Một?"}, status=422)


def test_a_learner_reads_no_results(page: Browser) -> None:
    through("binh")
    sign_in(page, "binh", "/hoc")
    page.get(HOME, status=403)
