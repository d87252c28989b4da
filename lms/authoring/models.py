"""Courses as they are being written, and files of questions that wait for a trainer's word."""

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import Base, BigId, UtcDateTime


class CourseDraft(Base):
    """`content` has the shape of `courses.content.Course`, perhaps with gaps.

    `saves` counts, as JSON, how often each part was saved, so that two who write the same part
    notice each other.
    """

    __tablename__ = "course_drafts"

    id: Mapped[BigId]
    course_id: Mapped[int] = mapped_column(
        ForeignKey("courses.id", ondelete="CASCADE"), unique=True
    )
    content: Mapped[str] = mapped_column(Text)
    saves: Mapped[str] = mapped_column(Text, default="{}")
    changed_by: Mapped[str] = mapped_column(String(200), default="")
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class QuestionImport(Base):
    """A file of questions that was read; nothing of it is in the bank before it is applied."""

    __tablename__ = "question_imports"

    id: Mapped[BigId]
    token: Mapped[str] = mapped_column(String(40), unique=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"), index=True)
    officer_id: Mapped[int] = mapped_column()
    file_name: Mapped[str] = mapped_column(String(200))
    drafts: Mapped[str] = mapped_column(Text)
    pictures: Mapped[str] = mapped_column(Text)
    notes: Mapped[str] = mapped_column(Text)
    is_quick: Mapped[bool] = mapped_column(Boolean)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    applied_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Opening(Base):
    """A course that opens at a set time, as its draft stands then.

    `live_course_id` is empty once it is over, so that a course has one opening ahead at most.
    `outcome`: opened, cancelled or failed (with the `reason`); empty while it is ahead.
    """

    __tablename__ = "course_openings"

    id: Mapped[BigId]
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"), index=True)
    live_course_id: Mapped[int | None] = mapped_column(unique=True)
    opens_at: Mapped[datetime] = mapped_column(UtcDateTime)
    set_by: Mapped[int] = mapped_column()
    set_by_name: Mapped[str] = mapped_column(String(200))
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)
    outcome: Mapped[str] = mapped_column(String(10), default="")
    reason: Mapped[str] = mapped_column(String(500), default="")
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
