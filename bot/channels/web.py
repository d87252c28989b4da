"""The chat on our own pages, as a channel: what is sent by itself waits in the transcript.

Its pages and its answers are in `bot/chat`: a browser asks and is answered at once, so nothing is
queued for it. Only what nobody asked for comes this way, and open pages hear of it at once.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import asdict
from json import dumps
from typing import TYPE_CHECKING

from backend import clock, db, live
from bot.messages import Incoming, Limits, Outgoing, Receive, SendError
from bot.models import Conversation, Message

if TYPE_CHECKING:
    from fastapi import APIRouter
    from sqlalchemy.orm import Session


class Web:
    """The web chat; `to` is the digest that names the conversation."""

    kind = "web"
    limits = Limits(text=4000, buttons=8, strong=True)

    def routes(self, receive: Receive) -> "APIRouter | None":
        """None: a browser waits for its answer, so `bot/chat` asks the dialogue directly."""
        return None

    def parse(self, raw: object) -> Incoming | None:
        """`{"chat", "id", "text" or "payload"}`, or None where nothing was said."""
        if not isinstance(raw, Mapping):
            return None
        text, payload = str(raw.get("text", "")).strip(), str(raw.get("payload", ""))
        if not (text or payload):
            return None
        return Incoming(self.kind, str(raw["chat"]), str(raw["id"]), text=text, payload=payload)

    async def send(self, message: Outgoing, to: str) -> str:
        """Store one bubble and tell the pages that are open."""
        return str(await asyncio.to_thread(_store, message, to))


def _store(message: Outgoing, chat: str) -> int:
    with db.transaction() as session:
        row = append(session, message, chat)
        if row is None:
            raise SendError("the conversation was ended", unreachable=True)
        return row.id


def topic(conversation_id: int) -> str:
    """What a page listens to (`backend.live`) for news of its conversation."""
    return f"chat:{conversation_id}"


def append(
    session: "Session", message: Outgoing, chat: str, *, author: str = "bot"
) -> Message | None:
    """A bubble that nobody asked for, as a turn of its own; None where the chat was ended.

    A browser may follow a dossier from that dossier's page and never have said anything here.
    """
    now = clock.now()
    chats = session.query(Conversation).filter_by(channel=Web.kind, chat=chat)
    conversation = chats.with_for_update().one_or_none()
    if conversation is None:
        conversation = Conversation(
            channel=Web.kind, chat=chat, turns=0, started_at=now, last_at=now
        )
        session.add(conversation)
        session.flush()
    if conversation.ended_at is not None:
        return None
    conversation.turns += 1
    row = Message(
        conversation_id=conversation.id, turn=conversation.turns, author=author, text=message.text,
        buttons=dumps([asdict(button) for button in message.buttons]), at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    live.publish(session, topic(conversation.id), "message", str(row.id))
    return row
