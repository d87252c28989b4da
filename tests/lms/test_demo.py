"""The demo's first look: reports filled, reminders due, something left to learn."""

from datetime import date

import pytest
from sqlalchemy import select

from backend import clock as real_clock
from backend import db
from backend.accounts import demo as accounts
from backend.people import demo as officials
from backend.people import service as people
from lms import demo, seed
from lms.assignments import reminders
from lms.assignments import service as assignments
from lms.assignments.models import Requirement
from lms.assignments.standing import Stand
from lms.certificates.models import Certificate
from tests.conftest import Clock
from tests.database import TestDatabase


@pytest.mark.parametrize("day", [(2026, 11, 22), (2026, 12, 31), (2027, 1, 2)])
def test_whoever_looks_first_sees_the_loop(
    database: TestDatabase, clock: Clock, day: tuple[int, int, int]
) -> None:
    clock.set(*day)
    with db.transaction() as session:
        accounts.seed(session)
        officials.seed(session)
        seed.load_courses(session)
        demo.seed(session)
        demo.seed(session)
    today = real_clock.today()
    with db.reading() as session:
        [period] = assignments.periods(session)
        assert period.starts_on <= today <= period.ends_on
        stands = {
            wanted.course_code: [
                line.stand for line in assignments.lines(session, wanted, on=today)
            ]
            for wanted in session.scalars(select(Requirement))
        }
        everybody = session.execute(people.directory(today)).all()
        own = next(one.person_id for one in everybody if one.staff_code == demo.LEARNER)
        duties = [(w.course_code, s) for w, s in assignments.duties_of(session, own, on=today)]
        assert duties == [(demo.OF_ALL, Stand.NOT_BEGUN)]
        assert session.scalars(select(Certificate.id)).all()
        assert reminders.kind_on(
            next(w.deadline for w, _ in assignments.duties_of(session, own, on=today)), today
        )
        technician = next(one.person_id for one in everybody if one.duty == "ict_full")
        with database.counting() as statements:
            demanded = assignments.duties_of(session, technician, on=today)
    assert len(demanded) == 3
    assert len(statements) <= 6, "as many for three requirements as for one"
    assert stands[demo.OF_ALL].count(Stand.DONE) > 10
    assert stands[demo.OF_ALL].count(Stand.NOT_BEGUN) > 5
    assert {Stand.DONE} < set(stands["KT04"])
    if date(*day).month == 11:
        assert Stand.OVERDUE in stands["KT01"]
