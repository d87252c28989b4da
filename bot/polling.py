"""Chats without a public address: fetches updates instead of having them brought.

Whatever is fetched goes the same way as from the webhook: stored first, answered by a runner. An
update is confirmed to Telegram only after it was stored, so that Ctrl-C, a crash or a database that
is away loses nothing. Zalo Bot takes no confirmation: `bot/channels/zalo_bot` says what that means.
"""

import asyncio
import importlib
import signal
from contextlib import suppress

from telegram import Bot, Update
from telegram.error import Conflict, InvalidToken, TelegramError

from backend import log
from backend.config import SettingsError, settings
from backend.worker import Runner
from bot.channels import CHANNELS
from bot.channels.telegram import Telegram
from bot.channels.telegram.introduction import UPDATE_KINDS, describe
from bot.channels.zalo_bot import ZaloBot
from bot.routes import receive

logger = log.get(__name__)

POLL_SECONDS = 25
LONGEST_WAIT = 60.0


def run(kind: str = "telegram") -> int:
    """Fetch and answer until Ctrl-C; the exit code."""
    if kind == "telegram" and not settings().telegram_bot_token:
        raise SettingsError(
            "Chưa có TELEGRAM_BOT_TOKEN: xin tạo bot với @BotFather rồi đặt biến này và chạy lại."
        )
    if kind == "zalo_bot" and not settings().zalo_bot_token:
        raise SettingsError(
            "Chưa có ZALO_BOT_TOKEN: xin tạo bot với Zalo Bot Manager rồi đặt biến này và chạy lại."
        )
    # A runner claims the jobs of every package, so every package must be there to handle them.
    importlib.import_module("backend.main")
    asyncio.run(_until_stopped(kind))
    return 0


async def _until_stopped(kind: str) -> None:
    channel = CHANNELS[kind]
    assert isinstance(channel, Telegram | ZaloBot)  # noqa: S101 (the registry says so)
    runner = Runner(polls=True)
    fetching = poll(channel) if isinstance(channel, Telegram) else channel.poll(receive)
    polling = asyncio.create_task(fetching)
    answering = asyncio.create_task(runner.run())
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    stopping = asyncio.create_task(stopped.wait())
    try:
        await asyncio.wait((stopping, polling), return_when=asyncio.FIRST_COMPLETED)
        if polling.done():
            polling.result()  # a token that is refused ends it
    finally:
        runner.stop()
        for task in (stopping, polling):
            task.cancel()
            with suppress(asyncio.CancelledError, SettingsError):
                await task
        await answering
        await channel.close()


async def poll(channel: Telegram) -> None:
    """Fetch for ever; what goes wrong is tried again, ever more slowly."""
    offset: int | None = None
    wait, is_ready = 1.0, False
    while True:
        try:
            if not is_ready:
                await _announce(channel.bot())
                is_ready = True
            for update in await _fetched(channel.bot(), offset):
                await channel.take(update.to_dict(), receive)
                offset = update.update_id + 1
            wait = 1.0
        except InvalidToken as error:
            raise SettingsError("Telegram không nhận TELEGRAM_BOT_TOKEN này.") from error
        except Exception as error:  # noqa: BLE001 (the network or the database is away)
            another = isinstance(error, Conflict)
            logger.warning("telegram.poll_failed", error=str(error), another_poller=another)
            await asyncio.sleep(wait)
            wait = min(2 * wait, LONGEST_WAIT)


async def _announce(bot: Bot) -> None:
    """Telegram brings nothing to be fetched while a webhook is set."""
    await bot.delete_webhook()
    with suppress(TelegramError):
        await describe(bot)
    logger.info("telegram.polling", api=settings().telegram_api_base)


async def _fetched(bot: Bot, offset: int | None) -> tuple[Update, ...]:
    return await bot.get_updates(
        offset=offset, timeout=POLL_SECONDS, allowed_updates=UPDATE_KINDS,
        read_timeout=POLL_SECONDS + 10,
    )  # fmt: skip
