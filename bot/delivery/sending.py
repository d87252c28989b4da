"""One bubble to one chat, and what is to become of it where that fails."""

import asyncio

from backend import clock, db, jobs, metrics
from backend.notifications import chats
from backend.notifications.chats import ChatRef
from bot.delivery import pacing
from bot.messages import Channel, Edits, Outgoing, SendError


async def deliver(channel: Channel, message: Outgoing, chat: str, *, edits: str = "") -> None:
    """Send one bubble, or say by an exception what is to become of it.

    It takes the place of the message `edits`, where the channel can do that.
    """
    try:
        if edits and isinstance(channel, Edits):
            await channel.edit(message, chat, edits)
        else:
            await channel.send(message, chat)
    except SendError as error:
        metrics.SENDS.labels(channel.kind, _outcome(error)).inc()
        if error.unreachable:
            await asyncio.to_thread(_close, channel.kind, chat)
        elif error.retry_after:
            await asyncio.to_thread(pacing.hold, channel.kind, chat, error)
        raise verdict(error) from error
    metrics.SENDS.labels(channel.kind, "sent").inc()


def verdict(error: SendError) -> Exception:
    """What the queue is told."""
    if error.permanent:
        return jobs.GiveUp(str(error))
    if error.unknown:
        return jobs.Unknown(str(error))
    return jobs.Later(error.retry_after, str(error)) if error.retry_after else error


def _outcome(error: SendError) -> str:
    if error.unreachable:
        return "unreachable"
    if error.permanent:
        return "refused"
    return "unknown" if error.unknown else "later"


def _close(channel: str, chat: str) -> None:
    with db.transaction() as session:
        chats.unreachable(session, ChatRef(channel, chat), now=clock.now())
