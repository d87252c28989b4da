"""Server-sent events: one poller per process reads `live` and hands out to whoever listens.

    @router.get("/quan-tri/hop-thu/truc-tiep")
    async def listen(request: Request, …) -> Response:
        return await streams.listen(request, ["inbox:3"])

A listener costs a coroutine and a short queue: no thread, no session, nothing in the database. The
poller runs only while somebody listens. Each event's data is `{"kind", "ref"}`; what it means is
read elsewhere, by the listener's own rights. `kind` "reset" says that more happened than is kept:
read everything afresh. Refused (429) is whoever opens too many; dropped is whoever reads too slowly
or listens too long, and may come again with `Last-Event-ID`.
"""

import asyncio
import json
import resource
import signal
import threading
from collections import Counter
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakSet

from fastapi import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from backend import db, live, log
from backend.errors import TooMany, Unavailable
from backend.http import client_address
from backend.i18n import gettext as _
from backend.live import Event

logger = log.get(__name__)

POLL_SECONDS = 0.5
BEAT_SECONDS = 15.0
LONGEST_SECONDS = 1800.0  # then the browser comes again, and its rights are looked at again
SEND_SECONDS = 20.0
READY_SECONDS = 5.0
QUEUED = 64
PER_ADDRESS = 60  # a ward's free Wi-Fi is one address
MOST = 2000
RETRY_SECONDS = 30
COME_BACK = b"retry: 3000\n\n"
BEAT = b": \n\n"
RESET = b'data: {"kind": "reset", "ref": ""}\n\n'


@dataclass(eq=False)
class Listener:
    """One open page; None in its queue tells it to go."""

    topics: frozenset[str]
    address: str
    queue: asyncio.Queue[Event | None] = field(default_factory=lambda: asyncio.Queue(QUEUED + 1))

    def tell(self, event: Event) -> bool:
        """False if it has not read what it was told before."""
        if self.queue.qsize() >= QUEUED:
            return False
        self.queue.put_nowait(event)
        return True

    def dismiss(self) -> None:
        """It ends when it has read up to here."""
        with suppress(asyncio.QueueFull):  # it was told before
            self.queue.put_nowait(None)


class Hub:
    """Everybody who listens to this process, and the one task that reads for them all."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.is_closed = False
        self._listeners: set[Listener] = set()
        self._addresses: Counter[str] = Counter()
        self._most = min(MOST, resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 2)
        self._reading: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()

    def __len__(self) -> int:
        return len(self._listeners)

    def admit(self, topics: Collection[str], address: str) -> Listener:
        """One more, unless there are too many."""
        is_full = len(self) >= self._most or self._addresses[address] >= PER_ADDRESS
        if is_full or self.is_closed:
            message = _("Đang có quá nhiều trang mở cùng lúc. Xin thử lại sau ít phút.")
            raise TooMany("too_many_listeners", message, retry_after=RETRY_SECONDS)
        listener = Listener(frozenset(topics), address)
        self._listeners.add(listener)
        self._addresses[address] += 1
        if self._reading is None:
            self._ready.clear()
            self._reading = asyncio.create_task(self._read())
        return listener

    def leave(self, listener: Listener) -> None:
        """It is gone; with the last one the reading stops."""
        if listener not in self._listeners:
            return
        self._listeners.discard(listener)
        self._addresses -= Counter([listener.address])
        if not self._listeners and self._reading is not None:
            self._reading.cancel()
            self._reading = None

    async def reads(self) -> bool:
        """Return once whatever is published from now on will be heard; False if that takes long."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._ready.wait(), READY_SECONDS)
        return self._ready.is_set()

    def close(self) -> None:
        """Send everybody away; the process ends."""
        self.is_closed = True
        for listener in self._listeners:
            listener.dismiss()

    async def _read(self) -> None:
        cursor: live.Cursor | None = None
        while True:
            try:
                if cursor is None:
                    cursor = await asyncio.to_thread(_begin)
                    self._ready.set()
                else:
                    self._hand_out(await asyncio.to_thread(_read, cursor))
            except Unavailable:
                logger.warning("live.database_away")
            except Exception:
                logger.exception("live.failed")
            await asyncio.sleep(POLL_SECONDS)

    def _hand_out(self, events: list[Event]) -> None:
        for event in events:
            for listener in self._listeners:
                if event.topic in listener.topics and not listener.tell(event):
                    listener.dismiss()


class Stream(Response):
    """The answer that goes on; ends when the browser leaves or the listener is dismissed."""

    media_type = "text/event-stream"

    def __init__(self, hub: Hub, listener: Listener, after: int | None) -> None:
        super().__init__(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._hub, self._listener, self._after = hub, listener, after

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until either side ends it."""
        speaking = asyncio.create_task(self._speak(send))
        leaving = asyncio.create_task(_until_gone(receive))
        try:
            await asyncio.wait((speaking, leaving), return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._hub.leave(self._listener)
            for task in (speaking, leaving):
                task.cancel()
            await asyncio.gather(speaking, leaving, return_exceptions=True)

    async def _speak(self, send: Send) -> None:
        async def write(body: bytes, *, more: bool = True) -> None:
            message = {"type": "http.response.body", "body": body, "more_body": more}
            await asyncio.wait_for(send(message), SEND_SECONDS)

        start = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
        await send(start)
        await write(COME_BACK)
        told: set[int] = set()
        if self._after is not None:
            missed = await asyncio.to_thread(_replay, self._listener.topics, self._after)
            await write(RESET if missed is None else b"".join(map(_line, missed)) or BEAT)
            told = {event.id for event in missed or ()}
        with suppress(TimeoutError):
            async with asyncio.timeout(LONGEST_SECONDS):
                await self._pass_on(write, told)
        await write(b"", more=False)

    async def _pass_on(self, write: Any, told: set[int]) -> None:
        while True:
            try:
                event = await asyncio.wait_for(self._listener.queue.get(), BEAT_SECONDS)
            except TimeoutError:
                await write(BEAT)
                continue
            if event is None:
                return
            if event.id not in told:
                await write(_line(event))


async def listen(request: Request, topics: Collection[str]) -> Stream:
    """The answer to a page that wants to hear of these topics; the caller checked its rights."""
    hub = _hub(request)
    listener = hub.admit(topics, client_address(request))
    if not await hub.reads():
        hub.leave(listener)
        raise Unavailable("busy", db.BUSY, retry_after=db.RETRY_SECONDS)
    after = request.headers.get("last-event-id", "")
    return Stream(hub, listener, int(after) if _is_number(after) else None)


@asynccontextmanager
async def life() -> AsyncIterator[None]:
    """Ends all streams as soon as the process is told to end.

    uvicorn waits for open answers before it lets anybody know that it is ending, so its own signal
    handlers are wrapped.
    """
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            _wrap(number)
    yield
    end_all()


def end_all() -> None:
    """Send everybody away who listens to this process; may be called from any thread."""
    for hub in tuple(_hubs):
        with suppress(RuntimeError):  # its loop has ended before it
            hub.loop.call_soon_threadsafe(hub.close)


_hubs: WeakSet[Hub] = WeakSet()


def _hub(request: Request) -> Hub:
    """The hub of this app on this loop (tests run one app on many loops)."""
    loop = asyncio.get_running_loop()
    found = getattr(request.app.state, "hub", None)
    if not isinstance(found, Hub) or found.loop is not loop:
        found = request.app.state.hub = Hub()
        _hubs.add(found)
    return found


def _wrap(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    if not callable(before):
        return

    def ending(caught: int, frame: Any) -> None:
        end_all()
        before(caught, frame)

    signal.signal(number, ending)


def _begin() -> live.Cursor:
    with db.reading() as session:
        return live.begin(session)


def _read(cursor: live.Cursor) -> list[Event]:
    with db.reading() as session:
        return live.read(session, cursor)


def _replay(topics: Collection[str], after: int) -> list[Event] | None:
    with db.reading() as session:
        return live.replay(session, topics, after)


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _line(event: Event) -> bytes:
    data = json.dumps({"kind": event.kind, "ref": event.ref}, ensure_ascii=False)
    return f"id: {event.id}\ndata: {data}\n\n".encode()


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19
