"""Who is in the middle of a course, and what extra time each was granted for its quizzes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.errors import NotFound
from backend.i18n import gettext as _
from backend.people import search
from backend.people import service as people
from lms.attempts.models import ExtraTime
from lms.courses import service as courses
from lms.courses.content import Quiz
from lms.courses.models import Enrolment


@dataclass(frozen=True)
class Learner:
    """Somebody in an open round; `quizzes` are those with a time limit, `granted` is by quiz."""

    token: str
    name: str
    staff_code: str
    agency: str
    quizzes: tuple[Quiz, ...]
    granted: Mapping[str, ExtraTime]


def learners(session: Session, course_id: int, words: str, *, on: date) -> list[Learner]:
    """Those whom these words find by name or code; without words, those with extra time."""
    rounds = select(Enrolment).where(
        Enrolment.course_id == course_id, Enrolment.completed_at.is_(None)
    )
    if words.strip():
        rows, _total = search.found(session, None, search.Filter(words), page=1, at=on)
        rounds = rounds.where(Enrolment.person_id.in_([row.person_id for row in rows]))
    else:
        has_more = select(ExtraTime.enrolment_id).where(ExtraTime.minutes > 0)
        rounds = rounds.where(Enrolment.id.in_(has_more))
    found = {one.id: one for one in session.scalars(rounds)}
    granted: dict[int, dict[str, ExtraTime]] = {}
    for row in session.scalars(select(ExtraTime).where(ExtraTime.enrolment_id.in_(found))):
        granted.setdefault(row.enrolment_id, {})[row.quiz] = row
    here = people.directory(on).subquery()
    working = select(here).where(here.c.person_id.in_({one.person_id for one in found.values()}))
    names = {row.person_id: row for row in session.execute(working)}
    made = [
        Learner(
            one.token, names[one.person_id].name, names[one.person_id].staff_code,
            names[one.person_id].agency, _timed(session, one), granted.get(one.id, {}),
        )
        for one in found.values() if one.person_id in names
    ]  # fmt: skip
    return sorted(made, key=lambda one: (one.name.rpartition(" ")[2], one.name))


def round_of(session: Session, course_id: int, token: str, quiz: str) -> Enrolment:
    """The open round of this token, which has this quiz with a time limit; locked."""
    one = session.scalar(
        select(Enrolment)
        .where(
            Enrolment.course_id == course_id, Enrolment.token == token,
            Enrolment.completed_at.is_(None),
        )
        .with_for_update()
    )  # fmt: skip
    if one is None or quiz not in {timed.key for timed in _timed(session, one)}:
        raise NotFound("no_round", _("Người này không còn học khoá, hoặc bài không giới hạn giờ."))
    return one


def _timed(session: Session, one: Enrolment) -> tuple[Quiz, ...]:
    quizzes = courses.taught(session, one.version_id).quizzes
    return tuple(quiz for quiz in quizzes if quiz.minutes)
