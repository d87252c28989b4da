"""Put work in, and wake whoever runs it in this process."""

import json
from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from backend import clock, db, paces
from backend.jobs.handlers import HANDLERS
from backend.jobs.rows import IS_READY, Job, Lane, Status

_wake: list[Callable[[], None]] = []


def on_enqueue(wake: Callable[[], None]) -> None:
    """Let this process's runner be woken after a transaction that enqueued something."""
    _wake.append(wake)


def off_enqueue(wake: Callable[[], None]) -> None:
    """That runner has stopped."""
    _wake.remove(wake)


def wake_all() -> None:
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
    flow: str = "",
    run_at: datetime | None = None,
    expires_at: datetime | None = None,
    **payload: Any,
) -> int | None:
    """Store work in this transaction; the row's id, or None if `dedupe` was stored before."""
    now = clock.now()
    values = {
        "name": name, "key": key, "dedupe": dedupe, "position": position, "lane": int(lane),
        "flow": flow if flow in paces.RATES else "",
        "payload": json.dumps(payload, ensure_ascii=False), "status": Status.READY.value,
        "attempts": 0, "run_at": run_at or now, "expires_at": expires_at, "created_at": now,
    }  # fmt: skip
    db.after_commit(session, wake_all)
    return db.insert_once(session, Job, values, unique=("dedupe",))


def revive(session: Session, job_id: int) -> bool:
    """Send again what was given up (an officer decided so)."""
    revived = session.scalar(
        update(Job)
        .where(Job.id == job_id, Job.status.in_((Status.DEAD, Status.UNKNOWN)))
        .values(
            status=Status.READY, attempts=0, run_at=clock.now(), expires_at=None, done_at=None
        )
        .returning(Job.id)
    )  # fmt: skip
    db.after_commit(session, wake_all)
    return revived is not None


def drop(session: Session, job_ids: Collection[int], why: str) -> int:
    """Send these no more, if they have not gone yet; how many that were."""
    waiting = select(Job).where(Job.id.in_(job_ids), text(IS_READY)).with_for_update()
    rows = session.scalars(waiting).all()
    for row in rows:
        end(session, row, Status.DROPPED, why)
    return len(rows)


def end(session: Session, row: Job, status: Status, why: str) -> None:
    """Nothing more will be done about this row, unless an officer says so."""
    row.status, row.last_error, row.done_at = status, why, clock.now()
    row.lease_until = None
    handler = HANDLERS.get(row.name)
    if handler and handler.ended:
        handler.ended(session, json.loads(row.payload), status, why)
    db.after_commit(session, wake_all)  # the next of its key may run
