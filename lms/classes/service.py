"""Classes: set up, booked, and what a roll-call gives to those who were there."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend import audit, clock, ids, jobs
from backend.accounts.roles import SignedIn
from backend.errors import Conflict, InvalidInput, NotFound
from backend.i18n import gettext as _
from backend.people import service as people
from lms.certificates import service as certificates
from lms.classes.models import Seat, TrainingClass
from lms.courses import progress
from lms.courses import service as courses
from lms.courses.content import Lesson
from lms.courses.models import CourseRow

LONGEST = timedelta(hours=10)
RECENT = timedelta(days=30)
# A roll that nobody closed closes itself: nobody loses their class to a trainer's haste.
FORGOTTEN = timedelta(hours=6)
# The share of a class's time after which it is attended (Decree 333/2026, art. 28.1.a).
ENOUGH = 0.8


@dataclass(frozen=True)
class Setting:
    """What may still be changed of a class; the times are aware."""

    place: str
    trainer: str
    starts_at: datetime
    ends_at: datetime
    seats: int


@dataclass(frozen=True)
class Planned:
    """What the form of a new class says."""

    course: str
    lesson: str
    setting: Setting


@dataclass(frozen=True)
class Meeting:
    """A class with the course and lesson that it is held for."""

    row: TrainingClass
    code: str
    course_title: str
    lesson: Lesson

    @property
    def minutes(self) -> int:
        """How long it is."""
        return int((self.row.ends_at - self.row.starts_at).total_seconds()) // 60

    @property
    def is_open(self) -> bool:
        """Whether the roll is being called."""
        return self.row.opened_at is not None and self.row.closed_at is None


@dataclass(frozen=True)
class Attender:
    """Somebody on the list of a class."""

    seat: Seat
    name: str
    staff_code: str
    agency: str


def lessons(session: Session) -> list[tuple[CourseRow, Lesson]]:
    """Every lesson that is held in a room, of the courses that are open."""
    return [
        (row, lesson)
        for row in courses.courses(session)
        if row.published_id is not None
        for lesson in courses.taught(session, row.published_id).lessons()
        if lesson.kind == "class"
    ]


def plan(session: Session, officer: SignedIn, planned: Planned, *, now: datetime) -> TrainingClass:
    """A new class; its learners may book from now on."""
    row = courses.find(session, planned.course)
    _require_class(session, row, planned.lesson)
    if fault := _fault(planned.setting, now):
        raise fault
    made = TrainingClass(
        token=ids.token(128), course_id=row.id, version_id=row.published_id, lesson=planned.lesson,
        made_by=officer.id, made_at=now, **asdict(planned.setting),
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def change(
    session: Session, officer: SignedIn, meeting: Meeting, setting: Setting, *, now: datetime
) -> bool:
    """Set another time, place, trainer or number of seats; whether time or place are new."""
    _require_ahead(meeting)
    if fault := _fault(setting, now):
        raise fault
    held = taken(session, meeting.row.id)
    if 0 < setting.seats < held:
        message = _("Đã có {count} người giữ chỗ.").format(count=held)
        raise InvalidInput("too_few_seats", message, fields={"seats": message})
    row = meeting.row
    before = (row.place, row.starts_at, row.ends_at)
    is_moved = before != (setting.place, setting.starts_at, setting.ends_at)
    for name, value in asdict(setting).items():
        setattr(row, name, value)
    row.changed_at = now if is_moved else row.changed_at
    session.flush()
    audit.record(
        session, officer.id, "class.changed", f"class:{row.id}", place=row.place,
        starts_at=row.starts_at.isoformat(), ends_at=row.ends_at.isoformat(), now=now,
    )  # fmt: skip
    return is_moved


def _require_ahead(meeting: Meeting) -> None:
    """Once its roll was called, a class stays what it was."""
    if meeting.row.opened_at is not None:
        message = _("Lớp đã điểm danh, không đổi và không huỷ được nữa.")
        raise Conflict("roll_called", message)
    if meeting.row.cancelled_at is not None:
        raise Conflict("class_cancelled", _("Lớp này đã huỷ."))


def _require_class(session: Session, row: CourseRow, key: str) -> None:
    lesson = courses.taught(session, row.published_id).lesson(key) if row.published_id else None
    if lesson is None or lesson.kind != "class":
        raise InvalidInput("no_class_lesson", _("Xin chọn một bài học tại lớp của khoá đang mở."))


def _fault(planned: Setting, now: datetime) -> InvalidInput | None:
    if not planned.place:
        message = _("Xin ghi địa điểm.")
        return InvalidInput("no_place", message, fields={"place": message})
    length = planned.ends_at - planned.starts_at
    if not timedelta() < length <= LONGEST:
        message = _("Giờ kết thúc phải sau giờ bắt đầu, trong cùng ngày, và không quá 10 giờ.")
        return InvalidInput("bad_times", message, fields={"until": message})
    if planned.ends_at <= now:
        message = _("Lớp này đã qua. Xin chọn ngày giờ sắp tới.")
        return InvalidInput("past", message, fields={"day": message})
    return None


def listed(session: Session, *, since: datetime, course_id: int | None = None) -> list[Meeting]:
    """Classes that end after `since`, the soonest first."""
    query = select(TrainingClass).where(TrainingClass.ends_at > since)
    if course_id is not None:
        query = query.where(TrainingClass.course_id == course_id)
    return _meetings(session, session.scalars(query.order_by(TrainingClass.starts_at)).all())


def find(session: Session, token: str, *, lock: bool = False) -> Meeting:
    """The class of this token."""
    query = select(TrainingClass).where(TrainingClass.token == token)
    row = session.scalar(query.with_for_update() if lock else query)
    if row is None:
        raise NotFound("no_class", _("Không có lớp này."))
    return of_row(session, row)


def of_row(session: Session, row: TrainingClass) -> Meeting:
    """A class by its row."""
    return _meetings(session, [row])[0]


def _meetings(session: Session, rows: Sequence[TrainingClass]) -> list[Meeting]:
    query = select(CourseRow.id, CourseRow.code)
    known = session.execute(query.where(CourseRow.id.in_({row.course_id for row in rows})))
    codes = {row.id: row.code for row in known}
    versions = {row.version_id for row in rows}
    taught = {version: courses.taught(session, version) for version in versions}
    found = []
    for row in rows:
        course = taught[row.version_id]
        lesson = course.lesson(row.lesson)
        if lesson is None:  # plan() looked, and a version never changes
            raise NotFound("no_lesson", _("Khoá học không có bài này."))
        found.append(Meeting(row, codes[row.course_id], course.title, lesson))
    return found


def attenders(session: Session, class_id: int) -> list[Attender]:
    """Everybody on the list of a class, by name; as long as they are in the directory."""
    here = people.directory(clock.today()).subquery()
    rows = session.execute(
        select(Seat, here.c.name, here.c.staff_code, here.c.agency)
        .join(here, here.c.person_id == Seat.person_id)
        .where(Seat.class_id == class_id)
    )
    found = [Attender(*row) for row in rows]
    return sorted(found, key=lambda one: (one.name.rpartition(" ")[2], one.name))


def taken(session: Session, class_id: int) -> int:
    """How many seats are booked or sat on."""
    return taken_in(session, [class_id]).get(class_id, 0)


def taken_in(session: Session, class_ids: Collection[int]) -> dict[int, int]:
    """The same for each of these classes; those without a seat taken are left out."""
    held = Seat.booked_at.is_not(None) | Seat.present_at.is_not(None)
    rows = session.execute(
        select(Seat.class_id, func.count().label("taken"))
        .where(Seat.class_id.in_(class_ids), held)
        .group_by(Seat.class_id)
    )
    return {row.class_id: row.taken for row in rows}


def cancel(
    session: Session, officer: SignedIn, meeting: Meeting, reason: str, *, now: datetime
) -> bool:
    """It will not be held; whether that is new. Not after somebody was present in it."""
    if meeting.row.cancelled_at is not None:
        return False
    _require_ahead(meeting)
    meeting.row.cancelled_at, meeting.row.cancel_reason = now, reason
    session.flush()
    audit.record(
        session, officer.id, "class.cancelled", f"class:{meeting.row.id}", reason=reason, now=now
    )
    return True


def open_roll(session: Session, officer: SignedIn, meeting: Meeting, *, now: datetime) -> None:
    """Begin the roll-call, or go on with it after it was closed."""
    if meeting.row.cancelled_at is not None:
        raise Conflict("class_cancelled", _("Lớp này đã huỷ."))
    if meeting.is_open:
        return
    meeting.row.opened_at, meeting.row.closed_at = now, None
    session.flush()
    audit.record(session, officer.id, "class.roll_opened", f"class:{meeting.row.id}", now=now)
    jobs.enqueue(
        session, "lms.close_roll", lane=jobs.Lane.UPKEEP, class_id=meeting.row.id,
        run_at=max(now, meeting.row.ends_at) + FORGOTTEN,
        dedupe=f"close_roll:{meeting.row.id}:{now.isoformat()}",
    )  # fmt: skip


def close_roll(session: Session, meeting: Meeting, *, by: int | None = None, now: datetime) -> int:
    """Give everybody who was there their time; how many got it now."""
    if not meeting.is_open:
        return 0
    meeting.row.closed_at = now
    waiting = session.scalars(
        select(Seat).where(
            Seat.class_id == meeting.row.id, Seat.present_at.is_not(None),
            Seat.counted_at.is_(None),
        )
    ).all()  # fmt: skip
    for seat in waiting:
        credit(session, meeting, seat, now=now)
    session.flush()
    audit.record(
        session, by, "class.roll_closed", f"class:{meeting.row.id}", present=len(waiting), now=now
    )
    return len(waiting)


def credit(session: Session, meeting: Meeting, seat: Seat, *, now: datetime) -> None:
    """Give one round the minutes of this class, and the certificate if that was the last step."""
    taking = courses.taking_of(session, seat.enrolment_id)
    session.refresh(taking.enrolment, with_for_update=True)
    progress.attend(
        session, taking, meeting.row.lesson, seconds=seat.minutes * 60,
        held_minutes=meeting.minutes, is_done=seat.minutes >= ENOUGH * meeting.minutes, now=now,
    )  # fmt: skip
    certificates.settle(session, taking, now=now)
    seat.counted_at = now


@jobs.job("lms.close_roll")
def close_forgotten(session: Session, class_id: int) -> None:
    """Close a roll-call that its trainer left open."""
    row = session.get_one(TrainingClass, class_id, with_for_update=True)
    now = clock.now()
    if row.opened_at is not None and now >= max(row.opened_at, row.ends_at) + FORGOTTEN:
        close_roll(session, of_row(session, row), now=now)
