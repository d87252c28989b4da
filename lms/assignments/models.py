"""Reporting periods, requirements, excuses, and learning that was done elsewhere."""

from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    Date,
    Float,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import Base, BigId, UtcDateTime


class Period(Base):
    """A reporting period, both days included: 15 December to 14 December, not the calendar's year
    (Decree 331/2026, art. 35). `frozen` is the report as it was when the period was closed (JSON),
    `digest` its SHA-256."""

    __tablename__ = "periods"
    __table_args__ = (CheckConstraint("ends_on > starts_on", "days"),)

    id: Mapped[BigId]
    name: Mapped[str] = mapped_column(String(120), unique=True)
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date] = mapped_column(Date, index=True)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_by: Mapped[int | None] = mapped_column()
    frozen: Mapped[str] = mapped_column(Text, default="")
    digest: Mapped[str] = mapped_column(String(64), default="")


class Addendum(Base):
    """A correction after a period was closed; the frozen report itself never changes."""

    __tablename__ = "period_addenda"

    id: Mapped[BigId]
    period_id: Mapped[int] = mapped_column(ForeignKey("periods.id"), index=True)
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by: Mapped[int] = mapped_column()
    by_name: Mapped[str] = mapped_column(String(120))


class Requirement(Base):
    """Everybody of `audience` (in one agency and below, or everywhere) completes a course in a
    period, by a day. `counts_valid`: a certificate from before that still holds on the last day
    counts as well. `target` is the share that the plan asks for."""

    __tablename__ = "requirements"

    id: Mapped[BigId]
    course_code: Mapped[str] = mapped_column(String(20), index=True)
    course_title: Mapped[str] = mapped_column(String(200))
    audience: Mapped[str] = mapped_column(String(10))
    agency_id: Mapped[int | None] = mapped_column()
    period_id: Mapped[int] = mapped_column(ForeignKey("periods.id"), index=True)
    deadline: Mapped[date] = mapped_column(Date)
    target: Mapped[float] = mapped_column(Float, default=1.0)
    counts_valid: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[int] = mapped_column()
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Excuse(Base):
    """Somebody who need not: out of the denominator, with the reason in writing."""

    __tablename__ = "excuses"
    __table_args__ = (UniqueConstraint("requirement_id", "person_id"),)

    id: Mapped[BigId]
    requirement_id: Mapped[int] = mapped_column(ForeignKey("requirements.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column()
    reason: Mapped[str] = mapped_column(String(300))
    by: Mapped[int] = mapped_column()
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class OutsideCertificate(Base):
    """A certificate from elsewhere with its evidence; counts once somebody accepted it."""

    __tablename__ = "outside_certificates"
    __table_args__ = (
        CheckConstraint("status IN ('waiting','accepted','refused')", "status"),
        Index(None, "course_code", "status"),
    )

    id: Mapped[BigId]
    person_id: Mapped[int] = mapped_column(index=True)
    course_code: Mapped[str] = mapped_column(String(20))
    issuer: Mapped[str] = mapped_column(String(200))
    number: Mapped[str] = mapped_column(String(80), default="")
    issued_on: Mapped[date] = mapped_column(Date)
    expires_on: Mapped[date | None] = mapped_column(Date)
    evidence: Mapped[bytes] = mapped_column(LargeBinary)
    media_type: Mapped[str] = mapped_column(String(60))
    status: Mapped[str] = mapped_column(String(10), default="waiting")
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by: Mapped[int | None] = mapped_column()
    remark: Mapped[str] = mapped_column(String(300), default="")


class Reminder(Base):
    """A reminder that is due: one of a kind for a person and a requirement, ever.

    `kind` is `before30` … `late1`, or `agency…` where `person_id` is the coordinator who is told
    that others are late. `is_told`: whether there was a way to tell them.
    """

    __tablename__ = "reminders"
    __table_args__ = (UniqueConstraint("requirement_id", "person_id", "kind"),)

    id: Mapped[BigId]
    requirement_id: Mapped[int] = mapped_column(ForeignKey("requirements.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(String(40))
    is_told: Mapped[bool] = mapped_column()
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
