"""When a dossier is due, given the times for which its clock stood still. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from backend import workdays
from backend.clock import VIETNAM, local
from backend.dossiers.status import CLOCK_STOPPED, Status


@dataclass(frozen=True)
class Step:
    """The dossier came to this status at this moment."""

    at: datetime
    status: Status


def due_at(base: datetime, base_at: datetime, steps: Sequence[Step]) -> datetime:
    """`base`, as said at `base_at`, plus the office hours of every finished pause since then.

    A pause that still lasts adds nothing yet: nobody knows how long it will be. One that had
    begun when `base` was said adds nothing either: whoever said it knew of the pause.
    """
    paused = timedelta()
    stopped_at: datetime | None = None
    for step in sorted(steps, key=lambda step: (step.at, step.status.number)):
        if step.status in CLOCK_STOPPED:
            stopped_at = stopped_at or step.at
        elif stopped_at is not None:
            if stopped_at > base_at:
                paused += office_time(stopped_at, step.at)
            stopped_at = None
    if not paused:
        return base
    return workdays.add_work_hours(base, paused / timedelta(hours=1))


def office_time(start: datetime, end: datetime) -> timedelta:
    """How long offices were open between two moments."""
    start, end = local(start), local(end)
    total = timedelta()
    day = start.date()
    while day <= end.date():
        if workdays.is_workday(day):
            for opens, closes in (workdays.MORNING, workdays.AFTERNOON):
                since = max(start, datetime.combine(day, opens, VIETNAM))
                until = min(end, datetime.combine(day, closes, VIETNAM))
                total += max(until - since, timedelta())
        day += timedelta(days=1)
    return total
