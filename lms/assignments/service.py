"""Reporting periods, requirements and excuses; where people stand is in `standing.py`."""

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend import audit
from backend.errors import Conflict, InvalidInput, NotFound
from backend.i18n import gettext as _
from backend.people import service as people
from backend.people.duties import AUDIENCES
from lms.assignments import standing
from lms.assignments.models import Excuse, Period, Requirement
from lms.assignments.standing import Line, Stand
from lms.courses import service as courses


def open_period(session: Session, name: str, *, starts_on: date, ends_on: date) -> Period:
    """A new reporting period; two may not overlap, or a completion would count in both."""
    if ends_on <= starts_on:
        message = _("Ngày cuối kỳ phải sau ngày đầu kỳ.")
        raise InvalidInput("period_days", message, fields={"den": message})
    clash = session.scalar(
        select(Period).where(Period.starts_on <= ends_on, Period.ends_on >= starts_on)
    )
    if clash is not None:
        raise Conflict(
            "period_overlaps", _("Kỳ này trùng ngày với “{name}”.").format(name=clash.name)
        )
    if not name.strip():
        message = _("Xin đặt tên cho kỳ báo cáo.")
        raise InvalidInput("period_unnamed", message, fields={"ten": message})
    made = Period(name=name.strip(), starts_on=starts_on, ends_on=ends_on)
    session.add(made)
    session.flush()
    return made


def periods(session: Session) -> list[Period]:
    """All periods, the latest first."""
    return list(session.scalars(select(Period).order_by(Period.starts_on.desc())))


def require(
    session: Session,
    course_code: str,
    period: Period,
    *,
    audience: str,
    deadline: date,
    agency_id: int | None = None,
    target: float = 1.0,
    counts_valid: bool = False,
    by: int,
    now: datetime,
) -> Requirement:
    """From now on these people must; who is meant follows the roster of every day."""
    if audience not in AUDIENCES:
        message = _("Xin chọn nhóm đối tượng.")
        raise InvalidInput("audience_unknown", message, fields={"doi_tuong": message})
    if not period.starts_on <= deadline <= period.ends_on:
        message = _("Hạn hoàn thành phải nằm trong kỳ báo cáo.")
        raise InvalidInput("deadline_outside", message, fields={"han": message})
    if period.closed_at is not None:
        raise Conflict("period_closed", _("Kỳ báo cáo này đã chốt."))
    made = Requirement(
        course_code=course_code, course_title=courses.find(session, course_code).title,
        audience=audience, agency_id=agency_id, period_id=period.id, deadline=deadline,
        target=target, counts_valid=counts_valid, created_at=now, created_by=by,
    )  # fmt: skip
    session.add(made)
    session.flush()
    audit.record(
        session, by, "requirement.added", f"requirement:{made.id}", course=course_code,
        audience=audience, agency=agency_id, deadline=deadline, target=target, now=now,
    )  # fmt: skip
    return made


def period_of(session: Session, period_id: int) -> Period:
    """One of them."""
    found = session.get(Period, period_id)
    if found is None:
        raise NotFound("no_period", _("Không có kỳ báo cáo này."))
    return found


def running(session: Session, *, on: date) -> Period | None:
    """The period of this day; else the one that ended last."""
    begun = [one for one in periods(session) if one.starts_on <= on]
    return begun[0] if begun else None


def requirements(session: Session, period_id: int) -> list[Requirement]:
    """What is required in a period, the nearest deadline first."""
    return list(
        session.scalars(
            select(Requirement)
            .where(Requirement.period_id == period_id, Requirement.withdrawn_at.is_(None))
            .order_by(Requirement.deadline, Requirement.id)
        )
    )


def requirement(session: Session, requirement_id: int) -> Requirement:
    """One of them."""
    found = session.get(Requirement, requirement_id)
    if found is None:
        raise NotFound("no_requirement", _("Không có yêu cầu đào tạo này."))
    return found


def withdraw(session: Session, wanted: Requirement, *, reason: str, by: int, now: datetime) -> None:
    """Nobody must any more; what was learnt stays."""
    if not reason.strip():
        raise InvalidInput("no_reason", _("Xin ghi lý do thu hồi yêu cầu."))
    _still_open(session, wanted)
    if wanted.withdrawn_at is None:
        wanted.withdrawn_at = now
        audit.record(
            session, by, "requirement.withdrawn", f"requirement:{wanted.id}",
            reason=reason.strip(), now=now,
        )  # fmt: skip


def excuse(
    session: Session, requirement_id: int, person_id: int, *, reason: str, by: int, now: datetime
) -> None:
    """Take somebody out of the denominator, with the reason (maternity leave, secondment)."""
    if not reason.strip():
        raise InvalidInput("no_reason", _("Xin ghi lý do miễn."))
    _still_open(session, requirement(session, requirement_id))
    row = _excuse_of(session, requirement_id, person_id)
    if row is None:
        row = Excuse(requirement_id=requirement_id, person_id=person_id)
        session.add(row)
    row.reason, row.by, row.at = reason.strip()[:300], by, now
    session.flush()
    audit.record(
        session, by, "excuse.given", f"requirement:{requirement_id}", person=person_id,
        reason=row.reason, now=now,
    )  # fmt: skip


def end_excuse(
    session: Session, requirement_id: int, person_id: int, *, by: int, now: datetime
) -> None:
    """The person must again; that they once need not stays in the audit log."""
    _still_open(session, requirement(session, requirement_id))
    row = _excuse_of(session, requirement_id, person_id)
    if row is not None:
        session.delete(row)
        session.flush()
        audit.record(
            session, by, "excuse.ended", f"requirement:{requirement_id}", person=person_id, now=now
        )


def lines(
    session: Session, wanted: Requirement, *, on: date, within: Collection[int] | None = None
) -> list[Line]:
    """Everybody whom one requirement means on this day, and where they stand.

    `within`: only these agencies (what a viewer may see); None: all.
    """
    period = period_of(session, wanted.period_id)
    everybody = standing.roster(session, period, on=on)
    return standing.lines(session, wanted, period, everybody, on=on, within=within)


def duties_of(session: Session, person_id: int, *, on: date) -> list[tuple[Requirement, Stand]]:
    """What one person must, in the periods that run on this day, the nearest deadline first."""
    here = people.official(session, person_id, at=on)
    if here is None:
        return []
    running = session.execute(
        select(Requirement, Period)
        .join(Period, Period.id == Requirement.period_id)
        .where(
            Period.starts_on <= on, Period.ends_on >= on, Period.closed_at.is_(None),
            Requirement.withdrawn_at.is_(None),
        )
        .order_by(Requirement.deadline, Requirement.id)
    )  # fmt: skip
    higher = people.above(session, here.agency_id)
    due = [
        (wanted, period) for wanted, period in running.all()
        if here.duty in AUDIENCES[wanted.audience] and wanted.agency_id in (None, *higher)
    ]  # fmt: skip
    stands = standing.of_person(session, person_id, due, on=on) if due else []
    return [(wanted, stand) for (wanted, _period), stand in zip(due, stands, strict=True)]


def _excuse_of(session: Session, requirement_id: int, person_id: int) -> Excuse | None:
    return session.scalar(
        select(Excuse).where(Excuse.requirement_id == requirement_id, Excuse.person_id == person_id)
    )


def _still_open(session: Session, wanted: Requirement) -> None:
    if period_of(session, wanted.period_id).closed_at is not None:
        raise Conflict("period_closed", _("Kỳ báo cáo này đã chốt."))
