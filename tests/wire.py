"""Many browsers at once on raw connections: cheap enough to leave the cores to the web."""

import asyncio
import math
import statistics
import time
from collections.abc import Awaitable
from contextlib import suppress
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Visitor:
    """Somebody who is signed in: the cookies and the token that their pages would carry."""

    cookie: str
    token: str


@dataclass
class Times:
    """How long requests of one kind took, in seconds, and what went wrong with them."""

    taken: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    @property
    def p99(self) -> float:
        """Seconds; endless where too few were done to say."""
        if len(self.taken) < 2:
            return math.inf
        return statistics.quantiles(self.taken, n=100)[98]

    def __str__(self) -> str:
        if len(self.taken) < 2:
            return f"{len(self.taken)} done, {len(self.failed)} failed {self.failed[:3]}"
        cuts = statistics.quantiles(self.taken, n=100)
        return (
            f"{len(self.taken)} done, {len(self.failed)} failed; median {cuts[49] * 1000:.0f} ms, "
            f"p95 {cuts[94] * 1000:.0f} ms, p99 {cuts[98] * 1000:.0f} ms, "
            f"most {max(self.taken) * 1000:.0f} ms {self.failed[:3] if self.failed else ''}"
        ).rstrip()


class Wire:
    """Connections to the web, each kept open and used by whoever is next."""

    def __init__(self, port: int, most: int) -> None:
        self.port = port
        self._free: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
        self._room = asyncio.Semaphore(most)

    async def ask(
        self, method: str, path: str, who: Visitor, *, body: bytes = b"", kind: str = ""
    ) -> tuple[int, dict[str, str], bytes]:
        """One request; status, headers, body."""
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {who.cookie}\r\n"
            f"x-form-token: {who.token}\r\nContent-Length: {len(body)}\r\n"
        )
        head += f"Content-Type: {kind}\r\n" if kind else ""
        sent = f"{head}\r\n".encode() + body
        async with self._room:
            while self._free:  # one that idled for long is closed by now: as browsers, try the next
                with suppress(OSError, asyncio.IncompleteReadError):
                    return await self._over(*self._free.pop(), sent)
            return await self._over(*await asyncio.open_connection("127.0.0.1", self.port), sent)

    async def _over(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, sent: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        writer.write(sent)
        lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {
            name.lower(): value
            for name, _, value in (line.partition(": ") for line in lines[1:] if line)
        }
        content = await reader.readexactly(int(headers.get("content-length", "0")))
        self._free.append((reader, writer))
        return int(lines[0].split()[1]), headers, content


async def timed(times: Times, work: Awaitable[tuple[int, dict[str, str], bytes]], wanted: int) -> (
    tuple[dict[str, str], bytes] | None
):  # fmt: skip
    """What came, and how long it took; None where it was not what was wanted."""
    started = time.perf_counter()
    try:
        status, headers, content = await work
    except (OSError, asyncio.IncompleteReadError) as error:
        times.failed.append(repr(error))
        return None
    times.taken.append(time.perf_counter() - started)
    if status != wanted:
        times.failed.append(f"{status} {headers.get('location', '')}")
        return None
    return headers, content
