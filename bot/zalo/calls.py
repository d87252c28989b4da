"""HTTP to Zalo: one client for each event loop; what goes wrong on the way is a `SendError`."""

import asyncio
from types import TracebackType
from typing import Any

import httpx

from bot.messages import SendError

NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
TIMEOUT = httpx.Timeout(10, connect=5, pool=5)
BACK_OFF = 30.0


class Calls:
    """Connections to Zalo, given back by `close` or at the end of `async with`."""

    def __init__(self) -> None:
        self._client: httpx.AsyncClient | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def __aenter__(self) -> "Calls":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        await self.close()

    async def close(self) -> None:
        """Give the connections of this loop back."""
        client, self._client = self._client, None
        if client is not None and self._loop is asyncio.get_running_loop():
            await client.aclose()

    async def post(self, url: str, **request: Any) -> dict[str, Any]:
        """The JSON that Zalo answers, refusals included: it says them with HTTP 200."""
        try:
            answer = await self._here().post(url, **request)
        except httpx.HTTPError as error:
            # Not the error's own words: they may name the address, and that a token.
            why, unknown = type(error).__name__, not isinstance(error, NEVER_LEFT)
            raise SendError(why, unknown=unknown) from error
        if answer.status_code >= 500:
            raise SendError(f"HTTP {answer.status_code}")
        if answer.status_code == 429:
            asked = answer.headers.get("Retry-After", "")
            wait = float(asked) if asked.isdecimal() else BACK_OFF
            raise SendError("HTTP 429", retry_after=wait)
        return _said(answer)

    def _here(self) -> httpx.AsyncClient:
        """The client of this event loop, made when it is first needed."""
        loop = asyncio.get_running_loop()
        if self._client is None or self._loop is not loop:
            self._client, self._loop = httpx.AsyncClient(timeout=TIMEOUT), loop
        return self._client


def _said(answer: httpx.Response) -> dict[str, Any]:
    try:
        said = answer.json()
    except ValueError as error:
        raise SendError(f"HTTP {answer.status_code}, not JSON", unknown=True) from error
    if not isinstance(said, dict):
        raise SendError(f"HTTP {answer.status_code}, not an object", unknown=True)
    return said
