"""The bank: every question in every wording it ever had."""

from datetime import datetime

from sqlalchemy import Boolean, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import Base, BigId, UtcDateTime


class QuestionRow(Base):
    """One version of a question; attempts point at it, so it never changes.

    `bank` is the code of the course, `key` the question's id in it. Only the newest version is
    `is_current`, and none is once the question was taken out.
    """

    __tablename__ = "questions"
    __table_args__ = (
        UniqueConstraint("bank", "key", "version"),
        Index(None, "bank", "is_current", "category"),
    )

    id: Mapped[BigId]
    bank: Mapped[str] = mapped_column(String(20))
    key: Mapped[str] = mapped_column(String(40))
    version: Mapped[int] = mapped_column(Integer, default=1)
    type: Mapped[str] = mapped_column(String(12))
    category: Mapped[str] = mapped_column(String(60))
    difficulty: Mapped[int] = mapped_column(Integer)
    content: Mapped[str] = mapped_column(Text)
    is_current: Mapped[bool] = mapped_column(Boolean, default=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
