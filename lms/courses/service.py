"""Courses and their versions; who takes which, in which round."""

import hashlib
import json
from calendar import monthrange
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from backend import audit, clock, db, ids
from backend.errors import Conflict, NotFound
from backend.i18n import gettext as _
from backend.people import service as people
from lms.courses.content import Course
from lms.courses.models import CourseRow, CourseVersion, Enrolment
from nlu.text import fold

SYNCHRONISED = timedelta(days=3)


KNOWN_AT_ONCE = 64
_known: dict[str, Course] = {}
# Built once: every page of a lesson and of a quiz asks these.
_DIGEST = select(CourseVersion.digest).where(CourseVersion.id == bindparam("version_id"))
_TAKING = (
    select(Enrolment, CourseRow.code, CourseVersion.digest)
    .join(CourseRow, CourseRow.id == Enrolment.course_id)
    .join(CourseVersion, CourseVersion.id == Enrolment.version_id)
    .where(Enrolment.id == bindparam("enrolment_id"))
)


@dataclass(frozen=True)
class Taking:
    """A round of a course with what that round's version teaches."""

    enrolment: Enrolment
    course: Course
    bank: str


def courses(session: Session) -> list[CourseRow]:
    """Every course a learner may see: published ones, then those announced; by title."""
    shown = CourseRow.status.in_(("published", "announced"))
    rows = session.scalars(select(CourseRow).where(shown).order_by(CourseRow.code))
    return sorted(rows, key=lambda row: row.status == "announced")


def find(session: Session, code: str) -> CourseRow:
    """The course of this code."""
    row = session.scalar(select(CourseRow).where(CourseRow.code == code))
    if row is None:
        raise NotFound("no_course", _("Không có khoá học này."))
    return row


def taught(session: Session, version_id: int) -> Course:
    """What a version teaches; fetched and parsed once in each process, since it never changes."""
    return _taught(session, version_id, session.scalars(_DIGEST, {"version_id": version_id}).one())


def _taught(session: Session, version_id: int, digest: str) -> Course:
    if digest not in _known:
        if len(_known) >= KNOWN_AT_ONCE:
            _known.clear()
        _known[digest] = _parsed(digest, session.get_one(CourseVersion, version_id).content)
    return _known[digest]


def taught_all(session: Session, version_ids: Collection[int | None]) -> dict[int, Course]:
    """What each of these versions teaches."""
    rows = session.scalars(select(CourseVersion).where(CourseVersion.id.in_(version_ids)))
    return {row.id: _parsed(row.digest, row.content) for row in rows}


def published(session: Session, row: CourseRow) -> Course:
    """What whoever begins today is taught; an announced course has only its description."""
    if row.published_id is None:
        return _parsed(hashlib.sha256(row.draft.encode()).hexdigest(), row.draft)
    return taught(session, row.published_id)


@lru_cache(maxsize=64)
def _parsed(_digest: str, content: str) -> Course:
    return Course.model_validate_json(content)


def publish(session: Session, course: Course, *, by: int | None = None, now: datetime) -> CourseRow:
    """Make this the course's newest version; the very same content again publishes nothing.

    Whoever is in an older version stays in it: their lessons and marks do not move under them.
    """
    row = session.scalar(select(CourseRow).where(CourseRow.code == course.code).with_for_update())
    if row is None:
        row = CourseRow(code=course.code, status="draft", created_at=now)
        session.add(row)
    content = json.dumps(course.model_dump(mode="json"), ensure_ascii=False, sort_keys=True)
    digest = hashlib.sha256(content.encode()).hexdigest()
    row.title, row.title_folded = course.title, fold(course.title)
    row.summary, row.audience, row.draft = course.summary, course.audience, content
    session.flush()
    if course.status == "announced":
        row.status = "announced"
        return row
    row.status = "published"
    newest = session.scalar(
        select(CourseVersion)
        .where(CourseVersion.course_id == row.id)
        .order_by(CourseVersion.number.desc())
        .limit(1)
    )
    if newest is None or newest.digest != digest:
        newest = CourseVersion(
            course_id=row.id, number=newest.number + 1 if newest else 1, content=content,
            digest=digest, published_at=now, published_by=by,
        )  # fmt: skip
        session.add(newest)
        session.flush()
        audit.record(
            session, by, "course.published", f"course:{course.code}", version=newest.number,
            digest=digest, now=now,
        )  # fmt: skip
    row.published_id = newest.id
    session.flush()
    return row


def enrol(
    session: Session, person_id: int, code: str, *, requirement_id: int | None = None,
    now: datetime,
) -> Enrolment:  # fmt: skip
    """The person's open round of this course; a new one where there is none.

    A round that is complete stays: whoever begins again gets the next number. Whoever taps twice
    gets the same round twice.
    """
    row = find(session, code)
    if row.published_id is None:
        raise Conflict("course_announced", _("Khoá học này chưa mở."))
    last = latest(session, person_id, row.id)
    if last is not None and last.completed_at is None:
        return last
    here = people.official(session, person_id, at=clock.local(now).date())
    values = {
        "token": ids.token(), "person_id": person_id, "course_id": row.id,
        "version_id": row.published_id, "round": last.round + 1 if last else 1,
        "requirement_id": requirement_id, "started_at": now,
        "agency_id": here.agency_id if here else None, "agency_name": here.agency if here else "",
    }  # fmt: skip
    db.insert_once(session, Enrolment, values, unique=("person_id", "course_id", "round"))
    return session.scalars(_latest(person_id, row.id)).one()


def latest(session: Session, person_id: int, course_id: int) -> Enrolment | None:
    """The person's last round of a course."""
    return session.scalar(_latest(person_id, course_id))


def _latest(person_id: int, course_id: int) -> Select[Enrolment]:
    return (
        select(Enrolment)
        .where(Enrolment.person_id == person_id, Enrolment.course_id == course_id)
        .order_by(Enrolment.round.desc())
        .limit(1)
    )


def rounds_of(session: Session, person_id: int) -> dict[int, Enrolment]:
    """The person's last round of every course they ever began, by the course's id."""
    rows = session.scalars(
        select(Enrolment).where(Enrolment.person_id == person_id).order_by(Enrolment.round)
    )
    return {row.course_id: row for row in rows}


def taking(session: Session, person_id: int, code: str, *, lock: bool = False) -> Taking:
    """The person's last round of this course, complete or not; `lock` it before changing it."""
    row = find(session, code)
    last = latest(session, person_id, row.id)
    if last is None:
        raise NotFound("not_enrolled", _("Anh/chị chưa vào học khoá này."))
    if lock:
        session.refresh(last, with_for_update=True)
    return Taking(last, taught(session, last.version_id), row.code)


def taking_of(session: Session, enrolment_id: int) -> Taking:
    """A round by its row; an attempt or a certificate leads to it."""
    row = session.execute(_TAKING, {"enrolment_id": enrolment_id}).one()
    course = _taught(session, row.Enrolment.version_id, row.digest)
    return Taking(row.Enrolment, course, row.code)


def complete(
    session: Session, enrolment: Enrolment, *, final_begun_at: datetime | None = None, now: datetime
) -> bool:
    """Note that the round is complete and where the person works that day; whether that is new.

    Work done before a deadline may arrive after it, when there is a network again. It counts for
    the day on which the final was begun, by the server's clock, if it arrives within
    `SYNCHRONISED` of it; else for the day on which it arrived.
    """
    if enrolment.completed_at is not None:
        return False
    counts = final_begun_at if final_begun_at and now - final_begun_at <= SYNCHRONISED else now
    enrolment.completed_at, enrolment.counts_on = now, clock.local(counts).date()
    here = people.official(session, enrolment.person_id, at=enrolment.counts_on)
    enrolment.done_agency_id = here.agency_id if here else enrolment.agency_id
    enrolment.done_agency_name = here.agency if here else enrolment.agency_name
    session.flush()
    return True


def completions(
    session: Session,
    code: str,
    *,
    since: date | None,
    until: date,
    valid_on: date,
    people: Collection[int] = (),
) -> list[tuple[date, int, int | None, str]]:
    """(day, person, agency id, agency) of completions that count, the earliest first.

    Without `since`, those from before count too as long as they still hold on `valid_on`.
    """
    query = (
        select(
            Enrolment.counts_on, Enrolment.person_id, Enrolment.done_agency_id,
            Enrolment.done_agency_name, Enrolment.version_id,
        )
        .join(CourseRow, CourseRow.id == Enrolment.course_id)
        .where(CourseRow.code == code, Enrolment.counts_on <= until)
        .order_by(Enrolment.counts_on)
    )  # fmt: skip
    if since is not None:
        query = query.where(Enrolment.counts_on >= since)
    if people:
        query = query.where(Enrolment.person_id.in_(people))
    rows = session.execute(query).all()
    months = {
        version: taught(session, version).validity_months
        for version in {r.version_id for r in rows}
    }
    return [
        (row.counts_on, row.person_id, row.done_agency_id, row.done_agency_name)
        for row in rows
        if since is not None or holds(row.counts_on, months[row.version_id], on=valid_on)
    ]


class Round(NamedTuple):
    """One of a person's rounds: the day it counts for (None: not complete), how long that holds."""

    code: str
    counts_on: date | None
    months: int


def rounds(session: Session, person_id: int) -> list[Round]:
    """All rounds of one person, in one query (and one more for a version not seen before)."""
    rows = session.execute(
        select(CourseRow.code, Enrolment.counts_on, Enrolment.version_id, CourseVersion.digest)
        .join(CourseRow, CourseRow.id == Enrolment.course_id)
        .join(CourseVersion, CourseVersion.id == Enrolment.version_id)
        .where(Enrolment.person_id == person_id)
    )
    return [
        Round(code, on, _taught(session, version, digest).validity_months)
        for code, on, version, digest in rows.all()
    ]


def holds(done: date, months: int, *, on: date) -> bool:
    """Whether what was completed then is still valid on this day."""
    last = last_day(done, months)
    return last is None or on <= last


def last_day(done: date, months: int) -> date | None:
    """The last day of validity; 31 August and six months is the last of February."""
    if not months:
        return None
    year, month = divmod(done.year * 12 + done.month - 1 + months, 12)
    return date(year, month + 1, min(done.day, monthrange(year, month + 1)[1]))


def open_rounds(code: str) -> Select[int]:
    """Who is in the middle of a course: a SELECT of people's ids, to be narrowed or joined."""
    return (
        select(Enrolment.person_id)
        .join(CourseRow, CourseRow.id == Enrolment.course_id)
        .where(CourseRow.code == code, Enrolment.completed_at.is_(None))
    )
