"""What is said in a conversation without its citizen having just written: by people, by the clock.

It is a bubble of the transcript first; where the transcript is not what the citizen looks at, the
job `handover.send` carries it to the channel (`bot/inbox/sending.py`). The job has the bubble's
number only: words lie in one place.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from textwrap import shorten
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend import jobs, live
from bot import replies
from bot.handover.models import Handover
from bot.handover.status import SYSTEM, record
from bot.messages import Button, Outgoing
from bot.models import Conversation, Message

# Their pages show the transcript itself.
SHOWN = frozenset({"web"})
MOST_QUOTED = 80


def tell(
    session: Session,
    conversation: Conversation,
    template: str,
    context: dict[str, Any],
    *,
    now: datetime,
    buttons: Sequence[Button] = (),
) -> None:
    """Say a reply template on the product's own account; its buttons may be typed as ever."""
    for bubble in replies.bubbles(template, context, buttons):
        put(session, conversation, bubble, author="bot", now=now)
    memory = json.loads(conversation.state or "{}")
    memory["buttons"] = [[b.label, b.payload] for b in buttons if b.payload]
    conversation.state = json.dumps(memory, ensure_ascii=False)


def put(
    session: Session,
    conversation: Conversation,
    bubble: Outgoing,
    *,
    author: str,
    name: str = "",
    now: datetime,
    external_id: str | None = None,
    is_sent: bool = False,
) -> bool:
    """Add a bubble as a turn of its own and send it, unless it `is_sent` already.

    `name` is the officer's: the transcript keeps it beside the words, a channel shows it with them.
    False, and nothing done, where this `external_id` is known: a form that was sent twice.
    """
    if external_id is not None and _is_known(session, conversation, external_id):
        return False
    conversation.turns += 1
    conversation.last_at = now
    about = json.dumps({"officer": name} if name else {}, ensure_ascii=False)
    row = Message(
        conversation_id=conversation.id, turn=conversation.turns, author=author, text=bubble.text,
        external_id=external_id, at=now, understanding=about,
        buttons=json.dumps([asdict(button) for button in bubble.buttons], ensure_ascii=False),
    )  # fmt: skip
    session.add(row)
    session.flush()
    live.publish(session, f"chat:{conversation.id}", "message", str(row.id))
    if not is_sent and conversation.channel not in SHOWN:
        jobs.enqueue(
            session, "handover.send", key=f"say:{conversation.channel}:{conversation.chat}",
            dedupe=f"say:{row.id}", message_id=row.id,
        )  # fmt: skip
    return True


def lost(session: Session, message_id: int, *, now: datetime) -> None:
    """An officer's words did not reach the citizen: a step of the talk, which the desk hears of."""
    message = session.get(Message, message_id)
    if message is None or message.author != "officer":
        return
    latest = select(Handover).where(Handover.conversation_id == message.conversation_id)
    talk = session.scalars(latest.order_by(Handover.id.desc()).limit(1)).first()
    if talk is not None:
        note = shorten(message.text, MOST_QUOTED, placeholder="…")
        record(session, talk, "undelivered", by=SYSTEM, now=now, note=note)


def officer_of(message: Message) -> str:
    """Who wrote it, where that is known."""
    return str(json.loads(message.understanding).get("officer", ""))


def _is_known(session: Session, conversation: Conversation, external_id: str) -> bool:
    query = select(Message.id).where(
        Message.conversation_id == conversation.id, Message.external_id == external_id
    )
    return session.scalar(query) is not None
