"""Courses that open (or open a new version) at a set time.

What opens is the draft as it stands then, through the same door as the button: a trainer may go on
writing until that minute. Where something is missing by then, nothing opens and the course's page
says why.
"""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend import audit, clock, jobs
from backend.accounts.roles import Role, SignedIn
from backend.errors import AppError, Conflict, InvalidInput
from backend.i18n import gettext as _
from lms.authoring import service as authoring
from lms.authoring.models import Opening
from lms.courses.models import CourseRow

FARTHEST = timedelta(days=366)
OPENED, CANCELLED, FAILED = "opened", "cancelled", "failed"


def latest(session: Session, course_id: int) -> Opening | None:
    """The one ahead, else how the last one went."""
    query = select(Opening).where(Opening.course_id == course_id)
    return session.scalar(query.order_by(Opening.id.desc()).limit(1))


def plan(session: Session, officer: SignedIn, code: str, *, at: datetime, now: datetime) -> Opening:
    """Open it then; a time that was set before is replaced."""
    if not now < at <= now + FARTHEST:
        message = _("Xin chọn giờ phát hành trong vòng một năm tới.")
        raise InvalidInput("bad_time", message, fields={"opens_at": message})
    here = authoring.opened(session, code, lock=True)
    if found := authoring.faults(session, here):
        raise InvalidInput("not_ready", " ".join(fault.message for fault in found))
    before = latest(session, here.row.id)
    if before is not None and not before.outcome:
        _end(session, before, CANCELLED, now=now)
    made = Opening(
        course_id=here.row.id, live_course_id=here.row.id, opens_at=at, set_by=officer.id,
        set_by_name=officer.name, set_at=now,
    )  # fmt: skip
    session.add(made)
    session.flush()
    jobs.enqueue(
        session, "lms.open_course", lane=jobs.Lane.UPKEEP, run_at=at, opening_id=made.id,
        dedupe=f"open_course:{made.id}",
    )  # fmt: skip
    audit.record(
        session, officer.id, "course.opening_set", f"course:{code}", at=at.isoformat(), now=now
    )
    return made


def cancel(session: Session, officer: SignedIn, code: str, *, now: datetime) -> None:
    """Not at that time after all."""
    here = authoring.opened(session, code, lock=True)
    ahead = latest(session, here.row.id)
    if ahead is None or ahead.outcome:
        raise Conflict("no_opening", _("Khoá học này không có lịch phát hành."))
    _end(session, ahead, CANCELLED, now=now)
    audit.record(session, officer.id, "course.opening_cancelled", f"course:{code}", now=now)


@jobs.job("lms.open_course")
def open_course(session: Session, opening_id: int) -> None:
    """Its time has come; one that was cancelled stays closed."""
    opening, now = session.get_one(Opening, opening_id, with_for_update=True), clock.now()
    if opening.outcome:
        return
    code = session.scalars(select(CourseRow.code).where(CourseRow.id == opening.course_id)).one()
    trainer = SignedIn(opening.set_by, "", opening.set_by_name, Role.TRAINER)
    try:
        with session.begin_nested():
            authoring.publish(session, trainer, code, now=now)
    except AppError as refusal:
        _end(session, opening, FAILED, reason=refusal.message, now=now)
    else:
        _end(session, opening, OPENED, now=now)


def _end(
    session: Session, opening: Opening, outcome: str, *, reason: str = "", now: datetime
) -> None:
    opening.outcome, opening.reason, opening.ended_at = outcome, reason[:500], now
    opening.live_course_id = None
    session.flush()
