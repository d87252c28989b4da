"""Dossiers, their history, what is missing from them, and who has proved that they may look.

Of the citizen only what the product needs is kept: a name to greet the owner, a telephone number
and an address for one-time codes. The identity number is never stored.
"""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import Base, BigId, UtcDateTime

_STATUSES = (
    "'registered','accepted','rejected','processing','supplement',"
    "'payment','withdrawn','stopped','done','returned'"
)


class Dossier(Base):
    """An application as the one-stop system knows it; `status` is one of `status.Status`.

    `due_at` is `due_base` plus the office hours for which the clock stood still after
    `due_base_at` (`due.py`). `told_at`, `status_key`, `status_by_receipt` and `details_key`
    order what the one-stop system says (`sync.py`). `receipt_digest` finds the dossier by the
    token on its receipt, which is derived from the code and `receipt_serial` and stored nowhere
    (`proofs.py`).
    """

    __tablename__ = "dossiers"
    __table_args__ = (
        CheckConstraint(f"status IN ({_STATUSES})", "status"),
        Index(None, "status", "due_at"),
    )

    id: Mapped[BigId]
    code: Mapped[str] = mapped_column(String(60), unique=True)
    procedure_code: Mapped[str] = mapped_column(String(40), default="")
    procedure_name: Mapped[str] = mapped_column(String(1000), default="")
    agency_code: Mapped[str] = mapped_column(String(40), default="")
    agency_name: Mapped[str] = mapped_column(String(300), default="")
    receipt_number: Mapped[str] = mapped_column(String(60), default="")

    owner_name: Mapped[str] = mapped_column(String(200), default="")
    phone: Mapped[str] = mapped_column(String(20), default="", index=True)
    email: Mapped[str] = mapped_column(String(200), default="")

    status: Mapped[str] = mapped_column(String(20))
    status_since: Mapped[datetime] = mapped_column(UtcDateTime)
    received_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    due_base: Mapped[datetime | None] = mapped_column(UtcDateTime)
    due_base_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    fee_total: Mapped[int] = mapped_column(BigInteger, default=0)
    is_flagged: Mapped[bool] = mapped_column(Boolean, default=False, index=True)

    told_at: Mapped[datetime] = mapped_column(UtcDateTime)
    status_key: Mapped[datetime | None] = mapped_column(UtcDateTime)
    status_by_receipt: Mapped[bool] = mapped_column(Boolean, default=False)
    details_key: Mapped[datetime | None] = mapped_column(UtcDateTime)
    receipt_digest: Mapped[str] = mapped_column(String(64), unique=True)
    receipt_serial: Mapped[int] = mapped_column(Integer, default=1)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class DossierEvent(Base):
    """A line of the history; only ever added.

    `kind`: status (it moved), step (work went on), request (papers were asked for), late (what
    came too late to move it), review (an officer looked at an unusual move), receipt (a new
    receipt was issued). `digest` tells a repeated message of the one-stop system.
    """

    __tablename__ = "dossier_events"
    __table_args__ = (
        UniqueConstraint("dossier_id", "digest"),
        CheckConstraint("kind IN ('status','step','request','late','review','receipt')", "kind"),
        CheckConstraint(f"from_status IN ({_STATUSES})", "from_status"),
        CheckConstraint(f"to_status IN ({_STATUSES})", "to_status"),
        Index(None, "dossier_id", "at"),
    )

    id: Mapped[BigId]
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossiers.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(10))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    from_status: Mapped[str | None] = mapped_column(String(20))
    to_status: Mapped[str | None] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(Text, default="")
    actor: Mapped[str] = mapped_column(String(200), default="")
    department: Mapped[str] = mapped_column(String(300), default="")
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("officers.id"))
    is_flagged: Mapped[bool] = mapped_column(Boolean, default=False)
    digest: Mapped[str | None] = mapped_column(String(64))


class DossierRequest(Base):
    """Papers that were asked for, and how the due date moved with it."""

    __tablename__ = "dossier_requests"
    __table_args__ = (UniqueConstraint("dossier_id", "digest"),)

    id: Mapped[BigId]
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossiers.id", ondelete="CASCADE"))
    what: Mapped[str] = mapped_column(Text)
    asked_by: Mapped[str] = mapped_column(String(200), default="")
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    old_due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    new_due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    digest: Mapped[str] = mapped_column(String(64))


class DossierChat(Base):
    """A chat that proved it may look at a dossier, how, and whether it follows it."""

    __tablename__ = "dossier_chats"
    __table_args__ = (
        UniqueConstraint("dossier_id", "channel", "chat"),
        CheckConstraint("via IN ('receipt','code','contact')", "via"),
        Index(None, "channel", "chat"),
    )

    id: Mapped[BigId]
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossiers.id", ondelete="CASCADE"))
    channel: Mapped[str] = mapped_column(String(20))
    chat: Mapped[str] = mapped_column(String(100))
    via: Mapped[str] = mapped_column(String(10))
    proved_at: Mapped[datetime] = mapped_column(UtcDateTime)
    followed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class LookupChallenge(Base):
    """A one-time code that was asked for; a row like any other where no such dossier exists.

    The code itself is nowhere: it is derived from `salt` and the product's secret key when it is
    sent and when it is checked (`challenges.py`).
    """

    __tablename__ = "lookup_challenges"

    id: Mapped[BigId]
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    salt: Mapped[str] = mapped_column(String(64))
    dossier_id: Mapped[int | None] = mapped_column(ForeignKey("dossiers.id", ondelete="CASCADE"))
    channel: Mapped[str] = mapped_column(String(20))
    chat: Mapped[str] = mapped_column(String(100))
    tries: Mapped[int] = mapped_column(Integer, default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class LookupPage(Base):
    """A link in a chat that opens our page on behalf of that chat; it lets nobody read anything."""

    __tablename__ = "lookup_pages"

    id: Mapped[BigId]
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    channel: Mapped[str] = mapped_column(String(20))
    chat: Mapped[str] = mapped_column(String(100))
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class DossierView(Base):
    """An officer looked at a dossier."""

    __tablename__ = "dossier_views"
    __table_args__ = (Index(None, "officer_id", "at"),)

    id: Mapped[BigId]
    dossier_id: Mapped[int] = mapped_column(
        ForeignKey("dossiers.id", ondelete="CASCADE"), index=True
    )
    officer_id: Mapped[int] = mapped_column(ForeignKey("officers.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
