"""Questions that were not answered, or badly, in groups of the like."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from backend.errors import NotFound
from backend.i18n import gettext as _
from bot.learning.models import Answer, Status
from bot.models import Message
from nlu import likeness
from nlu.text import has_accents

MOST_QUESTIONS = 5000
NEAR_PUBLIC_SERVICES = 0.2  # in_domain from which an out-of-scope question may be one of ours


@dataclass(frozen=True)
class Question:
    """One question as the transcript keeps it, masked, and what became of it."""

    id: int
    text: str
    status: str
    thumb: int
    subject: str
    at: datetime


@dataclass(frozen=True)
class Group:
    """Questions that are alike."""

    questions: tuple[Question, ...]

    @property
    def id(self) -> int:
        """A question by which the group is found again, whoever joins it meanwhile."""
        return self.questions[-1].id

    @property
    def name(self) -> str:
        """The commonest way of asking."""
        return self.examples[0]

    @cached_property
    def examples(self) -> tuple[str, ...]:
        """The ways of asking, the commonest first; of equally common ones those with accents."""
        counted = Counter(question.text for question in self.questions)
        return tuple(sorted(counted, key=lambda t: (-counted[t], not has_accents(t), len(t), t)))

    @property
    def latest(self) -> datetime:
        """When it was asked last."""
        return max(question.at for question in self.questions)

    @property
    def disliked(self) -> int:
        """How many got a thumb down."""
        return sum(question.thumb < 0 for question in self.questions)

    @property
    def statuses(self) -> dict[str, int]:
        """How often each outcome came."""
        return dict(Counter(question.status for question in self.questions))


def unanswered(session: Session, *, since: datetime) -> list[Group]:
    """Every group that nobody has said anything about, the largest first."""
    found = _questions(session, since)
    alike = likeness.groups([question.text for question in found])
    return [Group(tuple(found[i] for i in group.members)) for group in alike]


def around(session: Session, answer_id: int, *, since: datetime) -> Group:
    """The group that this answer's question is in now."""
    for group in unanswered(session, since=since):
        if any(question.id == answer_id for question in group.questions):
            return group
    message = _("Nhóm câu hỏi này đã được xử lý, hoặc đã cũ hơn khoảng thời gian đang xem.")
    raise NotFound("group_gone", message)


def _questions(session: Session, since: datetime) -> list[Question]:
    missed = or_(
        Answer.status.in_((Status.NO_CONTENT, Status.ERROR)),
        and_(Answer.status == Status.OUT_OF_SCOPE, Answer.in_domain >= NEAR_PUBLIC_SERVICES),
        Answer.thumb < 0,
    )
    rows = session.execute(
        select(Answer.id, Message.text, Answer.status, Answer.thumb, Answer.subject, Answer.at)
        .join(Message, Message.id == Answer.message_id)
        .where(missed, Answer.at >= since, Answer.is_typed, Answer.lesson_id.is_(None))
        .order_by(Answer.id.desc())
        .limit(MOST_QUESTIONS)
    )
    return [Question(*row) for row in rows]
