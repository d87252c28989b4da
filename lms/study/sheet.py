"""What the pages of a quiz show: the cover before it, the sheet while it is open, the result."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from lms.assignments import prerequisites
from lms.attempts import service as attempts
from lms.attempts.models import Attempt
from lms.attempts.service import Item
from lms.courses.content import Quiz
from lms.courses.prerequisites import Before
from lms.courses.service import Taking


@dataclass(frozen=True)
class Line:
    """A question of the sheet, with what may be said about the answer by now."""

    item: Item
    remarks: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    key: tuple[str, ...] = ()


def cover(session: Session, taking: Taking, key: str, *, on: date) -> dict[str, Any]:
    """The rules, what was tried so far, whether there is another try, and what must come before."""
    quiz = attempts.quiz_of(taking, key)
    tries = attempts.attempts(session, taking.enrolment.id, key)
    open_one = next((a for a in tries if a.submitted_at is None), None)
    left = quiz.attempts - len(tries) if quiz.attempts else None
    extra = attempts.extra_minutes(session, taking.enrolment.id, key) if quiz.minutes else 0
    return {
        "quiz": quiz, "tries": tries, "open_one": open_one, "left": left,
        "count": len(quiz.questions) or sum(part.count for part in quiz.draw), "extra": extra,
        "needed": needed_for(session, taking, quiz, on=on),
    }  # fmt: skip


def needed_for(session: Session, taking: Taking, quiz: Quiz, *, on: date) -> list[Before]:
    """Courses that the learner must complete before this quiz; only a final asks for them."""
    if quiz.kind != "final":
        return []
    return prerequisites.missing(session, taking.enrolment.person_id, taking.course, on=on)


def lines(session: Session, attempt: Attempt, quiz: Quiz) -> list[Line]:
    """The questions; once handed in, with remarks on the answers, unless the author keeps quiet.

    The key is shown where it spoils nothing: after a practice, or a final that was passed. Whoever
    must try the final again is told which answers were wrong and why, not what is right.
    """
    items = attempts.items(session, attempt)
    if attempt.submitted_at is None or quiz.feedback == "never":
        return [Line(item) for item in items]
    shows_key = quiz.kind == "practice" or bool(attempt.passed)
    return [
        Line(
            item,
            remarks=item.banked.question.remarks(item.answer),
            own=item.banked.question.in_words(item.answer),
            key=item.banked.question.in_words(item.banked.question.key()) if shows_key else (),
        )
        for item in items
    ]


def seconds_left(attempt: Attempt, *, now: datetime) -> int | None:
    """What the clock on the page begins with."""
    if attempt.deadline_at is None:
        return None
    return max(int((attempt.deadline_at - now).total_seconds()), 0)
