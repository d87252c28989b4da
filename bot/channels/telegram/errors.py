"""What to do when the Bot API refuses."""

from datetime import timedelta

import httpx
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)

from backend import log
from bot.messages import SendError

logger = log.get(__name__)

NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
GONE = ("chat not found", "user not found", "peer_id_invalid")
WANTS_PLAIN = ("can't parse entities", "message is too long")


def wants_plain_text(error: TelegramError) -> bool:
    """Whether the same words would pass without markup, in smaller pieces."""
    return isinstance(error, BadRequest) and any(w in str(error).lower() for w in WANTS_PLAIN)


def says_so_already(error: TelegramError) -> bool:
    """Whether an edit came twice; the second has nothing left to change."""
    return isinstance(error, BadRequest) and "message is not modified" in str(error).lower()


def judged(error: TelegramError) -> SendError:
    """The refusal as delivery understands it."""
    why = f"{type(error).__name__}: {error}"
    match error:
        case RetryAfter():
            wait = error.retry_after
            seconds = wait.total_seconds() if isinstance(wait, timedelta) else wait
            return SendError(why, retry_after=seconds)
        case Forbidden():  # blocked, deactivated, or never started
            return SendError(why, unreachable=True)
        case BadRequest():
            gone = any(words in str(error).lower() for words in GONE)
            return SendError(why, permanent=True, unreachable=gone)
        case ChatMigrated():
            return SendError(why, permanent=True)
        case InvalidToken():
            logger.error("telegram.token_refused")
            return SendError(why)
        case NetworkError() if isinstance(error.__cause__, httpx.HTTPError):
            return SendError(why, unknown=not isinstance(error.__cause__, NEVER_LEFT))
    return SendError(why)
