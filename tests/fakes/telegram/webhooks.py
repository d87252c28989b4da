"""Brings updates to the webhook as Telegram does.

One update at a time in each queue (a chat's messages; a person's button presses), queues beside
each other up to `max_connections`; anything but 2xx is a failure: again at once, then after 2, 4,
8 … seconds up to a random minute or two, or when `Retry-After` says; dropped when it gets too old.
"""

import asyncio
import random
import time
from collections.abc import Mapping

import httpx

from tests.fakes.telegram.world import Pending, World

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
TIMEOUT = 60.0
# A connection whose other end is killed while it opens has no socket to ask: httpcore cries so.
BROKEN = (httpx.HTTPError, AttributeError)


class Bringer:
    """Runs beside the server for as long as it lives."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._queues: dict[str, asyncio.Task[None]] = {}
        self._client: httpx.AsyncClient | None = None
        self._room = asyncio.Semaphore(40)
        self._limit = 40

    async def run(self) -> None:
        """Start a line for every queue that has something, for ever."""
        async with httpx.AsyncClient(timeout=TIMEOUT) as self._client:
            try:
                while True:
                    changed = self.world.changed
                    self._start_lines()
                    await changed.wait()
            finally:
                for task in self._queues.values():
                    task.cancel()
                await asyncio.gather(*self._queues.values(), return_exceptions=True)

    def _start_lines(self) -> None:
        if not self.world.webhook.get("url"):
            return
        if (limit := self.world.webhook["max_connections"]) != self._limit:
            self._room, self._limit = asyncio.Semaphore(limit), limit
        for queue in {item.queue for item in self.world.pending}:
            if queue not in self._queues or self._queues[queue].done():
                self._queues[queue] = asyncio.create_task(self._line(queue))

    async def _line(self, queue: str) -> None:
        failures = 0
        while (item := self._head(queue)) and self.world.webhook.get("url"):
            wait = await self._bring(item, failures)
            if wait is None:
                self.world.took(item)
                failures = 0
                continue
            failures += 1
            age = (time.monotonic() - item.made) * self.world.speed
            if age + wait > item.life:
                self.world.pending.remove(item)
                self.world.expired.append(item.update["update_id"])
                failures = 0
                continue
            await asyncio.sleep(wait / self.world.speed)

    def _head(self, queue: str) -> Pending | None:
        return next((item for item in self.world.pending if item.queue == queue), None)

    async def _bring(self, item: Pending, failures: int) -> float | None:
        """None where it was taken, else the seconds to wait."""
        assert self._client is not None
        hook = self.world.webhook
        headers = {SECRET_HEADER: hook["secret_token"]} if hook["secret_token"] else {}
        try:
            async with self._room:
                answer = await self._client.post(hook["url"], json=item.update, headers=headers)
        except BROKEN as error:
            self.world.last_error = type(error).__name__
            self.world.deliveries.append((item.update["update_id"], 0))
            return self._wait(failures, {})
        self.world.deliveries.append((item.update["update_id"], answer.status_code))
        if answer.is_success:
            return None
        self.world.last_error = f"Wrong response from the webhook: {answer.status_code}"
        return self._wait(failures, answer.headers)

    def _wait(self, failures: int, headers: Mapping[str, str]) -> float:
        asked = headers.get("Retry-After", "")
        if asked.isdecimal() and 0 <= int(asked) <= 3600:
            return float(asked)
        if failures == 0:
            return 0.0
        return min(2.0**failures, random.uniform(60, 120))
