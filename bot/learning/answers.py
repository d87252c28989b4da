"""What became of each turn, written in the turn's own transaction, and the thumbs under answers."""

from datetime import datetime, timedelta

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from backend import clock
from bot.learning.models import Answer, Status
from bot.messages import Incoming, Reply
from bot.models import Conversation, Message
from nlu.types import Understanding

AGAIN = timedelta(hours=24)
UP, DOWN = 1, -1


def record(
    session: Session,
    question: Message,
    incoming: Incoming,
    reply: Reply,
    *,
    meaning: Understanding | None,
    engine: str,
    model: str,
) -> None:
    """Store the outcome of a turn whose question stands in the transcript."""
    if not reply.status:
        return  # nothing was answered: a person has the conversation
    subject = reply.codes[0] if reply.codes and reply.status != Status.CLARIFIED else ""
    aspects = ",".join(sorted(reply.aspects))[:200]
    is_answered = reply.status == Status.ANSWERED and bool(subject)
    session.add(
        Answer(
            message_id=question.id,
            conversation_id=question.conversation_id,
            channel=incoming.channel,
            at=question.at,
            day=clock.local(question.at).date().isoformat(),
            status=reply.status,
            is_typed=not incoming.payload and bool(incoming.text.strip()),
            subject=subject[:30],
            aspects=aspects,
            intent=meaning.intent[:40] if meaning else "",
            in_domain=meaning.in_domain if meaning else 0.0,
            band=meaning.band[:10] if meaning else "",
            engine=engine[:20],
            model=model[:16],
            repeats=is_answered and _was_asked(session, question, subject[:30], aspects),
        )
    )
    session.flush()


def rate(
    session: Session, channel: str, chat: str, turn: int, thumb: int, *, now: datetime
) -> bool:
    """The citizen's thumb about the answer of a turn of this chat; False if there is none.

    Pressed again it says the same again; the other thumb takes the first back.
    """
    answer = session.scalar(
        select(Answer)
        .join(Message, Message.id == Answer.message_id)
        .join(Conversation, Conversation.id == Answer.conversation_id)
        .where(Conversation.channel == channel, Conversation.chat == chat, Message.turn == turn)
    )
    if answer is None:
        return False
    if answer.thumb != thumb:
        answer.thumb, answer.thumb_at = thumb, now
    return True


def _was_asked(session: Session, question: Message, subject: str, aspects: str) -> bool:
    """Whether this chat got the same answer within the last day: it did not help, or was lost."""
    earlier = exists().where(
        Answer.conversation_id == question.conversation_id,
        Answer.subject == subject,
        Answer.aspects == aspects,
        Answer.status == Status.ANSWERED,
        Answer.at > question.at - AGAIN,
    )
    return bool(session.scalar(select(earlier)))
