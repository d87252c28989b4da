"""How often something may be done: counted rows, shared by all processes.

A refusal that must be counted is *returned* (`Allowance.allowed` is False), never raised inside the
transaction: raising would roll its own count back.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Index, String, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from backend.db import Base, BigId, UtcDateTime
from backend.ids import digest


class LimitEvent(Base):
    """One counted act; `subject` is a digest, so the table names nobody."""

    __tablename__ = "limit_events"
    __table_args__ = (Index(None, "name", "subject", "at"),)

    id: Mapped[BigId]
    name: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


@dataclass(frozen=True)
class Rule:
    """At most `most` acts of one subject within `window`."""

    name: str
    most: int
    window: timedelta


@dataclass(frozen=True)
class Allowance:
    """Whether one more is allowed; if not, when it will be."""

    allowed: bool
    retry_after: int = 0


def check(session: Session, rule: Rule, subject: str, *, now: datetime) -> Allowance:
    """Whether one more act would stay within the rule; counts nothing."""
    since = now - rule.window
    row = session.execute(
        select(
            func.count(LimitEvent.id).label("taken"), func.min(LimitEvent.at).label("oldest")
        ).where(
            LimitEvent.name == rule.name,
            LimitEvent.subject == digest(subject),
            LimitEvent.at > since,
        )
    ).one()
    if row.taken < rule.most:
        return Allowance(allowed=True)
    wait = (row.oldest + rule.window - now).total_seconds()
    return Allowance(allowed=False, retry_after=max(1, int(wait) + 1))


def count(session: Session, rule: Rule, subject: str, *, now: datetime) -> None:
    """Count one act."""
    session.add(LimitEvent(name=rule.name, subject=digest(subject), at=now))
    session.flush()


def hit(session: Session, rule: Rule, subject: str, *, now: datetime) -> Allowance:
    """Count one act if it is allowed; say so if it is not."""
    allowance = check(session, rule, subject, now=now)
    if allowance.allowed:
        count(session, rule, subject, now=now)
    return allowance


def forget(session: Session, *, before: datetime) -> None:
    """Drop rows that no rule looks at any more."""
    session.execute(delete(LimitEvent).where(LimitEvent.at < before))
