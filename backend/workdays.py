"""Working days and hours in Viet Nam: when a dossier is due.

Public holidays and swapped days come from the `holidays` package; the yearly swap decree comes
late, so `OVERRIDES` wins over it. Working hours: a morning and an afternoon span on weekdays; a
receipt before the morning snaps to its start, at lunch to the afternoon's, after hours to the next
working morning.
"""

from datetime import date, datetime, time, timedelta
from functools import lru_cache

import holidays

from backend.clock import VIETNAM, local

MORNING = (time(7, 30), time(11, 30))
AFTERNOON = (time(13, 0), time(17, 0))
HOURS_A_DAY = 8

# Decided by decree after the package's release: day → True where it is worked.
OVERRIDES: dict[date, bool] = {}


@lru_cache(maxsize=16)
def _calendar(year: int) -> holidays.HolidayBase:
    return holidays.country_holidays("VN", years=year)


def is_workday(day: date) -> bool:
    """True where offices work on that day, swapped Saturdays included."""
    if day in OVERRIDES:
        return OVERRIDES[day]
    calendar = _calendar(day.year)
    if day in calendar.weekend_workdays:
        return True
    return day.weekday() < 5 and day not in calendar


def next_workday(day: date) -> date:
    """The first working day after `day`."""
    day += timedelta(days=1)
    while not is_workday(day):
        day += timedelta(days=1)
    return day


def add_workdays(day: date, count: int) -> date:
    """The day on which `count` whole working days after `day` have passed."""
    for _ in range(count):
        day = next_workday(day)
    return day


def workdays_between(start: date, end: date) -> int:
    """How many working days lie after `start` up to and including `end`; negative if reversed."""
    if end < start:
        return -workdays_between(end, start)
    count, day = 0, start
    while day < end:
        day += timedelta(days=1)
        count += is_workday(day)
    return count


def snap(moment: datetime) -> datetime:
    """The first moment at or after `moment` at which an office is open (Viet Nam time)."""
    moment = local(moment)
    day, clock = moment.date(), moment.time()
    if is_workday(day):
        for opens, closes in (MORNING, AFTERNOON):
            if clock < opens:
                return datetime.combine(day, opens, VIETNAM)
            if clock < closes:
                return moment
    return datetime.combine(next_workday(day), MORNING[0], VIETNAM)


def add_work_hours(moment: datetime, hours: float) -> datetime:
    """The moment at which `hours` office hours after `moment` have passed."""
    moment, left = snap(moment), timedelta(hours=hours)
    while True:
        closes = MORNING[1] if moment.time() < MORNING[1] else AFTERNOON[1]
        room = datetime.combine(moment.date(), closes, VIETNAM) - moment
        if left <= room:
            return moment + left
        left -= room
        moment = snap(datetime.combine(moment.date(), closes, VIETNAM))


def due(received: datetime, working_days: float) -> datetime:
    """When a dossier received at `received` must be finished; one working day is eight hours."""
    return add_work_hours(received, working_days * HOURS_A_DAY)
