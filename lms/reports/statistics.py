"""How questions and courses do: classical item analysis over what was handed in."""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import correlation, fmean

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lms.attempts.models import Attempt, SavedAnswer
from lms.courses.models import CourseRow, Enrolment
from lms.questions import service as bank

LATEST = 5_000
FEWEST = 10
"""Below so many answers the figures say nothing."""
TOO_EASY, TOO_HARD, TOO_FLAT = 0.95, 0.3, 0.1


@dataclass(frozen=True)
class Item:
    """One version of a question. `easiness`: the mean mark; `discrimination`: how far whoever does
    well in the rest does well here (correlation of the mark with the sum of the others)."""

    question_id: int
    key: str
    text: str
    answers: int
    easiness: float
    discrimination: float | None

    @property
    def remark(self) -> str:
        """What a trainer should look at: `few`, `flat`, `hard`, `easy` or nothing."""
        if self.answers < FEWEST:
            return "few"
        if self.discrimination is not None and self.discrimination < TOO_FLAT:
            return "flat"
        if self.easiness < TOO_HARD:
            return "hard"
        return "easy" if self.easiness > TOO_EASY else ""


@dataclass(frozen=True)
class CourseFigures:
    """How a course does."""

    code: str
    title: str
    begun: int
    completed: int
    tries: int
    passed: int
    mean_score: float | None


def courses(session: Session) -> list[CourseFigures]:
    """Every course that anybody began."""
    tried = {
        row.course_id: row
        for row in session.execute(
            select(
                Enrolment.course_id,
                func.count(Attempt.id).label("tries"),
                func.count(Attempt.id).filter(Attempt.passed.is_(True)).label("passed"),
                func.avg(Attempt.score).label("mean"),
            )
            .join(Enrolment, Enrolment.id == Attempt.enrolment_id)
            .where(Attempt.submitted_at.is_not(None))
            .group_by(Enrolment.course_id)
        )
    }
    rows = session.execute(
        select(
            CourseRow.id, CourseRow.code, CourseRow.title,
            func.count(Enrolment.id).label("begun"),
            func.count(Enrolment.completed_at).label("completed"),
        )
        .join(Enrolment, Enrolment.course_id == CourseRow.id)
        .group_by(CourseRow.id, CourseRow.code, CourseRow.title)
        .order_by(CourseRow.code)
    )  # fmt: skip
    return [
        CourseFigures(
            row.code, row.title, row.begun, row.completed,
            tried[row.id].tries if row.id in tried else 0,
            tried[row.id].passed if row.id in tried else 0,
            tried[row.id].mean if row.id in tried else None,
        )
        for row in rows
    ]  # fmt: skip


def items(session: Session, code: str) -> list[Item]:
    """The questions of a course's quizzes, over the latest sheets handed in; the worst first."""
    marks: dict[int, list[float]] = defaultdict(list)
    rest: dict[int, list[float]] = defaultdict(list)
    for sheet in _sheets(session, code):
        total = sum(mark for _, mark in sheet)
        for question, mark in sheet:
            marks[question].append(mark)
            rest[question].append(total - mark)
    found = [
        Item(
            one.id, one.question.id, one.question.text, len(marks[one.id]), fmean(marks[one.id]),
            _correlation(marks[one.id], rest[one.id]),
        )
        for one in bank.by_ids(session, sorted(marks))
    ]  # fmt: skip
    return sorted(found, key=lambda item: (not item.remark, item.easiness))


def _sheets(session: Session, code: str) -> list[list[tuple[int, float]]]:
    """(question, mark) of every sheet; a question without an answer has mark 0."""
    attempts = session.execute(
        select(Attempt.id, Attempt.questions)
        .join(Enrolment, Enrolment.id == Attempt.enrolment_id)
        .join(CourseRow, CourseRow.id == Enrolment.course_id)
        .where(CourseRow.code == code, Attempt.submitted_at.is_not(None))
        .order_by(Attempt.id.desc())
        .limit(LATEST)
    ).all()
    if not attempts:
        return []
    marked: dict[int, dict[int, float]] = defaultdict(dict)
    newest = (
        select(SavedAnswer.attempt_id, SavedAnswer.place, SavedAnswer.mark)
        .join(Attempt, Attempt.id == SavedAnswer.attempt_id)
        .join(Enrolment, Enrolment.id == Attempt.enrolment_id)
        .join(CourseRow, CourseRow.id == Enrolment.course_id)
        .where(CourseRow.code == code, SavedAnswer.attempt_id >= attempts[-1].id)
    )
    for attempt, place, mark in session.execute(newest):
        marked[attempt][place] = mark or 0.0
    return [
        [(question, marked[attempt].get(place, 0.0)) for place, question in
         enumerate(json.loads(questions))]
        for attempt, questions in attempts
    ]  # fmt: skip


def _correlation(marks: Sequence[float], rest: Sequence[float]) -> float | None:
    """None where it is not defined: everybody has the same."""
    if len(marks) < FEWEST or len(set(marks)) == 1 or len(set(rest)) == 1:
        return None
    return correlation(marks, rest)
