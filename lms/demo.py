"""The first look: a reporting period with its requirements, and people who are done, or late.

Everybody learns as learners do, with answers that are marked: certificates, reports and figures of
questions are those of real rounds. It is made once, for the people of `backend.people.demo`.
"""

from datetime import date, datetime, time, timedelta

from sqlalchemy import Row
from sqlalchemy.orm import Session

from backend import clock
from backend.people import service as people
from backend.people.duties import AUDIENCES, Duty
from lms.assignments import service as assignments
from lms.attempts import service as attempts
from lms.attempts.service import Given
from lms.certificates import service as certificates
from lms.courses import progress
from lms.courses import service as courses
from lms.courses.service import Taking

LEARNER = "0001"
"""Bình, who has everything before him, so that whoever signs in as him has something to learn."""
OF_ALL, OF_TECHNICIANS, OF_LEADERS = "CB00", ("KT01", "KT04"), "QL01"
MISSED = 9  # every ninth answer is none


def seed(session: Session) -> None:
    """Make it, unless there is a period already or nobody of the demo is here."""
    today = clock.today()
    everybody = session.execute(people.directory(today)).all()
    learner = next((one for one in everybody if one.staff_code == LEARNER), None)
    if learner is None or assignments.periods(session):
        return
    since = _require(session, today, by=learner.person_id)
    others = [one for one in everybody if one is not learner]
    for number, one in enumerate(others):
        if number % 3 != 2:  # two of three are done with the yearly course
            _learn(session, one.person_id, OF_ALL, days_ago=2 + number, since=since)
    technicians = [one for one in others if Duty(one.duty) in AUDIENCES["ict"]]
    for one in technicians[::2]:
        _learn(session, one.person_id, OF_TECHNICIANS[1], days_ago=20, since=since)
    _begin(session, technicians[1::2])


def _require(session: Session, today: date, *, by: int) -> date:
    """The period of Decree 331/2026, art. 35, with requirements that are late, due soon, far off;
    the first day on which somebody may have learned: the directory begins with the year."""
    year = today.year + (today > date(today.year, 12, 14))
    start, end = date(year - 1, 12, 15), date(year, 12, 14)
    period = assignments.open_period(
        session, f"Kỳ báo cáo năm {year}", starts_on=start, ends_on=end
    )
    wanted = [
        (OF_ALL, "all", today + timedelta(days=5)), (OF_LEADERS, "ict_lead", end),
        *((code, "ict", today - timedelta(days=3)) for code in OF_TECHNICIANS),
    ]  # fmt: skip
    for code, audience, deadline in wanted:
        assignments.require(
            session, code, period, audience=audience, deadline=min(max(deadline, start), end),
            by=by, now=clock.now(),
        )  # fmt: skip
    return max(start, today.replace(month=1, day=1))


def _learn(session: Session, person_id: int, code: str, *, days_ago: int, since: date) -> None:
    """Read, spend the time, pass: on one day."""
    first = datetime.combine(since, time(1), clock.VIETNAM)
    done = max(clock.now() - timedelta(days=days_ago), first)
    begun = done - timedelta(days=7)
    courses.enrol(session, person_id, code, now=begun)
    taking = courses.taking(session, person_id, code)
    for lesson in taking.course.lessons():
        if lesson.kind == "quiz":
            _answer(session, taking, lesson.quiz, now=done)
        elif lesson.kind == "class":
            progress.attend(
                session, taking, lesson.key, seconds=lesson.minutes * 60,
                held_minutes=lesson.minutes, is_done=True, now=done,
            )  # fmt: skip
        else:
            progress.add_time(session, taking, lesson.key, lesson.minutes * 60, seq=1, now=done)
            progress.finish_lesson(session, taking, lesson.key, now=done)
    certificates.settle(session, taking, now=done)


def _answer(session: Session, taking: Taking, key: str, *, now: datetime) -> None:
    attempt = attempts.start(session, taking, key, now=now)
    given = []
    for item in attempts.items(session, attempt):
        question = item.banked.question
        fields = question.write(question.key(), attempts.seed_of(attempt, item.place))
        if (item.place + taking.enrolment.person_id) % MISSED:
            given.append(Given(item.place, fields, seq=1))
    attempts.save(session, attempt, given, now=now)
    attempts.submit(session, attempt, attempts.quiz_of(taking, key), now=now)


def _begin(session: Session, those: list[Row[int, str, str, str, int, str, str, str]]) -> None:
    """They opened a lesson and stopped there."""
    now = clock.now()
    for one in those:
        courses.enrol(session, one.person_id, OF_TECHNICIANS[0], now=now)
        taking = courses.taking(session, one.person_id, OF_TECHNICIANS[0])
        progress.open_lesson(session, taking, next(taking.course.lessons()).key, now=now)
