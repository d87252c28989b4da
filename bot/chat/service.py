"""Who is talking on the web, how often they may, what they missed, and how they leave.

A chat is known by a secret that we issued: the browser keeps it in a cookie, a program in its
memory. Only its digest is stored, and that is the chat's name on the channel "web".
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend import ids, limits, live
from backend.config import settings
from backend.dossiers import service as dossiers
from backend.limits import Allowance, Rule
from backend.notifications.chats import ChatRef
from bot.channels import web
from bot.dialogue import state
from bot.messages import Button
from bot.models import Conversation, Message

CHANNEL = "web"
MINUTE = timedelta(minutes=1)
_OURS = re.compile(r"[\w-]{22,64}", re.ASCII)
PER_CHAT = Rule("chat.chat", 30, MINUTE)
# Many people share one address: a ward's free Wi-Fi, a mobile network.
PER_ADDRESS = Rule("chat.address", 120, MINUTE)
OPENED = Rule("chat.opened", 60, MINUTE)


@dataclass(frozen=True)
class Bubble:
    """One bubble as a page shows it."""

    id: int
    author: str  # citizen | bot | officer
    name: str  # the officer's, where it is told
    text: str
    buttons: tuple[Button, ...]
    at: datetime


@dataclass(frozen=True)
class Exchange:
    """What belongs together: a question and its answer, or news that came by itself."""

    bubbles: tuple[Bubble, ...]


def name_of(token: str) -> str:
    """The chat that this secret opens."""
    return ids.digest(token)[:32]


def start(session: Session, *, now: datetime, known_as: str = "") -> str:
    """A new conversation; its secret, which is stored nowhere.

    `known_as` is the secret that our other pages gave this browser before it said anything (whoever
    opened a dossier first): it is kept, with what it proved, unless its conversation was ended.
    """
    token = ids.token()
    if _OURS.fullmatch(known_as) and _find(session, known_as, ended=True) is None:
        token = known_as
    session.add(Conversation(channel=CHANNEL, chat=name_of(token), started_at=now, last_at=now))
    session.flush()
    return token


def is_open(session: Session, token: str) -> bool:
    """Whether this secret opens a conversation that nobody ended."""
    return _find(session, token) is not None


def topic_of(session: Session, token: str) -> str | None:
    """What to listen to for news of this conversation; None where the secret opens none."""
    conversation = _find(session, token)
    return web.topic(conversation.id) if conversation else None


def may_start(session: Session, address: str, *, now: datetime) -> Allowance:
    """Whether this address may begin one more conversation; counts it if so."""
    return _hit(session, OPENED, address, now=now)


def may_say(session: Session, token: str, address: str, *, now: datetime) -> Allowance:
    """Whether one more message may come from this chat and this address; counts it if so."""
    allowance = _hit(session, PER_ADDRESS, address, now=now)
    if allowance.allowed and token:
        return _hit(session, PER_CHAT, name_of(token), now=now)
    return allowance


def exchanges(session: Session, token: str, *, after: int = 0) -> list[Exchange]:
    """The latest of a chat, oldest first; with `after` only what came after that bubble."""
    if not is_open(session, token):
        return []
    return list(_grouped(state.transcript(session, CHANNEL, name_of(token), after=after)))


def forget(session: Session, token: str, *, now: datetime) -> None:
    """End the conversation: what it proved is deleted, and its secret opens nothing any more."""
    conversation = _find(session, token)
    if conversation is not None:
        conversation.ended_at = now
        live.publish(session, web.topic(conversation.id), "ended")
    dossiers.forget_chat(session, ChatRef(CHANNEL, name_of(token)))


def _find(session: Session, token: str, *, ended: bool = False) -> Conversation | None:
    return session.scalar(
        select(Conversation).where(
            Conversation.channel == CHANNEL,
            Conversation.chat == name_of(token),
            Conversation.ended_at.is_not(None) if ended else Conversation.ended_at.is_(None),
        )
    )


def _hit(session: Session, rule: Rule, subject: str, *, now: datetime) -> Allowance:
    if not settings().lookup_limits:
        return Allowance(allowed=True)
    return limits.hit(session, rule, subject, now=now)


def _grouped(messages: Sequence[Message]) -> Iterator[Exchange]:
    """A button pressed long after it was offered is stored by its payload: say its words."""
    offered = {b.payload: b.label for m in messages for b in state.buttons_of(m) if b.payload}
    for _, turn in groupby(messages, key=lambda message: message.turn):
        yield Exchange(
            tuple(
                Bubble(
                    id=message.id,
                    author=message.author,
                    name=str(json.loads(message.understanding).get("officer", "")),
                    text=offered.get(message.text, message.text),
                    buttons=state.buttons_of(message),
                    at=message.at,
                )
                for message in turn
            )
        )
