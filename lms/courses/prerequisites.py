"""What comes before a course: which courses, whether they lead in a circle, who has them."""

from collections.abc import Collection
from datetime import date
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.courses import service as courses
from lms.courses.models import CourseRow


class Before(NamedTuple):
    """A course that comes before another; `is_open`: it can be taken here.

    `is_completed`: the person has it, and it has not expired.
    """

    code: str
    title: str
    is_open: bool
    is_completed: bool


def of_person(
    session: Session, person_id: int, codes: Collection[str], *, on: date
) -> list[Before]:
    """These courses, and whether the person completed each in a round that holds on this day."""
    held = {
        one.code
        for one in courses.rounds(session, person_id)
        if one.counts_on is not None and courses.holds(one.counts_on, one.months, on=on)
    }
    rows = session.execute(
        select(CourseRow.code, CourseRow.title, CourseRow.published_id)
        .where(CourseRow.code.in_(codes))
        .order_by(CourseRow.code)
    )
    return [Before(code, title, version is not None, code in held) for code, title, version in rows]


def unknown(session: Session, codes: Collection[str]) -> list[str]:
    """Those of these codes that no course has."""
    known = set(session.scalars(select(CourseRow.code).where(CourseRow.code.in_(codes))))
    return [code for code in codes if code not in known]


def circle(session: Session, code: str, wanted: Collection[str]) -> str:
    """The first of the `wanted` courses for which this one would be needed; empty if none is.

    Nobody could begin either of two courses that ask for each other, however many stand between.
    """
    rows = session.scalars(select(CourseRow))
    asks = {row.code: courses.published(session, row).prerequisites for row in rows}
    for first in wanted:
        reached, ahead = set[str](), [first]
        while ahead:
            here = ahead.pop()
            if here == code:
                return first
            if here not in reached:
                reached.add(here)
                ahead += asks.get(here, ())
    return ""
