"""Chats as everything outside the channels knows them, and whether they take our messages."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from backend import db
from backend.notifications.models import ClosedChat


@dataclass(frozen=True)
class ChatRef:
    """One chat on one channel (`telegram`, `web`, `console`)."""

    channel: str
    chat: str


@dataclass(frozen=True)
class Person:
    """Somebody to be told, and all the ways to reach them; `key` tells persons apart."""

    key: str
    ways: tuple[ChatRef, ...]


def unreachable(session: Session, chat: ChatRef, *, now: datetime) -> None:
    """The channel says that this chat takes no messages: send it no more."""
    values = {"channel": chat.channel, "chat": chat.chat, "since": now}
    db.insert_once(session, ClosedChat, values, unique=("channel", "chat"))


def reachable(session: Session, chat: ChatRef) -> None:
    """Somebody wrote to us from this chat: it takes messages again."""
    session.execute(
        delete(ClosedChat).where(ClosedChat.channel == chat.channel, ClosedChat.chat == chat.chat)
    )


def is_reachable(session: Session, chat: ChatRef) -> bool:
    """Whether a message to this chat has a chance."""
    closed = exists().where(ClosedChat.channel == chat.channel, ClosedChat.chat == chat.chat)
    return bool(session.scalar(select(~closed)))
