"""Fetches what a citizen attached, into memory.

The address of a file holds the bot's token: it is never logged, nor given to anybody.
"""

import httpx

from backend.config import settings
from bot.downloads import TIMEOUT, download
from bot.messages import FetchError

TOO_BIG = "file is too big"


def fetch(file_id: str, *, most: int) -> bytes:
    """The file, if it has at most so many bytes."""
    own = settings()
    base = own.telegram_api_base.rstrip("/")
    try:
        with httpx.Client(timeout=TIMEOUT) as client:
            path = _path(client, f"{base}/bot{own.telegram_bot_token}/getFile", file_id, most)
    except httpx.HTTPError as error:
        raise FetchError(type(error).__name__) from None
    address = f"{base}/file/bot{own.telegram_bot_token}/{path}"
    return download(address, most=most, allows=lambda url: str(url).startswith(f"{base}/"))


def _path(client: httpx.Client, method: str, file_id: str, most: int) -> str:
    try:
        answer = client.get(method, params={"file_id": file_id}).json()
        if answer["ok"]:
            if answer["result"].get("file_size", 0) > most:
                raise FetchError("too large", is_too_large=True)
            return str(answer["result"]["file_path"])
        why = str(answer["description"])
    except (ValueError, KeyError, TypeError, AttributeError):
        raise FetchError("unreadable answer") from None
    raise FetchError(why, is_too_large=TOO_BIG in why)
