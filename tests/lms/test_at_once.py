"""Two steps of one learner in the same moment: a double tap, a last lesson beside a last quiz."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend import clock as real_clock
from backend import db
from lms.attempts import service as attempts
from lms.courses import service as courses
from lms.courses.models import Enrolment
from tests.conftest import Clock
from tests.database import TestDatabase
from tests.lms.course import CODE, make_course, make_official


@pytest.fixture
def binh(database: TestDatabase, clock: Clock) -> int:
    if database.is_sqlite:
        pytest.skip("SQLite lets one write at a time")
    with db.transaction() as session:
        make_course(session, now=real_clock.now())
        return make_official(session)


def waits(other: ThreadPoolExecutor, work: Callable[[Session], int]) -> Future[int]:
    """Begin `work` in a transaction of its own, which must wait for the one that is open here."""

    def alone() -> int:
        with db.transaction() as session:
            return work(session)

    begun = other.submit(alone)
    with pytest.raises(TimeoutError):
        begun.result(timeout=0.5)
    return begun


def test_a_double_tap_begins_one_round(binh: int) -> None:
    def begin(session: Session) -> int:
        return courses.enrol(session, binh, CODE, now=real_clock.now()).id

    with ThreadPoolExecutor(1) as other:
        with db.transaction() as session:
            mine = begin(session)
            theirs = waits(other, begin)
        assert theirs.result(timeout=10) == mine
    with db.reading() as session:
        assert session.scalar(select(func.count(Enrolment.id))) == 1


def test_handing_in_holds_the_round_that_it_may_complete(binh: int) -> None:
    now = real_clock.now()
    with db.transaction() as session:
        courses.enrol(session, binh, CODE, now=now)
        taking = courses.taking(session, binh, CODE, lock=True)
        attempt = attempts.start(session, taking, "cuoi", now=now)

    def finish(session: Session) -> int:
        return courses.taking(session, binh, CODE, lock=True).enrolment.id

    hands_in: list[Callable[[Session], object]] = [
        lambda session: attempts.of_person(session, attempt.token, binh, to="submit"),
        lambda session: attempts.to_close(session, attempt.id),
    ]
    for hand_in in hands_in:
        with ThreadPoolExecutor(1) as other:
            with db.transaction() as session:
                hand_in(session)
                finished = waits(other, finish)
            assert finished.result(timeout=10) == taking.enrolment.id
