"""What was told to whom, and which chats cannot be reached."""

from datetime import datetime

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import Base, BigId, UtcDateTime


class Notification(Base):
    """One push to one chat; `data` is what its text is rendered from, as JSON."""

    __tablename__ = "notifications"
    __table_args__ = (Index(None, "channel", "chat"),)

    id: Mapped[BigId]
    kind: Mapped[str] = mapped_column(String(40))
    channel: Mapped[str] = mapped_column(String(20))
    chat: Mapped[str] = mapped_column(String(100))
    data: Mapped[str] = mapped_column(Text, default="{}")
    dedupe: Mapped[str] = mapped_column(String(200), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class ClosedChat(Base):
    """A chat that told us (by blocking, by vanishing) that it takes no messages."""

    __tablename__ = "closed_chats"

    channel: Mapped[str] = mapped_column(String(20), primary_key=True)
    chat: Mapped[str] = mapped_column(String(100), primary_key=True)
    since: Mapped[datetime] = mapped_column(UtcDateTime)
