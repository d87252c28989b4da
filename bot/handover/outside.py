"""A colleague answers in the channel's own console (Zalo's OA Manager): the assistant is silent.

It is noticed by their message, which reached the citizen already; it joins the transcript, and the
conversation stays with people until both have been quiet for a while (`clockwork.py`).
"""

from datetime import datetime

from sqlalchemy.orm import Session

from bot.handover import bubbles, queue
from bot.handover.models import Handover
from bot.handover.status import Actor, Reason, Status, announce, move, record
from bot.messages import Outgoing
from bot.models import Conversation

COLLEAGUE = Actor("officer")


def noted(
    session: Session, conversation: Conversation, text: str, *, external_id: str, now: datetime
) -> None:
    """Their message is in the transcript, and the conversation is theirs."""
    bubbles.put(
        session, conversation, Outgoing(text), author="officer", now=now,
        external_id=external_id, is_sent=True,
    )  # fmt: skip
    talk = queue.open_of(session, conversation)
    if talk is None:
        talk = Handover(
            conversation_id=conversation.id, status=Status.OUTSIDE.value,
            reason=Reason.OUTSIDE.value, opened_at=now, queued_at=now, citizen_at=now,
        )  # fmt: skip
        session.add(talk)
        session.flush()
        record(session, talk, "outside", by=COLLEAGUE, now=now, before=Status.BOT)
    elif talk.status == Status.WAITING:
        move(session, talk, Status.OUTSIDE, "outside", by=COLLEAGUE, now=now)
    talk.officer_at = now
    announce(session, talk, "heard")
