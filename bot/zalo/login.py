"""Logging in to the Official Account: OAuth v4 with PKCE, started and finished by an official.

An administrator of the account approves on Zalo's page and comes back with a code that lives ten
minutes; what proves that it was us who asked waits in `zalo_logins`.
"""

import asyncio
import hashlib
from base64 import urlsafe_b64encode
from datetime import datetime, timedelta
from urllib.parse import urlencode

from sqlalchemy import delete
from sqlalchemy.orm import Session

from backend import clock, db, ids, log
from backend.config import settings
from backend.errors import InvalidInput, Unavailable
from backend.i18n import gettext as _
from bot.messages import SendError
from bot.zalo import tokens
from bot.zalo.calls import Calls
from bot.zalo.models import ZaloLogin

logger = log.get(__name__)

CALLBACK = "/quan-tri/zalo/xong"
LASTS = timedelta(minutes=30)
VERIFIER_BITS = 256  # 43 characters, as Zalo wants them


def is_configured() -> bool:
    """Whether there is an app to log in with."""
    return bool(settings().zalo_app_id and settings().zalo_app_secret)


def begin(session: Session, *, now: datetime) -> str:
    """Where an administrator of the account approves; forgets log-ins that nobody finished."""
    if not is_configured():
        raise InvalidInput("zalo_off", _("Chưa đặt ZALO_APP_ID và ZALO_APP_SECRET."))
    session.execute(delete(ZaloLogin).where(ZaloLogin.started_at < now - LASTS))
    state, verifier = ids.token(), ids.token(VERIFIER_BITS)
    session.add(ZaloLogin(state=ids.digest(state), verifier=verifier, started_at=now))
    query = {
        "app_id": settings().zalo_app_id, "redirect_uri": f"{settings().base_url}{CALLBACK}",
        "code_challenge": challenge(verifier), "state": state,
    }  # fmt: skip
    return f"{settings().zalo_oauth_base.rstrip('/')}/v4/oa/permission?{urlencode(query)}"


def challenge(verifier: str) -> str:
    """What PKCE shows first of the secret it shows last."""
    return urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


async def finish(code: str, state: str) -> None:
    """Trade the code for tokens and store them; each log-in can be finished once."""
    verifier = await asyncio.to_thread(_taken, state)
    if not code or not verifier:
        raise InvalidInput(
            "zalo_state", _("Lần đăng nhập này đã dùng hoặc đã quá hạn. Xin bắt đầu lại.")
        )
    try:
        async with Calls() as calls:
            answer = await tokens.exchange(
                calls, grant_type="authorization_code", code=code, code_verifier=verifier
            )
    except SendError as error:
        logger.warning("zalo.login_failed", error=str(error))
        raise Unavailable(
            "zalo_away", _("Không gọi được Zalo. Xin thử lại sau ít phút.")
        ) from error
    if "access_token" not in answer or "refresh_token" not in answer:
        logger.warning("zalo.login_refused", error=answer.get("error"))
        message = _("Zalo từ chối (mã {code}). Xin bắt đầu lại.")
        raise InvalidInput("zalo_refused", message.format(code=answer.get("error", "?")))
    await asyncio.to_thread(_keep, answer)
    logger.info("zalo.logged_in")


def _taken(state: str) -> str:
    with db.transaction() as session:
        row = session.get(ZaloLogin, ids.digest(state), with_for_update=True)
        if row is None or row.started_at < clock.now() - LASTS:
            return ""
        session.delete(row)
        return row.verifier


def _keep(answer: dict[str, object]) -> None:
    with db.transaction() as session:
        tokens.store(session, answer)
