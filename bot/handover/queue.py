"""The citizen's side: asking for a person, waiting, writing, going back to the assistant.

Whoever changes a hand-over holds its conversation's row first; the assistant holds the same row
while it writes a reply. So "the assistant is silent now" is decided in the transaction that would
have written.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from bot.handover import routing
from bot.handover.models import Handover, HandoverEvent
from bot.handover.status import CITIZEN, SYSTEM, Reason, Status, announce, move, record
from bot.models import Conversation

LATELY = timedelta(days=14)
ENOUGH = 5  # waits, before we speak of a usual one


@dataclass(frozen=True)
class About:
    """What the conversation is about, as far as it is known."""

    procedure_code: str = ""
    commune: str = ""


@dataclass(frozen=True)
class Place:
    """Where somebody stands in the queue, in honest numbers."""

    ahead: int
    unit: str
    is_staffed: bool
    usual_minutes: int  # 0: too few people waited lately to say


def open_of(session: Session, conversation: Conversation) -> Handover | None:
    """The conversation's stay with people, if it is with them now (or waits for them)."""
    return session.scalar(
        select(Handover).where(
            Handover.conversation_id == conversation.id, Handover.closed_at.is_(None)
        )
    )


def request(
    session: Session, conversation: Conversation, about: About, *, reason: Reason, now: datetime
) -> Handover:
    """Join the queue of the unit that answers for this."""
    unit, wanted = routing.route(
        session, procedure_code=about.procedure_code, commune=about.commune, now=now,
        in_khmer=reason is Reason.KHMER,
    )  # fmt: skip
    talk = Handover(
        conversation_id=conversation.id, status=Status.WAITING.value, reason=reason.value,
        unit=unit, wanted_unit=wanted, procedure_code=about.procedure_code, commune=about.commune,
        version=1, opened_at=now, queued_at=now, citizen_at=now,
    )  # fmt: skip
    session.add(talk)
    session.flush()
    record(session, talk, "requested", by=CITIZEN, now=now, note=reason.value, before=Status.BOT)
    return talk


def place(session: Session, talk: Handover, *, now: datetime) -> Place:
    """How many are before it, and whether anybody is there to come to it."""
    earlier = or_(
        Handover.queued_at < talk.queued_at,
        and_(Handover.queued_at == talk.queued_at, Handover.id < talk.id),
    )
    ahead = session.scalar(
        select(func.count(Handover.id)).where(
            Handover.status == Status.WAITING, Handover.unit == talk.unit, earlier
        )
    )
    return Place(
        ahead=ahead or 0,
        unit=talk.unit,
        is_staffed=routing.is_staffed(session, talk.unit, now=now),
        usual_minutes=_usual_minutes(session, talk.unit, now),
    )


def heard(session: Session, talk: Handover, *, phone: str, now: datetime) -> None:
    """The citizen wrote; an officer should see it. A number that was written is kept beside."""
    talk.citizen_at, talk.warned_at = now, None
    if phone:
        talk.phone = phone
    announce(session, talk, "heard")


def flag_khmer(session: Session, talk: Handover, *, now: datetime) -> None:
    """The citizen writes in Khmer: said to officers, and before somebody who reads it."""
    talk.reason = Reason.KHMER.value
    left = talk.unit
    is_read = routing.is_staffed(session, left, now=now, in_khmer=True)
    if talk.status != Status.WAITING or left == routing.PROVINCE or is_read:
        record(session, talk, "khmer", by=SYSTEM, now=now)
        return
    talk.unit = routing.PROVINCE
    move(session, talk, Status.WAITING, "rerouted", by=SYSTEM, now=now, note=left)


def leave(session: Session, talk: Handover, *, now: datetime) -> None:
    """The citizen would rather ask the assistant."""
    move(session, talk, Status.BOT, "left", by=CITIZEN, now=now)


def _usual_minutes(session: Session, unit: str, now: datetime) -> int:
    rows = session.execute(
        select(Handover.opened_at, func.min(HandoverEvent.at))
        .join(HandoverEvent, HandoverEvent.handover_id == Handover.id)
        .where(
            HandoverEvent.kind == "claimed",
            Handover.unit == unit,
            Handover.reason != Reason.OFFICER,
            Handover.opened_at > now - LATELY,
        )
        .group_by(Handover.id, Handover.opened_at)
        .order_by(Handover.id.desc())
        .limit(30)
    ).all()
    waits = [(claimed - opened).total_seconds() / 60 for opened, claimed in rows]
    return max(1, round(median(waits))) if len(waits) >= ENOUGH else 0
