"""How a one-time code reaches a citizen. To add a way: a function here and a line in `SENDERS`.

The job carries the number of the challenge only; the code is computed at the moment of sending. A
send that may have arrived is never repeated: the citizen asks for a new code.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from urllib.parse import urlsplit

import httpx
from sqlalchemy.orm import Session

from backend import clock, db, jobs, limits, log
from backend.config import settings
from backend.dossiers import challenges
from backend.dossiers.challenges import CodeMessage
from backend.jobs import Resend
from backend.notifications import mail
from backend.parts import Check
from backend.render import render

# Longer than the window of any limit.
_KEPT = timedelta(days=2)
TIMEOUT = httpx.Timeout(5.0, connect=2.0)

logger = log.get(__name__)


@jobs.send("dossiers.send_code", resend=Resend.NEVER, max_attempts=3)
async def send_code(claimed: jobs.Claimed) -> None:
    """Send the six digits of one challenge; nothing where it belongs to no dossier."""
    message = await asyncio.to_thread(_prepared, claimed.payload["challenge"])
    if message is not None:
        await SENDERS[settings().code_sender](message)


@jobs.job("dossiers.forget")
def forget(session: Session) -> None:
    """Challenges, page links and counted tries are dropped once no rule looks at them."""
    challenges.forget(session, before=clock.now() - _KEPT)
    limits.forget(session, before=clock.now() - _KEPT)


def _prepared(challenge: int) -> CodeMessage | None:
    with db.reading() as session:
        return challenges.message(session, challenge, now=clock.now())


async def by_log(message: CodeMessage) -> None:
    """For development: whoever runs the product reads the code in its log."""
    logger.info("dossiers.one_time_code", code=message.code, dossier_ends_with=message.tail)


async def by_sms(message: CodeMessage) -> None:
    """Through an HTTP gateway that takes `{"to", "text"}`."""
    if not message.phone:
        return
    text = render("dossiers/code_sms.txt", message=message, site=_site()).strip()
    headers = {"Authorization": f"Bearer {settings().sms_gateway_key}"}
    try:
        async with httpx.AsyncClient(timeout=TIMEOUT) as client:
            answer = await client.post(
                settings().sms_gateway_url, json={"to": message.phone, "text": text},
                headers=headers,
            )  # fmt: skip
    except (httpx.ReadTimeout, httpx.ReadError, httpx.RemoteProtocolError) as error:
        raise jobs.Unknown(type(error).__name__) from error
    if answer.status_code >= 500:
        raise jobs.Unknown(f"gateway {answer.status_code}")
    if answer.status_code >= 400:
        raise jobs.GiveUp(f"gateway {answer.status_code}")


async def by_email(message: CodeMessage) -> None:
    """Through an SMTP server."""
    if message.email:
        words = render("dossiers/code_email.txt", message=message, site=_site())
        subject, _, body = words.partition("\n")
        await asyncio.to_thread(mail.post, message.email, subject, body.strip() + "\n")


def _site() -> str:
    return urlsplit(settings().base_url).netloc


def codes_can_be_sent() -> Check:
    """Whether the chosen way is one that citizens can receive."""
    way = settings().code_sender
    return Check(ok=way != "log" or settings().is_development, detail=way)


Sender = Callable[[CodeMessage], Awaitable[None]]

SENDERS: dict[str, Sender] = {"log": by_log, "sms": by_sms, "email": by_email}
