"""A certificate, with everything it says as it was on its day."""

from datetime import date, datetime

from sqlalchemy import Date, Float, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import Base, BigId, UtcDateTime


class Certificate(Base):
    """What was issued never changes; a mistake is revoked and issued anew.

    `live_enrolment_id` is the round while this is its certificate in force, and empty once it is
    revoked: the unique key lets a round have one at a time.
    """

    __tablename__ = "certificates"
    __table_args__ = (Index(None, "course_code", "issued_at"),)

    id: Mapped[BigId]
    code: Mapped[str] = mapped_column(String(20), unique=True)
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolments.id"), index=True)
    live_enrolment_id: Mapped[int | None] = mapped_column(unique=True)
    replaces_id: Mapped[int | None] = mapped_column()
    person_id: Mapped[int] = mapped_column(index=True)
    person_name: Mapped[str] = mapped_column(String(120))
    agency_id: Mapped[int | None] = mapped_column(index=True)
    agency_name: Mapped[str] = mapped_column(String(200))
    position: Mapped[str] = mapped_column(String(120), default="")
    course_code: Mapped[str] = mapped_column(String(20))
    course_title: Mapped[str] = mapped_column(String(200))
    hours: Mapped[float] = mapped_column(Float)
    score: Mapped[float | None] = mapped_column(Float)
    begun_on: Mapped[date] = mapped_column(Date)
    completed_on: Mapped[date] = mapped_column(Date)
    expires_on: Mapped[date | None] = mapped_column(Date, index=True)
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_by: Mapped[int | None] = mapped_column()
    reason: Mapped[str] = mapped_column(Text, default="")
