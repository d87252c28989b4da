"""What the fakes share: a server in a thread of its own, deliveries beside it, a call cut short."""

import asyncio
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from types import TracebackType
from typing import Any, Self

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

Life = Callable[[Starlette], AbstractAsyncContextManager[None]]


class Dropped(Response):
    """Begins an answer and hangs up: the client knows no more than that its request left.

    `of` is what was done before, if anything; the number of such a message is put in `noted_in`.
    """

    def __init__(self, *, of: Any = None, noted_in: set[Any] | None = None) -> None:
        super().__init__()
        if noted_in is not None and isinstance(of, dict):
            noted_in.add(of.get("message_id"))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200,
                    "headers": [(b"content-length", b"999")]})  # fmt: skip
        await send({"type": "http.response.body", "body": b"{", "more_body": True})


def life_beside(deliver: Callable[[], Coroutine[Any, Any, None]]) -> Life:
    """A server's lifespan during which `deliver` brings webhooks what happened."""

    @asynccontextmanager
    async def life(_: Starlette) -> AsyncIterator[None]:
        delivering = asyncio.create_task(deliver())
        yield
        delivering.cancel()
        with suppress(asyncio.CancelledError):
            await delivering

    return life


class Served:
    """An app on a free port of 127.0.0.1 while the `with` block lasts; `_client` speaks to it."""

    def __init__(self, app: Starlette) -> None:
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        config = uvicorn.Config(app, log_level="critical", ws="none", access_log=False)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],))
        self._client = httpx.Client(base_url=self.url, timeout=10)

    def __enter__(self) -> Self:
        self._thread.start()
        while not self._server.started:
            if not self._thread.is_alive():
                raise RuntimeError("the fake did not start")
            time.sleep(0.01)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self._client.close()
        self._server.should_exit = True
        self._server.force_exit = True
        self._thread.join(timeout=10)
        self._socket.close()
