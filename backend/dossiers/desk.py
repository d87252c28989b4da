"""What officers do with dossiers at their desk.

`get_for_officer` is their only way from a code to a dossier; a missing permission and a missing
dossier give the same "not found". Every look at one dossier is a row.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, delete, false, func, select
from sqlalchemy.orm import Session

from backend import ids, workdays
from backend.accounts.roles import SignedIn
from backend.dossiers import moves, proofs, status
from backend.dossiers.models import (
    Dossier,
    DossierChat,
    DossierEvent,
    DossierRequest,
    DossierView,
)
from backend.dossiers.spelling import code_of, phone_of
from backend.dossiers.standing import is_live
from backend.dossiers.status import CLOCK_STOPPED, HANDLED, MOVES, Status
from backend.errors import InvalidInput, NotFound
from backend.i18n import gettext as _

PAGE = 30
NEEDS_NOTE = frozenset({Status.REJECTED, Status.STOPPED, Status.WITHDRAWN, Status.PAYMENT})


@dataclass(frozen=True)
class Filter:
    """Which dossiers the list shows."""

    status: Status | None = None
    is_overdue: bool = False
    is_flagged: bool = False
    text: str = ""


@dataclass(frozen=True)
class OnDesk:
    """One dossier with all that an officer needs to act on it."""

    dossier: Dossier
    status: Status
    events: Sequence[DossierEvent]
    requests: Sequence[DossierRequest]
    moves: Sequence[Status]
    chats: int

    @property
    def can_request(self) -> bool:
        """Whether papers may be asked for now."""
        return Status.SUPPLEMENT in MOVES[self.status]


def get_for_officer(session: Session, officer: SignedIn, code: str) -> Dossier:
    """The dossier of this code, if this officer may see it."""
    dossier = None
    if officer.may("dossiers.view"):
        dossier = session.scalar(
            select(Dossier).where(Dossier.code == code_of(code)).with_for_update()
        )
    if dossier is None:
        raise NotFound("dossier_not_found", _("Không có hồ sơ này."))
    return dossier


def look(session: Session, officer: SignedIn, code: str, *, now: datetime) -> OnDesk:
    """Everything about one dossier; that it was looked at is written down."""
    dossier = get_for_officer(session, officer, code)
    session.add(DossierView(dossier_id=dossier.id, officer_id=officer.id, at=now))
    own = DossierEvent.dossier_id == dossier.id
    events = session.scalars(select(DossierEvent).where(own).order_by(DossierEvent.at)).all()
    requests = session.scalars(
        select(DossierRequest)
        .where(DossierRequest.dossier_id == dossier.id)
        .order_by(DossierRequest.asked_at)
    ).all()
    chats = session.scalar(
        select(func.count(DossierChat.id)).where(DossierChat.dossier_id == dossier.id, is_live(now))
    )
    current = Status(dossier.status)
    allowed = [to for to in Status if to in MOVES[current] and to is not Status.SUPPLEMENT]
    return OnDesk(dossier, current, events, requests, allowed, chats or 0)


def listed(
    session: Session, officer: SignedIn, wanted: Filter, *, page: int, now: datetime
) -> tuple[list[Dossier], int]:
    """One page of the list, open ones first, then what is due first; and how many in all."""
    if not officer.may("dossiers.view"):
        return [], 0
    query = _filtered(wanted, now)
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    is_handled = Dossier.status.in_([status.value for status in HANDLED])
    ordered = query.order_by(is_handled, Dossier.due_at.is_(None), Dossier.due_at, Dossier.id)
    rows = session.scalars(ordered.limit(PAGE).offset((page - 1) * PAGE))
    return list(rows), total


def change_status(
    session: Session, officer: SignedIn, code: str, *, to: Status, note: str, now: datetime
) -> Dossier:
    """Move a dossier as the table allows, with a reason where the citizen will ask for one."""
    dossier = get_for_officer(session, officer, code)
    status.check(Status(dossier.status), to)
    if to in NEEDS_NOTE and not note:
        message = _("Trạng thái này cần ghi lý do để người dân biết.")
        raise InvalidInput("note_missing", message, fields={"note": message})
    _move(session, officer, dossier, to=to, note=note, now=now)
    return dossier


def request_supplement(
    session: Session,
    officer: SignedIn,
    code: str,
    *,
    missing: Sequence[str],
    new_due_at: datetime | None,
    now: datetime,
) -> Dossier:
    """Ask for papers: the clock stops; without a new date the old one moves by the pause."""
    dossier = get_for_officer(session, officer, code)
    status.check(Status(dossier.status), Status.SUPPLEMENT)
    if not missing:
        message = _("Xin ghi rõ giấy tờ cần bổ sung.")
        raise InvalidInput("missing_what", message, fields={"missing": message})
    if new_due_at is not None and new_due_at <= now:
        message = _("Ngày hẹn mới phải sau hôm nay.")
        raise InvalidInput("due_in_the_past", message, fields={"new_due": message})
    for number, what in enumerate(missing):
        session.add(
            DossierRequest(
                dossier_id=dossier.id, what=what, asked_by=officer.name, asked_at=now,
                old_due_at=dossier.due_at, new_due_at=new_due_at,
                digest=ids.digest(f"{now.isoformat()}:{number}:{what}"),
            )
        )  # fmt: skip
    if new_due_at is not None:
        dossier.due_base, dossier.due_base_at, dossier.due_at = new_due_at, now, new_due_at
    _move(session, officer, dossier, to=Status.SUPPLEMENT, note="; ".join(missing), now=now)
    return dossier


def review(session: Session, officer: SignedIn, code: str, *, note: str, now: datetime) -> Dossier:
    """An officer looked at an unusual move of the one-stop system and found an explanation."""
    dossier = get_for_officer(session, officer, code)
    dossier.is_flagged = False
    session.add(_event(officer, dossier, kind="review", note=note, now=now))
    return dossier


def reissue_receipt(session: Session, officer: SignedIn, code: str, *, now: datetime) -> Dossier:
    """Print a receipt that opens the dossier; every earlier one, and what it opened, is shut."""
    dossier = get_for_officer(session, officer, code)
    dossier.receipt_serial += 1
    dossier.receipt_digest = proofs.receipt_digest(dossier.code, dossier.receipt_serial)
    session.execute(
        delete(DossierChat).where(
            DossierChat.dossier_id == dossier.id, DossierChat.via == "receipt"
        )
    )
    session.add(_event(officer, dossier, kind="receipt", note="", now=now))
    return dossier


def receive(
    session: Session,
    *,
    code: str,
    procedure: tuple[str, str],
    owner: tuple[str, str],
    agency: str,
    working_days: float | None,
    received_at: datetime,
    actor: str = "",
) -> Dossier:
    """A new dossier in our own books (demo, tests); real ones come from the one-stop system."""
    due = workdays.due(received_at, working_days) if working_days is not None else None
    dossier = Dossier(
        code=code_of(code), procedure_code=procedure[0], procedure_name=procedure[1],
        owner_name=owner[0], phone=phone_of(owner[1]), agency_name=agency,
        status=Status.REGISTERED.value, status_since=received_at, received_at=received_at,
        due_base=due, due_base_at=received_at, due_at=due, told_at=received_at,
        receipt_digest=proofs.receipt_digest(code_of(code), 1), receipt_serial=1,
        created_at=received_at, status_key=received_at,
    )  # fmt: skip
    session.add(dossier)
    session.flush()
    session.add(
        DossierEvent(
            dossier_id=dossier.id, kind="status", at=received_at, recorded_at=received_at,
            to_status=Status.REGISTERED.value, actor=actor,
        )
    )  # fmt: skip
    return dossier


def _filtered(wanted: Filter, now: datetime) -> Select[Dossier]:
    query = select(Dossier)
    if wanted.status is not None:
        query = query.where(Dossier.status == wanted.status.value)
    if wanted.is_overdue:
        idle = [status.value for status in CLOCK_STOPPED | HANDLED]
        query = query.where(Dossier.due_at < now, Dossier.status.not_in(idle))
    if wanted.is_flagged:
        query = query.where(Dossier.is_flagged)
    if wanted.text:
        code = code_of(wanted.text) or re.sub(r"[^0-9A-Z.-]", "", wanted.text.upper())
        query = query.where(Dossier.code.endswith(code, autoescape=True) if code else false())
    return query


def _move(
    session: Session, officer: SignedIn, dossier: Dossier, *, to: Status, note: str, now: datetime
) -> None:
    event = _event(officer, dossier, kind="status", note=note, now=now)
    event.from_status, event.to_status = dossier.status, to.value
    moves.apply(session, dossier, event)
    dossier.told_at = dossier.status_key = now
    dossier.status_by_receipt = False
    moves.reckon_due(session, [dossier])
    moves.tell_followers(session, [(dossier, event)], now=now)


def _event(
    officer: SignedIn, dossier: Dossier, *, kind: str, note: str, now: datetime
) -> DossierEvent:
    return DossierEvent(
        dossier_id=dossier.id, kind=kind, at=now, recorded_at=now, note=note,
        actor=officer.name, department=officer.agency, officer_id=officer.id, is_flagged=False,
    )  # fmt: skip
