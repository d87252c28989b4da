"""Lessons opened, time spent, lessons done.

Time is what the learner's page counted while it was seen, with or without a network; it arrives
when there is one. Nobody's clock is believed: a round can have no more seconds in all than passed
on the server since it began, and a lesson no more than its own minutes.
"""

from datetime import datetime

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from backend import db
from backend.errors import NotFound
from backend.i18n import gettext as _
from lms.courses.content import Lesson
from lms.courses.models import LessonProgress
from lms.courses.service import Taking
from lms.courses.standing import Spent

PROVEN = frozenset({"quiz", "class"})
"""Kinds of lessons of which something else than the learner's page says how far they are."""
_SPENT = select(LessonProgress.lesson, LessonProgress.seconds, LessonProgress.done_at).where(
    LessonProgress.enrolment_id == bindparam("enrolment_id")
)


def spent(session: Session, enrolment_id: int) -> dict[str, Spent]:
    """What this round has of each lesson that was opened."""
    rows = session.execute(_SPENT, {"enrolment_id": enrolment_id})
    return {row.lesson: Spent(row.seconds, row.done_at is not None) for row in rows}


def open_lesson(session: Session, taking: Taking, key: str, *, now: datetime) -> LessonProgress:
    """The lesson's row; opening it again changes nothing."""
    _lesson(taking, key)
    where = {"enrolment_id": taking.enrolment.id, "lesson": key}
    values = {**where, "opened_at": now}
    db.insert_once(session, LessonProgress, values, unique=["enrolment_id", "lesson"])
    return session.scalars(select(LessonProgress).filter_by(**where)).one()


def peek(session: Session, taking: Taking, key: str, *, now: datetime) -> LessonProgress:
    """What `open_lesson` would give, unopened: what is downloaded is not read yet."""
    _lesson(taking, key)
    where = {"enrolment_id": taking.enrolment.id, "lesson": key}
    found = session.scalars(select(LessonProgress).filter_by(**where)).one_or_none()
    return found or LessonProgress(**where, opened_at=now, seconds=0, seq=0, place=0)


def add_time(
    session: Session, taking: Taking, key: str, seconds: int, *, seq: int, place: int = 0,
    now: datetime,
) -> int:  # fmt: skip
    """Count `seconds` more, once for each `seq` (they only grow); the lesson's seconds by now.

    The time of a class is what its roll-call says, that of a quiz comes with passing it: a page
    counts neither.
    """
    lesson = _lesson(taking, key)
    row = open_lesson(session, taking, key, now=now)
    if seq <= row.seq or lesson.kind in PROVEN:
        return row.seconds
    _count(session, taking, row, lesson, seconds, now=now)
    row.seq, row.place = seq, max(place, 0)
    session.flush()
    return row.seconds


def _count(
    session: Session, taking: Taking, row: LessonProgress, lesson: Lesson, seconds: int, *,
    now: datetime,
) -> None:  # fmt: skip
    in_all = session.scalar(
        select(func.coalesce(func.sum(LessonProgress.seconds), 0)).where(
            LessonProgress.enrolment_id == taking.enrolment.id,
            LessonProgress.lesson.not_in(_in_a_room(taking)),
        )
    )
    passed = int((now - taking.enrolment.started_at).total_seconds())
    room = max(passed - int(in_all or 0), 0)
    row.seconds = min(row.seconds + min(max(seconds, 0), room), lesson.minutes * 60)


def finish_lesson(
    session: Session, taking: Taking, key: str, *, is_watched: bool = True, now: datetime
) -> None:
    """The learner says that they have been through it; saying so twice is harmless.

    Quizzes and classes are finished by what happens in them, not by saying so. Where no script
    watched, the lesson's time is what passed since it was opened.
    """
    lesson = _lesson(taking, key)
    row = open_lesson(session, taking, key, now=now)
    if lesson.kind in PROVEN:
        return
    if not is_watched:
        more = _since_opened(session, row, now=now) - row.seconds
        _count(session, taking, row, lesson, more, now=now)
    row.done_at = row.done_at or now
    session.flush()


def _since_opened(session: Session, row: LessonProgress, *, now: datetime) -> int:
    """Seconds since the lesson was opened, or since another was finished after that."""
    done = select(func.max(LessonProgress.done_at)).where(
        LessonProgress.enrolment_id == row.enrolment_id, LessonProgress.id != row.id
    )
    return int((now - max(row.opened_at, session.scalar(done) or row.opened_at)).total_seconds())


def attend(
    session: Session, taking: Taking, key: str, *, seconds: int, held_minutes: int, is_done: bool,
    now: datetime,
) -> None:  # fmt: skip
    """What a roll-call says: so long in the room, and whether that was enough of the class.

    `held_minutes` is how long the class itself was; the ledger of hours counts that.
    """
    lesson = _lesson(taking, key)
    row = open_lesson(session, taking, key, now=now)
    row.seconds = min(max(row.seconds, seconds), lesson.minutes * 60)
    if is_done:
        row.held_minutes = max(row.held_minutes or 0, held_minutes)
        row.done_at = row.done_at or now
    session.flush()


def _in_a_room(taking: Taking) -> list[str]:
    """Lessons whose time a roll-call vouches for, even from before the round began."""
    return [lesson.key for lesson in taking.course.lessons() if lesson.kind == "class"]


def _lesson(taking: Taking, key: str) -> Lesson:
    if (lesson := taking.course.lesson(key)) is None:
        raise NotFound("no_lesson", _("Khoá học không có bài này."))
    return lesson
