"""Put a message into the outbox; `bot/delivery.py` sends what lies there.

The job `notifications.deliver` carries `channel`, `chat`, `kind` and `data`; whoever sends it turns
them into text with `render` at the moment of sending, in the language of the chat.
"""

import json
from datetime import datetime

from sqlalchemy.orm import Session

from backend import db, jobs
from backend import render as templates
from backend.notifications.chats import ChatRef, is_reachable
from backend.notifications.kinds import KINDS
from backend.notifications.models import Notification


def notify(
    session: Session,
    chat: ChatRef,
    kind: str,
    *,
    data: dict[str, str],
    dedupe: str,
    now: datetime,
) -> bool:
    """Tell one chat, once for each `dedupe`; False if it was told before or takes no messages."""
    if not is_reachable(session, chat):
        return False
    once = f"{dedupe}:{chat.channel}:{chat.chat}"
    row = {
        "kind": kind, "channel": chat.channel, "chat": chat.chat, "dedupe": once,
        "data": json.dumps(data, ensure_ascii=False), "created_at": now,
    }  # fmt: skip
    if db.insert_once(session, Notification, row, unique=("dedupe",)) is None:
        return False
    jobs.enqueue(
        session, "notifications.deliver", key=f"push:{chat.channel}:{chat.chat}", dedupe=once,
        lane=KINDS[kind].lane, expires_at=now + KINDS[kind].good_for,
        channel=chat.channel, chat=chat.chat, kind=kind, data=data,
    )  # fmt: skip
    return True


def render(kind: str, data: dict[str, str]) -> str:
    """The text of a message, in the language in use."""
    if kind not in KINDS:
        raise KeyError(kind)
    return templates.render(f"notifications/{kind}.txt", **data).strip()
