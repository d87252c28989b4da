"""Who may run what, and when: claims, leases, done-marks, retries."""

import json
import random
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import (
    CompoundSelect,
    Integer,
    Select,
    bindparam,
    exists,
    literal_column,
    or_,
    select,
    text,
    tuple_,
    union_all,
    update,
)
from sqlalchemy.orm import Session, aliased

from backend import clock, db, paces, switches
from backend.db import UtcDateTime
from backend.jobs.handlers import (
    HANDLERS,
    MAX_ATTEMPTS,
    Claimed,
    GiveUp,
    Handler,
    Later,
    Resend,
    Unknown,
)
from backend.jobs.queue import end, wake_all
from backend.jobs.rows import IS_LEASED, IS_READY, LIVE, PUSHED, Job, Lane, Status
from backend.log import masked

LEASE = timedelta(seconds=15)
EXPIRED = "expired"
_NOW = bindparam("now", type_=UtcDateTime)


def is_anything_due(
    session: Session, *, lanes: Collection[Lane] = tuple(Lane), held: Collection[int] = ()
) -> bool:
    """Whether a claim would probably find something."""
    return bool(_due(session, clock.now(), lanes=lanes, held=held, most=1, lock=False))


def claim(
    session: Session,
    worker: str,
    *,
    limit: int = 1,
    pushes: int | None = None,
    lanes: Collection[Lane] = tuple(Lane),
    held: Collection[int] = (),
) -> list[Claimed]:
    """Take the lease of the most urgent rows that may run now.

    `pushes`: how many of them may be such, beside the `limit` of everything else; without it they
    share the limit. `held`: what the caller still works on; it takes none of that over from itself,
    however late its heartbeat. On PostgreSQL rows that another process is looking at are passed
    over; on SQLite the caller's BEGIN IMMEDIATE already keeps others out.
    """
    now = clock.now()
    most = max(limit, pushes or 0)
    due = _due(session, now, lanes=lanes, held=held, most=most, lock=True)
    chosen = _chosen(due, limit=limit, pushes=pushes)
    rows = {row.id: row for row in session.scalars(select(Job).where(Job.id.in_(chosen)))}
    going = [rows[job_id] for job_id in chosen if not _stops_here(session, rows[job_id], now)]
    waits = paces.admit(session, [_wish(row) for row in going if row.flow], now)
    claimed = []
    for row in going:
        wait = waits.get(row.id, paces.NONE)
        if wait <= paces.LONGEST_NAP:
            claimed.append(_leased(row, worker, now, wait))
        else:
            row.run_at = now + wait  # nobody waits that long for it: it comes back by itself
    return claimed


def _due(
    session: Session,
    now: datetime,
    *,
    lanes: Collection[Lane],
    held: Collection[int],
    most: int,
    lock: bool,
) -> list[tuple[int, int]]:
    """Lane and id of what may run, most urgent first: each lane and flow by itself, so that
    100,000 rows that must wait are never looked through for the one that need not.
    """
    if not switches.is_on(session, switches.Switch.NOTIFICATIONS):
        lanes = [lane for lane in lanes if lane not in PUSHED]
    rooms = paces.rooms(session, now, most=most)
    shares = {
        f"most_{flow}_{lane}": rooms[flow].pushes if lane in PUSHED else rooms[flow].replies
        for flow in rooms
        for lane in lanes
    }
    statement = _statement(tuple(sorted(lanes)), tuple(sorted(rooms)), lock=lock)
    values = {"now": now, "most": most, "held": list(held), **shares}
    found = session.execute(statement, values).all()
    return [(lane, job_id) for lane, _, job_id in sorted(found)]


@cache
def _statement(
    lanes: tuple[Lane, ...], flows: tuple[str, ...], *, lock: bool
) -> CompoundSelect[int, datetime, int]:
    """Built once: with a branch for each lane and flow, that takes longer than running it."""
    branches = [_ready(lane, flow) for lane in lanes for flow in flows]
    taken_over = select(Job.lane, Job.run_at, Job.id).where(
        text(IS_LEASED),
        Job.lease_until < _NOW,
        Job.id.not_in(bindparam("held", expanding=True)),
        Job.lane.in_([literal_column(str(int(lane))) for lane in lanes]),
    )
    branches.append(taken_over.order_by(Job.lease_until).limit(bindparam("most", type_=Integer)))
    if lock:
        branches = [branch.with_for_update(skip_locked=True) for branch in branches]
    return union_all(*(select(branch.subquery()) for branch in branches))


def _ready(lane: Lane, flow: str) -> Select[int, datetime, int]:
    older = aliased(Job, name="older")
    first_of_its_key = ~exists().where(
        older.key == Job.key,
        older.status.in_([literal_column(f"'{status}'") for status in LIVE]),
        tuple_(older.position, older.id) < tuple_(Job.position, Job.id),
    )
    return (
        select(Job.lane, Job.run_at, Job.id)
        .where(text(IS_READY), Job.lane == int(lane), Job.flow == flow, Job.run_at <= _NOW)
        .where(or_(Job.key.is_(None), first_of_its_key))
        .order_by(Job.run_at, Job.id)
        .limit(bindparam(f"most_{flow}_{lane}", type_=Integer))
    )


def _chosen(due: Sequence[tuple[int, int]], *, limit: int, pushes: int | None) -> list[int]:
    if pushes is None:
        return [job_id for _, job_id in due[:limit]]
    others = [job_id for lane, job_id in due if lane not in PUSHED]
    return others[:limit] + [job_id for lane, job_id in due if lane in PUSHED][:pushes]


def _wish(row: Job) -> paces.Wish:
    chat = (row.key or "").partition(f":{row.flow}:")[2]
    return paces.Wish(row.id, row.flow, chat, is_reply=row.lane not in PUSHED)


def _leased(row: Job, worker: str, now: datetime, wait: timedelta) -> Claimed:
    handler = HANDLERS.get(row.name)
    was_sending = row.status == Status.SENDING
    row.status = Status.SENDING if handler and handler.is_send else Status.RUNNING
    row.attempts += 1
    row.lease_by, row.lease_until = worker, now + LEASE
    return Claimed(
        row.id, row.name, row.key, json.loads(row.payload), row.attempts, was_sending,
        row.lane, wait.total_seconds(),
    )  # fmt: skip


def _stops_here(session: Session, row: Job, now: datetime) -> bool:
    handler = HANDLERS.get(row.name)
    if row.expires_at and row.expires_at < now:
        end(session, row, Status.DROPPED, EXPIRED)
    elif row.status == Status.SENDING and handler and _gives_up_unknown(handler, row):
        end(session, row, Status.UNKNOWN, "may have been sent")
    else:
        return False
    return True


def _gives_up_unknown(handler: Handler, row: Job) -> bool:
    if handler.resend is Resend.NEVER:
        return True
    return handler.resend is Resend.ONCE and row.attempts >= 2


def extend(session: Session, worker: str, held: Collection[int]) -> None:
    """Heartbeat: this process still works on these."""
    session.execute(
        update(Job)
        .where(Job.id.in_(held), Job.lease_by == worker)
        .where(Job.status.in_((Status.RUNNING, Status.SENDING)))
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
    handler = HANDLERS.get(claimed.name)
    if done is not None and handler and handler.ended:
        handler.ended(session, claimed.payload, Status.DONE, "")
    db.after_commit(session, wake_all)  # the next of its key may run
    return done is not None


def back_off(attempts: int) -> float:
    """Seconds until the next try: doubling up to an hour, ± 20 % so that herds disperse."""
    return float(min(3600, 2**attempts)) * random.uniform(0.8, 1.2)  # noqa: S311 (not a secret)


def retry(session: Session, claimed: Claimed, worker: str, error: Exception) -> bool:
    """Put it back for later, or give it up; True when given up."""
    row = session.get(Job, claimed.id, with_for_update=True)
    if row is None or row.lease_by != worker or row.status not in (Status.RUNNING, Status.SENDING):
        return False  # another's by now, or noted as done although the noting seemed to fail
    handler = HANDLERS.get(row.name)
    most = handler.max_attempts if handler else MAX_ATTEMPTS
    why = masked(f"{type(error).__name__}: {error}")[:500]
    row.last_error, row.lease_until = why, None
    if isinstance(error, Later):
        row.status, row.attempts = Status.READY, max(0, row.attempts - 1)
        row.run_at = clock.now() + timedelta(seconds=error.seconds)
        return False
    if isinstance(error, Unknown) and handler and _gives_up_unknown(handler, row):
        end(session, row, Status.UNKNOWN, why)
        return True
    if isinstance(error, GiveUp) or row.attempts >= most:
        end(session, row, Status.DEAD, why)
        return True
    row.status = Status.READY
    row.run_at = clock.now() + timedelta(seconds=back_off(row.attempts))
    return False
