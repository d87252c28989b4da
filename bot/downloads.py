"""Fetches a file that a citizen attached, into memory and nowhere else.

Whoever keeps the file may be slow, or be made to send somebody else there: the whole takes seconds
at most, has a size at most, and every address on the way, redirects included, is one its channel
allows.
"""

import asyncio
from collections.abc import Callable

import httpx

from bot.messages import FetchError

TIMEOUT = httpx.Timeout(5.0)
SECONDS = 12.0  # all in all
MOST_REDIRECTS = 3
# Unpacked, a small answer may be a huge one: pictures and sound come as they are.
HEADERS = {"Accept-Encoding": "identity"}


def download(address: str, *, most: int, allows: Callable[[httpx.URL], bool]) -> bytes:
    """The file, if it has at most so many bytes; for threads. Errors never name the address."""
    try:
        return asyncio.run(_within_seconds(address, most, allows))
    except TimeoutError:
        raise FetchError("too slow") from None
    except httpx.HTTPStatusError as error:
        raise FetchError(f"HTTP {error.response.status_code}") from None
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
        raise FetchError(type(error).__name__) from None


async def _within_seconds(address: str, most: int, allows: Callable[[httpx.URL], bool]) -> bytes:
    async with asyncio.timeout(SECONDS), httpx.AsyncClient(timeout=TIMEOUT) as client:
        url = httpx.URL(address)
        for _hop in range(MOST_REDIRECTS + 1):
            if not allows(url):
                raise FetchError("foreign address")
            async with client.stream("GET", url, headers=HEADERS) as answer:
                if answer.next_request is None:
                    return await _read(answer, most)
                url = answer.next_request.url
    raise FetchError("too many redirects")


async def _read(answer: httpx.Response, most: int) -> bytes:
    answer.raise_for_status()
    content = bytearray()
    async for piece in answer.aiter_raw():
        content += piece
        if len(content) > most:
            raise FetchError("too large", is_too_large=True)
    return bytes(content)
