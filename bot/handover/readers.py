"""Officers who read Khmer: who they are, and whether one of them is on duty.

A conversation in Khmer goes to a queue that one of them sees, and waits there overnight.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from backend import audit, db
from backend.accounts import service as accounts
from backend.accounts.roles import Role, SignedIn, may
from backend.errors import InvalidInput
from backend.i18n import gettext as _
from bot.handover.models import Duty, KhmerReader


@dataclass(frozen=True)
class Reader:
    """An officer who reads Khmer, or could be said to."""

    officer_id: int
    name: str
    agency: str
    is_on_duty: bool = False


def listed(session: Session, *, now: datetime) -> list[Reader]:
    """Everybody who reads Khmer, those on duty first."""
    on_duty = set(session.scalars(select(Duty.officer_id).where(Duty.until > now)))
    known = set(session.scalars(select(KhmerReader.officer_id)))
    found = [
        Reader(row.officer_id, row.name, row.agency, row.officer_id in on_duty)
        for row in _staff(session, now)
        if row.officer_id in known
    ]
    return sorted(found, key=lambda reader: not reader.is_on_duty)


def others(session: Session, *, now: datetime) -> list[Reader]:
    """Everybody who may answer chats and is not among them yet."""
    known = set(session.scalars(select(KhmerReader.officer_id)))
    return [row for row in _staff(session, now) if row.officer_id not in known]


def add(session: Session, officer: SignedIn, officer_id: int, *, now: datetime) -> None:
    """That colleague reads Khmer, says this officer."""
    if officer_id not in {row.officer_id for row in others(session, now=now)}:
        message = _("Xin chọn cán bộ.")
        raise InvalidInput("reader", message, fields={"officer": message})
    values = {"officer_id": officer_id}
    if db.insert_once(session, KhmerReader, values, unique=("officer_id",)) is not None:
        audit.record(session, officer.id, "khmer_reader.added", f"account:{officer_id}", now=now)


def remove(session: Session, officer: SignedIn, officer_id: int, *, now: datetime) -> None:
    """Not any more."""
    gone = delete(KhmerReader).where(KhmerReader.officer_id == officer_id)
    if session.scalar(gone.returning(KhmerReader.officer_id)) is not None:
        audit.record(session, officer.id, "khmer_reader.removed", f"account:{officer_id}", now=now)


def _staff(session: Session, now: datetime) -> list[Reader]:
    return [
        Reader(row.id, row.name, row.agency)
        for row, _sessions in accounts.officers(session, now=now)
        if row.disabled_at is None and may(Role(row.role), "handover.answer")
    ]
