"""What changed a moment ago, as rows that any process can watch; `streams.py` brings it to pages.

`publish` stores a row in the caller's transaction: no commit, nobody hears of it. A row carries no
content, only what to look at again, so hearing it twice is harmless; whoever hears it reads what it
may see by its own rights.

On PostgreSQL numbers are given before the commit, so 104 may appear after 105. A reader therefore
remembers the numbers it has not seen (`Cursor`) and looks for them again until they are too old.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Index, String, delete, func, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from backend import clock, jobs
from backend.db import Base, BigId, UtcDateTime

KEPT = timedelta(hours=1)
# Longer than any transaction lasts: the database ends a statement after half a minute.
LATE = timedelta(seconds=60)
_MOST_MISSING = 200
_BATCH = 500


class LiveEvent(Base):
    """Something to look at again: its topic ("inbox:3", "chat:17"), what happened, to which."""

    __tablename__ = "live_events"
    __table_args__ = (
        Index(None, "topic", "id"),
        {"sqlite_autoincrement": True},  # a number is never used again, even when all are pruned
    )

    id: Mapped[BigId]
    topic: Mapped[str] = mapped_column(String(100))
    kind: Mapped[str] = mapped_column(String(30))
    ref: Mapped[str] = mapped_column(String(100))
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


@dataclass(frozen=True)
class Event:
    """One of them, outside any session."""

    id: int
    topic: str
    kind: str
    ref: str


@dataclass
class Cursor:
    """How far somebody has read: the highest number seen, and those below it that never came.

    The missing ones are kept with the moment at which they were first missed.
    """

    last: int
    missing: dict[int, datetime] = field(default_factory=dict)

    def advance(self, ids: Collection[int], now: datetime) -> None:
        """These were seen just now."""
        for number in ids:
            self.missing.pop(number, None)
        highest = max(ids, default=self.last)
        if highest > self.last:
            gaps = range(max(self.last + 1, highest - _MOST_MISSING), highest)
            self.missing.update({number: now for number in gaps if number not in ids})
            self.last = highest
        young = {number: at for number, at in self.missing.items() if at > now - LATE}
        self.missing = dict(sorted(young.items())[-_MOST_MISSING:])


def publish(session: Session, topic: str, kind: str, ref: str = "") -> None:
    """Tell whoever watches `topic`, once this transaction is stored."""
    session.add(LiveEvent(topic=topic, kind=kind, ref=ref, at=clock.now()))
    session.flush()


def begin(session: Session) -> Cursor:
    """From now on: nothing that can be seen already, but what is still to appear among it."""
    now = clock.now()
    last = session.scalar(select(func.max(LiveEvent.id))) or 0
    known = session.scalars(select(LiveEvent.id).where(LiveEvent.id > last - _MOST_MISSING))
    cursor = Cursor(max(0, last - _MOST_MISSING))
    cursor.advance(set(known), now)
    return cursor


def read(session: Session, cursor: Cursor) -> list[Event]:
    """What appeared since; moves the cursor."""
    query = select(LiveEvent).where(
        or_(LiveEvent.id > cursor.last, LiveEvent.id.in_(tuple(cursor.missing)))
        if cursor.missing
        else LiveEvent.id > cursor.last
    )
    events = _events(session.scalars(query.order_by(LiveEvent.id).limit(_BATCH)).all())
    cursor.advance({event.id for event in events}, clock.now())
    return events


def replay(session: Session, topics: Collection[str], after: int) -> list[Event] | None:
    """What was published on these topics after an event that somebody saw; None if it is forgotten.

    What was published shortly before it is told again: it may have appeared after it.
    """
    seen_at = session.scalar(select(LiveEvent.at).where(LiveEvent.id == after))
    if seen_at is None:
        return None
    query = (
        select(LiveEvent)
        .where(LiveEvent.topic.in_(topics), LiveEvent.id != after)
        .where(or_(LiveEvent.id > after, LiveEvent.at > seen_at - LATE))
        .order_by(LiveEvent.id.desc())
        .limit(_BATCH)
    )
    return _events(reversed(session.scalars(query).all()))


@jobs.job("live.forget")
def forget(session: Session) -> None:
    """Drop what nobody will ask for any more."""
    session.execute(delete(LiveEvent).where(LiveEvent.at < clock.now() - KEPT))


def _events(rows: Iterable[LiveEvent]) -> list[Event]:
    return [Event(row.id, row.topic, row.kind, row.ref) for row in rows]
