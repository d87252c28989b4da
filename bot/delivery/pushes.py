"""Pushes: by day, once, by the first way that works.

A push carries no link and no personal detail: its template sees to that. Which way is tried next is
decided in `backend/notifications`, in the transaction that ends the way before.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from backend import clock, jobs, metrics
from backend.jobs import Resend, Status
from backend.notifications import quiet
from backend.notifications import service as notifications
from backend.notifications.chats import ChatRef
from backend.notifications.contacts import CONTACTS
from backend.notifications.kinds import KINDS
from bot.channels import CHANNELS
from bot.delivery.sending import deliver
from bot.messages import Outgoing, fit
from bot.models import Conversation

# With back-off: about six hours, after which the next way is tried.
PUSH_ATTEMPTS = 16


def _ended(session: Session, payload: dict[str, Any], status: Status, why: str) -> None:
    now = clock.now()
    if attempt := payload.get("attempt"):
        notifications.ended(session, attempt, status, why, now=now)
    if status is Status.DROPPED:
        metrics.SENDS.labels(payload.get("channel", ""), why).inc()


@jobs.send("notifications.deliver", resend=Resend.ONCE, max_attempts=PUSH_ATTEMPTS, ended=_ended)
async def send_push(claimed: jobs.Claimed) -> None:
    """One push by one way."""
    way, chat = claimed.payload["channel"], claimed.payload["chat"]
    kind, data = claimed.payload["kind"], claimed.payload["data"]
    _not_at_night(kind)
    if way in CONTACTS:
        await CONTACTS[way].send(chat, kind, data)
        metrics.SENDS.labels(way, "sent").inc()
        return
    text = notifications.render(kind, data)
    for bubble in fit(Outgoing(text), CHANNELS[way].limits):
        await deliver(CHANNELS[way], bubble, chat)


def _not_at_night(kind: str) -> None:
    """One that was queued by day may have been held up until the night."""
    now = clock.now()
    morning = None if KINDS[kind].is_urgent else quiet.until(now)
    if morning is not None:
        raise jobs.Later((morning - now).total_seconds(), "quiet hours")


def last_heard(session: Session, ways: Sequence[ChatRef]) -> Mapping[ChatRef, datetime]:
    """When each of these chats last spoke with us; what never did is left out."""
    named = [(way.channel, way.chat) for way in ways]
    query = select(Conversation.channel, Conversation.chat, Conversation.last_at).where(
        tuple_(Conversation.channel, Conversation.chat).in_(named)
    )
    return {ChatRef(channel, chat): at for channel, chat, at in session.execute(query)}


notifications.ask_when_heard(last_heard)
