"""Links into an account, sent to the official mailbox: each is good once, and not for long.

The table has a salt and a digest; the token is made of the salt and the secret key, when it is
sent. Whoever copies the table, or the queue of letters, gets into no account.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from backend import ids, jobs, limits, security
from backend.accounts.models import Officer, OfficerLink
from backend.config import settings
from backend.jobs import Lane
from backend.limits import Rule


class Purpose(StrEnum):
    """Why a link was made."""

    SIGN_IN = "sign_in"
    INVITE = "invite"


LASTS = {Purpose.SIGN_IN: timedelta(minutes=20), Purpose.INVITE: timedelta(days=7)}
PER_LOGIN = Rule("link.login", 5, timedelta(hours=1))
PER_ADDRESS = Rule("link.address", 100, timedelta(hours=1))


@dataclass(frozen=True)
class Requested:
    """How long to wait, or the link that was made (none where nobody has this login)."""

    link_id: int | None = None
    retry_after: int = 0


@dataclass(frozen=True)
class Letter:
    """What goes to the mailbox."""

    address: str
    name: str
    purpose: Purpose
    url: str
    expires_at: datetime


@dataclass(frozen=True)
class Owner:
    """Whose link it is."""

    officer_id: int
    name: str
    purpose: Purpose


def request(session: Session, login: str, *, address: str, now: datetime) -> Requested:
    """Somebody asks for a link by login or mailbox; counted whether or not there is such a one."""
    login = login.replace("\0", "").strip().lower()
    for rule, subject in ((PER_LOGIN, login), (PER_ADDRESS, address)):
        allowance = limits.hit(session, rule, subject, now=now)
        if not allowance.allowed:
            return Requested(retry_after=allowance.retry_after)
    found = session.scalars(
        select(Officer).where(
            or_(Officer.login == login, Officer.email == login),
            Officer.email != "",
            Officer.disabled_at.is_(None),
        )
    ).all()
    if len(found) != 1 or (found[0].is_demo and not settings().demo_accounts):
        return Requested()
    return Requested(make(session, found[0].id, Purpose.SIGN_IN, now=now))


def make(session: Session, officer_id: int, purpose: Purpose, *, now: datetime) -> int:
    """A new link, in place of older ones; its letter is queued where the mailbox is known."""
    session.execute(
        delete(OfficerLink).where(
            OfficerLink.officer_id == officer_id, OfficerLink.used_at.is_(None)
        )
    )
    salt = ids.token()
    link = OfficerLink(
        officer_id=officer_id, purpose=purpose.value, salt=salt, created_at=now,
        token_digest=ids.digest(_token(salt)), expires_at=now + LASTS[purpose],
    )  # fmt: skip
    session.add(link)
    session.flush()
    if settings().smtp_url and settings().mail_from:
        lane = Lane.REPLY if purpose is Purpose.SIGN_IN else Lane.BROADCAST
        jobs.enqueue(
            session, "accounts.letter", key=f"letter:{officer_id}", flow="email", lane=lane,
            run_at=now, expires_at=link.expires_at, link=link.id,
        )  # fmt: skip
    return link.id


def letter(session: Session, link_id: int, *, now: datetime) -> Letter | None:
    """What to send; nothing once it was used or its time is over."""
    row = session.execute(
        select(OfficerLink, Officer)
        .join(Officer, Officer.id == OfficerLink.officer_id)
        .where(
            OfficerLink.id == link_id, OfficerLink.used_at.is_(None), OfficerLink.expires_at > now
        )
    ).first()
    if row is None:
        return None
    link, officer = row
    url = f"{settings().base_url}/dang-nhap/lien-ket/{_token(link.salt)}"
    return Letter(officer.email, officer.name, Purpose(link.purpose), url, link.expires_at)


def look(session: Session, token: str, *, now: datetime) -> Owner | None:
    """Whose link this is, if it is still good; looking does not use it up (mail scanners do)."""
    row = session.execute(
        select(OfficerLink.officer_id, Officer.name, OfficerLink.purpose)
        .join(Officer, Officer.id == OfficerLink.officer_id)
        .where(
            OfficerLink.token_digest == ids.digest(token),
            OfficerLink.used_at.is_(None),
            OfficerLink.expires_at > now,
            Officer.disabled_at.is_(None),
        )
    ).first()
    return Owner(row.officer_id, row.name, Purpose(row.purpose)) if row else None


def use(session: Session, token: str, *, now: datetime) -> Owner | None:
    """Use it up; None where it is not good any more, or somebody was quicker."""
    owner = look(session, token, now=now)
    used = session.execute(
        update(OfficerLink)
        .where(OfficerLink.token_digest == ids.digest(token), OfficerLink.used_at.is_(None))
        .values(used_at=now)
        .returning(OfficerLink.id)
    ).first()
    return owner if used else None


def forget(session: Session, *, before: datetime) -> None:
    """Drop links whose time was over long ago."""
    session.execute(delete(OfficerLink).where(OfficerLink.expires_at < before))


def _token(salt: str) -> str:
    return security.sign("officer-link", salt)
