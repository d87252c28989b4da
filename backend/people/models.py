"""Agencies, officials, and who worked where in which duty; what has been stays written."""

from datetime import date, datetime

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Date, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import Base, BigId, UtcDateTime


class Agency(Base):
    """An office of the province or a commune, with the days on which it exists.

    A merger ends it and names its successor; nothing that was recorded under it moves.
    """

    __tablename__ = "agencies"

    id: Mapped[BigId]
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    name_folded: Mapped[str] = mapped_column(String(200), index=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("agencies.id"), index=True)
    valid_from: Mapped[date] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("agencies.id"))


class Person(Base):
    """An official. `staff_code` is what their agency calls them, text with its leading zeros.

    The citizen number itself is never stored, only a keyed digest that tells two namesakes apart.
    """

    __tablename__ = "people"

    id: Mapped[BigId]
    staff_code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    name_folded: Mapped[str] = mapped_column(String(120), index=True)
    email: Mapped[str] = mapped_column(String(200), default="")
    phone: Mapped[str] = mapped_column(String(20), default="")
    born_on: Mapped[date | None] = mapped_column(Date)
    citizen_digest: Mapped[str | None] = mapped_column(String(64), unique=True)
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Membership(Base):
    """Somebody's place from one day to another; an open end means: still there.

    `valid_to` is the last day. One person has one place at a time.
    """

    __tablename__ = "memberships"
    __table_args__ = (
        CheckConstraint("duty IN ('ict_lead','ict_full','ict_part','none')", "duty"),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", "dates"),
        Index(None, "person_id", "valid_from", unique=True),
    )

    id: Mapped[BigId]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    agency_id: Mapped[int] = mapped_column(ForeignKey("agencies.id"), index=True)
    position: Mapped[str] = mapped_column(String(120), default="")
    duty: Mapped[str] = mapped_column(String(10), default="none")
    valid_from: Mapped[date] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date, index=True)


class RosterDraft(Base):
    """A roster that somebody sent and has not applied yet; its rows go when it is, or after a day.

    What would change is worked out anew whenever it is looked at, so it is never out of date.
    """

    __tablename__ = "roster_drafts"

    id: Mapped[BigId]
    officer_id: Mapped[int] = mapped_column(BigInteger, index=True)
    file_name: Mapped[str] = mapped_column(String(200))
    encoding: Mapped[str] = mapped_column(String(10))
    since: Mapped[date] = mapped_column(Date)
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agencies.id"))
    entries: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    applied_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    outcome: Mapped[str] = mapped_column(Text, default="")
