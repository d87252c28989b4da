"""The Official Account's tokens: one pair for all processes, renewed once, stored before use.

Zalo's refresh token works a single time, and the old access token dies when a new one is issued.
So whoever renews takes a lease on the row first; everybody else waits and reads what was stored.
Both are encrypted in the table (`SECRET_KEY`).
A process that dies between Zalo's answer and our commit costs us the pair: the next one hears
-14020, and only an administrator of the account can mend that (`/quan-tri/zalo`).
"""

import asyncio
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Text, select, type_coerce
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from backend import clock, db, jobs, log, security
from backend.config import settings
from bot.messages import SendError
from bot.zalo.calls import Calls
from bot.zalo.models import ZaloToken

logger = log.get(__name__)

LEASE = timedelta(seconds=30)  # longer than a call may take
AHEAD = timedelta(hours=2)
SPARE = timedelta(minutes=1)  # an access token this near its end is not worth a call
WAITS, PAUSE = 200, 0.2
SHORTEST = 3600  # where Zalo does not say how long a token lives
REUSED = -14020
UNREADABLE = "stored tokens cannot be read: SECRET_KEY has changed"


@dataclass(frozen=True)
class Standing:
    """How the log-in stands; no token is in it. `broken` says why Zalo refuses us."""

    exists: bool = False
    expires_at: Any = None
    renewed_at: Any = None
    broken: str = ""
    broken_at: Any = None


def standing(session: Session) -> Standing:
    """How the log-in of this app stands."""
    row = session.get(ZaloToken, settings().zalo_app_id)
    if row is None:
        return Standing()
    broken = row.broken or ("" if row.refresh_token else UNREADABLE)
    return Standing(True, row.expires_at, row.renewed_at, broken, row.broken_at)


async def current(calls: Calls) -> str:
    """An access token to use now, renewed where its time is over."""
    row = await asyncio.to_thread(_stored)
    if row.expires_at > clock.now() + SPARE:
        return row.access_token
    return await renewed(calls, row.access_token)


async def renewed(calls: Calls, stale: str) -> str:
    """Another access token than `stale`; of all who ask at once, one process asks Zalo."""
    me = secrets.token_hex(8)
    for _ in range(WAITS):
        row = await asyncio.to_thread(_stored)
        if row.access_token != stale:
            return row.access_token
        if not _is_leased(row) and (refresh := await asyncio.to_thread(_lease, stale, me)):
            return await _renew(calls, refresh, me)
        await asyncio.sleep(PAUSE)
    raise SendError("another process is renewing Zalo's token, and does not come to an end")


@jobs.send("zalo.renew", max_attempts=3)
async def renew_ahead(_: jobs.Claimed) -> None:
    """Renew before it is too late, so that no citizen waits for it."""
    if not settings().zalo_app_id:
        return
    try:
        await asyncio.to_thread(_seal)
        row = await asyncio.to_thread(_stored)
        if row.expires_at < clock.now() + AHEAD:
            async with Calls() as calls:
                await renewed(calls, row.access_token)
    except SendError as error:  # said loudly where it matters; the next slot tries again
        logger.warning("zalo.not_renewed", error=str(error))


async def exchange(calls: Calls, **grant: str) -> dict[str, Any]:
    """Ask Zalo for a pair of tokens; its refusals are in the answer."""
    own = settings()
    return await calls.post(
        f"{own.zalo_oauth_base.rstrip('/')}/v4/oa/access_token",
        headers={"secret_key": own.zalo_app_secret},
        data={"app_id": own.zalo_app_id, **grant},
    )


def store(session: Session, answer: dict[str, Any]) -> None:
    """Both tokens, whoever holds the lease: the pair that Zalo gave last is the one that works."""
    now, app = clock.now(), settings().zalo_app_id
    row = session.get(ZaloToken, app, with_for_update=True)
    if row is None:
        row = ZaloToken(app_id=app, renewals=0)
        session.add(row)
    row.access_token, row.refresh_token = str(answer["access_token"]), str(answer["refresh_token"])
    row.expires_at = now + timedelta(seconds=_seconds(answer.get("expires_in")))
    row.renewed_at, row.renewals = now, row.renewals + 1
    row.broken = row.broken_at = row.lease_by = row.lease_until = None


def _seconds(stated: Any) -> int:
    text = str(stated)
    return int(text) if text.isdecimal() else SHORTEST


def _stored() -> ZaloToken:
    with db.reading() as session:
        row = session.get(ZaloToken, settings().zalo_app_id)
        session.expunge_all()
    if row is None:
        raise SendError("nobody has logged in to the Official Account yet")
    if row.broken:
        raise SendError(f"Zalo refuses our refresh token: {row.broken}")
    if not row.refresh_token:
        raise SendError(UNREADABLE)
    return row


def _seal() -> None:
    """Encrypt tokens that were stored before they were."""
    stored = type_coerce(ZaloToken.refresh_token, Text)
    with db.transaction() as session:
        for row in session.scalars(select(ZaloToken).where(~stored.startswith(security.SEALED))):
            flag_modified(row, "access_token")
            flag_modified(row, "refresh_token")


def _is_leased(row: ZaloToken) -> bool:
    return row.lease_until is not None and row.lease_until > clock.now()


def _lease(stale: str, me: str) -> str:
    """The refresh token, for us alone; nothing where somebody else was quicker."""
    with db.transaction() as session:
        row = session.get(ZaloToken, settings().zalo_app_id, with_for_update=True)
        if row is None or row.broken or row.access_token != stale or _is_leased(row):
            return ""
        row.lease_by, row.lease_until = me, clock.now() + LEASE
        return row.refresh_token


async def _renew(calls: Calls, refresh: str, me: str) -> str:
    try:
        answer = await exchange(calls, grant_type="refresh_token", refresh_token=refresh)
    except SendError as error:
        await asyncio.to_thread(_release, me)
        # Whatever became of that call: the message that waits for it has not left.
        raise SendError(f"renewing: {error}", retry_after=error.retry_after) from error
    if "access_token" in answer and "refresh_token" in answer:
        await asyncio.to_thread(_store, answer)
        logger.info("zalo.token_renewed")
        return str(answer["access_token"])
    code, why = answer.get("error"), _reason(answer)
    if code == REUSED:
        logger.error("zalo.token_dead", error=why, mend="/quan-tri/zalo")
        await asyncio.to_thread(_break, refresh, why)
    else:
        logger.error("zalo.token_refused", error=why)
        await asyncio.to_thread(_release, me)
    raise SendError(f"Zalo refuses to renew our token: {why}")


def _reason(answer: dict[str, Any]) -> str:
    words = (answer.get("error"), answer.get("error_name"), answer.get("error_description"))
    return " ".join(str(word) for word in words if word)[:200]


def _store(answer: dict[str, Any]) -> None:
    with db.transaction() as session:
        store(session, answer)


def _release(me: str) -> None:
    with db.transaction() as session:
        row = session.get(ZaloToken, settings().zalo_app_id, with_for_update=True)
        if row is not None and row.lease_by == me:
            row.lease_by = row.lease_until = None


def _break(refresh: str, why: str) -> None:
    """Unless a newer pair was stored meanwhile: then it is that one that counts."""
    with db.transaction() as session:
        row = session.get(ZaloToken, settings().zalo_app_id, with_for_update=True)
        if row is not None and row.refresh_token == refresh:
            row.broken, row.broken_at = why, clock.now()
            row.lease_by = row.lease_until = None
