"""Runs what is due: one loop per process, handlers in threads, sends on the loop itself.

The web process runs a `Runner` that is woken when it stored something itself, so that an update is
answered at once; the worker process polls as well, for retries, pushes, the clock, and what a dead
process left behind. Any number of either may run. Pushes have slots of their own: however many of
them wait for slow answers, a reply finds room.
"""

import asyncio
import os
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from backend import clock, db, jobs, log
from backend.db import Base, UtcDateTime
from backend.errors import Unavailable
from backend.ids import reference

logger = log.get(__name__)

PARALLEL = 8
PUSHES = 32
PUSHES_AT_ONCE = PUSHES // 2  # claimed by the handful: a claim costs as much for one
REPLIES_ONLY = (jobs.Lane.REPLY,)
SPARE_THREADS = 8
POLL_SECONDS = 0.5
BEAT_SECONDS = 5.0
AGAIN_SECONDS = 1.0  # where the database was away


class Heartbeat(Base):
    """When a worker was last seen alive."""

    __tablename__ = "heartbeats"

    worker: Mapped[str] = mapped_column(String(60), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


def last_beat(session: Session) -> datetime | None:
    """When any worker was last seen alive."""
    return session.scalar(select(Heartbeat.at).order_by(Heartbeat.at.desc()).limit(1))


class Runner:
    """Claims and runs jobs until it is stopped; what runs when it is stopped is finished."""

    def __init__(self, *, polls: bool, periodic: dict[str, timedelta] | None = None) -> None:
        self.name = f"{socket.gethostname()}:{os.getpid()}:{reference()}"[:60]
        self.polls = polls
        self.periodic = periodic or {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._woken = asyncio.Event()
        self._slots: dict[str, int] = {}
        self._stopping = False
        self._is_idle = True
        self._running: set[asyncio.Task[None]] = set()
        self._pushing: set[asyncio.Task[None]] = set()
        self._held: set[int] = set()  # the rows of both

    def wake(self) -> None:
        """Look for work now; may be called from any thread."""
        loop = self._loop
        if loop is not None and not loop.is_closed():
            with suppress(RuntimeError):  # the loop closed between the two lines
                loop.call_soon_threadsafe(self._woken.set)

    def stop(self) -> None:
        """Claim nothing more."""
        self._stopping = True
        self.wake()

    @property
    def is_busy(self) -> bool:
        """Whether something is being run now."""
        return bool(self._running or self._pushing)

    async def run(self) -> None:
        """Claim and run until `stop`, then wait for what is under way."""
        self._loop = asyncio.get_running_loop()
        # Slow turns must leave threads for claims, heartbeats and done-marks.
        self._loop.set_default_executor(ThreadPoolExecutor(PARALLEL + SPARE_THREADS))
        jobs.on_enqueue(self.wake)
        beat = asyncio.create_task(self._beat())
        try:
            while not self._stopping:
                await self._turn()
        finally:
            beat.cancel()
            if self.is_busy:
                await asyncio.wait(self._running | self._pushing, timeout=10)
            jobs.off_enqueue(self.wake)
            self._loop = None

    async def _turn(self) -> None:
        self._woken.clear()
        claimed: list[jobs.Claimed] = []
        try:
            claimed = await asyncio.to_thread(
                self._claim, PARALLEL - len(self._running), PUSHES - len(self._pushing)
            )
            self._held |= {item.id for item in claimed}
        except Exception as error:  # noqa: BLE001 (the database may be away; it will be back)
            logger.warning("worker.claim_failed", error=str(error))
            await asyncio.sleep(AGAIN_SECONDS)
        for item in claimed:
            tasks = self._pushing if item.lane in jobs.PUSHED else self._running
            task = asyncio.create_task(self._one(item))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
            task.add_done_callback(lambda _: self._woken.set())
        if not claimed or self._is_full:
            timeout = POLL_SECONDS if self.polls else None
            with suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), timeout)

    @property
    def _is_full(self) -> bool:
        return len(self._running) >= PARALLEL and len(self._pushing) >= PUSHES

    def _claim(self, room: int, pushes: int | None = None) -> list[jobs.Claimed]:
        if self.polls:
            self.schedule()
        lanes, held = self._lanes(room, pushes), tuple(self._held)
        if self._is_idle:  # such a poll must not queue up behind writers
            with db.reading() as session:
                if not jobs.is_anything_due(session, lanes=lanes, held=held):
                    return []
        with db.transaction() as session:
            claimed = jobs.claim(
                session, self.name, limit=room, pushes=pushes, lanes=lanes, held=held
            )
        self._is_idle = not claimed
        return claimed

    def _lanes(self, room: int, pushes: int | None) -> list[jobs.Lane]:
        """Those that there is a free slot for."""
        lanes = tuple(jobs.Lane) if self.polls else REPLIES_ONLY
        free = {True: pushes is None or pushes >= PUSHES_AT_ONCE, False: room > 0}
        return [lane for lane in lanes if free[lane in jobs.PUSHED]]

    def schedule(self) -> None:
        """A periodic job is a row per slot, whose number keeps several workers from doubling."""
        now = clock.now().timestamp()
        slots = {name: int(now // every.total_seconds()) for name, every in self.periodic.items()}
        if slots == self._slots:
            return
        with db.transaction() as session:
            for name, slot in slots.items():
                jobs.enqueue(session, name, dedupe=f"{name}:{slot}", lane=jobs.Lane.UPKEEP)
        self._slots = slots

    async def _one(self, item: jobs.Claimed) -> None:
        handler = jobs.HANDLERS.get(item.name)
        try:
            await asyncio.sleep(item.wait)
            if handler is None:
                raise jobs.GiveUp(f"no handler for {item.name}")
            if handler.is_send:
                await handler.run(item)
                await self._note_sent(item)
            else:
                await asyncio.to_thread(run_job, handler, item, self.name)
        except Exception as error:  # noqa: BLE001 (recorded on the row; the loop goes on)
            await asyncio.to_thread(self._failed, handler, item, error)
        finally:
            self._held.discard(item.id)

    async def _note_sent(self, item: jobs.Claimed) -> None:
        """It has left: put back because the database is away, it would be sent twice.

        So it stays in hand until it can be noted, or until this process has to go.
        """
        while True:
            try:
                await asyncio.to_thread(self._finish_send, item)
            except (Unavailable, TimeoutError) as error:
                logger.warning("worker.sent_not_noted", id=item.id, error=str(error))
                if self._stopping:
                    raise jobs.Unknown("sent, but not noted") from error
                await asyncio.sleep(AGAIN_SECONDS)
            except Exception as error:
                raise jobs.Unknown(f"sent, but not noted: {error}") from error
            else:
                return

    def _finish_send(self, item: jobs.Claimed) -> None:
        db.write(lambda session: jobs.finish(session, item, self.name))

    def _failed(self, handler: jobs.Handler | None, item: jobs.Claimed, error: Exception) -> None:
        code = reference()
        expected = isinstance(error, jobs.Later | jobs.GiveUp | jobs.Unknown)
        report = logger.debug if isinstance(error, jobs.Later) else logger.warning
        report(
            "job.failed", job=item.name, id=item.id, attempt=item.attempts, reference=code,
            error=str(error), exc_info=None if expected else error,
        )  # fmt: skip
        with suppress(Exception), db.transaction() as session:  # else the lease runs out
            given_up = jobs.retry(session, item, self.name, error)
            if given_up and handler and handler.failed:
                handler.failed(session, item.payload, code)

    async def _beat(self) -> None:
        """In a thread of its own, since leases run out while the others wait for the database."""
        pulse, loop = ThreadPoolExecutor(1, thread_name_prefix="pulse"), asyncio.get_running_loop()
        try:
            while True:
                pause = AGAIN_SECONDS
                with suppress(Exception):  # a missed beat is what readiness is for
                    await loop.run_in_executor(pulse, self._beat_once)
                    pause = BEAT_SECONDS
                await asyncio.sleep(pause)
        finally:
            pulse.shutdown(wait=False)

    def _beat_once(self) -> None:
        with db.transaction() as session:
            if held := tuple(self._held):
                jobs.extend(session, self.name, held)
            if self.polls:
                session.merge(Heartbeat(worker=self.name, at=clock.now()))


def run_job(handler: jobs.Handler, item: jobs.Claimed, worker: str) -> None:
    """Run one synchronous job: its work and its done-mark are stored together."""
    extra: dict[str, Any] = {}
    if handler.prepare:
        extra["prepared"] = handler.prepare(item.payload)
    with db.transaction() as session:
        handler.run(session, **item.payload, **extra)
        if not jobs.finish(session, item, worker):
            raise LeaseLost(item.name)


class LeaseLost(Exception):  # noqa: N818
    """Another process took the job over; what was done here is rolled back."""


def forget_workers(session: Session, *, before: datetime) -> None:
    """Drop heartbeats of processes long gone."""
    for row in session.scalars(select(Heartbeat).where(Heartbeat.at < before)):
        session.delete(row)
