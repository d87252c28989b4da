"""Zalo Official Account: webhook in, OpenAPI v3 out.

What Zalo does, and what follows from it:
* it wants 200 within two seconds, from the unsigned probe of its console too, and switches the
  webhook off after an hour of failures: whoever cannot prove to be Zalo is answered 200, dropped
  and counted; only a database that is away is answered 503;
* it brings an event again after 30 seconds to an hour: `msg_id` says that it is the same;
* it echoes what the account sent, also what a colleague writes in OA Manager: that is handed on as
  `by_staff`, so that the assistant keeps quiet;
* it refuses with HTTP 200 and a code: `bot/zalo/refusals.py` says what follows;
* it forgets citizens after seven days: then pushes go as templates (`bot/zalo/zbs.py`).
"""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from fastapi import Request, Response

from backend import clock, db, log, metrics, security
from backend.config import settings
from backend.routing import Router
from bot.channels.zalo_oa import events
from bot.channels.zalo_oa.drawing import MOST_BUTTONS, Part, drawn, said
from bot.messages import Incoming, Limits, Outgoing, Receive, SendError
from bot.zalo import api, files, sent, tokens, windows
from bot.zalo.calls import Calls
from bot.zalo.sent import Echo

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

logger = log.get(__name__)

SIGNATURE_HEADER = "X-ZEvent-Signature"
RETRY_SECONDS = 5
TOO_OLD = timedelta(days=1)  # Zalo brings nothing after two hours; who replays may try for ever
ECHO_LOOKS, ECHO_PAUSE = 5, 0.25  # all of it well within Zalo's two seconds

UNREADABLE = (TypeError, ValueError, KeyError, AttributeError, OverflowError, OSError)


class ZaloOA:
    """The account that approved the app of `ZALO_APP_ID`."""

    kind = "zalo_oa"
    # Zalo refuses 2,001 characters; what a button's address adds must still fit.
    limits = Limits(text=1900, buttons=MOST_BUTTONS, button_label=100, per_second=15, burst=5)

    def __init__(self) -> None:
        self._calls = Calls()

    async def close(self) -> None:
        """Give the connections back."""
        await self._calls.close()

    # Coming in

    def routes(self, receive: Receive) -> Router:
        """`/webhooks/zalo`."""
        router = Router()

        @router.post("/webhooks/zalo", include_in_schema=False)
        async def webhook(request: Request) -> Response:
            return await self._webhook(request, receive)

        return router

    async def _webhook(self, request: Request, receive: Receive) -> Response:
        body = await request.body()
        raw = _read(body)
        if raw is None or not is_signed(body, raw, request.headers.get(SIGNATURE_HEADER, "")):
            self._count("probe" if raw == {} else "forbidden")
            return Response(status_code=200)
        try:
            self._count(await self.take(raw, receive))
        except Exception as error:  # noqa: BLE001 (nothing was stored: Zalo brings it again)
            logger.warning("zalo.not_stored", error=str(error))
            self._count("unavailable")
            return Response(status_code=503, headers={"Retry-After": str(RETRY_SECONDS)})
        return Response(status_code=200)

    def _count(self, outcome: str) -> None:
        metrics.UPDATES.labels(self.kind, outcome).inc()

    async def take(self, raw: Mapping[str, Any], receive: Receive) -> str:
        """Store one event, whose signature is right, and say in a word what became of it."""
        came = self.parse(raw)
        try:
            at = min(events.sent_at(raw), clock.now())
        except UNREADABLE:
            return "ignored"
        if at < clock.now() - TOO_OLD:
            return "stale"
        await asyncio.to_thread(db.write, partial(_keep_up, raw=raw, at=at))
        if came is None:
            return "ignored" if events.name_of(raw) in events.IDLE else "unknown"
        if came.by_staff and await self._is_ours(came, str(raw["message"].get("msg_id", ""))):
            return "echo"
        is_new = await receive(came, int(at.timestamp() * 1000))
        return "new" if is_new else "repeat"

    def parse(self, raw: Any) -> Incoming | None:
        """An event as something a person did; None for what is unknown or cannot be read."""
        if not isinstance(raw, Mapping):
            return None
        try:
            return events.incoming(raw, self.kind)
        except UNREADABLE as error:
            logger.warning("zalo.unreadable_event", error=type(error).__name__)
            return None

    async def _is_ours(self, echo: Incoming, message_id: str) -> bool:
        """Whether we sent it; an echo may be quicker than the answer to its sending."""
        work = partial(
            sent.judge, chat=echo.chat, message_id=message_id, text=echo.text, now=clock.now()
        )
        for _ in range(ECHO_LOOKS):
            judged = await asyncio.to_thread(db.write, work)
            if judged is not Echo.PERHAPS:
                return judged is Echo.OURS
            await asyncio.sleep(ECHO_PAUSE)
        return False

    # Going out

    async def send(self, message: Outgoing, to: str) -> str:
        """Send one bubble; Zalo's id of it."""
        if not settings().zalo_app_id:
            raise SendError("ZALO_APP_ID is not set", permanent=True)
        number = ""
        for part in drawn(message):
            number = await self._send(part, to)
        return number

    async def _send(self, part: Part, to: str) -> str:
        """One message, remembered before it leaves so that its echo is known as ours."""
        start = partial(sent.start, chat=to, text=said(part), now=clock.now())
        row, arrived_as = await asyncio.to_thread(db.write, start)
        if arrived_as:  # the answer was lost, but the echo came: it is there
            return arrived_as
        try:
            data = await api.send_message(self._calls, to, part)
        except SendError as error:
            if not error.unknown:
                await asyncio.to_thread(db.write, partial(sent.refused, row_id=row))
            raise
        number, quota = str(data.get("message_id", "")), data.get("quota")
        await asyncio.to_thread(
            db.write, partial(_note, row=row, number=number, to=to, quota=quota)
        )
        return number

    def fetch(self, file: str, *, most: int) -> bytes:
        """A photo or a voice note, by the address that its event brought."""
        return files.fetch(file, most=most)

    def window(self, session: "Session", chat: str) -> str:
        """What an officer must know before writing there: until when, at what price."""
        return windows.window(session, chat, now=clock.now())

    # Living

    @asynccontextmanager
    async def life(self) -> AsyncIterator[None]:
        """Nothing to register: Zalo's console knows the webhook."""
        try:
            yield
        finally:
            await self.close()

    def standing(self) -> str:
        """How the log-in stands, in a word, for /readyz."""
        if not settings().zalo_app_id:
            return "off"
        with db.reading() as session:
            login = tokens.standing(session)
        if login.broken:
            return "REFUSED, approve again at /quan-tri/zalo"
        return "logged in" if login.exists else "not logged in"


def is_signed(body: bytes, raw: Any, signature: str) -> bool:
    """Whether Zalo signed these very bytes: SHA-256 of app, body, time and the account's secret."""
    own, timestamp = settings(), raw.get("timestamp", "") if isinstance(raw, Mapping) else ""
    if not own.zalo_oa_secret_key:
        return False
    signed = own.zalo_app_id.encode() + body + f"{timestamp}{own.zalo_oa_secret_key}".encode()
    return security.same(signature.removeprefix("mac="), hashlib.sha256(signed).hexdigest())


def _read(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _keep_up(session: "Session", *, raw: Mapping[str, Any], at: datetime) -> None:
    """What an event tells beside its message: the citizen is there, or ours has arrived."""
    if chat := events.who_acted(raw):
        windows.touch(session, chat, at=at)
    arrived = events.receipt(raw)
    if arrived and sent.delivered(session, arrived.message_id, arrived.tracking_id, at=at):
        metrics.SENDS.labels(ZaloOA.kind, "delivered").inc()


def _note(session: "Session", *, row: int, number: str, to: str, quota: Any) -> None:
    sent.note(session, row, number)
    if isinstance(quota, Mapping):
        windows.keep_quota(session, to, quota, now=clock.now())
