"""Tells Telegram where we are and what we can do: webhook, commands, descriptions."""

import asyncio
from collections.abc import Callable
from typing import Any

from telegram import Bot, BotCommand, BotCommandScopeAllPrivateChats
from telegram.error import TelegramError

from backend import i18n, log, official
from backend.config import settings
from bot.channels.telegram.errors import judged
from bot.channels.telegram.updates import words

logger = log.get(__name__)

UPDATE_KINDS = ("message", "callback_query", "my_chat_member")
FIRST_WAIT, LONGEST_WAIT = 2.0, 300.0


async def introduce(bot: Bot, tell: Callable[[str], None]) -> None:
    """Register everything; where Telegram is away, again later. `tell` hears how it stands."""
    wait = FIRST_WAIT
    while True:
        try:
            await register_webhook(bot)
            await describe(bot)
        except TelegramError as error:
            failure = judged(error)
            logger.warning("telegram.not_registered", error=str(failure), again_in=wait)
            tell("unreachable")
            await asyncio.sleep(max(wait, failure.retry_after))
            wait = min(2 * wait, LONGEST_WAIT)
        else:
            logger.info("telegram.registered", webhook=has_webhook())
            tell("webhook" if has_webhook() else "polling")
            return


def has_webhook() -> bool:
    """Whether updates are brought to us; without a secret they are fetched (`bot poll`)."""
    return bool(settings().telegram_webhook_secret)


async def register_webhook(bot: Bot) -> None:
    """Where updates are to be brought."""
    if has_webhook():
        await bot.set_webhook(
            f"{settings().base_url}/webhooks/telegram",
            secret_token=settings().telegram_webhook_secret,
            allowed_updates=UPDATE_KINDS,
            max_connections=40,
        )


async def describe(bot: Bot) -> None:
    """Commands and descriptions: Vietnamese for everybody, other languages where phones ask.

    What Telegram shows already is left alone: it limits how often a bot may change it, and every
    process of ours comes here at every start.
    """
    official.heard_telegram_name((await bot.get_me()).username)
    # One that speaks Vietnamese reads ours, not what somebody once set for that language.
    for code in (None, *i18n.LOCALES):
        await _describe_in(bot, code or i18n.SOURCE, code)


async def _describe_in(bot: Bot, language: str, code: str | None) -> None:
    scope, listed = BotCommandScopeAllPrivateChats(), commands(language)
    if await bot.get_my_commands(scope, code) != tuple(listed):
        await bot.set_my_commands(listed, scope=scope, language_code=code)
    description, short = _said("description", language), _said("short_description", language)
    if (await bot.get_my_description(code)).description != description:
        await bot.set_my_description(description, language_code=code)
    if (await bot.get_my_short_description(code)).short_description != short:
        await bot.set_my_short_description(short, language_code=code)


def commands(language: str) -> list[BotCommand]:
    """The menu in this language."""
    listed: dict[str, dict[str, Any]] = words()["commands"]
    return [BotCommand(name, text[language]) for name, text in listed.items() if language in text]


def _said(what: str, language: str) -> str:
    text: str = words()[what][language]
    return text.format(province=settings().province_name)
