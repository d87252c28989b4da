"""Officers sign in and out; their sessions are rows and end when somebody says so.

Checking a password takes a tenth of a second, so it happens between two transactions: `attempt`
counts the try and hands out what to check against, `begin` opens the session.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.orm import Session

from backend import audit, clock, ids, jobs, limits, security
from backend.accounts import links, passwords
from backend.accounts.models import Officer, OfficerSession
from backend.accounts.roles import Role, SignedIn
from backend.config import settings
from backend.errors import Conflict, NotFound
from backend.i18n import gettext as _
from backend.limits import Rule

SESSION_LASTS = timedelta(hours=12)
SESSIONS_KEPT = timedelta(days=30)
PER_LOGIN = Rule("login.name", 10, timedelta(minutes=15))
# A whole department shares one address and signs in at eight.
PER_ADDRESS = Rule("login.address", 300, timedelta(minutes=15))
NO_PASSWORD = "!"  # noqa: S105 (no hash: nothing matches it)
BY_LINK_LASTS = timedelta(minutes=20)


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
    if officer.password_hash == NO_PASSWORD:
        return Attempt()
    return Attempt(officer.id, officer.password_hash)


def begin(
    session: Session, officer_id: int, *, now: datetime, device: str = "", by_link: bool = False
) -> str:
    """A new session; the token for its cookie."""
    token = ids.token()
    session.add(
        OfficerSession(
            officer_id=officer_id, token_digest=ids.digest(token), created_at=now,
            expires_at=now + SESSION_LASTS, device=device[:60], by_link=by_link,
        )
    )  # fmt: skip
    session.flush()
    return token


# Built once: every page of staff and every answer of a quiz asks this.
_SIGNED_IN = (
    select(Officer)
    .join(OfficerSession, OfficerSession.officer_id == Officer.id)
    .where(
        OfficerSession.token_digest == bindparam("digest"),
        OfficerSession.expires_at > bindparam("now"),
        OfficerSession.revoked_at.is_(None),
        Officer.disabled_at.is_(None),
    )
)


def signed_in(session: Session, token: str, *, now: datetime) -> SignedIn | None:
    """Whose session this token is, if it is still one."""
    officer = session.scalar(_SIGNED_IN, {"digest": ids.digest(token), "now": now})
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


def end_all(session: Session, officer_id: int, *, now: datetime, but: str = "") -> None:
    """Sign somebody out everywhere, `but` in the session with this token."""
    session.execute(
        update(OfficerSession)
        .where(OfficerSession.officer_id == officer_id, OfficerSession.revoked_at.is_(None))
        .where(OfficerSession.token_digest != ids.digest(but))
        .values(revoked_at=now)
    )


@dataclass(frozen=True)
class Open:
    """One open session, as its owner sees it."""

    id: int
    device: str
    since: datetime
    until: datetime
    is_this: bool


def sessions(session: Session, officer_id: int, token: str, *, now: datetime) -> list[Open]:
    """Where somebody is signed in, newest first; `token` is the session that asks."""
    rows = session.scalars(
        select(OfficerSession)
        .where(
            OfficerSession.officer_id == officer_id,
            OfficerSession.expires_at > now,
            OfficerSession.revoked_at.is_(None),
        )
        .order_by(OfficerSession.created_at.desc(), OfficerSession.id.desc())
    )
    here = ids.digest(token)
    return [
        Open(row.id, row.device, row.created_at, row.expires_at, row.token_digest == here)
        for row in rows
    ]


def end_one(session: Session, officer_id: int, session_id: int, *, now: datetime) -> None:
    """Close one of one's own sessions."""
    session.execute(
        update(OfficerSession)
        .where(OfficerSession.id == session_id, OfficerSession.officer_id == officer_id)
        .values(revoked_at=now)
    )


def password_of(session: Session, officer_id: int, token: str, *, now: datetime) -> str | None:
    """What must be proved before a new password is set; None where nothing must be.

    A session that the mailbox's link just began proves enough, and so does never having had one.
    """
    begun = session.scalar(
        select(OfficerSession.created_at).where(
            OfficerSession.token_digest == ids.digest(token), OfficerSession.by_link
        )
    )
    stored = session.get_one(Officer, officer_id).password_hash
    is_fresh = begun is not None and now - begun <= BY_LINK_LASTS
    return None if is_fresh or stored == NO_PASSWORD else stored


def set_password(
    session: Session, officer_id: int, password_hash: str, *, token: str, now: datetime
) -> None:
    """A new password; every other session ends."""
    session.get_one(Officer, officer_id).password_hash = password_hash
    end_all(session, officer_id, now=now, but=token)


def create(
    session: Session,
    login: str,
    *,
    name: str,
    role: Role,
    password: str,
    agency: str = "",
    email: str = "",
    person_id: int | None = None,
    is_demo: bool = False,
    by: int | None = None,
    now: datetime,
) -> Officer:
    """A new officer; hash the password outside of busy hours, it takes its time.

    An empty password is none: such an account is opened by links only. `by` is the officer who
    opens it, as in all that follows (None: the product itself).
    """
    login = login.strip().lower()
    if password and not is_demo:
        passwords.check(password, login=login, name=name)
    if session.scalar(select(Officer.id).where(Officer.login == login)) is not None:
        raise Conflict("login_taken", _("Tên đăng nhập này đã có người dùng."))
    officer = Officer(
        login=login, name=name, role=role.value, agency=agency, person_id=person_id,
        is_demo=is_demo, email=email.strip().lower(), created_at=now,
        password_hash=security.hash_password(password) if password else NO_PASSWORD,
    )  # fmt: skip
    session.add(officer)
    session.flush()
    audit.record(session, by, "account.opened", f"account:{officer.id}", role=officer.role, now=now)
    return officer


def disable(session: Session, officer_id: int, *, now: datetime) -> None:
    """Somebody has left: no more signing in, and out everywhere at once."""
    session.execute(update(Officer).where(Officer.id == officer_id).values(disabled_at=now))
    end_all(session, officer_id, now=now)
    audit.record(session, None, "account.disabled", f"account:{officer_id}", now=now)


@dataclass(frozen=True)
class Linked:
    """An account that belongs to somebody of `people`."""

    id: int
    person_id: int
    login: str
    name: str
    email: str
    agency: str
    is_disabled: bool


def linked(session: Session) -> list[Linked]:
    """Every account that belongs to somebody of `people`."""
    return [
        Linked(o.id, o.person_id, o.login, o.name, o.email, o.agency, o.disabled_at is not None)
        for o in session.scalars(select(Officer).where(Officer.person_id.is_not(None)))
        if o.person_id is not None
    ]


def keep_up(session: Session, officer_id: int, *, name: str, email: str, agency: str) -> None:
    """What the directory says of somebody is what their account says."""
    session.execute(
        update(Officer)
        .where(Officer.id == officer_id)
        .values(name=name, email=email.lower(), agency=agency)
    )


def reopen(session: Session, officer_id: int, *, by: int | None = None, now: datetime) -> None:
    """Somebody has come back."""
    session.execute(update(Officer).where(Officer.id == officer_id).values(disabled_at=None))
    audit.record(session, by, "account.reopened", f"account:{officer_id}", now=now)


def change_role(
    session: Session, officer: SignedIn, officer_id: int, role: Role, *, now: datetime
) -> None:
    """Somebody's part changes, at their next click; nobody changes their own."""
    if officer_id == officer.id:
        raise Conflict("own_role", _("Anh/chị không tự đổi vai trò của mình được."))
    row = session.get(Officer, officer_id, with_for_update=True)
    if row is None:
        raise NotFound("no_account", _("Không có tài khoản này."))
    before, row.role = row.role, role.value
    session.flush()
    if before != row.role:
        audit.record(
            session, officer.id, "account.role", f"account:{officer_id}", now=now,
            before=before, after=row.role,
        )  # fmt: skip


def logins(session: Session) -> set[str]:
    """Every log-in that is taken."""
    return set(session.scalars(select(Officer.login)))


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


def people_with(session: Session, role: Role) -> list[int]:
    """Who of `people` has an account in this role."""
    rows = session.scalars(
        select(Officer.person_id).where(
            Officer.role == role.value, Officer.disabled_at.is_(None),
            Officer.person_id.is_not(None),
        )
    )  # fmt: skip
    return [person for person in rows if person is not None]


@jobs.job("accounts.forget")
def forget_sessions(session: Session) -> None:
    """Drop sessions and links that ended long ago."""
    before = clock.now() - SESSIONS_KEPT
    session.execute(delete(OfficerSession).where(OfficerSession.expires_at < before))
    links.forget(session, before=before)
