"""Hand-overs and their steps, who is on duty and reads what, promised calls, texts, routes."""

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import Base, BigId, UtcDateTime

_OPEN = text("closed_at IS NULL")


class Handover(Base):
    """One stay of a conversation with people; a conversation has at most one that is open.

    `unit` is the agency whose queue it stands in ("": the provincial queue), `wanted_unit` the one
    it belongs to. `version` rises with every move, so that two officers cannot both claim it.
    `phone` is what the citizen wrote down for us; transcripts only have dots in its place.
    """

    __tablename__ = "handovers"
    __table_args__ = (
        CheckConstraint("status IN ('waiting','claimed','outside','bot','closed')", "status"),
        CheckConstraint("rating BETWEEN 1 AND 5", "rating"),
        Index(
            "uq_handovers_open", "conversation_id", unique=True,
            sqlite_where=_OPEN, postgresql_where=_OPEN,
        ),
        Index(None, "status", "queued_at"),
    )  # fmt: skip

    id: Mapped[BigId]
    conversation_id: Mapped[int] = mapped_column(
        ForeignKey("conversations.id", ondelete="CASCADE"), index=True
    )
    status: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(String(12))
    unit: Mapped[str] = mapped_column(String(200), default="")
    wanted_unit: Mapped[str] = mapped_column(String(200), default="")
    procedure_code: Mapped[str] = mapped_column(String(8), default="")
    commune: Mapped[str] = mapped_column(String(100), default="")
    phone: Mapped[str] = mapped_column(String(20), default="")
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("officers.id", ondelete="SET NULL"))
    officer_name: Mapped[str] = mapped_column(String(120), default="")
    version: Mapped[int] = mapped_column(Integer, default=1)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    queued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    claimed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    citizen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    officer_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    warned_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    closed_turn: Mapped[int | None] = mapped_column(Integer)
    rating: Mapped[int | None] = mapped_column(Integer)
    rating_comment: Mapped[str] = mapped_column(Text, default="")


class HandoverEvent(Base):
    """One step of a hand-over: who did what, when, from where to where. Only ever added to.

    A private note of an officer is such a step too, one that moves nothing.
    """

    __tablename__ = "handover_events"
    __table_args__ = (CheckConstraint("actor IN ('citizen','officer','system')", "actor"),)

    id: Mapped[BigId]
    handover_id: Mapped[int] = mapped_column(
        ForeignKey("handovers.id", ondelete="CASCADE"), index=True
    )
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    kind: Mapped[str] = mapped_column(String(12))
    from_status: Mapped[str] = mapped_column(String(10))
    to_status: Mapped[str] = mapped_column(String(10))
    actor: Mapped[str] = mapped_column(String(10))
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("officers.id", ondelete="SET NULL"))
    officer_name: Mapped[str] = mapped_column(String(120), default="")
    note: Mapped[str] = mapped_column(Text, default="")


class Duty(Base):
    """An officer who answers chats of a unit until some moment."""

    __tablename__ = "duties"

    officer_id: Mapped[int] = mapped_column(
        ForeignKey("officers.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    unit: Mapped[str] = mapped_column(String(200))
    until: Mapped[datetime] = mapped_column(UtcDateTime)


class KhmerReader(Base):
    """An officer who reads Khmer."""

    __tablename__ = "khmer_readers"

    officer_id: Mapped[int] = mapped_column(
        ForeignKey("officers.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )


class Callback(Base):
    """A promise to call a citizen; the number is forgotten some time after it was kept.

    `reason` is that of the hand-over it was promised in, where there was one.
    """

    __tablename__ = "callbacks"

    id: Mapped[BigId]
    conversation_id: Mapped[int] = mapped_column(
        ForeignKey("conversations.id", ondelete="CASCADE"), index=True
    )
    phone: Mapped[str] = mapped_column(String(20))
    wish: Mapped[str] = mapped_column(String(200), default="")
    procedure_code: Mapped[str] = mapped_column(String(8), default="")
    unit: Mapped[str] = mapped_column(String(200), default="")
    reason: Mapped[str] = mapped_column(String(12), default="", server_default=text("''"))
    promised_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    done_by: Mapped[str] = mapped_column(String(120), default="")
    result: Mapped[str] = mapped_column(Text, default="")


class CannedAnswer(Base):
    """A text that is used again and again; everybody's where it belongs to no officer."""

    __tablename__ = "canned_answers"

    id: Mapped[BigId]
    officer_id: Mapped[int | None] = mapped_column(
        ForeignKey("officers.id", ondelete="CASCADE"), index=True
    )
    title: Mapped[str] = mapped_column(String(80))
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class HandoverRoute(Base):
    """Which unit answers for a commune, a field, or a field in a commune ("": any)."""

    __tablename__ = "handover_routes"
    __table_args__ = (UniqueConstraint("commune_folded", "field_folded"),)

    id: Mapped[BigId]
    commune_folded: Mapped[str] = mapped_column(String(100), default="")
    field_folded: Mapped[str] = mapped_column(String(200), default="")
    unit: Mapped[str] = mapped_column(String(200))
