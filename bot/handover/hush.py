"""Whether the assistant keeps quiet in a chat because people are talking there."""

from sqlalchemy import select

from backend import db
from bot.handover.models import Handover
from bot.handover.status import WITH_PEOPLE
from bot.models import Conversation


def is_with_people(channel: str, chat: str) -> bool:
    """Whether an officer has this chat now; a short read of its own."""
    query = (
        select(Handover.id)
        .join(Conversation, Conversation.id == Handover.conversation_id)
        .where(
            Conversation.channel == channel, Conversation.chat == chat,
            Handover.closed_at.is_(None), Handover.status.in_(WITH_PEOPLE),
        )
    )  # fmt: skip
    with db.reading() as session:
        return session.scalar(query) is not None
