"""The ledger of training hours: what everybody completed in a period, here and elsewhere.

A course gives its own hours (tiết). A lesson in a room that was attended gives the length of its
class instead of the time that the course had planned for it, `HOUR` minutes to an hour.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.people import service as people
from lms.assignments.models import OutsideCertificate, Period
from lms.courses import service as courses
from lms.courses.content import Course
from lms.courses.models import CourseRow, Enrolment, LessonProgress

# Minutes of a teaching hour (tiết).
HOUR = 45


@dataclass(frozen=True)
class Entry:
    """One course that somebody completed; `is_outside`: with a certificate from elsewhere."""

    code: str
    title: str
    hours: float
    done_on: date
    is_outside: bool = False


@dataclass
class Account:
    """One person's hours of a period."""

    person_id: int
    name: str
    staff_code: str
    agency: str
    entries: list[Entry] = field(default_factory=list)

    @property
    def hours(self) -> float:
        """All of them."""
        return sum(entry.hours for entry in self.entries)


def accounts(
    session: Session, period: Period, *, on: date, within: Collection[int] | None = None
) -> list[Account]:
    """Everybody's account, by agency and name; nobody is left out for having none."""
    day = min(on, period.ends_on)
    entries = _entries(session, period, until=day)
    found = [
        Account(row.person_id, row.name, row.staff_code, row.agency, entries.get(row.person_id, []))
        for row in session.execute(people.directory(day))
        if within is None or row.agency_id in within
    ]
    return sorted(found, key=lambda one: (one.agency, one.name.split()[::-1]))


def completed_courses(session: Session, period: Period, *, until: date) -> dict[int, set[str]]:
    """Codes of the courses that each person completed in the period."""
    return {
        person: {entry.code for entry in entries}
        for person, entries in _entries(session, period, until=until).items()
    }


def _entries(session: Session, period: Period, *, until: date) -> dict[int, list[Entry]]:
    """The first completion of a course in the period; hours do not count twice."""
    found: dict[int, dict[str, Entry]] = defaultdict(dict)
    rows = session.execute(
        select(
            Enrolment.id, Enrolment.person_id, CourseRow.code, CourseRow.title,
            Enrolment.version_id, Enrolment.counts_on,
        )
        .join(CourseRow, CourseRow.id == Enrolment.course_id)
        .where(Enrolment.counts_on >= period.starts_on, Enrolment.counts_on <= until)
        .order_by(Enrolment.counts_on)
    ).all()  # fmt: skip
    taught = courses.taught_all(session, {row.version_id for row in rows})
    held = _held(session, period, until=until)
    for enrolment, person, code, title, version, done_on in rows:
        if done_on is not None:
            hours = hours_of(taught[version], held.get(enrolment, {}))
            entry = Entry(code, title, hours, done_on)
            found[person].setdefault(code, entry)
    for person, code, title, hours, issued_on in _outside(session, period, until=until):
        found[person].setdefault(code, Entry(code, title, hours, issued_on, is_outside=True))
    return {person: list(entries.values()) for person, entries in found.items()}


def hours_of(course: Course, held: Mapping[str, int]) -> float:
    """A course's hours where the lessons `held` were attended in classes of so many minutes."""
    planned = {lesson.key: lesson.minutes for lesson in course.lessons()}
    instead = sum(planned[key] for key in held)
    rest = max(course.hours - instead / HOUR, 0) if held else course.hours
    return round(rest + sum(held.values()) / HOUR, 1)


def _held(session: Session, period: Period, *, until: date) -> dict[int, dict[str, int]]:
    """Minutes of the classes that were attended, by round and lesson."""
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for enrolment, lesson, minutes in session.execute(
        select(LessonProgress.enrolment_id, LessonProgress.lesson, LessonProgress.held_minutes)
        .join(Enrolment, Enrolment.id == LessonProgress.enrolment_id)
        .where(
            Enrolment.counts_on >= period.starts_on, Enrolment.counts_on <= until,
            LessonProgress.held_minutes.is_not(None),
        )
    ):  # fmt: skip
        found[enrolment][lesson] = minutes or 0
    return found


def _outside(
    session: Session, period: Period, *, until: date
) -> list[tuple[int, str, str, float, date]]:
    """Accepted certificates; the hours are those of the course that they stand for."""
    rows = session.execute(
        select(OutsideCertificate.person_id, OutsideCertificate.issued_on, CourseRow)
        .join(CourseRow, CourseRow.code == OutsideCertificate.course_code)
        .where(
            OutsideCertificate.status == "accepted",
            OutsideCertificate.issued_on >= period.starts_on,
            OutsideCertificate.issued_on <= until,
        )
        .order_by(OutsideCertificate.issued_on)
    ).all()  # fmt: skip
    hours = {row.id: courses.published(session, row).hours for row in {r.CourseRow for r in rows}}
    return [
        (person, course.code, course.title, hours[course.id], issued_on)
        for person, issued_on, course in rows
    ]
