"""Courses in their versions, who takes them, and what each has done of the lessons."""

from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import Base, BigId, UtcDateTime


class CourseRow(Base):
    """A course by its code; what it teaches stands in its versions.

    `draft` is the JSON of the course as its trainer is writing it (`content.Course`, perhaps not
    valid yet), `published_id` the version that whoever begins today gets.
    """

    __tablename__ = "courses"
    __table_args__ = (CheckConstraint("status IN ('announced','draft','published')", "status"),)

    id: Mapped[BigId]
    code: Mapped[str] = mapped_column(String(20), unique=True)
    title: Mapped[str] = mapped_column(String(200))
    title_folded: Mapped[str] = mapped_column(String(200), index=True)
    summary: Mapped[str] = mapped_column(Text)
    audience: Mapped[str] = mapped_column(String(10))
    status: Mapped[str] = mapped_column(String(10), index=True)
    draft: Mapped[str] = mapped_column(Text, default="{}")
    published_id: Mapped[int | None] = mapped_column()
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class CourseVersion(Base):
    """What was published, for ever as it was: `content` is the JSON of a `content.Course`."""

    __tablename__ = "course_versions"
    __table_args__ = (UniqueConstraint("course_id", "number"),)

    id: Mapped[BigId]
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"))
    number: Mapped[int] = mapped_column(Integer)
    content: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64))
    published_at: Mapped[datetime] = mapped_column(UtcDateTime)
    published_by: Mapped[int | None] = mapped_column()


class CourseFile(Base):
    """A picture, document or video that lessons show, by the digest of what is in it."""

    __tablename__ = "course_files"
    __table_args__ = (UniqueConstraint("course_id", "name", "digest"),)

    id: Mapped[BigId]
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(120))
    digest: Mapped[str] = mapped_column(String(64), index=True)
    media_type: Mapped[str] = mapped_column(String(60))
    size: Mapped[int] = mapped_column(Integer)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class Enrolment(Base):
    """Somebody's round of a course; the next round is another row and erases nothing.

    `counts_on` is the day that the completion counts for (`service.complete`).
    Where the person worked is kept as it was at the beginning and at the end: reports count a
    completion for the agency of that day, whatever became of either since.
    """

    __tablename__ = "enrolments"
    __table_args__ = (
        UniqueConstraint("person_id", "course_id", "round"),
        Index(None, "course_id", "counts_on"),
    )

    id: Mapped[BigId]
    token: Mapped[str] = mapped_column(String(40), unique=True)
    person_id: Mapped[int] = mapped_column(index=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id"))
    version_id: Mapped[int] = mapped_column(ForeignKey("course_versions.id"))
    round: Mapped[int] = mapped_column(Integer, default=1)
    requirement_id: Mapped[int | None] = mapped_column(index=True)
    agency_id: Mapped[int | None] = mapped_column()
    agency_name: Mapped[str] = mapped_column(String(200), default="")
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    completed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    counts_on: Mapped[date | None] = mapped_column(Date)
    done_agency_id: Mapped[int | None] = mapped_column()
    done_agency_name: Mapped[str] = mapped_column(String(200), default="")


class LessonProgress(Base):
    """What one round has of one lesson. `seconds` only grow; `seq` is the last report counted.

    `held_minutes`: how long the class was, from start to end, in which the lesson was attended; the
    longest where there were several, None where none was.
    """

    __tablename__ = "lesson_progress"
    __table_args__ = (UniqueConstraint("enrolment_id", "lesson"),)

    id: Mapped[BigId]
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolments.id", ondelete="CASCADE"))
    lesson: Mapped[str] = mapped_column(String(40))
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seconds: Mapped[int] = mapped_column(Integer, default=0)
    seq: Mapped[int] = mapped_column(Integer, default=0)
    place: Mapped[int] = mapped_column(Integer, default=0)  # seconds into the video, to resume
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    held_minutes: Mapped[int | None] = mapped_column(Integer)
