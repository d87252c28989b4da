"""Questions under lessons."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import Base, BigId, UtcDateTime


class LessonQuestion(Base):
    """Asked by one learner, answered once for all. Who asked is for trainers' eyes only.

    `hidden_at`: answered for whoever asked alone, not shown to the others.
    """

    __tablename__ = "lesson_questions"
    __table_args__ = (Index(None, "course_id", "lesson"),)

    id: Mapped[BigId]
    token: Mapped[str] = mapped_column(String(40), unique=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"))
    lesson: Mapped[str] = mapped_column(String(40))
    lesson_title: Mapped[str] = mapped_column(String(200))
    person_id: Mapped[int] = mapped_column(index=True)
    text: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answer: Mapped[str] = mapped_column(Text, default="")
    answered_by: Mapped[int | None] = mapped_column()
    answerer: Mapped[str] = mapped_column(String(200), default="")
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    hidden_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
