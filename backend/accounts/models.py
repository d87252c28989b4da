"""Officers, their sessions, and what else lets them in."""

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, CheckConstraint, ForeignKey, Index, String, false, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import Base, BigId, UtcDateTime


class Officer(Base):
    """Somebody of an agency who works with the product; `role` is one of `roles.Role`."""

    __tablename__ = "officers"
    __table_args__ = (
        CheckConstraint(
            "role IN ('one_stop','head','administrator','official','trainer','coordinator')", "role"
        ),
    )

    id: Mapped[BigId]
    login: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    role: Mapped[str] = mapped_column(String(20))
    agency: Mapped[str] = mapped_column(String(200), default="")
    # The official mailbox, where one-time links go.
    email: Mapped[str] = mapped_column(
        String(200), default="", server_default=text("''"), index=True
    )
    password_hash: Mapped[str] = mapped_column(String(200))
    # Who of `people` this is, where it is one of them; no key: `people` lies above this feature.
    person_id: Mapped[int | None] = mapped_column(BigInteger, unique=True)
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)
    disabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class OfficerSession(Base):
    """One log-in; the cookie has the token, the table its digest."""

    __tablename__ = "officer_sessions"

    id: Mapped[BigId]
    officer_id: Mapped[int] = mapped_column(
        ForeignKey("officers.id", ondelete="CASCADE"), index=True
    )
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    device: Mapped[str] = mapped_column(String(60), default="", server_default=text("''"))
    # Begun by a link from the mailbox, which may stand in for a forgotten password.
    by_link: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())


class OfficerLink(Base):
    """A link into one account, good once. Its token is made of `salt` and the secret key."""

    __tablename__ = "officer_links"

    id: Mapped[BigId]
    officer_id: Mapped[int] = mapped_column(
        ForeignKey("officers.id", ondelete="CASCADE"), index=True
    )
    purpose: Mapped[str] = mapped_column(String(10))
    salt: Mapped[str] = mapped_column(String(64))
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class OfficerFactor(Base):
    """The second factor of an account; `last_step` is the newest code that was taken."""

    __tablename__ = "officer_factors"

    id: Mapped[BigId]
    officer_id: Mapped[int] = mapped_column(
        ForeignKey("officers.id", ondelete="CASCADE"), unique=True
    )
    salt: Mapped[str] = mapped_column(String(64))
    last_step: Mapped[int] = mapped_column(BigInteger, default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class RecoveryCode(Base):
    """A code on paper for whoever lost the telephone, good once; only its digest is kept."""

    __tablename__ = "officer_recovery_codes"
    __table_args__ = (Index(None, "officer_id", "digest", unique=True),)

    id: Mapped[BigId]
    officer_id: Mapped[int] = mapped_column(ForeignKey("officers.id", ondelete="CASCADE"))
    digest: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
