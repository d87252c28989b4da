"""One durable queue in the product's own database: inbox, outbox, retries and the clock.

`enqueue` inserts a row in the caller's transaction: no commit, no job; commit, and it cannot be
lost. Two kinds of handler:

* `@job` is synchronous: its work and its done-mark are one transaction, so it happens exactly once.
* `@send` is asynchronous and talks to the network with no transaction open: commit `sending`, call,
  commit the outcome. A process that dies in between leaves a send that may have happened;
  `Resend` says what another process does with it.

Rows with the same `key` run one after another, oldest first (`position`, then id). A row whose
process died is taken over when its lease runs out. Why not a library: docs/decisions.
"""

import json
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ColumnElement,
    Index,
    Integer,
    String,
    Text,
    and_,
    exists,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from backend import clock, db
from backend.db import Base, BigId, UtcDateTime
from backend.log import masked

LEASE = timedelta(seconds=15)
MAX_ATTEMPTS = 8


class Status(StrEnum):
    """The life of a row; the first three are live and hold up later rows of their key."""

    READY = "ready"
    RUNNING = "running"
    SENDING = "sending"
    DONE = "done"
    DEAD = "dead"
    UNKNOWN = "unknown"


LIVE = (Status.READY, Status.RUNNING, Status.SENDING)


class Lane(IntEnum):
    """What goes first when there is more than can be done at once."""

    REPLY = 0
    PUSH = 1
    BROADCAST = 2
    UPKEEP = 3


class Resend(StrEnum):
    """What to do with a send that may have happened."""

    ALWAYS = "always"  # an answer: twice is harmless
    ONCE = "once"  # a status push
    NEVER = "never"  # a code, a payment


class Job(Base):
    """One row of work."""

    __tablename__ = "jobs"
    __table_args__ = (
        CheckConstraint(
            "status IN ('ready','running','sending','done','dead','unknown')", "status"
        ),
        Index(None, "status", "lane", "run_at"),
        Index(None, "key", "status"),
    )

    id: Mapped[BigId]
    name: Mapped[str] = mapped_column(String(60))
    key: Mapped[str | None] = mapped_column(String(200))
    dedupe: Mapped[str | None] = mapped_column(String(200), unique=True)
    position: Mapped[int] = mapped_column(BigInteger, default=0)
    lane: Mapped[int] = mapped_column(Integer, default=Lane.REPLY)
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


@dataclass(frozen=True)
class Claimed:
    """A row that this process holds the lease of. `may_repeat`: an earlier try may have arrived."""

    id: int
    name: str
    key: str | None
    payload: dict[str, Any]
    attempts: int
    may_repeat: bool = False


class Later(Exception):  # noqa: N818 (it is not an error)
    """Raised by a handler: not now, try again in `seconds`; does not count as a failure."""

    def __init__(self, seconds: float, why: str = "") -> None:
        super().__init__(why)
        self.seconds = seconds


class GiveUp(Exception):  # noqa: N818
    """Raised by a handler: will never work; the row is kept, dead, for people to look at."""


class Unknown(Exception):  # noqa: N818
    """Raised by a `@send`: the call broke after the request left; it may have arrived."""


@dataclass(frozen=True)
class Handler:
    """What is known about a job name. `prepare` runs before, and outside, a job's transaction."""

    name: str
    run: Callable[..., Any]
    is_send: bool
    prepare: Callable[[dict[str, Any]], Any] | None = None
    resend: Resend = Resend.ALWAYS
    max_attempts: int = MAX_ATTEMPTS
    failed: Callable[[Session, dict[str, Any], str], None] | None = None


HANDLERS: dict[str, Handler] = {}


def job(
    name: str,
    *,
    prepare: Callable[[dict[str, Any]], Any] | None = None,
    max_attempts: int = MAX_ATTEMPTS,
    failed: Callable[[Session, dict[str, Any], str], None] | None = None,
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register `run(session, **payload)` (with `prepared=` where there is a `prepare`).

    `failed(session, payload, reference)` is called in a transaction of its own after the last try.
    """

    def register(run: Callable[..., None]) -> Callable[..., None]:
        HANDLERS[name] = Handler(
            name, run, is_send=False, prepare=prepare, max_attempts=max_attempts, failed=failed
        )
        return run

    return register


def send(
    name: str, *, resend: Resend = Resend.ALWAYS, max_attempts: int = MAX_ATTEMPTS
) -> Callable[[Callable[..., Awaitable[None]]], Callable[..., Awaitable[None]]]:
    """Register `async run(claimed: Claimed)`; see the module's docstring."""

    def register(run: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
        HANDLERS[name] = Handler(name, run, is_send=True, resend=resend, max_attempts=max_attempts)
        return run

    return register


_wake: list[Callable[[], None]] = []


def on_enqueue(wake: Callable[[], None]) -> None:
    """Let this process's runner be woken after a transaction that enqueued something."""
    _wake.append(wake)


def off_enqueue(wake: Callable[[], None]) -> None:
    """That runner has stopped."""
    _wake.remove(wake)


def _wake_all() -> None:
    for wake in tuple(_wake):
        wake()


def enqueue(
    session: Session,
    name: str,
    *,
    key: str | None = None,
    dedupe: str | None = None,
    position: int = 0,
    lane: Lane = Lane.REPLY,
    run_at: datetime | None = None,
    expires_at: datetime | None = None,
    **payload: Any,
) -> int | None:
    """Store work in this transaction; the row's id, or None if `dedupe` was stored before."""
    now = clock.now()
    values = {
        "name": name, "key": key, "dedupe": dedupe, "position": position, "lane": int(lane),
        "payload": json.dumps(payload, ensure_ascii=False), "status": Status.READY.value,
        "attempts": 0, "run_at": run_at or now, "expires_at": expires_at, "created_at": now,
    }  # fmt: skip
    db.after_commit(session, _wake_all)
    return db.insert_once(session, Job, values, unique=("dedupe",))


def _is_claimable(now: datetime) -> ColumnElement[bool]:
    older = aliased(Job)
    first_of_its_key = ~exists().where(
        older.key == Job.key,
        older.status.in_(LIVE),
        or_(
            older.position < Job.position,
            and_(older.position == Job.position, older.id < Job.id),
        ),
    )
    return and_(
        or_(
            and_(Job.status == Status.READY, Job.run_at <= now),
            and_(Job.status.in_((Status.RUNNING, Status.SENDING)), Job.lease_until < now),
        ),
        or_(Job.key.is_(None), first_of_its_key),
    )


def is_anything_due(session: Session, *, upkeep: bool = True) -> bool:
    """Whether a claim would probably find something."""
    query = select(Job.id).where(_is_claimable(clock.now()))
    if not upkeep:
        query = query.where(Job.lane < Lane.UPKEEP)
    return session.scalar(query.limit(1)) is not None


def claim(session: Session, worker: str, *, limit: int = 1, upkeep: bool = True) -> list[Claimed]:
    """Take the lease of the most urgent rows that may run now.

    On PostgreSQL rows that another process is looking at are passed over; on SQLite the caller's
    BEGIN IMMEDIATE already keeps others out.
    """
    now = clock.now()
    query = select(Job).where(_is_claimable(now)).order_by(Job.lane, Job.run_at, Job.id)
    if not upkeep:
        query = query.where(Job.lane < Lane.UPKEEP)
    rows = session.scalars(query.limit(limit).with_for_update(skip_locked=True)).all()
    claimed = []
    for row in rows:
        handler = HANDLERS.get(row.name)
        was_sending = row.status == Status.SENDING
        if _stops_here(row, handler, was_sending=was_sending, now=now):
            continue
        row.status = Status.SENDING if handler and handler.is_send else Status.RUNNING
        row.attempts += 1
        row.lease_by, row.lease_until = worker, now + LEASE
        claimed.append(
            Claimed(row.id, row.name, row.key, json.loads(row.payload), row.attempts, was_sending)
        )
    return claimed


def _stops_here(row: Job, handler: Handler | None, *, was_sending: bool, now: datetime) -> bool:
    if row.expires_at and row.expires_at < now:
        row.status, row.last_error = Status.DEAD, "expired"
    elif was_sending and handler and _gives_up_unknown(handler, row):
        row.status, row.last_error = Status.UNKNOWN, "may have been sent"
    else:
        return False
    row.done_at = now
    return True


def _gives_up_unknown(handler: Handler, row: Job) -> bool:
    if handler.resend is Resend.NEVER:
        return True
    return handler.resend is Resend.ONCE and row.attempts >= 2


def extend(session: Session, worker: str) -> None:
    """Heartbeat: this process still works on what it holds."""
    session.execute(
        update(Job)
        .where(Job.lease_by == worker, Job.status.in_((Status.RUNNING, Status.SENDING)))
        .values(lease_until=clock.now() + LEASE)
    )


def finish(session: Session, claimed: Claimed, worker: str) -> bool:
    """Mark it done; False if the lease was lost meanwhile (then the caller rolls back)."""
    done = session.scalar(
        update(Job)
        .where(Job.id == claimed.id, Job.lease_by == worker)
        .where(Job.status.in_((Status.RUNNING, Status.SENDING)))
        .values(status=Status.DONE, done_at=clock.now(), lease_until=None, last_error=None)
        .returning(Job.id)
    )
    db.after_commit(session, _wake_all)  # the next of its key may run
    return done is not None


def back_off(attempts: int) -> float:
    """Seconds until the next try: doubling up to an hour, ± 20 % so that herds disperse."""
    return float(min(3600, 2**attempts)) * random.uniform(0.8, 1.2)  # noqa: S311 (not a secret)


def retry(session: Session, claimed: Claimed, worker: str, error: Exception) -> bool:
    """Put it back for later, or give it up; True when given up."""
    row = session.get(Job, claimed.id, with_for_update=True)
    if row is None or row.lease_by != worker:
        return False
    handler = HANDLERS.get(row.name)
    most = handler.max_attempts if handler else MAX_ATTEMPTS
    row.last_error, row.lease_until = masked(f"{type(error).__name__}: {error}")[:500], None
    if isinstance(error, Later):
        row.status, row.attempts = Status.READY, max(0, row.attempts - 1)
        row.run_at = clock.now() + timedelta(seconds=error.seconds)
        return False
    if isinstance(error, Unknown) and handler and _gives_up_unknown(handler, row):
        row.status, row.done_at = Status.UNKNOWN, clock.now()
        return True
    if isinstance(error, GiveUp) or row.attempts >= most:
        row.status, row.done_at = Status.DEAD, clock.now()
        db.after_commit(session, _wake_all)
        return True
    row.status = Status.READY
    row.run_at = clock.now() + timedelta(seconds=back_off(row.attempts))
    return False


def counts(session: Session) -> dict[str, int]:
    """How many rows there are by status, for pages and metrics."""
    rows = session.execute(select(Job.status, func.count()).group_by(Job.status)).all()
    return {status: int(number) for status, number in rows}


def oldest_ready(session: Session) -> datetime | None:
    """Since when the longest waiting row could have run; None where nothing waits."""
    return session.scalar(
        select(func.min(Job.run_at)).where(Job.status == Status.READY, Job.run_at <= clock.now())
    )


def dead(session: Session, *, limit: int = 100) -> list[Job]:
    """What was given up or may have been sent, newest first."""
    query = select(Job).where(Job.status.in_((Status.DEAD, Status.UNKNOWN)))
    return list(session.scalars(query.order_by(Job.id.desc()).limit(limit)))


def revive(session: Session, job_id: int) -> bool:
    """Send again what was given up (an officer decided so)."""
    revived = session.scalar(
        update(Job)
        .where(Job.id == job_id, Job.status.in_((Status.DEAD, Status.UNKNOWN)))
        .values(status=Status.READY, attempts=0, run_at=clock.now(), expires_at=None)
        .returning(Job.id)
    )
    db.after_commit(session, _wake_all)
    return revived is not None
