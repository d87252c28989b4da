"""Asked under a lesson, answered by a trainer, read by everybody who learns it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from backend import clock, ids, limits
from backend.accounts.roles import SignedIn
from backend.errors import InvalidInput, NotFound
from backend.i18n import gettext as _
from backend.notifications import service as notifications
from backend.people import service as people
from lms.assignments import reach
from lms.courses.models import CourseRow
from lms.courses.service import Taking
from lms.forum.models import LessonQuestion

PER_PERSON = limits.Rule("forum.ask", 10, timedelta(hours=1))
LONGEST = 2000


@dataclass(frozen=True)
class Asked:
    """A question as trainers see it."""

    row: LessonQuestion
    code: str
    course_title: str
    name: str
    agency: str


def under(session: Session, taking: Taking, lesson: str) -> list[LessonQuestion]:
    """What a learner reads under a lesson, newest first: answered ones, and all their own."""
    mine = LessonQuestion.person_id == taking.enrolment.person_id
    public = LessonQuestion.answered_at.is_not(None) & LessonQuestion.hidden_at.is_(None)
    query = _of_lesson(taking, lesson).where(mine | public)
    return list(session.scalars(query.order_by(LessonQuestion.id.desc())))


def ask(
    session: Session, taking: Taking, lesson: str, text: str, *, now: datetime
) -> LessonQuestion:
    """Ask; the very same again is the same question."""
    found = taking.course.lesson(lesson)
    if found is None:
        raise NotFound("no_lesson", _("Khoá học không có bài này."))
    if not text:
        raise InvalidInput("no_text", _("Xin ghi câu hỏi."))
    person = taking.enrolment.person_id
    same = _of_lesson(taking, lesson).where(LessonQuestion.person_id == person)
    if before := session.scalar(same.where(LessonQuestion.text == text)):
        return before
    if not limits.hit(session, PER_PERSON, str(person), now=now).allowed:
        message = _("Anh/chị đã hỏi nhiều câu trong một giờ qua. Xin chờ giảng viên trả lời.")
        raise InvalidInput("too_many", message)
    made = LessonQuestion(
        token=ids.token(128), course_id=taking.enrolment.course_id, lesson=lesson,
        lesson_title=found.title, person_id=person, text=text, asked_at=now,
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def waiting(session: Session) -> list[Asked]:
    """Nobody has answered these; the oldest first."""
    open_ones = LessonQuestion.answered_at.is_(None)
    return _asked(session, _every().where(open_ones).order_by(LessonQuestion.id))


def answered(session: Session, *, limit: int, offset: int) -> tuple[list[Asked], int]:
    """Answered ones, the newest answer first, and how many there are."""
    query = _every().where(LessonQuestion.answered_at.is_not(None))
    newest = query.order_by(LessonQuestion.answered_at.desc()).limit(limit).offset(offset)
    total = session.scalar(select(func.count(LessonQuestion.answered_at))) or 0
    return _asked(session, newest), total


def answer(
    session: Session, officer: SignedIn, token: str, text: str, *, is_hidden: bool, now: datetime
) -> LessonQuestion:
    """Answer, or mend an answer; whoever asked hears of it once."""
    row = session.scalar(
        select(LessonQuestion).where(LessonQuestion.token == token).with_for_update()
    )
    if row is None:
        raise NotFound("no_question", _("Không có câu hỏi này."))
    if not text:
        raise InvalidInput("no_text", _("Xin ghi câu trả lời."))
    row.answer, row.answered_by, row.answerer = text, officer.id, officer.name
    row.answered_at, row.hidden_at = row.answered_at or now, now if is_hidden else None
    session.flush()
    title = session.scalars(select(CourseRow.title).where(CourseRow.id == row.course_id)).one()
    notifications.tell(
        session, reach.reachable(session, [row.person_id]), "training_answered",
        data={"course": title, "lesson": row.lesson_title}, event=f"forum:{row.id}", now=now,
    )  # fmt: skip
    return row


def _of_lesson(taking: Taking, lesson: str) -> Select[LessonQuestion]:
    return select(LessonQuestion).where(
        LessonQuestion.course_id == taking.enrolment.course_id, LessonQuestion.lesson == lesson
    )


def _every() -> Select[LessonQuestion, str, str]:
    return select(LessonQuestion, CourseRow.code, CourseRow.title).join(
        CourseRow, CourseRow.id == LessonQuestion.course_id
    )


def _asked(session: Session, query: Select[LessonQuestion, str, str]) -> list[Asked]:
    rows: Sequence[tuple[LessonQuestion, str, str]] = session.execute(query).all()
    here = people.directory(clock.today()).subquery()
    persons = {row[0].person_id for row in rows}
    known = {
        one.person_id: one
        for one in session.execute(select(here).where(here.c.person_id.in_(persons)))
    }
    return [
        Asked(
            row, code, title, known[row.person_id].name if row.person_id in known else "",
            known[row.person_id].agency if row.person_id in known else "",
        )
        for row, code, title in rows
    ]  # fmt: skip
