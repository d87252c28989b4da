"""Who is in the middle of a course, and what extra time each was granted for its quizzes."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.errors import NotFound
from backend.i18n import gettext as _
from backend.people import service as people
from lms.attempts.models import ExtraTime
from lms.courses import service as courses
from lms.courses.content import Quiz
from lms.courses.models import Enrolment
from nlu.text import fold

MOST = 50
"""People that one search shows."""


@dataclass(frozen=True)
class Learner:
    """Somebody in an open round; `quizzes` are those with a time limit, `granted` is by quiz."""

    token: str
    name: str
    staff_code: str
    agency: str
    quizzes: tuple[Quiz, ...]
    granted: Mapping[str, ExtraTime]


def learners(
    session: Session, course_id: int, words: str, *, on: date, within: Collection[int] | None
) -> list[Learner]:
    """Those whom these words find by name or code; without words, those with extra time.

    `within`: only people of these agencies (what a viewer may see); None: all.
    """
    here = people.directory(on).subquery()
    rounds = (
        select(Enrolment, here.c.name, here.c.staff_code, here.c.agency)
        .join(here, here.c.person_id == Enrolment.person_id)
        .where(Enrolment.course_id == course_id, Enrolment.completed_at.is_(None))
    )
    if within is not None:
        rounds = rounds.where(here.c.agency_id.in_(within))
    if not words.strip():
        has_more = select(ExtraTime.enrolment_id).where(ExtraTime.minutes > 0)
        rounds = rounds.where(Enrolment.id.in_(has_more))
    wanted = fold(words).split()
    found = [
        (one, name, code, agency)
        for one, name, code, agency in session.execute(rounds)
        if all(word in fold(f"{name} {code}") for word in wanted)
    ][:MOST]
    granted: dict[int, dict[str, ExtraTime]] = {}
    of_these = ExtraTime.enrolment_id.in_([one.id for one, *_rest in found])
    for row in session.scalars(select(ExtraTime).where(of_these)):
        granted.setdefault(row.enrolment_id, {})[row.quiz] = row
    timed = {
        version: _timed(session, version) for version in {one.version_id for one, *_rest in found}
    }
    made = [
        Learner(one.token, name, code, agency, timed[one.version_id], granted.get(one.id, {}))
        for one, name, code, agency in found
    ]
    return sorted(made, key=lambda one: (one.name.rpartition(" ")[2], one.name))


def round_of(
    session: Session, course_id: int, token: str, quiz: str, *, on: date,
    within: Collection[int] | None,
) -> Enrolment:  # fmt: skip
    """The open round of this token, which has this quiz with a time limit; locked.

    Whoever works outside `within` is nobody to whoever asks.
    """
    one = session.scalar(
        select(Enrolment)
        .where(
            Enrolment.course_id == course_id, Enrolment.token == token,
            Enrolment.completed_at.is_(None),
        )
        .with_for_update()
    )  # fmt: skip
    here = people.official(session, one.person_id, at=on) if one else None
    is_seen = within is None or (here is not None and here.agency_id in within)
    if one is None or not is_seen or quiz not in {q.key for q in _timed(session, one.version_id)}:
        raise NotFound("no_round", _("Người này không còn học khoá, hoặc bài không giới hạn giờ."))
    return one


def _timed(session: Session, version_id: int) -> tuple[Quiz, ...]:
    return tuple(quiz for quiz in courses.taught(session, version_id).quizzes if quiz.minutes)
