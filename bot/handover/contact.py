"""A telephone number in a citizen's words: kept only where somebody is going to call it.

Transcripts and the queue have dots in place of personal numbers. Where a call back is being
arranged, or a person has the conversation, the number that was written is needed: it travels as a
contact (`is_own` False: it proves nothing) and is stored in the hand-over's own columns, which are
emptied a month later.
"""

import json

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.handover.models import Handover
from bot.messages import Contact, Incoming
from bot.models import Conversation
from nlu.extractors import find


def written(incoming: Incoming) -> Contact | None:
    """The first telephone number in the text."""
    if incoming.contact or not incoming.text:
        return None
    found = (entity.value for entity in find(incoming.text) if entity.kind == "phone")
    phone = next(found, "")
    return Contact(phone, is_own=False) if phone else None


def is_wanted(session: Session, incoming: Incoming) -> bool:
    """Whether this chat was asked for a number, or is with people."""
    row = session.execute(
        select(Conversation.state, Handover.id)
        .outerjoin(
            Handover,
            (Handover.conversation_id == Conversation.id) & Handover.closed_at.is_(None),
        )
        .where(Conversation.channel == incoming.channel, Conversation.chat == incoming.chat)
    ).first()
    if row is None:
        return False
    return row.id is not None or json.loads(row.state or "{}").get("awaits") == "phone"
