"""Working days and hours in Viet Nam: when a dossier is due.

Public holidays and swapped days come from the `holidays` package; the yearly swap decree comes
late, so `OVERRIDES` (from workdays.yml) wins over it. Working hours: a morning and an afternoon
span on weekdays; a receipt before the morning snaps to its start, at lunch to the afternoon's,
after hours to the next working morning. Deadlines are counted in the hours below; when people
answer chats is a setting of its own (`OFFICE_HOURS`), read with `spans`.
"""

import re
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path

import holidays
import yaml

from backend.clock import VIETNAM, local

Spans = tuple[tuple[time, time], ...]

MORNING = (time(7, 30), time(11, 30))
AFTERNOON = (time(13, 0), time(17, 0))
HOURS: Spans = (MORNING, AFTERNOON)
HOURS_A_DAY = 8
_SPAN = re.compile(r"(\d\d:\d\d)\s*[-–]\s*(\d\d:\d\d)")


def _decreed() -> dict[date, bool]:
    text = Path(__file__).with_suffix(".yml").read_text(encoding="utf-8")
    days = yaml.safe_load(text)
    return {
        **dict.fromkeys(days["worked"] or (), True),
        **dict.fromkeys(days["free"] or (), False),
    }


# Decided by decree after the package's release: day → True where it is worked.
OVERRIDES: dict[date, bool] = _decreed()


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


def spans(text: str) -> Spans:
    """Hours as a setting says them: `07:00-11:30, 13:00-17:00`."""
    found = tuple(
        (time.fromisoformat(opens), time.fromisoformat(closes))
        for opens, closes in _SPAN.findall(text)
    )
    moments = [moment for span in found for moment in span]
    if len(found) != text.count(",") + 1 or moments != sorted(set(moments)):
        raise ValueError(f"not office hours, as in 07:00-11:30, 13:00-17:00: {text!r}")
    return found


def snap(moment: datetime, hours: Spans = HOURS) -> datetime:
    """The first moment at or after `moment` at which an office is open (Viet Nam time)."""
    moment = local(moment)
    day, clock = moment.date(), moment.time()
    if is_workday(day):
        for opens, closes in hours:
            if clock < opens:
                return datetime.combine(day, opens, VIETNAM)
            if clock < closes:
                return moment
    return datetime.combine(next_workday(day), hours[0][0], VIETNAM)


def is_open(moment: datetime, hours: Spans) -> bool:
    """Whether an office with these hours is open."""
    return snap(moment, hours) == moment


def end_of_next_workday(moment: datetime, hours: Spans) -> datetime:
    """When an office with these hours closes on the working day after that of `moment`."""
    return datetime.combine(next_workday(local(moment).date()), hours[-1][1], VIETNAM)


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
