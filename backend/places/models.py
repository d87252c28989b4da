"""Tables of places. Names are stored folded beside themselves, since databases fold differently."""

from datetime import datetime

from sqlalchemy import CheckConstraint, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import Base, BigId, UtcDateTime


class Centre(Base):
    """A one-stop centre of a commune: where it is, when it is open, whom to call."""

    __tablename__ = "centres"
    __table_args__ = (UniqueConstraint("commune_folded", "name_folded"),)

    id: Mapped[BigId]
    name: Mapped[str] = mapped_column(String(200))
    name_folded: Mapped[str] = mapped_column(String(200))
    commune: Mapped[str] = mapped_column(String(100))
    commune_folded: Mapped[str] = mapped_column(String(100), index=True)
    address: Mapped[str] = mapped_column(Text, default="")
    hours: Mapped[str] = mapped_column(Text, default="")
    phone: Mapped[str] = mapped_column(String(100), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    imported_at: Mapped[datetime] = mapped_column(UtcDateTime)


class OldCommune(Base):
    """A commune of before 1 July 2025 and one that it became; a divided one has several rows."""

    __tablename__ = "old_communes"
    __table_args__ = (
        UniqueConstraint(
            *("old_province", "old_district", "old_name", "new_province", "new_name"),
            name="uq_old_communes_old_new",  # the convention's name is too long for PostgreSQL
        ),
        CheckConstraint("kind IN ('whole','divided')", "kind"),
    )

    id: Mapped[BigId]
    old_province: Mapped[str] = mapped_column(String(100))
    old_district: Mapped[str] = mapped_column(String(100))
    old_name: Mapped[str] = mapped_column(String(100))
    old_folded: Mapped[str] = mapped_column(String(100), index=True)
    new_province: Mapped[str] = mapped_column(String(100))
    new_name: Mapped[str] = mapped_column(String(100))
    new_folded: Mapped[str] = mapped_column(String(100), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    imported_at: Mapped[datetime] = mapped_column(UtcDateTime)
