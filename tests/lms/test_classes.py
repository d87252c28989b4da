"""Classes and the roll-call: what holds, for how long, for whom, and what it gives."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from backend import audit
from backend.errors import Conflict, InvalidInput, NotFound
from lms.assignments import service as assignments
from lms.certificates import service as certificates
from lms.classes import attendance, marks
from lms.classes import service as classes
from lms.classes.attendance import Answer, ByHand
from lms.classes.marks import Proof
from lms.classes.service import Meeting
from lms.courses import progress
from lms.courses import service as courses
from lms.reports import ledger
from tests.conftest import MONDAY_MORNING, Clock
from tests.lms.course import make_official
from tests.lms.room import CODE, LESSON, TRAINER, make_class, make_course

NOW = MONDAY_MORNING.astimezone(UTC)
HALF = timedelta(seconds=30)


@pytest.fixture
def binh(session: Session, clock: Clock) -> int:
    make_course(session, now=NOW)
    return make_official(session)


def enrol(session: Session, person: int) -> None:
    courses.enrol(session, person, CODE, now=NOW)


def called(session: Session, *, seats: int = 0) -> Meeting:
    """A class whose roll is being called."""
    meeting = classes.find(session, make_class(session, starts=NOW, seats=seats).token)
    classes.open_roll(session, TRAINER, meeting, now=NOW)
    return meeting


def show(session: Session, meeting: Meeting, person: int, shown: str, *, at: datetime) -> Answer:
    return attendance.show(session, meeting, person, shown, seen_at=at, now=at)


def scan(session: Session, meeting: Meeting, person: int, *, wait: timedelta = HALF) -> Answer:
    shown = marks.mark(meeting.row.token, NOW)
    return show(session, meeting, person, shown, at=NOW + wait)


@pytest.mark.parametrize("make", [marks.mark, marks.digits])
def test_a_photograph_is_worthless_within_a_minute(make) -> None:
    shown = make("lop", NOW)

    def judged(**after: float) -> Proof:
        return marks.judge("lop", shown, opened_at=NOW, now=NOW + timedelta(**after))

    assert [judged(seconds=s) for s in (0, 29, 59, 60, 3600)] == [
        Proof.HOLDS, Proof.HOLDS, Proof.HOLDS, Proof.LATE, Proof.LATE,
    ]  # fmt: skip
    assert marks.judge("lop khac", shown, opened_at=NOW, now=NOW) is Proof.WRONG
    before = make("lop", NOW - 2 * marks.STEP)
    assert marks.judge("lop", before, opened_at=NOW, now=NOW) is Proof.WRONG
    assert marks.judge("lop", "", opened_at=NOW, now=NOW) is Proof.WRONG


def test_digits_may_be_typed_with_a_space(session: Session, binh: int) -> None:
    enrol(session, binh)
    meeting = called(session)
    digits = marks.digits(meeting.row.token, NOW)
    typed = f"{digits[:3]} {digits[3:]}"
    assert show(session, meeting, binh, typed, at=NOW) is Answer.PRESENT


def test_whoever_opened_the_page_in_time_may_press_later(session: Session, binh: int) -> None:
    enrol(session, binh)
    meeting = called(session)
    token = meeting.row.token
    signed = marks.opened(token, binh, NOW)

    def judged_at(person: int, shown: str, **after: float) -> datetime:
        return marks.opened_at(token, person, shown, NOW + timedelta(**after))

    assert judged_at(binh, signed, minutes=5) == NOW
    assert judged_at(binh, signed, minutes=6) == NOW + timedelta(minutes=6)
    assert judged_at(binh + 1, signed, minutes=5) == NOW + timedelta(minutes=5)
    assert judged_at(binh, signed[:-1], minutes=5) == NOW + timedelta(minutes=5)
    later = NOW + timedelta(minutes=4)
    mark = marks.mark(token, NOW)
    assert attendance.show(session, meeting, binh, mark, seen_at=NOW, now=later) is Answer.PRESENT


def test_presence_counts_when_the_roll_is_closed_and_only_once(session: Session, binh: int) -> None:
    enrol(session, binh)
    meeting = called(session)
    assert scan(session, meeting, binh) is Answer.PRESENT
    assert scan(session, meeting, binh) is Answer.PRESENT
    taking = courses.taking(session, binh, CODE)
    assert not progress.spent(session, taking.enrolment.id)
    progress.open_lesson(session, taking, "doc", now=NOW)
    progress.finish_lesson(session, taking, "doc", now=NOW)
    after = NOW + timedelta(hours=2)
    assert classes.close_roll(session, meeting, by=TRAINER.id, now=after) == 1
    assert classes.close_roll(session, meeting, by=TRAINER.id, now=after) == 0
    spent = progress.spent(session, taking.enrolment.id)[LESSON]
    assert (spent.seconds, spent.is_done) == (120 * 60, True)
    assert certificates.of_round(session, taking.enrolment.id)
    assert audit.verify(session).broken_at is None


def test_time_counts_by_the_length_of_the_class(session: Session, binh: int) -> None:
    enrol(session, binh)
    short = classes.find(session, make_class(session, starts=NOW, minutes=50).token)
    classes.open_roll(session, TRAINER, short, now=NOW)
    scan(session, short, binh)
    classes.close_roll(session, short, now=NOW)
    taking = courses.taking(session, binh, CODE)
    assert progress.spent(session, taking.enrolment.id)[LESSON].seconds == 50 * 60
    assert taking.enrolment.completed_at is None


@pytest.mark.parametrize(("minutes", "is_done"), [(95, False), (96, True)])
def test_attended_means_four_fifths_of_the_class(
    session: Session, binh: int, minutes: int, is_done: bool
) -> None:
    enrol(session, binh)
    meeting = called(session)
    said = ByHand(binh, minutes, "Đến muộn")
    attendance.tick(session, TRAINER, meeting, said, now=NOW)
    classes.close_roll(session, meeting, now=NOW)
    taking = courses.taking(session, binh, CODE)
    spent = progress.spent(session, taking.enrolment.id)[LESSON]
    assert (spent.seconds, spent.is_done) == (minutes * 60, is_done)


def test_a_late_mark_waits_for_the_trainer(session: Session, binh: int) -> None:
    enrol(session, binh)
    meeting = called(session)
    assert scan(session, meeting, binh, wait=timedelta(minutes=40)) is Answer.CLAIMED
    classes.close_roll(session, meeting, now=NOW + timedelta(hours=2))
    taking = courses.taking(session, binh, CODE)
    assert not progress.spent(session, taking.enrolment.id)
    said = ByHand(binh, 120, "Lớp mất mạng, có trong danh sách giấy")
    attendance.tick(session, TRAINER, meeting, said, now=NOW + timedelta(hours=3))
    assert progress.spent(session, taking.enrolment.id)[LESSON].is_done


def test_a_mark_that_arrives_after_the_roll_is_a_claim(session: Session, binh: int) -> None:
    enrol(session, binh)
    meeting = called(session)
    classes.close_roll(session, meeting, now=NOW)
    assert scan(session, meeting, binh) is Answer.CLAIMED


def test_strangers_and_those_who_are_through_are_told(session: Session, binh: int) -> None:
    meeting = called(session)
    assert scan(session, meeting, binh) is Answer.STRANGER
    enrol(session, binh)
    courses.complete(session, courses.taking(session, binh, CODE).enrolment, now=NOW)
    assert scan(session, meeting, binh) is Answer.DONE_BEFORE
    assert classes.taken(session, meeting.row.id) == 0


def test_guessing_ends_after_ten_tries(session: Session, binh: int) -> None:
    enrol(session, binh)
    meeting = called(session)
    for _try in range(10):
        assert show(session, meeting, binh, "khong-phai", at=NOW) is Answer.WRONG
    assert scan(session, meeting, binh) is Answer.TOO_MANY


def test_a_full_class_takes_only_who_booked_and_whom_the_trainer_lets_in(
    session: Session, binh: int
) -> None:
    chi = make_official(session, "chi", "Trần Chi")
    meeting = called(session, seats=1)
    for person in (binh, chi):
        enrol(session, person)
    attendance.book(session, meeting, binh, now=NOW)
    attendance.book(session, meeting, binh, now=NOW)
    with pytest.raises(Conflict, match="đủ chỗ"):
        attendance.book(session, meeting, chi, now=NOW)
    assert scan(session, meeting, chi) is Answer.FULL
    assert scan(session, meeting, binh) is Answer.PRESENT
    attendance.tick(session, TRAINER, meeting, ByHand(chi, 120, "Thêm ghế"), now=NOW)
    attendance.leave(session, meeting, binh)
    assert classes.taken(session, meeting.row.id) == 2


def test_a_seat_given_back_is_free(session: Session, binh: int) -> None:
    enrol(session, binh)
    meeting = called(session, seats=1)
    attendance.book(session, meeting, binh, now=NOW)
    attendance.leave(session, meeting, binh)
    assert attendance.has_room(session, meeting)


def test_whoever_was_not_there_is_struck_until_it_counted(session: Session, binh: int) -> None:
    enrol(session, binh)
    meeting = called(session)
    scan(session, meeting, binh)
    with pytest.raises(InvalidInput, match="lý do"):
        attendance.strike(session, TRAINER, meeting, binh, "", now=NOW)
    attendance.strike(session, TRAINER, meeting, binh, "Quét hộ", now=NOW)
    assert classes.close_roll(session, meeting, now=NOW) == 0
    attendance.tick(session, TRAINER, meeting, ByHand(binh, 120, "Nhầm"), now=NOW)
    with pytest.raises(Conflict, match="tính giờ"):
        attendance.strike(session, TRAINER, meeting, binh, "Quét hộ", now=NOW)


def test_a_tick_by_hand_needs_a_reason_an_open_roll_and_somebody_of_the_course(
    session: Session, binh: int
) -> None:
    enrol(session, binh)
    meeting = classes.find(session, make_class(session, starts=NOW).token)
    with pytest.raises(Conflict, match="mở điểm danh"):
        attendance.tick(session, TRAINER, meeting, ByHand(binh, 120, "Có mặt"), now=NOW)
    classes.open_roll(session, TRAINER, meeting, now=NOW)
    with pytest.raises(InvalidInput, match="lý do"):
        attendance.tick(session, TRAINER, meeting, ByHand(binh, 120, ""), now=NOW)
    with pytest.raises(InvalidInput, match="1 đến 120"):
        attendance.tick(session, TRAINER, meeting, ByHand(binh, 121, "Có mặt"), now=NOW)
    stranger = make_official(session, "chi", "Trần Chi")
    with pytest.raises(Conflict, match="không học khoá"):
        attendance.tick(session, TRAINER, meeting, ByHand(stranger, 9, "Có mặt"), now=NOW)
    with pytest.raises(NotFound):
        attendance.by_code(session, "khong-ai", now=NOW)
    assert attendance.by_code(session, "AX-binh ", now=NOW) == binh


def test_a_roll_that_was_forgotten_closes_itself(session: Session, clock: Clock, binh: int) -> None:
    enrol(session, binh)
    meeting = called(session)
    scan(session, meeting, binh)
    clock.move(hours=7)
    classes.close_forgotten(session, meeting.row.id)
    assert meeting.row.closed_at is None
    clock.move(hours=1)
    classes.close_forgotten(session, meeting.row.id)
    taking = courses.taking(session, binh, CODE)
    assert progress.spent(session, taking.enrolment.id)[LESSON].is_done


def test_a_class_is_cancelled_before_its_roll_only(session: Session, binh: int) -> None:
    row = make_class(session, starts=NOW)
    meeting = classes.find(session, row.token)
    assert classes.cancel(session, TRAINER, meeting, "Mưa bão", now=NOW)
    with pytest.raises(Conflict, match="huỷ"):
        classes.open_roll(session, TRAINER, meeting, now=NOW)
    with pytest.raises(Conflict, match="điểm danh"):
        classes.cancel(session, TRAINER, called(session), "Mưa bão", now=NOW)


def test_the_ledger_counts_a_class_by_its_own_length(session: Session, binh: int) -> None:
    """KT05 has 8 hours, 120 minutes of which were planned for the class; this one was 180."""
    enrol(session, binh)
    year = assignments.open_period(
        session, "2026", starts_on=date(2025, 12, 15), ends_on=date(2026, 12, 14)
    )
    meeting = classes.find(session, make_class(session, starts=NOW, minutes=180).token)
    classes.open_roll(session, TRAINER, meeting, now=NOW)
    attendance.tick(session, TRAINER, meeting, ByHand(binh, 144, "Đến muộn"), now=NOW)
    classes.close_roll(session, meeting, now=NOW)
    taking = courses.taking(session, binh, CODE)
    courses.complete(session, taking.enrolment, now=NOW)
    [one] = [a for a in ledger.accounts(session, year, on=NOW.date()) if a.person_id == binh]
    assert one.hours == 9.3
    assert ledger.hours_of(taking.course, {}) == 8
    assert ledger.hours_of(taking.course, {LESSON: 45}) == 6.3


def test_a_guess_years_after_the_roll_costs_no_more_than_one_in_it(
    session: Session, binh: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    meeting = called(session)
    enrol(session, binh)
    closed = NOW + timedelta(hours=1)
    classes.close_roll(session, meeting, now=closed)
    tried: list[int] = []
    make = marks._digits

    def counting(token: str, step: int) -> str:
        tried.append(step)
        return make(token, step)

    monkeypatch.setattr(marks, "_digits", counting)
    late = NOW + timedelta(days=700)
    assert show(session, meeting, binh, "000000", at=late) is Answer.WRONG
    assert len(tried) <= timedelta(hours=1) / marks.STEP + 1
    shown = make(meeting.row.token, int(closed.timestamp()) // 30)
    assert show(session, meeting, binh, shown, at=late) is Answer.CLAIMED
