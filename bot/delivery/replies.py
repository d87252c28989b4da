"""Replies: queued with the turn, sent in order, again where they may not have arrived."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from backend import clock, db, jobs
from backend.errors import Unavailable
from backend.jobs import Job, Lane, Resend, Status
from backend.render import render
from bot.channels import CHANNELS
from bot.delivery import pacing
from bot.delivery.sending import deliver
from bot.handover import bubbles
from bot.messages import Incoming, Outgoing, Reply, fit

# Threads of their own: those of the loop may all be busy understanding messages meanwhile.
_notes = ThreadPoolExecutor(2, thread_name_prefix="notes")

# A server that is away for some hours costs no citizen an answer.
REPLY_ATTEMPTS = 14
NOTE_TRIES = 3
LOST = (Status.DEAD, Status.UNKNOWN)


def answer(session: Session, incoming: Incoming, reply: Reply) -> None:
    """Queue the bubbles of a reply; the same turn again queues nothing."""
    limits = CHANNELS[incoming.channel].limits
    pieces = [piece for message in reply.messages for piece in fit(message, limits)]
    if incoming.contact and pieces and all(piece.buttons for piece in pieces):
        # Only a bubble without buttons can take the contact keyboard away.
        pieces.insert(0, Outgoing(render("bot/contact_received.txt").strip()))
    is_edit = reply.replaces and bool(incoming.message_id) and len(pieces) == 1
    edits: dict[str, Any] = {"edits": incoming.message_id} if is_edit else {}
    for number, piece in enumerate(pieces):
        jobs.enqueue(
            session, "bot.send", key=f"out:{incoming.channel}:{incoming.chat}",
            dedupe=f"re:{incoming.channel}:{incoming.external_id}:{number}", lane=Lane.REPLY,
            flow=incoming.channel, channel=incoming.channel, chat=incoming.chat,
            message=piece.as_dict(), **edits,
        )  # fmt: skip


def _ended(session: Session, payload: dict[str, Any], status: Status, _why: str) -> None:
    """Words of an officer that did not arrive, for all we know: whoever wrote them is told."""
    if status in LOST and (message_id := payload.get("says")):
        bubbles.lost(session, message_id, now=clock.now())


@jobs.send("bot.send", resend=Resend.ALWAYS, max_attempts=REPLY_ATTEMPTS, ended=_ended)
async def send_reply(claimed: jobs.Claimed) -> None:
    """One bubble of a reply, noted as sent before the next one goes."""
    channel, chat = CHANNELS[claimed.payload["channel"]], claimed.payload["chat"]
    async with pacing.window(channel.kind).one_at_a_time():
        message = Outgoing.from_dict(claimed.payload["message"])
        await deliver(channel, message, chat, edits=claimed.payload.get("edits", ""))
        await asyncio.get_running_loop().run_in_executor(_notes, _note, claimed.id)


def _note(job_id: int) -> None:
    """It was sent, whoever holds the lease by now; the runner then finds nothing left to do.

    A database that is busy is asked again, and after that left to the runner's patience.
    """
    for _ in range(NOTE_TRIES):
        with suppress(Unavailable), db.transaction() as session:
            session.execute(
                update(Job)
                .where(Job.id == job_id, Job.status == Status.SENDING)
                .values(status=Status.DONE, done_at=clock.now(), last_error=None)
            )
            return
