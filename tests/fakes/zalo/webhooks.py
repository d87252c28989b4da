"""Brings events to the webhooks as Zalo does.

All at once, in no order that anybody may rely on; 200 wanted within two seconds, else again after
30 seconds, 5, 15, 30 and 60 minutes, and then the webhook is switched off.
"""

import asyncio
import hashlib
import json
import time

import httpx

from tests.fakes.zalo.world import APP, RETRIES, Event, World

TIMEOUT = 2.0
# A connection whose other end is killed while it opens has no socket to ask: httpcore cries so.
BROKEN = (httpx.HTTPError, AttributeError)


class Bringer:
    """Runs beside the server for as long as it lives."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._under_way: dict[int, asyncio.Task[None]] = {}
        self._client: httpx.AsyncClient | None = None

    async def run(self) -> None:
        """Bring whatever has a webhook and is due, for ever."""
        async with httpx.AsyncClient(timeout=TIMEOUT) as self._client:
            try:
                while True:
                    changed = self.world.changed
                    self._start()
                    try:
                        await asyncio.wait_for(changed.wait(), 0.02)
                    except TimeoutError:
                        continue
            finally:
                for task in self._under_way.values():
                    task.cancel()
                await asyncio.gather(*self._under_way.values(), return_exceptions=True)

    def _start(self) -> None:
        now = time.monotonic()
        for item in self.world.pending:
            hook = self.world.webhooks[item.platform]
            if hook.url and not hook.is_off and item.due <= now and id(item) not in self._under_way:
                self._under_way[id(item)] = asyncio.create_task(self._bring(item))

    async def _bring(self, item: Event) -> None:
        started = time.monotonic()
        try:
            status = await self._post(item)
        finally:
            self._under_way.pop(id(item), None)
        took = int(1000 * (time.monotonic() - started))
        self.world.deliveries.append((item.id, status, took))
        if status == 200:
            self.world.pending.remove(item)
            self.world.acknowledged.append(item.id)
        elif item.failures >= len(RETRIES):
            self.world.pending.remove(item)
            self.world.given_up.append(item.id)
            self.world.webhooks[item.platform].is_off = True
        else:
            item.due = time.monotonic() + RETRIES[item.failures] / self.world.speed
            item.failures += 1

    async def _post(self, item: Event) -> int:
        assert self._client is not None
        hook = self.world.webhooks[item.platform]
        body = json.dumps(item.body, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json"}
        if item.platform == "oa":
            headers |= signature(body, str(item.body.get("timestamp", "")))
        else:
            headers["X-Bot-Api-Secret-Token"] = hook.secret
        try:
            answer = await self._client.post(hook.url, content=body, headers=headers)
        except BROKEN:
            return 0
        return answer.status_code


def signature(body: bytes, timestamp: str) -> dict[str, str]:
    """The headers of a webhook call that Zalo signed."""
    signed = APP.id.encode() + body + timestamp.encode() + APP.oa_secret.encode()
    mac = hashlib.sha256(signed).hexdigest()
    return {"X-ZEvent-Signature": f"mac={mac}", "X-ZEvent-Timestamp": timestamp}
