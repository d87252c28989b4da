"""Requirements and where everybody stands with them; computed from rows, right at once.

Who counts where: whoever has completed counts for the agency of that day, everybody else for the
one where they work on the day of the report. Nobody counts twice.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.errors import Conflict, InvalidInput, NotFound
from backend.i18n import gettext as _
from backend.people import service as people
from backend.people.duties import AUDIENCES
from lms.assignments.models import Excuse, OutsideCertificate, Period, Requirement
from lms.courses import service as courses
from lms.courses.models import Enrolment


class Stand(StrEnum):
    """Where one person stands with one requirement."""

    DONE = "done"
    GOING_ON = "going_on"
    NOT_BEGUN = "not_begun"
    OVERDUE = "overdue"
    EXCUSED = "excused"


@dataclass(frozen=True)
class Line:
    """One person of one requirement, at the agency where this counts."""

    person_id: int
    name: str
    staff_code: str
    agency_id: int
    agency: str
    position: str
    duty: str
    stand: Stand
    done_on: date | None = None
    reason: str = ""


def open_period(session: Session, name: str, *, starts_on: date, ends_on: date) -> Period:
    """A new reporting period; two may not overlap, or a completion would count in both."""
    if ends_on <= starts_on:
        raise InvalidInput("period_days", _("Ngày cuối kỳ phải sau ngày đầu kỳ."))
    clash = session.scalar(
        select(Period).where(Period.starts_on <= ends_on, Period.ends_on >= starts_on)
    )
    if clash is not None:
        raise Conflict(
            "period_overlaps", _("Kỳ này trùng ngày với “{name}”.").format(name=clash.name)
        )
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
        raise InvalidInput("audience_unknown", _("Xin chọn nhóm đối tượng."))
    if not period.starts_on <= deadline <= period.ends_on:
        raise InvalidInput("deadline_outside", _("Hạn hoàn thành phải nằm trong kỳ báo cáo."))
    if period.closed_at is not None:
        raise Conflict("period_closed", _("Kỳ báo cáo này đã chốt."))
    made = Requirement(
        course_code=course_code, course_title=courses.find(session, course_code).title,
        audience=audience, agency_id=agency_id, period_id=period.id, deadline=deadline,
        target=target, counts_valid=counts_valid, created_at=now, created_by=by,
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


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


def excuse(
    session: Session, requirement_id: int, person_id: int, *, reason: str, by: int, now: datetime
) -> None:
    """Take somebody out of the denominator, with the reason (maternity leave, secondment)."""
    if not reason.strip():
        raise InvalidInput("no_reason", _("Xin ghi lý do miễn."))
    row = session.scalar(
        select(Excuse).where(Excuse.requirement_id == requirement_id, Excuse.person_id == person_id)
    )
    if row is None:
        row = Excuse(requirement_id=requirement_id, person_id=person_id)
        session.add(row)
    row.reason, row.by, row.at = reason.strip(), by, now
    session.flush()


def lines(
    session: Session, wanted: Requirement, *, on: date, within: Collection[int] | None = None
) -> list[Line]:
    """Everybody whom the requirement means on this day, and where they stand.

    `within`: only these agencies (what a viewer may see); None: all.
    """
    period = session.get_one(Period, wanted.period_id)
    day = min(on, period.ends_on)
    meant = people.below(session, wanted.agency_id) if wanted.agency_id else None
    duties = {duty.value for duty in AUDIENCES[wanted.audience]}
    rows = [
        row for row in session.execute(people.directory(day))
        if row.duty in duties and (meant is None or row.agency_id in meant)
    ]  # fmt: skip
    done = _done(session, wanted, period)
    begun = _begun(session, wanted)
    excused = _excused(session, wanted.id)
    names = {row.agency_id: row.agency for row in rows}
    found = []
    for row in rows:
        day_done, agency_id, agency = done.get(row.person_id, (None, None, ""))
        at = (agency_id, agency) if agency_id else (row.agency_id, names[row.agency_id])
        if within is not None and at[0] not in within:
            continue
        found.append(
            Line(
                row.person_id, row.name, row.staff_code, at[0], at[1], row.position, row.duty,
                _stand(row.person_id, done, begun, excused, is_late=on > wanted.deadline),
                day_done, excused.get(row.person_id, ""),
            )
        )  # fmt: skip
    return found


def duties_of(session: Session, person_id: int, *, on: date) -> list[tuple[Requirement, Stand]]:
    """What one person must, in the periods that run on this day, the nearest deadline first."""
    here = people.official(session, person_id, at=on)
    if here is None:
        return []
    running = session.execute(
        select(Requirement, Period)
        .join(Period, Period.id == Requirement.period_id)
        .where(
            Period.starts_on <= on, Period.ends_on >= on, Requirement.withdrawn_at.is_(None)
        )
        .order_by(Requirement.deadline, Requirement.id)
    )  # fmt: skip
    found = []
    for wanted, period in running.all():
        if here.duty not in AUDIENCES[wanted.audience]:
            continue
        if wanted.agency_id and here.agency_id not in people.below(session, wanted.agency_id):
            continue
        own = [person_id]
        stand = _stand(
            person_id, _done(session, wanted, period, own), _begun(session, wanted, own),
            _excused(session, wanted.id), is_late=on > wanted.deadline,
        )  # fmt: skip
        found.append((wanted, stand))
    return found


Done = dict[int, tuple[date, int | None, str]]


def _stand(
    person_id: int, done: Done, begun: Collection[int], excused: Collection[int], *, is_late: bool
) -> Stand:
    if person_id in done:
        return Stand.DONE
    if person_id in excused:
        return Stand.EXCUSED
    if is_late:
        return Stand.OVERDUE
    return Stand.GOING_ON if person_id in begun else Stand.NOT_BEGUN


def _done(session: Session, wanted: Requirement, period: Period, own: Sequence[int] = ()) -> Done:
    """When and where each completion that counts was; the first one of each person."""
    found: Done = {}
    for day, person, agency_id, agency in courses.completions(
        session, wanted.course_code, since=None if wanted.counts_valid else period.starts_on,
        until=period.ends_on, valid_on=wanted.deadline, people=own,
    ):  # fmt: skip
        found.setdefault(person, (day, agency_id, agency))
    outside = select(OutsideCertificate).where(
        OutsideCertificate.course_code == wanted.course_code,
        OutsideCertificate.status == "accepted",
        OutsideCertificate.issued_on <= period.ends_on,
    )
    if own:
        outside = outside.where(OutsideCertificate.person_id.in_(own))
    for row in session.scalars(outside):
        is_in = row.issued_on >= period.starts_on
        holds = row.expires_on is None or row.expires_on >= wanted.deadline
        if is_in or (wanted.counts_valid and holds):
            found.setdefault(row.person_id, (row.issued_on, None, ""))
    return found


def _begun(session: Session, wanted: Requirement, own: Sequence[int] = ()) -> set[int]:
    query = courses.open_rounds(wanted.course_code)
    return set(session.scalars(query.where(Enrolment.person_id.in_(own)) if own else query))


def _excused(session: Session, requirement_id: int) -> dict[int, str]:
    rows = session.execute(
        select(Excuse.person_id, Excuse.reason).where(Excuse.requirement_id == requirement_id)
    )
    return {row.person_id: row.reason for row in rows}
