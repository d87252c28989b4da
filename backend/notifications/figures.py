"""How sending went, by channel: for statistics, long after the rows themselves are gone."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Text, cast, func, select
from sqlalchemy.orm import Session

from backend import clock
from backend.jobs import PUSHED, Job, Status
from backend.notifications.models import DeliveryDay

OUTCOMES = (Status.DONE, Status.DEAD, Status.UNKNOWN, Status.DROPPED)


@dataclass(frozen=True)
class Delivered:
    """What became of the messages for one channel; `name` is what was sent: reply or push."""

    channel: str
    name: str
    sent: int
    failed: int
    unknown: int
    dropped: int

    @property
    def share(self) -> float | None:
        """How many of those that were tried arrived, as far as anybody can tell."""
        tried = self.sent + self.failed + self.unknown
        return self.sent / tried if tried else None


def figures(session: Session, since: datetime) -> list[Delivered]:
    """By channel and kind of message, since the beginning of that day in Viet Nam."""
    first = clock.local(since).date()
    numbers: dict[tuple[str, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for (_, channel, name, outcome), number in _counted(session, Job.done_at >= _begin(first)):
        numbers[channel, name][outcome] += number
    kept = select(DeliveryDay).where(DeliveryDay.day >= first)
    for row in session.scalars(kept):
        numbers[row.channel, row.name][row.outcome] += row.number
    return [
        Delivered(
            channel, name, by[Status.DONE], by[Status.DEAD], by[Status.UNKNOWN], by[Status.DROPPED]
        )
        for (channel, name), by in sorted(numbers.items())
    ]


def keep(session: Session, *which: ColumnElement[bool]) -> None:
    """Add these rows, which are about to be dropped, to the figures of their days."""
    for (day, channel, name, outcome), number in _counted(session, *which):
        key = {"day": day, "channel": channel, "name": name, "outcome": outcome}
        row = session.get(DeliveryDay, key, with_for_update=True)
        if row is None:
            session.add(DeliveryDay(**key, number=number))
        else:
            row.number += number
    session.flush()


def _counted(
    session: Session, *which: ColumnElement[bool]
) -> list[tuple[tuple[date, str, str, str], int]]:
    """Counted by the hour, so that the days can be those of Viet Nam on either database."""
    is_push = Job.lane.in_(PUSHED)
    hour = func.min(Job.done_at)
    bucket = func.substr(cast(Job.done_at, Text), 1, 13)
    query = (
        select(hour, Job.flow, is_push, Job.status, func.count())
        .where(Job.flow != "", Job.status.in_(OUTCOMES), *which)
        .group_by(bucket, Job.flow, is_push, Job.status)
    )
    found: dict[tuple[date, str, str, str], int] = defaultdict(int)
    rows: list[Any] = list(session.execute(query))
    for at, channel, pushed, status, number in rows:
        found[clock.local(at).date(), channel, "push" if pushed else "reply", status] += number
    return list(found.items())


def _begin(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time(), clock.VIETNAM)
