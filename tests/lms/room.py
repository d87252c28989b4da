"""A course with a lesson in a room, and classes for it."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from backend.accounts.roles import Role, SignedIn
from lms.classes import service as classes
from lms.classes.models import TrainingClass
from lms.classes.service import Planned, Setting
from lms.courses import service as courses
from lms.courses.content import Course

CODE, LESSON = "KT05", "thuc-hanh"
TRAINER = SignedIn(900, "thu", "Đặng Minh Thư", Role.TRAINER)


def make_course(session: Session, *, now: datetime) -> None:
    """KT05: one lesson to read, two hours in a room."""
    lessons = [
        {"key": "doc", "title": "Đọc trước", "minutes": 10, "body": "Một."},
        {"key": LESSON, "title": "Thực hành tại lớp", "minutes": 120, "kind": "class"},
    ]
    course = {
        "code": CODE, "title": "Ứng cứu sự cố", "summary": "Một buổi tại lớp.", "hours": 8,
        "completion": {"time_share": 0.8, "practice": True, "final": False},
        "sections": [{"title": "Thực hành", "lessons": lessons}],
    }  # fmt: skip
    courses.publish(session, Course.model_validate(course), now=now)


def make_class(
    session: Session, *, starts: datetime, minutes: int = 120, seats: int = 0
) -> TrainingClass:
    """A class that begins then, set up by Thư."""
    ends = starts + timedelta(minutes=minutes)
    planned = Planned(CODE, LESSON, Setting("Hội trường A", TRAINER.name, starts, ends, seats))
    return classes.plan(session, TRAINER, planned, now=starts - timedelta(days=1))
