"""The second factor: six digits of an authenticator, or a recovery code from paper.

The shared secret is made of a salt and the secret key, so that a copy of the table makes no codes.
A code is taken once: whoever looks over a shoulder cannot use it again. Every try is counted, and
a refusal is returned, never raised: raising would undo its own count.
"""

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyotp
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from backend import ids, limits, security
from backend.accounts.models import Officer, OfficerFactor, RecoveryCode
from backend.limits import Rule

TRIES = Rule("login.second", 10, timedelta(minutes=15))
STEP = 30
RECOVERY_CODES = 8
ISSUER = "Tro ly Mot Cua"  # some authenticators garble letters with accents


@dataclass(frozen=True)
class Enrolment:
    """What the authenticator needs."""

    secret: str
    uri: str


@dataclass(frozen=True)
class Checked:
    """Whether the code was right, and how long to wait where there were too many tries."""

    is_right: bool = False
    retry_after: int = 0


def is_on(session: Session, officer_id: int) -> bool:
    """Whether this account asks for a code."""
    confirmed = OfficerFactor.confirmed_at.is_not(None)
    query = select(OfficerFactor.id).where(OfficerFactor.officer_id == officer_id, confirmed)
    return session.scalar(query) is not None


def begin(session: Session, officer_id: int, *, now: datetime) -> Enrolment | None:
    """A new secret to scan, or the one that waits to be confirmed; None where it is on already."""
    row = session.scalar(select(OfficerFactor).where(OfficerFactor.officer_id == officer_id))
    if row is None:
        row = OfficerFactor(officer_id=officer_id, salt=ids.token(), last_step=0, created_at=now)
        session.add(row)
        session.flush()
    if row.confirmed_at is not None:
        return None
    login = session.get_one(Officer, officer_id).login
    code = _authenticator(row.salt)
    return Enrolment(code.secret, code.provisioning_uri(name=login, issuer_name=ISSUER))


def confirm(
    session: Session, officer_id: int, code: str, *, now: datetime
) -> tuple[Checked, list[str]]:
    """The first right code turns it on; the recovery codes, which are shown this once."""
    checked = check(session, officer_id, code, now=now, unconfirmed=True)
    if not checked.is_right:
        return checked, []
    session.execute(
        update(OfficerFactor).where(OfficerFactor.officer_id == officer_id).values(confirmed_at=now)
    )
    return checked, renew_recovery_codes(session, officer_id)


def check(
    session: Session, officer_id: int, code: str, *, now: datetime, unconfirmed: bool = False
) -> Checked:
    """Count a try and judge it."""
    allowance = limits.hit(session, TRIES, str(officer_id), now=now)
    if not allowance.allowed:
        return Checked(retry_after=allowance.retry_after)
    code = "".join(code.split()).replace("-", "").upper()[:40]
    row = session.scalar(select(OfficerFactor).where(OfficerFactor.officer_id == officer_id))
    if row is None or (row.confirmed_at is None) != unconfirmed:
        return Checked()
    if len(code) == 6 and code.isascii() and code.isdigit():
        return Checked(_take_step(session, row, code, now=now))
    return Checked(not unconfirmed and _take_recovery(session, officer_id, code, now=now))


def turn_off(session: Session, officer_id: int) -> None:
    """Ask for no codes any more."""
    session.execute(delete(OfficerFactor).where(OfficerFactor.officer_id == officer_id))
    session.execute(delete(RecoveryCode).where(RecoveryCode.officer_id == officer_id))


def renew_recovery_codes(session: Session, officer_id: int) -> list[str]:
    """New ones, in place of all older ones."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.officer_id == officer_id))
    codes = [ids.reference(10) for _ in range(RECOVERY_CODES)]
    session.add_all(RecoveryCode(officer_id=officer_id, digest=_digest(code)) for code in codes)
    session.flush()
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def recovery_codes_left(session: Session, officer_id: int) -> int:
    """How many are unused."""
    unused = RecoveryCode.used_at.is_(None)
    query = select(func.count(RecoveryCode.id)).where(RecoveryCode.officer_id == officer_id, unused)
    return session.scalar(query) or 0


def _take_step(session: Session, row: OfficerFactor, code: str, *, now: datetime) -> bool:
    """A code of now, or of half a minute before or after; one never goes back in time."""
    authenticator, step = _authenticator(row.salt), int(now.timestamp()) // STEP
    for near in (step, step - 1, step + 1):
        if security.same(authenticator.generate_otp(near), code):
            taken = session.execute(
                update(OfficerFactor)
                .where(OfficerFactor.id == row.id, OfficerFactor.last_step < near)
                .values(last_step=near)
                .returning(OfficerFactor.id)
            ).first()
            return taken is not None
    return False


def _take_recovery(session: Session, officer_id: int, code: str, *, now: datetime) -> bool:
    taken = session.execute(
        update(RecoveryCode)
        .where(
            RecoveryCode.officer_id == officer_id,
            RecoveryCode.digest == _digest(code),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=now)
        .returning(RecoveryCode.id)
    ).first()
    return taken is not None


def _digest(code: str) -> str:
    """Keyed: ten letters alone could be guessed from a plain digest."""
    return security.sign("recovery-code", code).partition(".")[2]


def _authenticator(salt: str) -> pyotp.TOTP:
    key = hashlib.sha256(security.sign("second-factor", salt).encode()).digest()[:20]
    return pyotp.TOTP(base64.b32encode(key).decode(), interval=STEP)
