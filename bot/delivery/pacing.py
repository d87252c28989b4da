"""What each channel takes, told to the queue; and one reply at a time between "sent" and "noted".

The counting is shared by all processes (`backend/paces.py`). Rates are those of the channels,
unless `SEND_RATES` says otherwise (paid broadcasts on Telegram take 1,000 a second).
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import cache

from backend import clock, db, paces
from backend.config import settings
from backend.notifications.contacts import CONTACTS
from backend.paces import Rate
from bot.channels import CHANNELS
from bot.messages import SendError

PATIENCE = 2.0


def register() -> None:
    """Let the queue know every channel's rate."""
    set_by_hand = settings().rates
    for kind, channel in CHANNELS.items():
        per_second = set_by_hand.get(kind, channel.limits.per_second)
        paces.RATES[kind] = Rate(per_second, channel.limits.burst)
    for kind, contact in CONTACTS.items():
        paces.RATES[kind] = Rate(set_by_hand.get(kind, contact.rate.per_second), contact.rate.burst)


def hold(channel: str, chat: str, error: SendError) -> None:
    """The channel said when it will take more: until then nobody tries."""
    now = clock.now()
    chat = "" if error.whole else chat
    with db.transaction() as session:
        until = now + timedelta(seconds=error.retry_after)
        paces.hold(session, channel, chat, until, now=now)


class Window:
    """What a killed process had between "accepted" and "noted" comes twice: so, one at a time."""

    def __init__(self) -> None:
        self._lock: tuple[asyncio.AbstractEventLoop, asyncio.Lock] | None = None

    @asynccontextmanager
    async def one_at_a_time(self) -> AsyncIterator[None]:
        """Alone, unless whoever is before takes longer than `PATIENCE`."""
        loop = asyncio.get_running_loop()
        if self._lock is None or self._lock[0] is not loop:
            self._lock = loop, asyncio.Lock()
        lock, is_ours = self._lock[1], True
        try:
            await asyncio.wait_for(lock.acquire(), PATIENCE)
        except TimeoutError:
            is_ours = False
        try:
            yield
        finally:
            if is_ours:
                lock.release()


@cache
def window(kind: str) -> Window:
    """That of a channel in this process."""
    return Window()
