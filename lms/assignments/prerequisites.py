"""What somebody still needs before a course can be completed.

Everybody may read and practise at once, and sit in its classes; what comes before a course is asked
for where its certificate is earned: at its final, or at its beginning if it has none.

A course that comes before counts for as long as its completion holds, here or elsewhere: once it
has expired it is for recertification, and what stands on it waits for that. The history stays.
"""

from datetime import date

from sqlalchemy.orm import Session

from backend.errors import Conflict
from backend.i18n import gettext as _
from lms.assignments import outside
from lms.courses import prerequisites as before
from lms.courses.content import Course
from lms.courses.prerequisites import Before


def missing(session: Session, person_id: int, course: Course, *, on: date) -> list[Before]:
    """Those that come before this course and that the person does not have on this day."""
    return [one for one in of_person(session, person_id, course, on=on) if not one.is_completed]


def of_person(session: Session, person_id: int, course: Course, *, on: date) -> list[Before]:
    """All that come before this course; what was learned elsewhere and accepted is completed."""
    if not course.prerequisites:
        return []
    elsewhere = outside.accepted(session, person_id, on=on)
    return [
        one._replace(is_completed=one.is_completed or one.code in elsewhere)
        for one in before.of_person(session, person_id, course.prerequisites, on=on)
    ]


def require(session: Session, person_id: int, course: Course, *, on: date) -> None:
    """Refuse whoever lacks one of them on this day."""
    if found := missing(session, person_id, course, on=on):
        names = "; ".join(f"{one.code} – {one.title}" for one in found)
        message = _("Anh/chị cần hoàn thành trước: {names}.").format(names=names)
        raise Conflict("prerequisite", message)
