"""One-time codes: our page asks for a dossier's code, sends six digits to the phone on the dossier,
and asks for those.

Whether the dossier exists is told by nothing: a challenge row is stored and a job enqueued in any
case, with the same queries, and the page that follows is the same. The six digits are stored
nowhere, not even as a digest (a million digests are quickly tried): they are derived from the
challenge's random salt and the product's secret key, when they are sent and when they are checked.
A challenge belongs to one browser (its cookie) and one chat, lives ten minutes, takes five tries,
opens once.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from backend import ids, jobs, security
from backend.dossiers import lookups
from backend.dossiers.models import Dossier, LookupChallenge, LookupPage
from backend.dossiers.proofs import open_to
from backend.dossiers.spelling import code_of, tail_of
from backend.dossiers.standing import Standing
from backend.notifications.chats import ChatRef

LASTS = timedelta(minutes=10)
TRIES = 5
DIGITS = 6


@dataclass(frozen=True)
class Asked:
    """The secret for the browser's cookie, or how long to wait where there were too many."""

    token: str
    retry_after: int = 0


@dataclass(frozen=True)
class CodeMessage:
    """What is to be sent to whom."""

    phone: str
    email: str
    code: str
    tail: str
    channel: str


def ask(session: Session, code: str, chat: ChatRef, *, address: str, now: datetime) -> Asked:
    """Store a challenge for this dossier code and have its six digits sent, if there is anybody."""
    code = code_of(code)
    asking = lookups.Asking(f"page:{chat.channel}:{chat.chat}", address)
    allowance = lookups.hit(session, asking, code=code, now=now)
    if not allowance.allowed:
        return Asked("", allowance.retry_after)
    dossier_id = session.scalar(select(Dossier.id).where(Dossier.code == code))
    token = ids.token()
    challenge = LookupChallenge(
        token_digest=ids.digest(token), salt=ids.token(), dossier_id=dossier_id,
        channel=chat.channel, chat=chat.chat, created_at=now, expires_at=now + LASTS,
    )  # fmt: skip
    session.add(challenge)
    session.flush()
    jobs.enqueue(session, "dossiers.send_code", expires_at=now + LASTS, challenge=challenge.id)
    lookups.note_outcome(session, is_failure=dossier_id is None, now=now)
    return Asked(token)


def answer(
    session: Session, token: str, typed: str, chat: ChatRef, *, now: datetime
) -> Standing | None:
    """The dossier, now open to this chat; None for every reason why not."""
    challenge = session.scalar(
        select(LookupChallenge)
        .where(
            LookupChallenge.token_digest == ids.digest(token),
            LookupChallenge.channel == chat.channel,
            LookupChallenge.chat == chat.chat,
        )
        .with_for_update()
    )
    if challenge is None:
        return None
    challenge.tries += 1
    is_open = challenge.used_at is None and challenge.expires_at > now and challenge.tries <= TRIES
    is_right = security.same(one_time_code(challenge.salt), "".join(typed.split())) and is_open
    lookups.note_outcome(session, is_failure=not is_right, now=now)
    if not is_right or challenge.dossier_id is None:
        return None
    challenge.used_at = now
    dossier = session.get_one(Dossier, challenge.dossier_id)
    return open_to(session, dossier, chat, via="code", now=now)


def message(session: Session, challenge_id: int, *, now: datetime) -> CodeMessage | None:
    """What to send for a challenge; None where there is no dossier, or no time left."""
    row = session.execute(
        select(LookupChallenge, Dossier)
        .join(Dossier, Dossier.id == LookupChallenge.dossier_id)
        .where(LookupChallenge.id == challenge_id, LookupChallenge.expires_at > now)
    ).first()
    if row is None:
        return None
    challenge, dossier = row
    return CodeMessage(
        dossier.phone, dossier.email, one_time_code(challenge.salt), tail_of(dossier.code),
        challenge.channel,
    )  # fmt: skip


def shown_in_development(session: Session, token: str) -> str | None:
    """The six digits of a browser's challenge, for those who have no telephone to look at."""
    salt = session.scalar(
        select(LookupChallenge.salt).where(LookupChallenge.token_digest == ids.digest(token))
    )
    return one_time_code(salt) if salt else None


def one_time_code(salt: str) -> str:
    """Six digits that only the product can compute."""
    mac = security.sign("one-time code", salt)
    number = int.from_bytes(hashlib.sha256(mac.encode()).digest()[:8])
    return f"{number % 10**DIGITS:0{DIGITS}d}"


def forget(session: Session, *, before: datetime) -> None:
    """Drop challenges and page links that nobody can use any more."""
    for table in (LookupChallenge, LookupPage):
        session.execute(delete(table).where(table.expires_at < before))
