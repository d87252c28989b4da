"""Working days and hours: holidays, swapped days, lunch, after hours."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend import workdays
from backend.clock import VIETNAM

DAYS = st.dates(date(2025, 1, 1), date(2027, 12, 1))
MOMENTS = st.builds(datetime.combine, DAYS, st.times(), st.just(VIETNAM))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=VIETNAM)


def test_swapped_days_and_the_new_holiday_of_2026() -> None:
    assert workdays.is_workday(date(2026, 8, 22)), "a Saturday worked for Monday 31 August"
    assert not workdays.is_workday(date(2026, 8, 31))
    assert not workdays.is_workday(date(2026, 11, 24)), "Ngày Văn hóa Việt Nam"


def test_a_decree_that_came_late_wins(monkeypatch) -> None:
    monkeypatch.setitem(workdays.OVERRIDES, date(2026, 3, 2), False)
    assert not workdays.is_workday(date(2026, 3, 2))


def test_one_working_day_after_a_receipt_late_in_the_afternoon() -> None:
    assert workdays.due(at("2026-01-05T16:30"), 1) == at("2026-01-06T16:30")


def test_a_receipt_after_hours_counts_from_the_next_working_morning() -> None:
    assert workdays.due(at("2026-01-09T18:00"), 1) == at("2026-01-12T17:00"), "Friday evening"


def test_a_receipt_at_lunch_counts_from_the_afternoon() -> None:
    assert workdays.add_work_hours(at("2026-01-05T12:00"), 1) == at("2026-01-05T14:00")


@given(DAYS, st.integers(1, 60))
def test_adding_working_days_never_lands_on_a_holiday_and_can_be_counted_back(
    day: date, count: int
) -> None:
    end = workdays.add_workdays(day, count)
    assert workdays.is_workday(end)
    assert workdays.workdays_between(day, end) == count
    assert workdays.workdays_between(end, day) == -count


@given(DAYS, st.integers(0, 30))
def test_a_longer_deadline_is_never_earlier(day: date, count: int) -> None:
    assert workdays.add_workdays(day, count) < workdays.add_workdays(day, count + 1)


@given(MOMENTS, st.floats(0.5, 80))
def test_a_due_moment_lies_in_office_hours(moment: datetime, hours: float) -> None:
    due = workdays.add_work_hours(moment, hours)
    assert due > moment
    assert workdays.is_workday(due.date())
    spans = (workdays.MORNING, workdays.AFTERNOON)
    assert any(opens <= due.time() <= closes for opens, closes in spans)


@given(MOMENTS)
def test_snapping_twice_changes_nothing(moment: datetime) -> None:
    snapped = workdays.snap(moment)
    assert workdays.snap(snapped) == snapped
    assert snapped - moment <= timedelta(days=16), "the longest Tết"


CHATS = workdays.spans("07:00-11:30, 13:00-17:00")


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        ("2026-01-05T06:59", "2026-01-05T07:00"),
        ("2026-01-05T07:00", "2026-01-05T07:00"),
        ("2026-01-05T11:30", "2026-01-05T13:00"),
        ("2026-01-05T17:00", "2026-01-06T07:00"),
        ("2026-01-09T20:00", "2026-01-12T07:00"),
        ("2026-02-16T09:00", "2026-02-23T07:00"),  # Tết
        ("2026-08-22T09:00", "2026-08-22T09:00"),  # a Saturday that is worked
    ],
)
def test_when_people_answer_next(moment, opens):
    assert workdays.snap(at(moment), CHATS) == at(opens)
    assert workdays.is_open(at(moment), CHATS) is (moment == opens)


@pytest.mark.parametrize(
    ("moment", "due"),
    [
        ("2026-01-05T09:00", "2026-01-06T17:00"),
        ("2026-01-09T20:00", "2026-01-12T17:00"),
        ("2026-11-23T09:00", "2026-11-25T17:00"),  # Ngày Văn hóa Việt Nam between them
    ],
)
def test_a_call_promised_today_is_due_when_the_next_working_day_ends(moment, due):
    assert workdays.end_of_next_workday(at(moment), CHATS) == at(due)


@pytest.mark.parametrize(
    "text",
    ["", "7-11", "07:00-25:00", "11:30-07:00", "07:00-11:30, xx", "07:00-12:00, 11:00-17:00"],
)
def test_hours_that_make_no_sense_are_refused(text):
    with pytest.raises(ValueError, match=r"hour|not office hours"):
        workdays.spans(text)
