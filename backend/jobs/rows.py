"""The table of the queue, and what its columns may say."""

from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Index,
    Integer,
    String,
    Text,
    func,
    select,
    text,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from backend import clock
from backend.db import Base, BigId, UtcDateTime


class Status(StrEnum):
    """The life of a row; the first three are live and hold up later rows of their key."""

    READY = "ready"
    RUNNING = "running"
    SENDING = "sending"
    DONE = "done"
    DEAD = "dead"
    UNKNOWN = "unknown"
    DROPPED = "dropped"  # no news any more: too old, or something newer took its place


LIVE = (Status.READY, Status.RUNNING, Status.SENDING)


class Lane(IntEnum):
    """What goes first when there is more than can be done at once."""

    REPLY = 0
    PUSH = 1
    BROADCAST = 2
    UPKEEP = 3


PUSHED = (Lane.PUSH, Lane.BROADCAST)


# Spelt out, since neither database uses a partial index for what it learns at run time only.
IS_READY = "jobs.status = 'ready'"
IS_LIVE = "status IN ('ready', 'running', 'sending')"
IS_LEASED = "status IN ('running', 'sending')"


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


class Job(Base):
    """One row of work. `flow` is the channel whose pace it keeps to; its `key` ends in the chat."""

    __tablename__ = "jobs"
    __table_args__ = (
        CheckConstraint(
            "status IN ('ready','running','sending','done','dead','unknown','dropped')", "status"
        ),
        # Partial, so that a claim is as quick beside a million done rows as beside none.
        Index("ix_jobs_due", "lane", "flow", "run_at", "id", **_where("status = 'ready'")),
        Index("ix_jobs_in_line", "key", "position", "id", **_where(IS_LIVE)),
        Index("ix_jobs_leased", "lease_until", **_where(IS_LEASED)),
        Index(None, "status", "done_at"),
    )

    id: Mapped[BigId]
    name: Mapped[str] = mapped_column(String(60))
    key: Mapped[str | None] = mapped_column(String(200))
    dedupe: Mapped[str | None] = mapped_column(String(200), unique=True)
    position: Mapped[int] = mapped_column(BigInteger, default=0)
    lane: Mapped[int] = mapped_column(Integer, default=Lane.REPLY)
    flow: Mapped[str] = mapped_column(String(20), default="", server_default=text("''"))
    payload: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(10), default=Status.READY)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    run_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lease_by: Mapped[str | None] = mapped_column(String(60))
    last_error: Mapped[str | None] = mapped_column(String(500))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


def counts(session: Session) -> dict[str, int]:
    """How many rows there are by status, for pages and metrics."""
    rows = session.execute(select(Job.status, func.count()).group_by(Job.status)).all()
    return {status: int(number) for status, number in rows}


def oldest_ready(session: Session) -> datetime | None:
    """Since when the longest waiting row could have run; None where nothing waits."""
    return session.scalar(
        select(func.min(Job.run_at)).where(Job.status == Status.READY, Job.run_at <= clock.now())
    )
