"""What was told to whom and by which ways, and which chats cannot be reached."""

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    Date,
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


class Notification(Base):
    """One event told to one person; `data` is what its text is rendered from, as JSON.

    `channel` and `chat` are the way it took last, `ways` those that are left to try (emptied when
    none will be needed any more), `topic` what it is about: the newest of a topic takes the place
    of an older one that has not gone yet.
    """

    __tablename__ = "notifications"
    __table_args__ = (Index(None, "channel", "chat"), Index(None, "topic", "person"))

    id: Mapped[BigId]
    kind: Mapped[str] = mapped_column(String(40))
    channel: Mapped[str] = mapped_column(String(20))
    chat: Mapped[str] = mapped_column(String(100))
    data: Mapped[str] = mapped_column(Text, default="{}")
    dedupe: Mapped[str] = mapped_column(String(200), unique=True)
    person: Mapped[str] = mapped_column(String(130), default="", server_default=text("''"))
    topic: Mapped[str | None] = mapped_column(String(60))
    ways: Mapped[str] = mapped_column(Text, default="[]", server_default="[]")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class Attempt(Base):
    """One way that was tried: `outcome` is queued, or how its job ended (done is "it went")."""

    __tablename__ = "notification_attempts"
    __table_args__ = (UniqueConstraint("notification_id", "number"),)

    id: Mapped[BigId]
    notification_id: Mapped[int] = mapped_column(ForeignKey("notifications.id", ondelete="CASCADE"))
    number: Mapped[int] = mapped_column(Integer)
    channel: Mapped[str] = mapped_column(String(20))
    outcome: Mapped[str] = mapped_column(String(10), default="queued")
    why: Mapped[str] = mapped_column(String(500), default="")
    job_id: Mapped[int | None] = mapped_column(BigInteger)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ClosedChat(Base):
    """A chat that told us (by blocking, by vanishing) that it takes no messages."""

    __tablename__ = "closed_chats"

    channel: Mapped[str] = mapped_column(String(20), primary_key=True)
    chat: Mapped[str] = mapped_column(String(100), primary_key=True)
    since: Mapped[datetime] = mapped_column(UtcDateTime)


class LinkCode(Base):
    """A code that links a chat to an official once; only its digest is kept."""

    __tablename__ = "chat_link_codes"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[int] = mapped_column(index=True)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class LinkedChat(Base):
    """A chat in which an official wants their reminders."""

    __tablename__ = "linked_chats"
    __table_args__ = (UniqueConstraint("channel", "chat", "person_id"),)

    id: Mapped[BigId]
    person_id: Mapped[int] = mapped_column(index=True)
    channel: Mapped[str] = mapped_column(String(20))
    chat: Mapped[str] = mapped_column(String(100))
    since: Mapped[datetime] = mapped_column(UtcDateTime)


class DeliveryDay(Base):
    """How many sends of a day ended how, kept when the rows themselves are dropped."""

    __tablename__ = "delivery_days"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    channel: Mapped[str] = mapped_column(String(20), primary_key=True)
    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    outcome: Mapped[str] = mapped_column(String(10), primary_key=True)
    number: Mapped[int] = mapped_column(Integer)
