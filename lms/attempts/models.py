"""An attempt at a quiz and the answers saved so far."""

from datetime import datetime

from sqlalchemy import Boolean, Float, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import Base, BigId, UtcDateTime


class Attempt(Base):
    """One try: which questions in which order (`questions`: JSON list of question versions' ids).

    `deadline_at` is by the server's clock, with the learner's extra time in it; None: no limit.
    The marks are computed once, when it is handed in, and read back ever after.
    """

    __tablename__ = "attempts"
    __table_args__ = (
        UniqueConstraint("enrolment_id", "quiz", "number"),
        Index(None, "submitted_at", "deadline_at"),
    )

    id: Mapped[BigId]
    token: Mapped[str] = mapped_column(String(40), unique=True)
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolments.id", ondelete="CASCADE"))
    quiz: Mapped[str] = mapped_column(String(40))
    number: Mapped[int] = mapped_column(Integer)
    seed: Mapped[str] = mapped_column(String(40))
    questions: Mapped[str] = mapped_column(Text)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    deadline_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    submitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    score: Mapped[float | None] = mapped_column(Float)
    passed: Mapped[bool | None] = mapped_column(Boolean)


class SavedAnswer(Base):
    """The newest answer at one place of an attempt; an older `seq` never overwrites a newer."""

    __tablename__ = "answers_saved"
    __table_args__ = (UniqueConstraint("attempt_id", "place"),)

    id: Mapped[BigId]
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempts.id", ondelete="CASCADE"))
    place: Mapped[int] = mapped_column(Integer)
    answer: Mapped[str] = mapped_column(Text)
    seq: Mapped[int] = mapped_column(Integer)
    device: Mapped[str] = mapped_column(String(40), default="")
    given_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)
    mark: Mapped[float | None] = mapped_column(Float)


class ExtraTime(Base):
    """Minutes that a trainer granted one learner for a quiz, and why."""

    __tablename__ = "extra_time"
    __table_args__ = (UniqueConstraint("enrolment_id", "quiz"),)

    id: Mapped[BigId]
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolments.id", ondelete="CASCADE"))
    quiz: Mapped[str] = mapped_column(String(40))
    minutes: Mapped[int] = mapped_column(Integer)
    reason: Mapped[str] = mapped_column(String(300))
    granted_by: Mapped[int] = mapped_column()
    granted_at: Mapped[datetime] = mapped_column(UtcDateTime)
