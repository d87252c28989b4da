"""Who is asked to come to a class, an agency at a time, and how they hear what becomes of it.

Everybody who was invited or has a seat is told once of each thing: the invitation, a change of time
or place, that the class will not be held. They are told by jobs of `BATCH` people each, so that
inviting a thousand people answers at once.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend import audit, clock, db, jobs
from backend.accounts.roles import SignedIn
from backend.errors import Conflict, InvalidInput
from backend.i18n import day, hour
from backend.i18n import gettext as _
from backend.notifications import service as notifications
from backend.people import service as people
from lms.assignments import reach
from lms.classes import service as classes
from lms.classes.models import Invitation, Seat, TrainingClass
from lms.classes.service import Meeting
from lms.courses.models import Enrolment

BATCH = 200


@dataclass(frozen=True)
class Guests:
    """The people of an agency and all below it, by whether an invitation is of use to them."""

    new: tuple[int, ...]
    invited: int
    done: int


def guests(session: Session, meeting: Meeting, agency_id: int) -> Guests:
    """Whom an invitation of this agency would reach; only reads.

    Whoever completed the course since they last began it is not asked to come.
    """
    here = people.directory(clock.today()).subquery()
    within = people.below(session, agency_id)
    everybody = set(
        session.scalars(select(here.c.person_id).where(here.c.agency_id.in_(within))).all()
    )
    before = everybody & _invited(session, meeting.row.id)
    done = everybody & _through(session, meeting.row.course_id) - before
    return Guests(tuple(sorted(everybody - before - done)), len(before), len(done))


def invite(
    session: Session, officer: SignedIn, meeting: Meeting, agency_id: int, *, now: datetime
) -> int:
    """Invite an agency with all below it; how many were not invited before."""
    if meeting.row.cancelled_at is not None or now >= meeting.row.ends_at:
        raise Conflict("class_over", _("Lớp này đã huỷ hoặc đã qua."))
    new = guests(session, meeting, agency_id).new
    for person in new:
        values = {
            "class_id": meeting.row.id, "person_id": person, "invited_by": officer.id,
            "invited_at": now,
        }  # fmt: skip
        db.insert_once(session, Invitation, values, unique=("class_id", "person_id"))
    audit.record(
        session, officer.id, "class.invited", f"class:{meeting.row.id}", agency=agency_id,
        count=len(new), now=now,
    )  # fmt: skip
    _send(session, meeting, "invited", new)
    return len(new)


def count(session: Session, class_id: int) -> int:
    """How many were invited."""
    query = select(func.count()).select_from(Invitation).where(Invitation.class_id == class_id)
    return session.scalar(query) or 0


def change(
    session: Session, officer: SignedIn, meeting: Meeting, setting: classes.Setting, *,
    now: datetime,
) -> bool:  # fmt: skip
    """Another time, place, trainer or number of seats; whether people are told of it."""
    if classes.change(session, officer, meeting, setting, now=now):
        _send(session, meeting, f"changed:{now.isoformat()}", _concerned(session, meeting))
        return True
    return False


def cancel(
    session: Session, officer: SignedIn, meeting: Meeting, reason: str, *, now: datetime
) -> None:
    """It will not be held, for this reason; saying so twice tells nobody twice."""
    if not reason:
        message = _("Xin ghi lý do huỷ lớp.")
        raise InvalidInput("no_reason", message, fields={"reason": message})
    if classes.cancel(session, officer, meeting, reason, now=now):
        _send(session, meeting, "cancelled", _concerned(session, meeting))


@jobs.job("lms.tell_of_class")
def tell(session: Session, class_id: int, event: str, persons: list[int]) -> None:
    """Tell these people, as the class stands now; of a cancelled one nothing but that."""
    meeting = classes.of_row(session, session.get_one(TrainingClass, class_id))
    row, what = meeting.row, event.partition(":")[0]
    if row.cancelled_at is not None and what != "cancelled":
        return
    data = {
        "what": what, "course": meeting.course_title, "place": row.place,
        "day": day(row.starts_at), "since": hour(row.starts_at), "until": hour(row.ends_at),
        "reason": row.cancel_reason or "",
    }  # fmt: skip
    notifications.tell(
        session, reach.reachable(session, persons), "training_class", data=data,
        event=f"class:{class_id}:{event}", topic=f"class:{class_id}", now=clock.now(),
    )  # fmt: skip


def _send(session: Session, meeting: Meeting, event: str, persons: Iterable[int]) -> None:
    everybody = list(persons)
    for start in range(0, len(everybody), BATCH):
        jobs.enqueue(
            session, "lms.tell_of_class", lane=jobs.Lane.UPKEEP, class_id=meeting.row.id,
            event=event, persons=everybody[start : start + BATCH], expires_at=meeting.row.ends_at,
        )  # fmt: skip


def _concerned(session: Session, meeting: Meeting) -> list[int]:
    """Everybody who was invited or holds a seat."""
    booked = session.scalars(
        select(Seat.person_id).where(Seat.class_id == meeting.row.id, Seat.booked_at.is_not(None))
    )
    return sorted(_invited(session, meeting.row.id).union(booked))


def _invited(session: Session, class_id: int) -> set[int]:
    query = select(Invitation.person_id).where(Invitation.class_id == class_id)
    return set(session.scalars(query))


def _through(session: Session, course_id: int) -> set[int]:
    """Whose last round of the course is complete."""
    rows = session.execute(
        select(Enrolment.person_id, Enrolment.completed_at)
        .where(Enrolment.course_id == course_id)
        .order_by(Enrolment.round)
    )
    last = {row.person_id: row.completed_at for row in rows}
    return {person for person, completed_at in last.items() if completed_at is not None}
