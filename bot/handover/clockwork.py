"""What happens by itself: silent officers, silent citizens, the end of office hours."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend import clock, jobs, workdays
from backend.config import settings
from bot.handover import callbacks, routing, words
from bot.handover.models import Handover
from bot.handover.status import SYSTEM, Reason, Status, move, record
from bot.models import Conversation

PERIODIC = {"handover.tick": timedelta(minutes=1), "handover.forget": timedelta(days=1)}


@jobs.job("handover.tick")
def tick(session: Session) -> None:
    """Look at every open hand-over, always in one order: no two workers wait for each other."""
    now = clock.now()
    ids = session.scalars(
        select(Handover.conversation_id)
        .where(Handover.closed_at.is_(None))
        .order_by(Handover.conversation_id)
    ).all()
    for conversation_id in ids:
        conversation = session.scalar(
            select(Conversation).where(Conversation.id == conversation_id).with_for_update()
        )
        talk = session.scalar(
            select(Handover)
            .where(Handover.conversation_id == conversation_id, Handover.closed_at.is_(None))
            .execution_options(populate_existing=True)
        )
        if conversation is not None and talk is not None:
            _tend(session, talk, conversation, now)


@jobs.job("handover.forget")
def forget(session: Session) -> None:
    """Telephone numbers that are of no use any more."""
    callbacks.forget_numbers(session, now=clock.now())


def _tend(session: Session, talk: Handover, conversation: Conversation, now: datetime) -> None:
    if conversation.ended_at is not None:
        move(session, talk, Status.CLOSED, "gone", by=SYSTEM, now=now)
        return
    _TENDED[Status(talk.status)](session, talk, conversation, now)


def _waiting(session: Session, talk: Handover, conversation: Conversation, now: datetime) -> None:
    """Nobody is left there: on to the province, or, where all have gone home, an apology.

    What is in Khmer, which the assistant cannot answer, waits through the next working day.
    """
    if routing.is_staffed(session, talk.unit, now=now):
        return
    hours = workdays.spans(settings().office_hours)
    is_open = workdays.is_open(now, hours)
    if talk.reason == Reason.KHMER and now < workdays.end_of_next_workday(talk.queued_at, hours):
        return
    if not is_open and not routing.is_staffed(session, routing.PROVINCE, now=now):
        move(session, talk, Status.BOT, "unanswered", by=SYSTEM, now=now)
        words.tell_unanswered(session, conversation, now=now)
    elif talk.unit != routing.PROVINCE:
        left = talk.unit
        talk.unit = routing.PROVINCE
        move(session, talk, Status.WAITING, "rerouted", by=SYSTEM, now=now, note=left)


def _claimed(session: Session, talk: Handover, conversation: Conversation, now: datetime) -> None:
    own = settings()
    claimed_at = talk.claimed_at or talk.queued_at
    answered_at = talk.officer_at
    if answered_at is None or talk.citizen_at > answered_at:
        silent_since = max(talk.citizen_at, claimed_at, answered_at or claimed_at)
        if now - silent_since >= timedelta(minutes=own.handover_return_minutes):
            who = talk.officer_name
            move(session, talk, Status.WAITING, "returned", by=SYSTEM, now=now, note=who)
            words.tell_waiting(session, talk, conversation, "handover/returned", now=now)
        return
    patience = timedelta(minutes=own.handover_idle_minutes)
    if talk.warned_at is None and now - answered_at >= patience:
        talk.warned_at = now
        record(session, talk, "warned", by=SYSTEM, now=now)
        words.tell_idle(session, conversation, now=now)
    elif talk.warned_at is not None and now - talk.warned_at >= patience:
        move(session, talk, Status.CLOSED, "idle", by=SYSTEM, now=now)
        words.tell_closed(session, talk, conversation, "handover/closed_idle", now=now)


def _outside(session: Session, talk: Handover, _: Conversation, now: datetime) -> None:
    last = max(talk.citizen_at, talk.officer_at or talk.opened_at)
    if now - last >= timedelta(minutes=settings().handover_outside_minutes):
        move(session, talk, Status.BOT, "quiet", by=SYSTEM, now=now)


_TENDED: dict[Status, Callable[[Session, Handover, Conversation, datetime], None]] = {
    Status.WAITING: _waiting,
    Status.CLAIMED: _claimed,
    Status.OUTSIDE: _outside,
}
