"""The Zalo Bot platform, for pilots: webhook or long polling in, plain text out.

What it does, and what follows from it:
* it has neither buttons nor edits: `fit` writes menus as numbered lines, which may be typed;
* it refuses with HTTP 200 and `ok: false`;
* its getUpdates hands over one event, once, and takes no confirmation: what a poller cannot store
  is tried again by us, and lost if the process dies meanwhile. The webhook has no such gap.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any

import httpx
from fastapi import Request, Response

from backend import log, metrics
from backend.config import SettingsError, settings
from backend.routing import Router
from bot.channels.zalo_bot import events
from bot.errands import Errands
from bot.messages import Incoming, Limits, Outgoing, Receive, SendError
from bot.webhooks import brought
from bot.zalo import files
from bot.zalo.calls import Calls

logger = log.get(__name__)

SECRET_HEADER = "X-Bot-Api-Secret-Token"  # noqa: S105 (the name of a header)
RETRY_SECONDS = 5
POLL_SECONDS = 30
FIRST_WAIT, LONGEST_WAIT = 2.0, 300.0
QUOTA_WAIT = 60.0  # Zalo says that there is a limit, and not which
NOTHING_NEW = 408
UNREADABLE = (TypeError, ValueError, KeyError, AttributeError, OverflowError)


class ZaloBot:
    """The bot of `ZALO_BOT_TOKEN`."""

    kind = "zalo_bot"
    limits = Limits(text=1900, buttons=0, per_second=10, burst=5)

    def __init__(self) -> None:
        self._calls = Calls()
        self._errands = Errands(self.kind, SendError)
        self._standing = ""

    async def close(self) -> None:
        """Give the connections back."""
        await self._errands.end()
        await self._calls.close()

    async def call(self, method: str, *, seconds: float = 10, **given: Any) -> Any:
        """One method of the API; its result, or the refusal."""
        token, base = settings().zalo_bot_token, settings().zalo_bot_api_base.rstrip("/")
        timeout = httpx.Timeout(seconds, connect=5, pool=5)
        answer = await self._calls.post(f"{base}/bot{token}/{method}", json=given, timeout=timeout)
        if answer.get("ok") is not True:
            raise RefusedError(answer)
        return answer.get("result")

    # Coming in

    def routes(self, receive: Receive) -> Router:
        """`/webhooks/zalo-bot`."""
        router = Router()

        @router.post("/webhooks/zalo-bot", include_in_schema=False)
        async def webhook(request: Request) -> Response:
            return await brought(
                self.kind, request, header=SECRET_HEADER,
                secret=settings().zalo_bot_webhook_secret,
                take=lambda raw: self.take(raw, receive),
            )  # fmt: skip

        return router

    async def take(self, raw: Any, receive: Receive) -> None:
        """Store one event, from the webhook or from polling; it is ours when this returns."""
        came = self.parse(raw)
        if came is None:
            outcome = "ignored" if events.name_of(raw) in events.KNOWN else "unknown"
            metrics.UPDATES.labels(self.kind, outcome).inc()
            return
        is_new = await receive(came, events.position(raw))
        metrics.UPDATES.labels(self.kind, "new" if is_new else "repeat").inc()
        if is_new:
            typing = partial(self.call, "sendChatAction", chat_id=came.chat, action="typing")
            self._errands.show_typing(came.chat, typing)

    def parse(self, raw: Any) -> Incoming | None:
        """An event as something a citizen did; None for what is unknown or cannot be read."""
        try:
            return events.incoming(raw, self.kind)
        except UNREADABLE as error:
            logger.warning("zalo_bot.unreadable_event", error=type(error).__name__)
            return None

    async def poll(self, receive: Receive) -> None:
        """Fetch for ever; what goes wrong is tried again, ever more slowly."""
        wait, is_ready = 1.0, False
        while True:
            try:
                if not is_ready:
                    await self.call("deleteWebhook")  # while one is set, nothing can be fetched
                    is_ready = True
                raw = await self._fetched()
            except SendError as error:
                _end_if_refused(error)
                logger.warning("zalo_bot.poll_failed", error=str(error))
                await asyncio.sleep(max(wait, error.retry_after))
                wait = min(2 * wait, LONGEST_WAIT)
                continue
            wait = 1.0
            if raw is not None:
                await self._keep(raw, receive)

    async def _fetched(self) -> Any:
        """One event, or None where nothing happened for a while."""
        try:
            result = await self.call(
                "getUpdates", seconds=POLL_SECONDS + 10, timeout=str(POLL_SECONDS)
            )
        except RefusedError as refusal:
            if refusal.code == NOTHING_NEW:
                return None
            raise
        return result or None

    async def _keep(self, raw: Any, receive: Receive) -> None:
        """Store it, however long the database is away: nobody would bring it again."""
        while True:
            try:
                return await self.take(raw, receive)
            except Exception as error:  # noqa: BLE001 (the database is away)
                logger.warning("zalo_bot.not_stored", error=str(error))
                await asyncio.sleep(RETRY_SECONDS)

    # Going out

    async def send(self, message: Outgoing, to: str) -> str:
        """Send one bubble as plain text."""
        if not settings().zalo_bot_token:
            raise SendError("ZALO_BOT_TOKEN is not set", permanent=True)
        self._errands.answered(to)
        sent = await self.call("sendMessage", chat_id=to, text=message.text)
        return str(sent.get("message_id", "")) if isinstance(sent, dict) else ""

    def fetch(self, file: str, *, most: int) -> bytes:
        """A photo or a voice note, by the address that its event brought."""
        return files.fetch(file, most=most)

    # Living

    @asynccontextmanager
    async def life(self) -> AsyncIterator[None]:
        """Registers the webhook in the background, for as long as it takes."""
        if not settings().zalo_bot_token:
            yield
            return
        task = asyncio.create_task(self._introduce())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            await self.close()

    async def _introduce(self) -> None:
        if not settings().zalo_bot_webhook_secret:
            self._standing = "polling"
            return
        wait = FIRST_WAIT
        while True:
            try:
                await self.call(
                    "setWebhook", url=f"{settings().base_url}/webhooks/zalo-bot",
                    secret_token=settings().zalo_bot_webhook_secret,
                )  # fmt: skip
            except SendError as error:
                logger.warning("zalo_bot.not_registered", error=str(error), again_in=wait)
                self._standing = "unreachable"
                await asyncio.sleep(max(wait, error.retry_after))
                wait = min(2 * wait, LONGEST_WAIT)
            else:
                logger.info("zalo_bot.registered")
                self._standing = "webhook"
                return

    def standing(self) -> str:
        """How it is, in a word, for /readyz."""
        return self._standing or ("starting" if settings().zalo_bot_token else "off")


class RefusedError(SendError):
    """`ok: false`, judged by its code."""

    def __init__(self, answer: dict[str, Any]) -> None:
        stated = str(answer.get("error_code", ""))
        self.code = int(stated) if stated.isdecimal() else 0
        why = f"Zalo Bot {self.code}: {str(answer.get('description', ''))[:200]}"
        super().__init__(
            why,
            permanent=self.code in (400, 413),
            unreachable=self.code in (403, 404),
            unknown=self.code == NOTHING_NEW,
            retry_after=QUOTA_WAIT if self.code == 429 else 0,
        )
        if self.code == 401:
            logger.error("zalo_bot.token_refused")


def _end_if_refused(error: SendError) -> None:
    if isinstance(error, RefusedError) and error.code == 401:
        raise SettingsError("Zalo không nhận ZALO_BOT_TOKEN này.") from error
