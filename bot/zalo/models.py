"""What Zalo wants us to remember: tokens, who wrote last when, what we sent."""

from datetime import datetime

from sqlalchemy import Boolean, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import Base, BigId, Sealed, UtcDateTime


class ZaloToken(Base):
    """The tokens of one app: one row, since the refresh token works once.

    Whoever renews holds the lease meanwhile; nobody else may spend the refresh token. `broken`
    says why Zalo takes it no more: then an administrator of the account must approve again.
    """

    __tablename__ = "zalo_tokens"

    app_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    access_token: Mapped[str] = mapped_column(Sealed("zalo-token"))
    refresh_token: Mapped[str] = mapped_column(Sealed("zalo-token"))
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    renewed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    renewals: Mapped[int] = mapped_column(Integer, default=0)
    broken: Mapped[str | None] = mapped_column(String(200))
    broken_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lease_by: Mapped[str | None] = mapped_column(String(60))
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ZaloLogin(Base):
    """A log-in under way: what PKCE asks to be kept from the first page to the last."""

    __tablename__ = "zalo_logins"

    state: Mapped[str] = mapped_column(String(64), primary_key=True)  # its digest
    verifier: Mapped[str] = mapped_column(String(128))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ZaloWindow(Base):
    """When a citizen last did something, and what Zalo said of its quota when we last answered."""

    __tablename__ = "zalo_windows"

    chat: Mapped[str] = mapped_column(String(100), primary_key=True)
    last_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    quota_type: Mapped[str | None] = mapped_column(String(40))
    quota_remain: Mapped[int | None] = mapped_column(Integer)
    quota_total: Mapped[int | None] = mapped_column(Integer)
    quota_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ZaloSent(Base):
    """A message of ours, from before it leaves, so that its echo is known as ours.

    `message_id` comes with Zalo's answer, or with the echo where that answer was lost; `is_noted`:
    whoever sent it knows. A digest stands for the words.
    """

    __tablename__ = "zalo_sent"
    __table_args__ = (Index(None, "chat", "digest"),)

    id: Mapped[BigId]
    chat: Mapped[str] = mapped_column(String(100))
    digest: Mapped[str] = mapped_column(String(64))
    message_id: Mapped[str | None] = mapped_column(String(100), unique=True)
    is_noted: Mapped[bool] = mapped_column(Boolean, default=False)
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    delivered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
