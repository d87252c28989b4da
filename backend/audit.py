"""The audit log: who did what that others must be able to rely on; rows are added, never changed.

Every row's digest covers the row before it, so that changing, removing or slipping in one breaks
the chain from there on (`python -m backend audit verify`). A digest that was written down elsewhere
(one stands on every printed report of a closed period) shows later that nothing before it moved.

Officers stand here as numbers: their names are theirs, and the log is kept for years.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, String, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from backend import db
from backend.db import Base, BigId, UtcDateTime

START = "0" * 64
_AT_ONCE = 1000


class AuditRecord(Base):
    """One act. `subject` names what it was done to (`requirement:7`), `details` is JSON."""

    __tablename__ = "audit_records"

    number: Mapped[BigId]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor_id: Mapped[int | None] = mapped_column()  # an officer; None: the product itself
    action: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(120), index=True)
    details: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64), unique=True)


class AuditHead(Base):
    """Where the chain ends: writers wait for each other here, and a cut-off end shows."""

    __tablename__ = "audit_heads"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column()
    digest: Mapped[str] = mapped_column(String(64))


@dataclass(frozen=True)
class Verdict:
    """`broken_at`: the first number that does not fit; None where all of them do."""

    records: int
    digest: str
    broken_at: int | None = None
    has_known: bool = True

    @property
    def is_whole(self) -> bool:
        """Whether nothing was changed, removed or slipped in."""
        return self.broken_at is None and self.has_known


def record(
    session: Session, by: int | None, action: str, subject: str, *, now: datetime, **details: Any
) -> str:
    """Write down what is being done, in the transaction that does it; the digest of the row.

    Call it after the change itself: from here to the commit others wait to write.
    """
    db.insert_once(session, AuditHead, {"id": 1, "number": 0, "digest": START}, unique=("id",))
    head = session.get_one(AuditHead, 1, with_for_update=True, populate_existing=True)
    row = AuditRecord(
        number=head.number + 1, at=now, actor_id=by, action=action, subject=subject,
        details=json.dumps(details, ensure_ascii=False, sort_keys=True, default=str),
    )  # fmt: skip
    row.digest = _digest(row, head.digest)
    session.add(row)
    head.number, head.digest = row.number, row.digest
    session.flush()
    return row.digest


def verify(session: Session, known: str = "") -> Verdict:
    """Go along the whole chain; `known` is (the beginning of) a digest that must be in it."""
    number, digest, has_known = 0, START, not known
    for row in _all(session):
        number += 1
        if row.number != number or row.digest != _digest(row, digest):
            return Verdict(number, digest, broken_at=number, has_known=has_known)
        digest = row.digest
        has_known = has_known or digest.startswith(known)
    head = session.get(AuditHead, 1)
    end = (head.number, head.digest) if head else (0, START)
    is_cut = end != (number, digest)
    return Verdict(number, digest, number + 1 if is_cut else None, has_known)


def latest(session: Session, *, before: int | None = None, limit: int = 50) -> list[AuditRecord]:
    """The newest rows, or those before a number."""
    query = select(AuditRecord).order_by(AuditRecord.number.desc()).limit(limit)
    return list(session.scalars(query.where(AuditRecord.number < before) if before else query))


def of(session: Session, subject: str) -> list[AuditRecord]:
    """Everything that was done to one thing, oldest first."""
    query = select(AuditRecord).where(AuditRecord.subject == subject)
    return list(session.scalars(query.order_by(AuditRecord.number)))


def _all(session: Session) -> Iterator[AuditRecord]:
    query = select(AuditRecord).order_by(AuditRecord.number)
    with session.scalars(query.execution_options(yield_per=_AT_ONCE)) as rows:
        yield from rows


def _digest(row: AuditRecord, before: str) -> str:
    told = [row.number, row.at.isoformat(), row.actor_id, row.action, row.subject, row.details]
    text = json.dumps([before, *told], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
