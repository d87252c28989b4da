"""A conversation in a terminal: no network, no token, nothing to register.

A line is what the citizen says; a line that is only a number presses the button of that number
(`fit` lists them, since a terminal has none).
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, TextIO

from bot.messages import Incoming, Limits, Outgoing, Receive, SendError

if TYPE_CHECKING:
    from fastapi import APIRouter


class Console:
    """The terminal behind `stream`; without one, as in the worker, nobody is there to read."""

    kind = "console"
    limits = Limits(text=100_000, buttons=0)

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream
        self._sent = 0

    def routes(self, receive: Receive) -> "APIRouter | None":
        """A terminal has no address."""
        return None

    def parse(self, raw: object) -> Incoming | None:
        """`{"chat", "id", "text"}`, or None where nothing was typed."""
        said = raw if isinstance(raw, Mapping) else {}
        chat, number, text = (str(said.get(name, "")).strip() for name in ("chat", "id", "text"))
        return Incoming(self.kind, chat, number, text=text) if chat and number and text else None

    async def send(self, message: Outgoing, to: str) -> str:
        """Write one bubble, and a blank line after it."""
        if self._stream is None:
            raise SendError("nobody is at this terminal", unreachable=True)
        self._stream.write(f"{message.text}\n\n")
        self._stream.flush()
        self._sent += 1
        return str(self._sent)
