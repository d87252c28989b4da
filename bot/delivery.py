"""Sends what is queued: replies and pushes; retries, gives up, and keeps to what a channel takes.

Replies have one key per chat (`out:…`), pushes another (`push:…`): neither holds up the other. A
send that may have arrived is repeated where it is a reply (twice is harmless), once where it is a
push. Whatever a process has between "accepted" and "noted" when it is killed will come twice, so a
process has one reply there at a time, as long as the network is quick enough for that.

Pacing is counted by each process for itself: a channel's `per_second` must leave room for web and
worker together, and what the server refuses all the same is sent when it says (`retry_after`).
"""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import cache

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from backend import clock, db, jobs, log, metrics
from backend.errors import Unavailable
from backend.jobs import Job, Lane, Resend, Status
from backend.notifications import chats
from backend.notifications import service as notifications
from backend.notifications.chats import ChatRef
from backend.render import render
from bot.channels import CHANNELS
from bot.messages import Channel, Incoming, Limits, Outgoing, Reply, SendError, fit

logger = log.get(__name__)

# Threads of their own: those of the loop may all be busy understanding messages meanwhile.
_notes = ThreadPoolExecutor(2, thread_name_prefix="notes")

# A server that is away for some hours costs no citizen an answer.
REPLY_ATTEMPTS = 14
PUSH_ATTEMPTS = 16
LONGEST_NAP = 0.5
PATIENCE = 2.0
NOTE_TRIES = 3
KEPT = timedelta(days=7)
DEAD_KEPT = timedelta(days=30)
PERSONAL = ("bot.turn", "bot.presence", "bot.send", "notifications.deliver")


def answer(session: Session, incoming: Incoming, reply: Reply) -> None:
    """Queue the bubbles of a reply; the same turn again queues nothing."""
    limits = CHANNELS[incoming.channel].limits
    bubbles = [piece for message in reply.messages for piece in fit(message, limits)]
    if incoming.contact and bubbles and all(bubble.buttons for bubble in bubbles):
        # Only a bubble without buttons can take the contact keyboard away.
        bubbles.insert(0, Outgoing(render("bot/contact_received.txt").strip()))
    for number, bubble in enumerate(bubbles):
        jobs.enqueue(
            session, "bot.send", key=f"out:{incoming.channel}:{incoming.chat}",
            dedupe=f"re:{incoming.channel}:{incoming.external_id}:{number}", lane=Lane.REPLY,
            channel=incoming.channel, chat=incoming.chat, message=bubble.as_dict(),
        )  # fmt: skip


@jobs.send("bot.send", resend=Resend.ALWAYS, max_attempts=REPLY_ATTEMPTS)
async def send_reply(claimed: jobs.Claimed) -> None:
    """One bubble of a reply, noted as sent before the next one goes."""
    channel, chat = CHANNELS[claimed.payload["channel"]], claimed.payload["chat"]
    await keep_pace(channel, chat)
    async with pace(channel.kind).one_at_a_time():
        await deliver(channel, Outgoing.from_dict(claimed.payload["message"]), chat)
        await asyncio.get_running_loop().run_in_executor(_notes, _note, claimed.id)


@jobs.send("notifications.deliver", resend=Resend.ONCE, max_attempts=PUSH_ATTEMPTS)
async def send_push(claimed: jobs.Claimed) -> None:
    """One push. It carries no link and no personal detail: its template sees to that."""
    channel, chat = CHANNELS[claimed.payload["channel"]], claimed.payload["chat"]
    text = notifications.render(claimed.payload["kind"], claimed.payload["data"])
    await keep_pace(channel, chat)
    for bubble in fit(Outgoing(text), channel.limits):
        await deliver(channel, bubble, chat)


async def keep_pace(channel: Channel, chat: str) -> None:
    """Wait a moment if need be; where a moment is not enough, come back later."""
    wait = pace(channel.kind).wait(chat, clock.stopwatch())
    if wait > LONGEST_NAP:
        raise jobs.Later(wait, "pacing")
    await asyncio.sleep(wait)


async def deliver(channel: Channel, message: Outgoing, chat: str) -> None:
    """Send one bubble, or say by an exception what is to become of it."""
    try:
        await channel.send(message, chat)
    except SendError as error:
        metrics.SENDS.labels(channel.kind, _outcome(error)).inc()
        if error.unreachable:
            await asyncio.to_thread(_close, channel.kind, chat)
        raise _verdict(error) from error
    metrics.SENDS.labels(channel.kind, "sent").inc()


def _note(job_id: int) -> None:
    """It was sent, whoever holds the lease by now; the runner then finds nothing left to do.

    A database that is busy is asked again: to give up here would be to send it twice.
    """
    for tries_left in reversed(range(NOTE_TRIES)):
        try:
            with db.transaction() as session:
                session.execute(
                    update(Job)
                    .where(Job.id == job_id, Job.status == Status.SENDING)
                    .values(status=Status.DONE, done_at=clock.now(), last_error=None)
                )
        except Unavailable:
            if not tries_left:
                raise
        else:
            return


def _outcome(error: SendError) -> str:
    if error.unreachable:
        return "unreachable"
    if error.permanent:
        return "refused"
    return "unknown" if error.unknown else "later"


def _verdict(error: SendError) -> Exception:
    if error.permanent:
        return jobs.GiveUp(str(error))
    if error.unknown:
        return jobs.Unknown(str(error))
    return jobs.Later(error.retry_after, str(error)) if error.retry_after else error


def _close(channel: str, chat: str) -> None:
    with db.transaction() as session:
        chats.unreachable(session, ChatRef(channel, chat), now=clock.now())


class Pace:
    """When the next message may go: so many a second in all, and to one chat a burst at most.

    Each is a clock that runs ahead by a message's worth of time with every message, and may be
    ahead by its burst before anybody has to wait.
    """

    def __init__(self, limits: Limits) -> None:
        self._gap = 1 / limits.per_second if limits.per_second else 0.0
        self._burst = max(limits.burst, 1)
        self._is_paced = bool(limits.burst)
        self._overall = 0.0
        self._chats: dict[str, float] = {}
        self._window: tuple[asyncio.AbstractEventLoop, asyncio.Lock] | None = None

    @asynccontextmanager
    async def one_at_a_time(self) -> AsyncIterator[None]:
        """Alone, unless whoever is before takes longer than `PATIENCE`."""
        loop = asyncio.get_running_loop()
        if self._window is None or self._window[0] is not loop:
            self._window = loop, asyncio.Lock()
        lock, is_ours = self._window[1], True
        try:
            await asyncio.wait_for(lock.acquire(), PATIENCE)
        except TimeoutError:
            is_ours = False
        try:
            yield
        finally:
            if is_ours:
                lock.release()

    def wait(self, chat: str, now: float) -> float:
        """Seconds to wait; nothing is counted where that is too long to be waited for here."""
        overall = max(self._overall, now) + self._gap
        own = max(self._chats.get(chat, 0.0), now) + (1.0 if self._is_paced else 0.0)
        wait = max(overall - self._gap - now, own - self._burst - now, 0.0)
        if wait <= LONGEST_NAP:
            self._overall = overall
            self._chats[chat] = own
            if len(self._chats) > 10_000:
                self._chats = {name: at for name, at in self._chats.items() if at > now}
        return wait


@cache
def pace(kind: str) -> Pace:
    """The pace of a channel in this process."""
    return Pace(CHANNELS[kind].limits)


@jobs.job("bot.forget")
def forget(session: Session) -> None:
    """Keep no personal words in the queue: done rows are emptied, then dropped after a week.

    A week is how long a channel may bring the same update again; rows given up are kept for
    people to look at, and dropped after a month.
    """
    now = clock.now()
    ours = Job.name.in_(PERSONAL)
    session.execute(
        update(Job).where(ours, Job.status == Status.DONE, Job.payload != "{}").values(payload="{}")
    )
    session.execute(delete(Job).where(Job.status == Status.DONE, Job.done_at < now - KEPT))
    given_up = Job.status.in_((Status.DEAD, Status.UNKNOWN))
    session.execute(delete(Job).where(given_up, Job.done_at < now - DEAD_KEPT))
