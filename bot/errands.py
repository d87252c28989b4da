"""What a channel does beside its work: small calls that nobody waits for, such as "typing"."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from backend.errors import AppError
from bot.handover.hush import is_with_people

TYPING_AFTER = 1.0  # seconds; most answers are there by then
Call = Callable[[], Awaitable[Any]]


class Errands:
    """The errands of one channel; `refused` is how its client says that a call failed."""

    def __init__(self, kind: str, refused: type[Exception]) -> None:
        self._kind, self._refused = kind, refused
        self._running: set[asyncio.Task[None]] = set()
        self._typing: dict[str, asyncio.Task[None]] = {}  # chats that may see "typing" soon

    def run(self, call: Call) -> "asyncio.Task[None]":
        """Call it some time soon; its failure hurts nobody."""

        async def quietly() -> None:
            with suppress(self._refused, AppError):
                await call()

        task = asyncio.create_task(quietly())
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    def show_typing(self, chat: str, call: Call) -> None:
        """Show that we work on it, unless it is answered by then, or an officer's to answer."""

        async def show() -> None:
            await asyncio.sleep(TYPING_AFTER)
            self._typing.pop(chat, None)
            if not await asyncio.to_thread(is_with_people, self._kind, chat):
                await call()

        if chat not in self._typing:
            self._typing[chat] = self.run(show)

    def answered(self, chat: str) -> None:
        """Nothing more to show there."""
        if waiting := self._typing.pop(chat, None):
            waiting.cancel()

    async def end(self) -> None:
        """Drop what is under way."""
        for errand in tuple(self._running):
            errand.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        self._typing.clear()
