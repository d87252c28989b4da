"""Telegram, in private chats only: webhook in, Bot API out.

python-telegram-bot is used for its types and its `Bot`; updates are queued by us, because its own
queue dies with the process, and conversations are ours, because two processes share them. The Bot
API server is `TELEGRAM_API_BASE`, so that a local one, or the strict fake of the tests, will do.

What Telegram does, and what follows from it:
* it brings one update per chat at a time, again and again until it hears 2xx: what cannot be
  understood is answered 200, or it would hold up that chat for a day; only a database that is away
  is answered 503;
* it forgets a button press after 150 seconds: presses are acknowledged at once, and every button
  has a typed equivalent;
* it has no idempotency key: a send that timed out may have arrived (`SendError.unknown`).
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any

from fastapi import Request, Response
from telegram import (
    Bot,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    ReplyKeyboardMarkup,
    Update,
)
from telegram.constants import ChatAction, ParseMode
from telegram.error import BadRequest, TelegramError
from telegram.request import HTTPXRequest

from backend import log, metrics, official
from backend.config import settings
from backend.routing import Router
from bot.channels.telegram.drawing import Keyboard, as_html, drawn
from bot.channels.telegram.errors import judged, says_so_already, wants_plain_text
from bot.channels.telegram.files import fetch
from bot.channels.telegram.introduction import introduce
from bot.channels.telegram.updates import incoming
from bot.errands import Errands
from bot.messages import Incoming, Limits, Outgoing, Receive, SendError, plain, split
from bot.webhooks import brought

logger = log.get(__name__)

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 (the name of a header)
PLAIN_PIECE = 2000  # where Telegram counts in a way that we do not, half of its limit will do


NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
UNREADABLE = (TypeError, ValueError, KeyError, AttributeError, OverflowError, OSError)


class Telegram:
    """The bot of `TELEGRAM_BOT_TOKEN`."""

    kind = "telegram"
    # Telegram takes 4,096 characters once entities are parsed, and 30 messages a second.
    limits = Limits(text=3900, buttons=12, strong=True, per_second=25, burst=5)

    def __init__(self) -> None:
        self._bot: Bot | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._requests: tuple[HTTPXRequest, ...] = ()
        self._errands = Errands(self.kind, TelegramError)
        self._standing = ""

    def bot(self) -> Bot:
        """The client of this event loop, made when it is first needed; making it calls nobody."""
        loop = asyncio.get_running_loop()
        if self._bot is None or self._loop is not loop:
            base = settings().telegram_api_base.rstrip("/")
            calls = HTTPXRequest(connection_pool_size=32, read_timeout=10, pool_timeout=5)
            polls = HTTPXRequest(connection_pool_size=1)
            self._loop, self._requests = loop, (calls, polls)
            self._bot = Bot(
                settings().telegram_bot_token,
                base_url=f"{base}/bot",
                base_file_url=f"{base}/file/bot",
                request=calls,
                get_updates_request=polls,
            )
        return self._bot

    async def close(self) -> None:
        """Give the connections back."""
        await self._errands.end()
        if self._loop is asyncio.get_running_loop():
            for request in self._requests:
                await request.shutdown()
        self._bot, self._requests = None, ()

    # Coming in

    def routes(self, receive: Receive) -> Router:
        """`/webhooks/telegram`."""
        router = Router()

        @router.post("/webhooks/telegram", include_in_schema=False)
        async def webhook(request: Request) -> Response:
            return await brought(
                self.kind, request, header=SECRET_HEADER,
                secret=settings().telegram_webhook_secret,
                take=lambda raw: self.take(raw, receive),
            )  # fmt: skip

        return router

    async def take(self, raw: Any, receive: Receive) -> None:
        """Store one update, from the webhook or from polling; it is ours when this returns."""
        came = self.parse(raw)
        if came is None:
            metrics.UPDATES.labels(self.kind, "ignored").inc()
            return
        is_new = await receive(came, int(came.external_id))
        metrics.UPDATES.labels(self.kind, "new" if is_new else "repeat").inc()
        if press := raw.get("callback_query"):
            self._errands.run(lambda: self.bot().answer_callback_query(str(press["id"])))
        if is_new and not came.presence:
            typing = partial(self._type, int(came.chat))
            self._errands.show_typing(came.chat, typing)

    def parse(self, raw: Any) -> Incoming | None:
        """An update as something a citizen did; None for groups, edits and all that is unknown."""
        try:
            return incoming(Update.de_json(raw, None), self.kind)
        except UNREADABLE as error:
            # Answered with 200: what cannot be read now cannot be read later either.
            logger.warning("telegram.unreadable_update", error=type(error).__name__)
            return None

    async def _type(self, chat: int) -> None:
        await self.bot().send_chat_action(chat, ChatAction.TYPING)

    # Going out

    async def send(self, message: Outgoing, to: str) -> str:
        """Send one bubble as HTML; as plain text where Telegram cannot read that."""
        if not settings().telegram_bot_token:
            raise SendError("TELEGRAM_BOT_TOKEN is not set", permanent=True)
        self._errands.answered(to)
        text, keyboard = drawn(message)
        try:
            return await self._send(to, as_html(text), keyboard, ParseMode.HTML)
        except TelegramError as error:
            if not wants_plain_text(error):
                raise judged(error) from error
        try:
            *first, last = split(plain(text), PLAIN_PIECE)
            for piece in first:
                await self._send(to, piece, None, None)
            return await self._send(to, last, keyboard, None)
        except TelegramError as error:
            raise judged(error) from error

    async def _send(
        self, to: str, text: str, keyboard: Keyboard | None, parse_mode: ParseMode | None
    ) -> str:
        sent = await self.bot().send_message(
            int(to), text, parse_mode=parse_mode, reply_markup=keyboard,
            link_preview_options=NO_PREVIEW,
        )  # fmt: skip
        if sent.from_user:
            official.heard_telegram_name(sent.from_user.username)
        return str(sent.message_id)

    async def edit(self, message: Outgoing, to: str, message_id: str) -> str:
        """Let the message whose button was pressed say this; a new one where that cannot be."""
        text, keyboard = drawn(message)
        if not message_id.isdecimal() or isinstance(keyboard, ReplyKeyboardMarkup):
            return await self.send(message, to)  # only a new message can ask for a contact
        inline = keyboard if isinstance(keyboard, InlineKeyboardMarkup) else None
        try:
            await self.bot().edit_message_text(
                as_html(text), int(to), int(message_id), parse_mode=ParseMode.HTML,
                reply_markup=inline, link_preview_options=NO_PREVIEW,
            )  # fmt: skip
        except TelegramError as error:
            if says_so_already(error):
                return message_id
            if isinstance(error, BadRequest):  # gone, too old, or not ours to edit
                return await self.send(message, to)
            raise judged(error) from error
        self._errands.answered(to)
        return message_id

    def fetch(self, file: str, *, most: int) -> bytes:
        """A photo or a voice note."""
        return fetch(file, most=most)

    # Living

    @asynccontextmanager
    async def life(self) -> AsyncIterator[None]:
        """Registers webhook, commands and descriptions in the background, for as long as it takes.

        Telegram being away neither delays nor stops the web.
        """
        if not settings().telegram_bot_token:
            yield
            return
        task = asyncio.create_task(introduce(self.bot(), self._stands))
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            await self.close()

    def _stands(self, how: str) -> None:
        self._standing = how

    def standing(self) -> str:
        """How it is, in a word, for /readyz."""
        return self._standing or ("starting" if settings().telegram_bot_token else "off")
