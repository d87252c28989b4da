"""Officers sign in and out; their sessions are rows and end when somebody says so.

Checking a password takes a tenth of a second, so it happens between two transactions: `attempt`
counts the try and hands out what to check against, `begin` opens the session.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from backend import clock, ids, jobs, limits, security
from backend.accounts.models import Officer, OfficerSession
from backend.accounts.roles import Role, SignedIn
from backend.config import settings
from backend.errors import Conflict, InvalidInput
from backend.i18n import gettext as _
from backend.limits import Rule

SESSION_LASTS = timedelta(hours=12)
SESSIONS_KEPT = timedelta(days=30)
PER_LOGIN = Rule("login.name", 10, timedelta(minutes=15))
PER_ADDRESS = Rule("login.address", 60, timedelta(minutes=15))
SHORTEST_PASSWORD = 12


@dataclass(frozen=True)
class Attempt:
    """What to check the password against (no account: nothing), or how long to wait."""

    officer_id: int | None = None
    password_hash: str | None = None
    retry_after: int = 0


def attempt(session: Session, login: str, *, address: str, now: datetime) -> Attempt:
    """Count one try to sign in; the same work whether or not there is such a login."""
    login = login.replace("\0", "").strip().lower()
    for rule, subject in ((PER_LOGIN, login), (PER_ADDRESS, address)):
        allowance = limits.hit(session, rule, subject, now=now)
        if not allowance.allowed:
            return Attempt(retry_after=allowance.retry_after)
    officer = session.scalar(
        select(Officer).where(Officer.login == login, Officer.disabled_at.is_(None))
    )
    if officer is None or (officer.is_demo and not settings().demo_accounts):
        return Attempt()
    return Attempt(officer.id, officer.password_hash)


def begin(session: Session, officer_id: int, *, now: datetime) -> str:
    """A new session; the token for its cookie."""
    token = ids.token()
    session.add(
        OfficerSession(
            officer_id=officer_id, token_digest=ids.digest(token), created_at=now,
            expires_at=now + SESSION_LASTS,
        )
    )  # fmt: skip
    session.flush()
    return token


def signed_in(session: Session, token: str, *, now: datetime) -> SignedIn | None:
    """Whose session this token is, if it is still one."""
    officer = session.scalar(
        select(Officer)
        .join(OfficerSession, OfficerSession.officer_id == Officer.id)
        .where(
            OfficerSession.token_digest == ids.digest(token),
            OfficerSession.expires_at > now,
            OfficerSession.revoked_at.is_(None),
            Officer.disabled_at.is_(None),
        )
    )
    if officer is None or (officer.is_demo and not settings().demo_accounts):
        return None
    return SignedIn(
        officer.id, officer.login, officer.name, Role(officer.role), officer.agency,
        officer.person_id,
    )  # fmt: skip


def end(session: Session, token: str, *, now: datetime) -> None:
    """Sign out here."""
    session.execute(
        update(OfficerSession)
        .where(OfficerSession.token_digest == ids.digest(token))
        .values(revoked_at=now)
    )


def end_all(session: Session, officer_id: int, *, now: datetime) -> None:
    """Sign somebody out everywhere."""
    session.execute(
        update(OfficerSession)
        .where(OfficerSession.officer_id == officer_id, OfficerSession.revoked_at.is_(None))
        .values(revoked_at=now)
    )


def create(
    session: Session,
    login: str,
    *,
    name: str,
    role: Role,
    password: str,
    agency: str = "",
    person_id: int | None = None,
    is_demo: bool = False,
    now: datetime,
) -> Officer:
    """A new officer; hash the password outside of busy hours, it takes its time."""
    login = login.strip().lower()
    if not is_demo and len(password) < SHORTEST_PASSWORD:
        message = _("Mật khẩu cần từ {shortest} ký tự trở lên.")
        raise InvalidInput("password_short", message.format(shortest=SHORTEST_PASSWORD))
    if session.scalar(select(Officer.id).where(Officer.login == login)) is not None:
        raise Conflict("login_taken", _("Tên đăng nhập này đã có người dùng."))
    officer = Officer(
        login=login, name=name, role=role.value, agency=agency, person_id=person_id,
        is_demo=is_demo, password_hash=security.hash_password(password), created_at=now,
    )  # fmt: skip
    session.add(officer)
    session.flush()
    return officer


def disable(session: Session, officer_id: int, *, now: datetime) -> None:
    """Somebody has left: no more signing in, and out everywhere at once."""
    session.execute(update(Officer).where(Officer.id == officer_id).values(disabled_at=now))
    end_all(session, officer_id, now=now)


def officers(session: Session, *, now: datetime) -> list[tuple[Officer, int]]:
    """Everybody with an account, and how many sessions each has open."""
    is_open = (OfficerSession.expires_at > now) & OfficerSession.revoked_at.is_(None)
    sessions = (
        select(OfficerSession.officer_id, func.count().label("open"))
        .where(is_open)
        .group_by(OfficerSession.officer_id)
        .subquery()
    )
    rows = session.execute(
        select(Officer, func.coalesce(sessions.c.open, 0))
        .outerjoin(sessions, sessions.c.officer_id == Officer.id)
        .order_by(Officer.disabled_at.is_not(None), Officer.name)
    )
    return [(officer, number) for officer, number in rows]


@jobs.job("accounts.forget")
def forget_sessions(session: Session) -> None:
    """Drop sessions that ended long ago."""
    ended = OfficerSession.expires_at < clock.now() - SESSIONS_KEPT
    session.execute(delete(OfficerSession).where(ended))
