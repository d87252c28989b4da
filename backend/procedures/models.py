"""Tables of the catalogue: one row for each procedure and tier, and who replaced whom.

The body is the record as JSON; nothing queries inside it. `procedure_state` has one row whose
version rises in the transaction of every change, so that each process knows when to look again.
"""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import Base, BigId, UtcDateTime


class ProcedureRecord(Base):
    """What one tier knows of one procedure.

    `dated` and `weight` (how much the record says) decide between two sources of one tier.
    """

    __tablename__ = "procedure_records"
    __table_args__ = (
        UniqueConstraint("code", "tier"),
        CheckConstraint("tier IN ('overlay','imported','shipped','name_only')", "tier"),
    )

    id: Mapped[BigId]
    code: Mapped[str] = mapped_column(String(8))
    tier: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(String(200))
    dated: Mapped[date | None] = mapped_column(Date)
    weight: Mapped[int] = mapped_column(Integer)
    digest: Mapped[str] = mapped_column(String(64))
    imported_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ProcedureAlias(Base):
    """An old code and the code that replaced it; `origin` is the tier that says so, or `list`."""

    __tablename__ = "procedure_aliases"
    __table_args__ = (
        UniqueConstraint("old_code", "new_code", "origin"),
        CheckConstraint("origin IN ('list','overlay','imported','shipped','name_only')", "origin"),
    )

    id: Mapped[BigId]
    old_code: Mapped[str] = mapped_column(String(8), index=True)
    new_code: Mapped[str] = mapped_column(String(8), index=True)
    origin: Mapped[str] = mapped_column(String(10))
    note: Mapped[str] = mapped_column(Text, default="")


class ProcedureState(Base):
    """The version of the whole catalogue."""

    __tablename__ = "procedure_state"
    __table_args__ = (CheckConstraint("id = 1", "one_row"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    version: Mapped[int] = mapped_column(Integer)
