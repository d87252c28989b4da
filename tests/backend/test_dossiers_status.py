"""The ten statuses, their table, and the due date with its pauses."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend import i18n
from backend.clock import VIETNAM
from backend.dossiers import due, status
from backend.dossiers.due import Step
from backend.dossiers.spelling import code_of, phone_of, tail_of
from backend.dossiers.status import CLOCK_STOPPED, MOVES, TERMINAL, Status, can_move
from backend.errors import Conflict

DUE = datetime(2026, 1, 8, 17, tzinfo=VIETNAM)  # a Thursday
RECEIVED = datetime(2026, 1, 5, 8, tzinfo=VIETNAM)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 1, day, hour, minute, tzinfo=VIETNAM)


def test_the_national_numbers():
    assert [s.number for s in Status] == list(range(1, 11))
    assert status.of_number(5) is Status.SUPPLEMENT
    assert status.of_number(11) is None
    assert {s.number for s in CLOCK_STOPPED} == {5, 6, 8}
    assert {s.number for s in TERMINAL} == {3, 7, 10}


@pytest.mark.parametrize("locale", i18n.LOCALES)
def test_every_status_has_words_in_every_language(locale):
    with i18n.speaking(locale):
        labels = {s.words.label for s in Status}
        assert len(labels) == len(Status)
        assert all(s.words.plain and s.words.who and s.words.next for s in Status)


@given(st.lists(st.sampled_from(Status), max_size=30))
def test_no_sequence_of_moves_leaves_the_table(wanted):
    current = Status.REGISTERED
    for to in wanted:
        if can_move(current, to):
            status.check(current, to)
            assert current not in TERMINAL, "nothing follows an end"
            current = to
        else:
            with pytest.raises(Conflict):
                status.check(current, to)
    assert current in MOVES


def test_every_status_can_be_reached_and_only_ends_have_no_way_on():
    reached, edge = {Status.REGISTERED}, {Status.REGISTERED}
    while edge:
        edge = {to for current in edge for to in MOVES[current]} - reached
        reached |= edge
    assert reached == set(Status)
    assert {s for s in Status if not MOVES[s]} == TERMINAL


def test_a_pause_moves_the_due_date_by_the_hours_it_lasted():
    steps = [
        Step(RECEIVED, Status.ACCEPTED),
        Step(at(6, 9), Status.SUPPLEMENT),
        Step(at(7, 9), Status.PROCESSING),
    ]
    assert due.due_at(DUE, RECEIVED, steps) == at(9, 17)


def test_a_pause_over_lunch_and_weekend_counts_office_hours_only():
    steps = [Step(at(9, 16), Status.PAYMENT), Step(at(12, 8, 30), Status.PROCESSING)]
    # One hour on Friday afternoon, one on Monday morning.
    assert due.due_at(at(13, 16), RECEIVED, steps) == at(14, 8, 30)


def test_from_one_pause_into_another_is_one_pause():
    steps = [
        Step(at(6, 9), Status.SUPPLEMENT),
        Step(at(6, 10), Status.STOPPED),
        Step(at(6, 11), Status.PROCESSING),
    ]
    assert due.due_at(at(8, 8), RECEIVED, steps) == at(8, 10)


def test_an_unfinished_pause_adds_nothing_yet():
    assert due.due_at(DUE, RECEIVED, [Step(at(6, 9), Status.SUPPLEMENT)]) == DUE


def test_a_date_said_during_a_pause_knows_of_it():
    steps = [Step(at(6, 9), Status.SUPPLEMENT), Step(at(7, 9), Status.PROCESSING)]
    assert due.due_at(DUE, at(6, 9), steps) == DUE


moments = st.timedeltas(timedelta(), timedelta(days=60)).map(lambda later: RECEIVED + later)


@given(st.lists(st.tuples(moments, st.sampled_from(Status)), max_size=8), st.randoms())
def test_the_due_date_never_comes_earlier_and_ignores_the_order_of_arrival(pairs, random):
    steps = [Step(moment, to) for moment, to in pairs]
    expected = due.due_at(DUE, RECEIVED, steps)
    random.shuffle(steps)
    assert due.due_at(DUE, RECEIVED, steps) == expected
    assert expected >= DUE


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("h12 260105 0001", "H12-260105-0001"),
        (" H12–260105—0001. ", "H12-260105-0001"),
        ("h12_260105 - 0001", "H12-260105-0001"),
        ("000.00.16.H12-260105-0001", "000.00.16.H12-260105-0001"),
        ("ho so cua toi", ""),
        ("H12", ""),
        ("'; drop table dossiers", ""),
        ("H12-" + "1" * 70, ""),
        ("", ""),
    ],
)
def test_codes_as_people_write_them(written, code):
    assert code_of(written) == code


@pytest.mark.parametrize(
    ("written", "phone"),
    [
        ("0912 345 678", "0912345678"),
        ("+84 912.345.678", "0912345678"),
        ("84912345678", "0912345678"),
        ("02913 822 222", "02913822222"),
        ("12345", ""),
        ("", ""),
    ],
)
def test_telephone_numbers_as_systems_write_them(written, phone):
    assert phone_of(written) == phone


@given(st.text(max_size=80))
def test_a_code_in_its_form_stays_as_it_is(text):
    code = code_of(text)
    assert code_of(code) == code
    assert len(tail_of(code)) <= 4
