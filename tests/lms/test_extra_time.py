"""More time for one learner, given by a trainer on a page."""

import pytest
from sqlalchemy import select

from backend import clock as real_clock
from backend import db
from backend.accounts.roles import Role
from backend.audit import AuditRecord
from backend.errors import NotFound
from backend.people import service as people
from lms.attempts import extra_time
from lms.attempts import service as attempts
from lms.courses import service as courses
from lms.courses.models import Enrolment
from tests.cast import PASSWORD
from tests.conftest import Clock
from tests.database import TestDatabase
from tests.lms.course import CODE, make_course, make_official
from tests.page import Browser

PAGE = f"/dao-tao/them-gio/{CODE}"


@pytest.fixture
def token(database: TestDatabase, clock: Clock) -> str:
    """Bình's round of CB00."""
    now = real_clock.now()
    with db.transaction() as session:
        make_course(session, now=now)
        make_official(session, "thu", "Đặng Minh Thư", Role.TRAINER)
        make_official(session, "lan", "Lê Lan")
        return courses.enrol(session, make_official(session), CODE, now=now).token


def sign_in(page: Browser, login: str) -> None:
    page.get("/dang-nhap?next=/hoc")
    page.post("/dang-nhap", login=login, password=PASSWORD)


def minutes() -> int:
    with db.reading() as session:
        [row] = session.scalars(select(Enrolment)).all()
        return attempts.extra_minutes(session, row.id, "cuoi")


def test_a_trainer_finds_a_learner_and_gives_more_time(page: Browser, token: str) -> None:
    sign_in(page, "thu")
    assert "Chưa ai được thêm giờ" in page.get(PAGE).text
    assert "Không thấy ai" in page.get(f"{PAGE}?tim=lan").text
    assert "Nguyễn Văn Bình" in page.get(f"{PAGE}?tim=nguyen+van+binh").text
    listed = page.post(f"{PAGE}/ghi", phut="15", ly_do="Khiếm thị")
    assert "+ 15 phút (Khiếm thị)" in listed.text
    assert minutes() == 15
    page.post(f"{PAGE}/ghi", phut="0", ly_do="Đã đổi bài")
    assert minutes() == 0
    with db.reading() as session:
        events = [row.action for row in session.scalars(select(AuditRecord))]
    assert events.count("quiz.extra_time") == 2


def test_no_reason_no_time_and_the_words_stay(page: Browser, token: str) -> None:
    sign_in(page, "thu")
    page.get(f"{PAGE}?tim=AX-binh")
    refused = page.post(f"{PAGE}/ghi", phut="15", ly_do=" ", status=422)
    assert "lý do" in refused.text
    assert "Nguyễn Văn Bình" in refused.text
    page.post(
        f"{PAGE}/ghi", phut="15", ly_do="Ốm", bai="thu", status=404
    )  # a quiz without a time limit
    assert minutes() == 0


def test_learners_give_themselves_nothing(page: Browser, token: str) -> None:
    sign_in(page, "binh")
    page.get(PAGE, status=403)


def test_what_is_no_number_takes_nothing_back(page: Browser, token: str) -> None:
    sign_in(page, "thu")
    page.get(f"{PAGE}?tim=AX-binh")
    page.post(f"{PAGE}/ghi", phut="15", ly_do="Khiếm thị")
    page.get(f"{PAGE}?tim=AX-binh")
    again = page.post(f"{PAGE}/ghi", phut="15p", ly_do="Ốm", status=422)
    assert "từ 0 đến 300" in again.text
    assert 'value="15p"' in again.html
    assert 'value="Ốm"' in again.html, "nothing typed is lost"
    assert minutes() == 15


def test_people_of_other_agencies_are_neither_found_nor_given_time(token: str) -> None:
    today = real_clock.today()
    with db.reading() as session:
        course = courses.find(session, CODE).id
        [here] = people.agencies(session, at=today)
        for scope, count in ((None, 1), ({here.id}, 1), ({here.id + 1}, 0), (set[int](), 0)):
            found = extra_time.learners(session, course, "binh", on=today, within=scope)
            assert len(found) == count
        own = extra_time.round_of(session, course, token, "cuoi", on=today, within={here.id})
        assert own.token == token
        with pytest.raises(NotFound):
            extra_time.round_of(session, course, token, "cuoi", on=today, within={here.id + 1})
