"""Versions, rounds, time and standing."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from backend.errors import Conflict, NotFound
from backend.people import service as people
from backend.people.duties import Duty
from lms.courses import progress
from lms.courses import service as courses
from lms.courses.content import Course
from lms.courses.service import Taking
from lms.courses.standing import Spent, standing
from tests.lms import room

NOW = datetime(2026, 1, 5, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)


def course(**changes: Any) -> Course:
    raw: dict[str, Any] = {
        "code": "CB00", "title": "Nhận thức an ninh mạng", "summary": "Ngắn.", "hours": 4,
        "sections": [{"title": "Một", "lessons": [
            {"key": "a", "title": "A", "minutes": 10}, {"key": "b", "title": "B", "minutes": 10},
            {"key": "thu", "title": "Thử", "minutes": 5, "kind": "quiz", "quiz": "thu"},
            {"key": "cuoi", "title": "Cuối", "minutes": 15, "kind": "quiz", "quiz": "cuoi"},
        ]}],
        "quizzes": [
            {"key": "thu", "title": "Thử", "kind": "practice", "questions": ["q1"]},
            {"key": "cuoi", "title": "Cuối", "kind": "final", "questions": ["q1"]},
        ],
    }  # fmt: skip
    return Course.model_validate({**raw, **changes})


@pytest.fixture
def binh(session: Session) -> int:
    agency = people.open_agency(session, "SKHCN", "Sở KH&CN", since=date(2026, 1, 1))
    person = people.add_person(session, "0012", "Nguyễn Văn Bình", now=NOW)
    people.place(session, person.id, agency.id, position="", duty=Duty.NONE, since=date(2026, 1, 1))
    return person.id


def begin(session: Session, person: int) -> Taking:
    courses.publish(session, course(), now=NOW)
    courses.enrol(session, person, "CB00", now=NOW)
    return courses.taking(session, person, "CB00")


def test_publishing_the_same_again_makes_no_version(session: Session) -> None:
    first = courses.publish(session, course(), now=NOW).published_id
    assert courses.publish(session, course(), now=NOW).published_id == first
    changed = courses.publish(session, course(title="Tên khác"), now=NOW)
    assert changed.published_id != first
    assert courses.published(session, changed).title == "Tên khác"


def test_whoever_began_stays_in_their_version(session: Session, binh: int) -> None:
    begin(session, binh)
    courses.publish(session, course(title="Tên khác"), now=NOW)
    assert courses.taking(session, binh, "CB00").course.title == "Nhận thức an ninh mạng"


def test_an_announced_course_cannot_be_taken(session: Session, binh: int) -> None:
    row = courses.publish(session, course(status="announced", sections=[], quizzes=[]), now=NOW)
    assert [c.code for c in courses.courses(session)] == ["CB00"]
    assert courses.published(session, row).hours == 4
    with pytest.raises(Conflict):
        courses.enrol(session, binh, "CB00", now=NOW)


def test_rounds_never_erase_what_was(session: Session, binh: int) -> None:
    first = begin(session, binh).enrolment
    assert courses.enrol(session, binh, "CB00", now=NOW).id == first.id
    assert courses.complete(session, first, now=NOW)
    assert not courses.complete(session, first, now=NOW + HOUR)
    again = courses.enrol(session, binh, "CB00", now=NOW + HOUR)
    assert (first.round, again.round) == (1, 2)
    assert first.completed_at == NOW


def test_a_completion_knows_where_somebody_worked_that_day(session: Session, binh: int) -> None:
    taking = begin(session, binh)
    other = people.open_agency(session, "STP", "Sở Tư pháp", since=date(2026, 1, 1))
    people.place(session, binh, other.id, position="", duty=Duty.NONE, since=date(2026, 2, 1))
    courses.complete(session, taking.enrolment, now=NOW + timedelta(days=40))
    assert taking.enrolment.agency_name == "Sở KH&CN"
    assert taking.enrolment.done_agency_name == "Sở Tư pháp"


def test_time_counts_once_and_never_beyond_the_clock(session: Session, binh: int) -> None:
    taking = begin(session, binh)
    later = NOW + timedelta(minutes=3)
    assert progress.add_time(session, taking, "a", 60, seq=1, now=later) == 60
    assert progress.add_time(session, taking, "a", 60, seq=1, now=later) == 60
    assert progress.add_time(session, taking, "a", 9999, seq=2, now=later) == 180
    assert progress.add_time(session, taking, "b", 60, seq=1, now=later) == 0
    assert progress.add_time(session, taking, "a", 9999, seq=3, now=NOW + HOUR) == 600
    assert progress.add_time(session, taking, "a", -5, seq=4, place=33, now=NOW + HOUR) == 600
    assert progress.peek(session, taking, "a", now=NOW).place == 33


def test_quizzes_are_not_finished_by_saying_so(session: Session, binh: int) -> None:
    taking = begin(session, binh)
    for key in ("a", "a", "thu"):
        progress.finish_lesson(session, taking, key, now=NOW)
    assert {k for k, s in progress.spent(session, taking.enrolment.id).items() if s.is_done} == {
        "a"
    }
    progress.attend(session, taking, "b", seconds=60, held_minutes=90, is_done=False, now=NOW)
    progress.attend(session, taking, "b", seconds=9999, held_minutes=90, is_done=True, now=NOW)
    progress.attend(session, taking, "b", seconds=30, held_minutes=90, is_done=False, now=NOW)
    assert progress.spent(session, taking.enrolment.id)["b"] == Spent(600, True)
    with pytest.raises(NotFound):
        progress.finish_lesson(session, taking, "x", now=NOW)


def test_no_page_counts_time_in_a_room(session: Session) -> None:
    room.make_course(session, now=NOW)
    courses.enrol(session, 7, room.CODE, now=NOW)
    taking = courses.taking(session, 7, room.CODE)
    later = NOW + timedelta(days=1)
    assert progress.add_time(session, taking, room.LESSON, 7200, seq=1, now=later) == 0
    progress.attend(
        session, taking, room.LESSON, seconds=60, held_minutes=120, is_done=False, now=later
    )
    assert progress.add_time(session, taking, room.LESSON, 7200, seq=2, now=later) == 60


DONE = {"a": Spent(600, True), "b": Spent(600, True)}


@pytest.mark.parametrize(
    ("spent", "passed", "is_complete"),
    [
        ({}, set(), False),
        (DONE, {"thu", "cuoi"}, True),
        (DONE, {"cuoi"}, False),
        (DONE, {"thu"}, False),
        ({"a": Spent(600, True), "b": Spent(120, True)}, {"thu", "cuoi"}, True),
        ({"a": Spent(600, True), "b": Spent(119, True)}, {"thu", "cuoi"}, False),
        ({"a": Spent(600, True), "b": Spent(600, False)}, {"thu", "cuoi"}, False),
    ],
)
def test_complete_means_time_exercises_and_the_final(
    spent: dict[str, Spent], passed: set[str], is_complete: bool
) -> None:
    found = standing(course(), spent, passed)
    assert found.is_complete is is_complete
    assert found.seconds_wanted == 40 * 60 * 0.8
    assert 0 <= found.share <= 1
    assert (found.share == 1) >= is_complete


def test_a_course_may_ask_for_less() -> None:
    free = course(completion={"time_share": 0, "practice": False, "final": True})
    assert standing(free, {"a": Spent(0, True), "b": Spent(0, True)}, {"cuoi"}).is_complete


@pytest.mark.parametrize(("minutes", "is_complete"), [(10, True), (30, False)])
def test_a_missed_class_is_missed_time_and_nothing_else(minutes: int, is_complete: bool) -> None:
    lessons = [
        {"key": "a", "title": "A", "minutes": 60},
        {"key": "lop", "title": "Lớp", "minutes": minutes, "kind": "class"},
        {"key": "cuoi", "title": "Cuối", "minutes": 15, "kind": "quiz", "quiz": "cuoi"},
    ]
    final = [{"key": "cuoi", "title": "Cuối", "kind": "final", "questions": ["q1"]}]
    taught = course(sections=[{"title": "Một", "lessons": lessons}], quizzes=final)
    found = standing(taught, {"a": Spent(3600, True)}, {"cuoi"})
    assert found.is_complete is is_complete
