"""Everything that a reply or a page says about one dossier, in one frozen value."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from backend.dossiers.models import Dossier, DossierChat, DossierEvent, DossierRequest
from backend.dossiers.status import CLOCK_STOPPED, Status

PROOF_LASTS = timedelta(days=90)
_REFUSALS = (Status.REJECTED, Status.STOPPED, Status.WITHDRAWN)


@dataclass(frozen=True)
class Past:
    """One line of the history as the citizen reads it."""

    at: datetime
    label: str
    note: str


@dataclass(frozen=True)
class Standing:
    """Where a dossier stands; `as_of` is when the one-stop system last told us."""

    code: str
    procedure_code: str
    procedure_name: str
    agency_name: str
    status: Status
    status_label: str
    plain: str
    who_acts: str
    next_step: str
    missing: tuple[str, ...]
    returned_reason: str
    received_at: datetime
    due_at: datetime | None
    is_overdue: bool
    clock_stopped: bool
    finished_at: datetime | None
    fee_due: int
    as_of: datetime
    is_followed: bool = False
    opened_elsewhere: int = 0
    history: tuple[Past, ...] = field(default=())


def standings(
    session: Session, rows: Sequence[tuple[Dossier, DossierChat]], *, now: datetime
) -> list[Standing]:
    """The standings of these dossiers for the chats that proved them: always three queries."""
    ids = [dossier.id for dossier, _ in rows]
    events: dict[int, list[DossierEvent]] = defaultdict(list)
    for event in session.scalars(
        select(DossierEvent)
        .where(DossierEvent.dossier_id.in_(ids), DossierEvent.kind.in_(("status", "step", "late")))
        .order_by(DossierEvent.at, DossierEvent.id)
    ):
        events[event.dossier_id].append(event)
    asked: dict[int, list[DossierRequest]] = defaultdict(list)
    for request in session.scalars(
        select(DossierRequest)
        .where(DossierRequest.dossier_id.in_(ids), DossierRequest.answered_at.is_(None))
        .order_by(DossierRequest.asked_at, DossierRequest.id)
    ):
        asked[request.dossier_id].append(request)
    others = Counter(
        session.scalars(
            select(DossierChat.dossier_id).where(DossierChat.dossier_id.in_(ids), is_live(now))
        )
    )
    return [
        _standing(dossier, chat, events[dossier.id], asked[dossier.id], others[dossier.id] - 1, now)
        for dossier, chat in rows
    ]


def is_live(now: datetime) -> ColumnElement[bool]:
    """A proof that was neither revoked nor given too long ago."""
    return and_(DossierChat.revoked_at.is_(None), DossierChat.proved_at > now - PROOF_LASTS)


def is_overdue(dossier: Dossier, now: datetime) -> bool:
    """Whether the office is late: a stopped clock and a finished dossier never are."""
    is_late = dossier.due_at is not None and dossier.due_at < now
    return is_late and Status(dossier.status).runs


def history(events: Sequence[DossierEvent]) -> tuple[Past, ...]:
    """The lines worth reading: where the status changed, or something was said."""
    lines, last = [], ""
    for event in events:
        label = Status(event.to_status).words.label if event.to_status else ""
        if event.note or (label and label != last):
            lines.append(Past(event.at, label, event.note))
        last = label or last
    return tuple(lines)


def _standing(
    dossier: Dossier,
    chat: DossierChat,
    events: Sequence[DossierEvent],
    asked: Sequence[DossierRequest],
    others: int,
    now: datetime,
) -> Standing:
    status = Status(dossier.status)
    words = status.words
    reasons = [event.note for event in events if event.to_status == status and event.note]
    return Standing(
        code=dossier.code,
        procedure_code=dossier.procedure_code,
        procedure_name=dossier.procedure_name,
        agency_name=dossier.agency_name,
        status=status,
        status_label=words.label,
        plain=words.plain,
        who_acts=words.who,
        next_step=words.next,
        missing=tuple(request.what for request in asked) if status is Status.SUPPLEMENT else (),
        returned_reason=reasons[-1] if reasons and status in _REFUSALS else "",
        received_at=dossier.received_at or dossier.created_at,
        due_at=dossier.due_at,
        is_overdue=is_overdue(dossier, now),
        clock_stopped=status in CLOCK_STOPPED,
        finished_at=dossier.finished_at,
        fee_due=dossier.fee_total if status is Status.PAYMENT else 0,
        as_of=dossier.told_at,
        is_followed=chat.followed_at is not None,
        opened_elsewhere=max(others, 0),
        history=history(events),
    )
