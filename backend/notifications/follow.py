"""Chats in which an official wants reminders: linked once, with a code from their own page."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from backend import clock, db, ids, jobs, limits
from backend.notifications.chats import ChatRef
from backend.notifications.models import LinkCode, LinkedChat

LASTS = timedelta(minutes=15)
LETTERS = 8
START = "nhac-"
"""What stands before the code where a link brings it into a chat."""
# Eight letters of thirty, fifteen minutes, ten tries an hour: nobody guesses one.
PER_CHAT = limits.Rule("follow.chat", 10, timedelta(hours=1))


def code(session: Session, person_id: int, *, now: datetime) -> str:
    """A new code to be typed into a chat; older ones of this person no longer work."""
    session.execute(delete(LinkCode).where(LinkCode.person_id == person_id))
    made = ids.reference(LETTERS)
    session.add(LinkCode(digest=ids.digest(made), person_id=person_id, expires_at=now + LASTS))
    session.flush()
    return made


def link(session: Session, chat: ChatRef, typed: str, *, now: datetime) -> bool:
    """Link this chat to whoever got the code; it works once. False: no such code, or too many."""
    subject = f"{chat.channel}:{chat.chat}"
    if not limits.hit(session, PER_CHAT, subject, now=now).allowed:
        return False
    digest = ids.digest("".join(typed.split()).upper())
    person = session.scalar(
        delete(LinkCode)
        .where(LinkCode.digest == digest, LinkCode.expires_at > now)
        .returning(LinkCode.person_id)
    )
    if person is None:
        return False
    values = {"person_id": person, "channel": chat.channel, "chat": chat.chat, "since": now}
    db.insert_once(session, LinkedChat, values, unique=("channel", "chat", "person_id"))
    return True


def unlink(session: Session, person_id: int, linked_id: int) -> None:
    """No more reminders in this chat of theirs."""
    own = (LinkedChat.person_id == person_id) & (LinkedChat.id == linked_id)
    session.execute(delete(LinkedChat).where(own))


def unlink_chat(session: Session, chat: ChatRef) -> bool:
    """No more reminders in this chat; whether there were any."""
    gone = session.scalars(
        delete(LinkedChat)
        .where(LinkedChat.channel == chat.channel, LinkedChat.chat == chat.chat)
        .returning(LinkedChat.id)
    )
    return bool(gone.all())


def linked(session: Session, person_id: int) -> list[LinkedChat]:
    """The chats of one official, in the order in which they were linked."""
    query = select(LinkedChat).where(LinkedChat.person_id == person_id).order_by(LinkedChat.id)
    return list(session.scalars(query))


def chats_of(session: Session, persons: Collection[int]) -> dict[int, tuple[ChatRef, ...]]:
    """The chats that these people linked."""
    found: dict[int, list[ChatRef]] = defaultdict(list)
    query = select(LinkedChat).where(LinkedChat.person_id.in_(persons)).order_by(LinkedChat.id)
    for row in session.scalars(query):
        found[row.person_id].append(ChatRef(row.channel, row.chat))
    return {person: tuple(chats) for person, chats in found.items()}


@jobs.job("notifications.forget_codes")
def forget_codes(session: Session) -> None:
    """Drop codes that nobody used in time."""
    session.execute(delete(LinkCode).where(LinkCode.expires_at <= clock.now()))
