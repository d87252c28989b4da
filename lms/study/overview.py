"""Everything there is to learn, with how far one person is."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from lms.attempts import service as attempts
from lms.courses import service as courses
from lms.courses.content import Course
from lms.courses.models import CourseRow, Enrolment
from lms.courses.service import Taking
from lms.courses.standing import Standing


@dataclass(frozen=True)
class Line:
    """A course on the learner's front page."""

    row: CourseRow
    course: Course
    enrolment: Enrolment | None
    standing: Standing | None

    @property
    def is_going_on(self) -> bool:
        """Begun and not complete."""
        return self.enrolment is not None and self.enrolment.completed_at is None


def overview(session: Session, person_id: int) -> list[Line]:
    """What is going on first, then what can be begun, then what is done, then what is announced."""
    rows = courses.courses(session)
    rounds = courses.rounds_of(session, person_id)
    wanted = {row.published_id for row in rows} | {last.version_id for last in rounds.values()}
    taught = courses.taught_all(session, wanted - {None})
    lines = []
    for row in rows:
        last = rounds.get(row.id)
        version = last.version_id if last else row.published_id
        course = taught[version] if version else courses.published(session, row)
        is_open = last is not None and last.completed_at is None
        standing = (
            attempts.standing_of(session, Taking(last, course, row.code))
            if last is not None and is_open
            else None
        )
        lines.append(Line(row, course, last, standing))
    return sorted(lines, key=_rank)


def _rank(line: Line) -> tuple[int, str]:
    if line.is_going_on:
        return 0, line.row.code
    if line.row.status == "announced":
        return 3, line.row.code
    return (1 if line.enrolment is None else 2), line.row.code
