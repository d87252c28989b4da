"""Seats: booked by learners, taken by whoever shows the mark in time, corrected by officers."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend import audit, clock, limits
from backend.accounts.roles import SignedIn
from backend.errors import Conflict, InvalidInput, NotFound
from backend.i18n import gettext as _
from backend.people import service as people
from lms.classes import marks
from lms.classes import service as classes
from lms.classes.marks import Proof
from lms.classes.models import Seat
from lms.classes.service import Meeting
from lms.courses import service as courses

# Six digits, some hundreds of which held at one time of the roll: nobody finds one in ten tries.
TRIES = limits.Rule("class.mark", 10, timedelta(hours=1))


class Answer(StrEnum):
    """What whoever shows a mark is told."""

    PRESENT = "present"
    CLAIMED = "claimed"
    WRONG = "wrong"
    TOO_MANY = "too_many"
    CLOSED = "closed"
    FULL = "full"
    STRANGER = "stranger"
    DONE_BEFORE = "done_before"


@dataclass(frozen=True)
class ByHand:
    """What an officer says of somebody, and why."""

    person_id: int
    minutes: int
    reason: str


def show(
    session: Session, meeting: Meeting, person_id: int, shown: str, *, seen_at: datetime,
    now: datetime,
) -> Answer:  # fmt: skip
    """Somebody shows what they scanned at `seen_at` or typed; showing it again changes nothing.

    Only wrong marks are counted: a class of forty behind one address scans in peace.
    """
    enrolment_id = look(session, meeting, person_id)
    if isinstance(enrolment_id, Answer):
        return enrolment_id
    subject = f"{meeting.row.id}:{person_id}"
    if not limits.check(session, TRIES, subject, now=now).allowed:
        return Answer.TOO_MANY
    opened_at, closed_at = meeting.row.opened_at or now, meeting.row.closed_at or seen_at
    # Nothing was shown after the roll was closed, however long ago that is.
    seen_at = min(seen_at, closed_at)
    proof = marks.judge(meeting.row.token, shown, opened_at=opened_at, now=seen_at)
    if proof is Proof.WRONG:
        limits.count(session, TRIES, subject, now=now)
        return Answer.WRONG
    seat = seat_of(session, meeting, person_id)
    if proof is Proof.LATE or not meeting.is_open:
        seat = seat or _new(session, meeting, person_id, enrolment_id)
        seat.claimed_at = seat.claimed_at or now
        session.flush()
        return Answer.CLAIMED
    if (seat is None or seat.booked_at is None) and not has_room(session, meeting):
        return Answer.FULL
    seat = seat or _new(session, meeting, person_id, enrolment_id)
    seat.present_at, seat.how, seat.minutes = now, "scan", meeting.minutes
    session.flush()
    return Answer.PRESENT


def look(session: Session, meeting: Meeting, person_id: int) -> int | Answer:
    """The round for which they may show a mark, or what they are told instead; only reads."""
    seat = seat_of(session, meeting, person_id)
    if seat is not None and seat.present_at is not None:
        return Answer.PRESENT
    if meeting.row.opened_at is None or meeting.row.cancelled_at is not None:
        return Answer.CLOSED
    return _round(session, meeting, person_id)


def book(session: Session, meeting: Meeting, person_id: int, *, now: datetime) -> None:
    """A seat for somebody who is in the course."""
    if meeting.row.cancelled_at is not None or now >= meeting.row.ends_at:
        raise Conflict("class_over", _("Lớp này đã huỷ hoặc đã qua."))
    enrolment_id = _round(session, meeting, person_id)
    if isinstance(enrolment_id, Answer):
        raise Conflict("not_in_course", _("Anh/chị cần đang học khoá này mới đăng ký lớp được."))
    seat = seat_of(session, meeting, person_id)
    if seat is not None and seat.booked_at is not None:
        return
    if not has_room(session, meeting):
        raise Conflict("class_full", _("Lớp này đã đủ chỗ. Xin chọn lớp khác."))
    seat = seat or _new(session, meeting, person_id, enrolment_id)
    seat.booked_at = now
    session.flush()


def leave(session: Session, meeting: Meeting, person_id: int) -> None:
    """Give the seat back, unless they came."""
    seat = seat_of(session, meeting, person_id)
    if seat is not None and seat.present_at is None:
        seat.booked_at = None
        session.flush()


def has_room(session: Session, meeting: Meeting) -> bool:
    """Whether one more may come."""
    return not meeting.row.seats or classes.taken(session, meeting.row.id) < meeting.row.seats


def seat_of(session: Session, meeting: Meeting, person_id: int) -> Seat | None:
    """Somebody's line on the list."""
    query = select(Seat).where(Seat.class_id == meeting.row.id, Seat.person_id == person_id)
    return session.scalar(query)


def by_code(session: Session, staff_code: str, *, now: datetime) -> int:
    """The person that an officer names by their staff code."""
    here = people.directory(clock.local(now).date()).subquery()
    found: int | None = session.scalar(
        select(here.c.person_id).where(here.c.staff_code == staff_code.strip())
    )
    if found is None:
        raise NotFound("no_person", _("Không có ai mang mã cán bộ này."))
    return found


def tick(
    session: Session, officer: SignedIn, meeting: Meeting, said: ByHand, *, now: datetime
) -> None:
    """An officer says that somebody was there, for how long and why; past a full room as well.

    After the roll is closed their time is given at once.
    """
    if not said.reason:
        raise InvalidInput("no_reason", _("Xin ghi lý do điểm danh tay."))
    if not 0 < said.minutes <= meeting.minutes:
        message = _("Số phút có mặt từ 1 đến {most}.").format(most=meeting.minutes)
        raise InvalidInput("bad_minutes", message)
    if meeting.row.opened_at is None:
        raise Conflict("roll_not_open", _("Xin mở điểm danh trước."))
    enrolment_id = _round(session, meeting, said.person_id)
    if isinstance(enrolment_id, Answer):
        raise Conflict("not_in_course", _("Người này không học khoá của lớp, hoặc đã học xong."))
    seat = seat_of(session, meeting, said.person_id)
    seat = seat or _new(session, meeting, said.person_id, enrolment_id)
    seat.present_at, seat.how, seat.minutes = seat.present_at or now, "hand", said.minutes
    seat.marked_by, seat.reason = officer.id, said.reason
    session.flush()
    _noted(session, officer, meeting, "class.ticked", seat, now=now)
    if not meeting.is_open:
        classes.credit(session, meeting, seat, now=now)


def strike(
    session: Session, officer: SignedIn, meeting: Meeting, person_id: int, reason: str, *,
    now: datetime,
) -> None:  # fmt: skip
    """They were not there after all; as long as their time was not given."""
    seat = seat_of(session, meeting, person_id)
    if seat is None:
        raise NotFound("no_seat", _("Người này không có trong danh sách lớp."))
    if not reason:
        raise InvalidInput("no_reason", _("Xin ghi lý do bỏ điểm danh."))
    if seat.counted_at is not None:
        raise Conflict("counted", _("Đã chốt và tính giờ cho người này, không bỏ được nữa."))
    seat.present_at, seat.claimed_at, seat.how, seat.minutes = None, None, "", 0
    seat.marked_by, seat.reason = officer.id, reason
    session.flush()
    _noted(session, officer, meeting, "class.struck", seat, now=now)


def _round(session: Session, meeting: Meeting, person_id: int) -> int | Answer:
    """The open round in which this class is a lesson, or why there is none."""
    last = courses.latest(session, person_id, meeting.row.course_id)
    if last is None:
        return Answer.STRANGER
    if last.completed_at is not None:
        return Answer.DONE_BEFORE
    lesson = courses.taught(session, last.version_id).lesson(meeting.row.lesson)
    return last.id if lesson is not None and lesson.kind == "class" else Answer.STRANGER


def _new(session: Session, meeting: Meeting, person_id: int, enrolment_id: int) -> Seat:
    made = Seat(
        class_id=meeting.row.id, person_id=person_id, enrolment_id=enrolment_id, how="",
        minutes=0, reason="",
    )  # fmt: skip
    session.add(made)
    return made


def _noted(
    session: Session, officer: SignedIn, meeting: Meeting, action: str, seat: Seat, *,
    now: datetime,
) -> None:  # fmt: skip
    audit.record(
        session, officer.id, action, f"class:{meeting.row.id}", person=seat.person_id,
        minutes=seat.minutes, reason=seat.reason, now=now,
    )  # fmt: skip
