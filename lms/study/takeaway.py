"""A course as something to take away: which addresses it consists of and what they weigh."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from lms.courses import loader
from lms.courses.service import Taking
from lms.study import shell

FRAME_OF_A_PAGE = 8_000
"""Bytes of a lesson's page without its lesson; a test compares what is promised with what comes."""


@dataclass(frozen=True)
class Takeaway:
    """What a device fetches for one course; without its videos, which are too heavy for that."""

    version: str
    urls: tuple[str, ...]
    size: int

    @property
    def kilobytes(self) -> int:
        """Rounded up to ten: it is said before anybody taps."""
        return -(-self.size // 10_000) * 10


def takeaway(session: Session, taking: Taking, version: str) -> Takeaway:
    """The course's own page, its lessons, its pictures and documents."""
    base = f"/hoc/{taking.course.code}"
    lessons = list(taking.course.lessons())
    files = [
        file
        for file in loader.newest_files(session, taking.enrolment.course_id)
        if not file.media_type.startswith("video/")
    ]
    size = sum(file.size for file in files) + (len(lessons) + 1) * FRAME_OF_A_PAGE
    size += sum(len(lesson.body.encode()) for lesson in lessons)
    urls = (base, *(f"{base}/{lesson.key}" for lesson in lessons), *(f.address for f in files))
    return Takeaway(f"{version}-{shell.version()}", urls, size)
