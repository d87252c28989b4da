"""How the citizen found it: 1 to 5 after a talk with an officer, and a word about it."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.handover.models import Handover
from bot.handover.status import CITIZEN, Status, record
from bot.models import Conversation

GOOD_FOR = timedelta(days=7)
MARKS = range(1, 6)
LONGEST_COMMENT = 1000


def last_closed(session: Session, conversation: Conversation, *, now: datetime) -> Handover | None:
    """The talk that a mark is about: the latest that an officer or the clock closed."""
    return session.scalar(
        select(Handover)
        .where(
            Handover.conversation_id == conversation.id,
            Handover.status == Status.CLOSED,
            Handover.closed_at > now - GOOD_FOR,
        )
        .order_by(Handover.id.desc())
        .limit(1)
    )


def is_asked(talk: Handover, conversation: Conversation) -> bool:
    """Whether the question for a mark was the last thing said, so that a bare number answers it."""
    return talk.rating is None and talk.closed_turn == conversation.turns


def rate(session: Session, talk: Handover, mark: int, *, now: datetime) -> None:
    """Keep the mark; given again it replaces the first."""
    talk.rating = mark
    record(session, talk, "rated", by=CITIZEN, now=now, note=str(mark))


def comment(session: Session, talk: Handover, words: str, *, now: datetime) -> None:
    """Keep the word about it (personal numbers masked by the caller)."""
    talk.rating_comment = words[:LONGEST_COMMENT]
    record(session, talk, "commented", by=CITIZEN, now=now)
