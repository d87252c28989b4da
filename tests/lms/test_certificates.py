"""Certificates: issued once, checked by anybody, revoked and issued anew."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from backend.errors import Conflict, InvalidInput, NotFound
from backend.people import service as people
from backend.people.duties import Duty
from lms import questions
from lms.attempts import service as attempts
from lms.attempts.service import Given
from lms.certificates import service as certificates
from lms.certificates.models import Certificate
from lms.certificates.pdf import pdf
from lms.certificates.service import State
from lms.courses import progress
from lms.courses import service as courses
from lms.courses.content import Course
from lms.courses.service import Taking
from lms.questions import service as bank
from tests.conftest import Clock

NEW_YEAR = date(2026, 1, 1)


@pytest.fixture
def now(clock: Clock) -> datetime:
    return clock.now


@pytest.fixture
def taking(session: Session, now: datetime) -> Taking:
    agency = people.open_agency(session, "SKHCN", "Sở Khoa học và Công nghệ", since=NEW_YEAR)
    person = people.add_person(session, "0012", "Nguyễn Thị Ngọc Hường", now=now)
    people.place(
        session, person.id, agency.id, position="Chuyên viên", duty=Duty.NONE, since=NEW_YEAR
    )
    question = {"type": "truefalse", "id": "q1", "text": "Đúng?", "right": True, "category": "a"}
    bank.put(session, "CB00", [questions.parse(question)], now=now)
    course = {
        "code": "CB00", "title": "Nhận thức an ninh mạng", "summary": "Ngắn.", "hours": 4,
        "validity_months": 12,
        "sections": [{"title": "Một", "lessons": [
            {"key": "a", "title": "A", "minutes": 5},
            {"key": "cuoi", "title": "Cuối", "minutes": 5, "kind": "quiz", "quiz": "cuoi"},
        ]}],
        "quizzes": [{"key": "cuoi", "title": "Cuối", "kind": "final", "questions": ["q1"],
                     "minutes": 10}],
    }  # fmt: skip
    courses.publish(session, Course.model_validate(course), now=now)
    courses.enrol(session, person.id, "CB00", now=now)
    return courses.taking(session, person.id, "CB00", lock=True)


def learn(session: Session, taking: Taking, now: datetime) -> Certificate:
    end = now + timedelta(minutes=10)
    progress.add_time(session, taking, "a", 300, seq=1, now=end)
    progress.finish_lesson(session, taking, "a", now=end)
    assert not certificates.settle(session, taking, now=end).is_complete
    attempt = attempts.start(session, taking, "cuoi", now=end)
    attempts.save(session, attempt, [Given(0, {"a": ["0"]}, 1)], now=end)
    attempts.submit(session, attempt, attempts.quiz_of(taking, "cuoi"), now=end)
    assert certificates.settle(session, taking, now=end).is_complete
    certificates.settle(session, taking, now=end)
    [made] = certificates.of_person(session, taking.enrolment.person_id)
    return made


def test_the_last_step_issues_it_once(session: Session, taking: Taking, now: datetime) -> None:
    made = learn(session, taking, now)
    assert (made.person_name, made.agency_name, made.position) == (
        "Nguyễn Thị Ngọc Hường", "Sở Khoa học và Công nghệ", "Chuyên viên",
    )  # fmt: skip
    assert (made.score, made.hours, made.expires_on) == (1.0, 4, date(2027, 1, 5))
    assert certificates.find(session, f" {made.code.lower()} ").id == made.id


def test_it_holds_until_its_last_day(session: Session, taking: Taking, now: datetime) -> None:
    made = learn(session, taking, now)
    assert certificates.state(made, on=date(2027, 1, 5)) is State.VALID
    assert certificates.state(made, on=date(2027, 1, 6)) is State.EXPIRED


def test_a_later_move_changes_no_certificate(
    session: Session, taking: Taking, now: datetime
) -> None:
    made = learn(session, taking, now)
    other = people.open_agency(session, "STP", "Sở Tư pháp", since=NEW_YEAR)
    person = taking.enrolment.person_id
    people.place(session, person, other.id, position="", duty=Duty.NONE, since=NEW_YEAR)
    assert certificates.find(session, made.code).agency_name == "Sở Khoa học và Công nghệ"


def test_a_corrected_one_replaces_the_wrong_one(
    session: Session, taking: Taking, now: datetime
) -> None:
    wrong = learn(session, taking, now)
    with pytest.raises(InvalidInput):
        certificates.revoke(session, wrong, reason=" ", by=1, now=now)
    right = certificates.reissue(session, wrong, reason="Sai tên", by=1, now=now)
    assert certificates.state(wrong, on=date(2026, 1, 6)) is State.REVOKED
    assert certificates.state(right, on=date(2026, 1, 6)) is State.VALID
    assert certificates.replaced_by(session, wrong) is right
    assert right.code != wrong.code
    certificates.revoke(session, wrong, reason="Lần nữa", by=2, now=now)
    assert wrong.reason == "Sai tên"
    with pytest.raises(Conflict, match=right.code):  # a second tap
        certificates.reissue(session, wrong, reason="Sai tên", by=1, now=now)
    assert certificates.of_round(session, taking.enrolment.id) is right


def test_there_is_none_for_an_unfinished_course(
    session: Session, taking: Taking, now: datetime
) -> None:
    with pytest.raises(Conflict):
        certificates.issue(session, taking, now=now)
    with pytest.raises(NotFound):
        certificates.find(session, "CN26-AAAAA-BBBBB")


def test_what_nobody_hands_in_is_closed_and_counts(
    session: Session, taking: Taking, clock: Clock
) -> None:
    now = clock.move(minutes=20)
    progress.add_time(session, taking, "a", 300, seq=1, now=now)
    progress.finish_lesson(session, taking, "a", now=now)
    attempt = attempts.start(session, taking, "cuoi", now=now)
    attempts.save(session, attempt, [Given(0, {"a": ["0"]}, 1)], now=now)
    clock.move(minutes=10)
    certificates.close_overdue(session)
    assert attempt.submitted_at is None, "there is a minute of grace"
    clock.move(minutes=2)
    certificates.close_overdue(session)
    assert attempt.passed
    assert len(certificates.of_person(session, taking.enrolment.person_id)) == 1


@pytest.mark.parametrize(
    ("day", "months", "last"),
    [
        (date(2026, 8, 31), 6, date(2027, 2, 28)), (date(2026, 1, 5), 12, date(2027, 1, 5)),
        (date(2027, 8, 31), 6, date(2028, 2, 29)), (date(2026, 12, 1), 1, date(2027, 1, 1)),
        (date(2026, 1, 5), 0, None),
    ],
)  # fmt: skip
def test_months_end_where_months_end(day: date, months: int, last: date | None) -> None:
    assert courses.last_day(day, months) == last


def test_the_paper_is_tagged_and_the_same_each_time(
    session: Session, taking: Taking, now: datetime
) -> None:
    made = learn(session, taking, now)
    paper = pdf(made)
    assert paper.startswith(b"%PDF")
    assert b"/StructTreeRoot" in paper
    assert b"LibertinusSerif" in paper
    assert pdf(made) == paper
