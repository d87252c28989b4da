"""Where everybody stands with a requirement: computed from rows whenever somebody asks.

Who counts where: whoever has completed counts for the agency of that day, everybody else for the
one where they work on the day of the report. Nobody counts twice. The directory is read once for
all requirements of a period (`roster`).
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from backend.people import service as people
from backend.people.duties import AUDIENCES
from lms.assignments.models import Excuse, OutsideCertificate, Period, Requirement
from lms.courses import service as courses


class Stand(StrEnum):
    """Where one person stands with one requirement."""

    DONE = "done"
    GOING_ON = "going_on"
    NOT_BEGUN = "not_begun"
    OVERDUE = "overdue"
    EXCUSED = "excused"


class Line(NamedTuple):
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


Roster = Sequence[Row[int, str, str, str, int, str, str, str]]
Done = Mapping[int, tuple[date, int | None, str]]


def roster(session: Session, period: Period, *, on: date) -> Roster:
    """Everybody who works somewhere on this day of the period (its last day, once it is over)."""
    return session.execute(people.directory(min(on, period.ends_on))).all()


def lines(
    session: Session,
    wanted: Requirement,
    period: Period,
    everybody: Roster,
    *,
    on: date,
    within: Collection[int] | None = None,
) -> list[Line]:
    """Everybody whom the requirement means, and where they stand on this day.

    `within`: only these agencies (what a viewer may see); None: all.
    """
    meant = people.below(session, wanted.agency_id) if wanted.agency_id else None
    duties = {duty.value for duty in AUDIENCES[wanted.audience]}
    done, begun = completed(session, wanted, period), begun_by(session, wanted)
    excused, is_late = excuses(session, wanted.id), on > wanted.deadline
    found = []
    for person, name, code, _email, agency_id, agency, position, duty in everybody:
        if duty not in duties or (meant is not None and agency_id not in meant):
            continue
        day, done_at, done_where = done.get(person, (None, None, ""))
        at, where = (done_at, done_where) if done_at else (agency_id, agency)
        if within is not None and at not in within:
            continue
        stand = stand_of(person, done, begun, excused, is_late=is_late)
        found.append(
            Line(person, name, code, at, where, position, duty, stand, day, excused.get(person, ""))
        )
    return found


def stand_of(
    person_id: int, done: Done, begun: Collection[int], excused: Collection[int], *, is_late: bool
) -> Stand:
    """One person's stand."""
    if person_id in done:
        return Stand.DONE
    if person_id in excused:
        return Stand.EXCUSED
    if is_late:
        return Stand.OVERDUE
    return Stand.GOING_ON if person_id in begun else Stand.NOT_BEGUN


def completed(
    session: Session, wanted: Requirement, period: Period, own: Sequence[int] = (),
    *, until: date | None = None,
) -> Done:  # fmt: skip
    """When and where each completion that counts was; the first one of each person.

    `until`: a day after the period's last, to find as well who has learnt too late to count.
    """
    until = until or period.ends_on
    found: dict[int, tuple[date, int | None, str]] = {}
    for day, person, agency_id, agency in courses.completions(
        session, wanted.course_code, since=None if wanted.counts_valid else period.starts_on,
        until=until, valid_on=wanted.deadline, people=own,
    ):  # fmt: skip
        found.setdefault(person, (day, agency_id, agency))
    outside = select(
        OutsideCertificate.person_id, OutsideCertificate.issued_on, OutsideCertificate.expires_on
    ).where(
        OutsideCertificate.course_code == wanted.course_code,
        OutsideCertificate.status == "accepted",
        OutsideCertificate.issued_on <= until,
    )
    if own:
        outside = outside.where(OutsideCertificate.person_id.in_(own))
    for person, issued_on, expires_on in session.execute(outside):
        if _counts_outside(wanted, period, issued_on, expires_on):
            found.setdefault(person, (issued_on, None, ""))
    return found


def _counts_outside(
    wanted: Requirement, period: Period, issued_on: date, expires_on: date | None
) -> bool:
    """Whether a certificate from elsewhere, issued by the period's last day, counts."""
    holds = expires_on is None or expires_on >= wanted.deadline
    return issued_on >= period.starts_on or (wanted.counts_valid and holds)


def of_person(
    session: Session, person_id: int, due: Sequence[tuple[Requirement, Period]], *, on: date
) -> list[Stand]:
    """One person's stand with each of these, in three queries however many there are."""
    rounds = courses.rounds(session, person_id)
    outside = session.execute(
        select(
            OutsideCertificate.course_code, OutsideCertificate.issued_on,
            OutsideCertificate.expires_on,
        ).where(
            OutsideCertificate.person_id == person_id, OutsideCertificate.status == "accepted"
        )
    ).all()  # fmt: skip
    excused = set(
        session.scalars(select(Excuse.requirement_id).where(Excuse.person_id == person_id))
    )
    found = []
    for wanted, period in due:
        own = [one for one in rounds if one.code == wanted.course_code]
        is_done = any(_counts(wanted, period, one) for one in own) or any(
            _counts_outside(wanted, period, issued_on, expires_on)
            for code, issued_on, expires_on in outside
            if code == wanted.course_code and issued_on <= period.ends_on
        )
        found.append(
            stand_of(
                person_id, {person_id: (on, None, "")} if is_done else {},
                {person_id} if any(one.counts_on is None for one in own) else (),
                {person_id} if wanted.id in excused else (), is_late=on > wanted.deadline,
            )
        )  # fmt: skip
    return found


def _counts(wanted: Requirement, period: Period, one: courses.Round) -> bool:
    """Whether a round counts, by the same rule as `courses.completions`."""
    if one.counts_on is None or one.counts_on > period.ends_on:
        return False
    if wanted.counts_valid:
        return courses.holds(one.counts_on, one.months, on=wanted.deadline)
    return one.counts_on >= period.starts_on


def begun_by(session: Session, wanted: Requirement) -> set[int]:
    """Who is in the middle of the course."""
    return set(session.scalars(courses.open_rounds(wanted.course_code)))


def excuses(session: Session, requirement_id: int) -> dict[int, str]:
    """Who need not, and why."""
    rows = session.execute(
        select(Excuse.person_id, Excuse.reason).where(Excuse.requirement_id == requirement_id)
    )
    return {row.person_id: row.reason for row in rows}
