"""Classes in a room, and who has a seat in them."""

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import Base, BigId, UtcDateTime


class TrainingClass(Base):
    """One meeting for a lesson of kind `class`: whoever is in the course may come.

    `seats` is 0 where the room has room for all. The roll can be called between `opened_at` and
    `closed_at`; closing it gives everybody who was there their time. `changed_at` is when its time
    or place was last changed.
    """

    __tablename__ = "classes"

    id: Mapped[BigId]
    token: Mapped[str] = mapped_column(String(40), unique=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id"), index=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("course_versions.id"))
    lesson: Mapped[str] = mapped_column(String(40))
    place: Mapped[str] = mapped_column(String(200))
    trainer: Mapped[str] = mapped_column(String(200))
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seats: Mapped[int] = mapped_column(Integer)
    opened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cancelled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cancel_reason: Mapped[str | None] = mapped_column(String(300))
    made_by: Mapped[int] = mapped_column()
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Invitation(Base):
    """Somebody who was asked to come; they book a seat themselves, or simply come."""

    __tablename__ = "class_invitations"
    __table_args__ = (UniqueConstraint("class_id", "person_id"),)

    id: Mapped[BigId]
    class_id: Mapped[int] = mapped_column(ForeignKey("classes.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(index=True)
    invited_by: Mapped[int] = mapped_column()
    invited_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Seat(Base):
    """Somebody who wants to come, came, or says that they did.

    `how` they were found present: `scan` (the picture or its six digits, in time) or `hand` (by an
    officer, who gives a `reason`); empty while they are not. `claimed_at`: they sent a mark that
    was shown in class, but later than it holds; an officer decides. `minutes` is the time in class
    that counts; `counted_at` when it was given to their round.
    """

    __tablename__ = "class_seats"
    __table_args__ = (UniqueConstraint("class_id", "person_id"),)

    id: Mapped[BigId]
    class_id: Mapped[int] = mapped_column(ForeignKey("classes.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(index=True)
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolments.id", ondelete="CASCADE"))
    booked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    claimed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    present_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    how: Mapped[str] = mapped_column(String(10), default="")
    minutes: Mapped[int] = mapped_column(Integer, default=0)
    marked_by: Mapped[int | None] = mapped_column()
    reason: Mapped[str] = mapped_column(String(300), default="")
    counted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
