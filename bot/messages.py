"""What every channel speaks: `Incoming` in, `Reply` out, and the contract of a channel.

Text is plain, with one mark only: `**…**` is strong. Channels turn that into their own markup, or
drop it.
"""

import re
import unicodedata
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    from fastapi import APIRouter

_STRONG = re.compile(r"\*\*(.+?)\*\*", re.DOTALL)


@dataclass(frozen=True)
class Contact:
    """A shared telephone contact; `is_own` only where the channel vouches for it."""

    phone: str
    is_own: bool


@dataclass(frozen=True)
class Incoming:
    """One thing a citizen did: wrote, pressed a button, shared a contact, sent a file.

    `external_id` is the channel's own number of it: the same one twice is the same thing.
    `start` is the opaque token of a deep link (a receipt's QR code).
    """

    channel: str
    chat: str
    external_id: str
    text: str = ""
    payload: str = ""
    start: str = ""
    contact: Contact | None = None
    attachment: str = ""  # photo | voice | file | sticker | location | unsupported | other
    is_private: bool = True
    message_id: str = ""  # the message whose button was pressed
    presence: str = ""  # left | back: the citizen blocked us, or let us in again; nothing was said
    file: str = ""  # the channel's handle of the attachment, for whoever may fetch it
    rating: int = 0  # 1–5: the citizen marked the talk with a person; nothing else was said
    forwarded: bool = False  # somebody else's words, passed on to us
    by_staff: bool = False  # a person of ours wrote it in the channel's own console, not here

    def as_dict(self) -> dict[str, Any]:
        """To be stored as JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> "Incoming":
        """What `as_dict` stored."""
        contact = stored.get("contact")
        return cls(**{**stored, "contact": Contact(**contact) if contact else None})


@dataclass(frozen=True)
class Button:
    """A choice; its label is also what may be typed. With `url` it opens a page instead.

    `contact` asks the channel to offer sharing the telephone number; an `optional` button is left
    out where the channel has no room for it.
    """

    label: str
    payload: str = ""
    url: str = ""
    contact: bool = False
    optional: bool = False


@dataclass(frozen=True)
class Outgoing:
    """One bubble."""

    text: str
    buttons: tuple[Button, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """To be stored as JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> "Outgoing":
        """What `as_dict` stored."""
        return cls(stored["text"], tuple(Button(**button) for button in stored["buttons"]))


@dataclass(frozen=True)
class Reply:
    """What the assistant says in one turn, and what it understood (`behavior`, codes, aspects).

    `status` is how the turn is counted (`bot.learning.models.Status`); empty: not at all. Where it
    `replaces`, it may take the place of the message whose button was pressed: a menu that changes.
    """

    messages: tuple[Outgoing, ...]
    behavior: str = "smalltalk"
    codes: tuple[str, ...] = ()
    aspects: tuple[str, ...] = ()
    repeat: bool = False
    status: str = ""
    replaces: bool = False


@dataclass(frozen=True)
class Limits:
    """What a channel can carry: longest text, most buttons, whether it shows strong text.

    `per_second` (all chats together) and `burst` (to one chat at once, then one a second) are what
    it can take; 0 where it does not mind.
    """

    text: int
    buttons: int
    button_label: int = 64
    strong: bool = False
    per_second: float = 0
    burst: int = 0


class SendError(Exception):
    """A send that failed, for now unless it says otherwise.

    `permanent`: this message will never go; `unreachable`: nor will any other to this chat;
    `unknown`: it may have arrived; `retry_after`: not for so many seconds, and `whole`: nor any
    other message of ours, to whomever.
    """

    def __init__(
        self,
        why: str,
        *,
        permanent: bool = False,
        unreachable: bool = False,
        unknown: bool = False,
        retry_after: float = 0,
        whole: bool = False,
    ) -> None:
        super().__init__(why)
        self.permanent = permanent or unreachable
        self.unreachable = unreachable
        self.unknown = unknown
        self.retry_after = retry_after
        self.whole = whole


Receive = Callable[[Incoming, int], Awaitable[bool]]
"""Stores what came in, durably, and says whether it was new. The number orders one chat's rows."""


class Channel(Protocol):
    """A way to talk with citizens. To add one: a file in `channels/` and a line in its registry."""

    kind: str
    limits: Limits

    def routes(self, receive: Receive) -> "APIRouter | None":
        """The channel's own addresses (webhooks), or None."""
        ...

    def parse(self, raw: Any) -> Incoming | None:
        """What a captured payload means; None for what does not concern us."""
        ...

    async def send(self, message: Outgoing, to: str) -> str:
        """Send one bubble that is within the limits; the channel's id of it, or `SendError`."""
        ...


@runtime_checkable
class Lives(Protocol):
    """A channel with something to do while the web process lives (to register its webhook)."""

    def life(self) -> AbstractAsyncContextManager[None]:
        """Wraps the web process's life; never delays its start and never stops it."""
        ...

    def standing(self) -> str:
        """How it is, in a word, for /readyz; it never makes the web unready."""
        ...


@runtime_checkable
class Edits(Protocol):
    """A channel whose messages can still be changed."""

    async def edit(self, message: Outgoing, to: str, message_id: str) -> str:
        """Let an earlier message of ours say this; a new one where that cannot be."""
        ...


class FetchError(Exception):
    """An attachment that could not be had; `is_too_large` where it never will be."""

    def __init__(self, why: str, *, is_too_large: bool = False) -> None:
        super().__init__(why)
        self.is_too_large = is_too_large


@runtime_checkable
class Fetches(Protocol):
    """A channel that can be asked for an attachment; from a thread, outside any transaction."""

    def fetch(self, file: str, *, most: int) -> bytes:
        """What `Incoming.file` stands for, if it has at most so many bytes; or `FetchError`."""
        ...


def clean(text: str) -> str:
    """Without what no database stores and no eye sees: control characters, broken surrogates."""
    kept = (c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs"))
    return "".join(kept).strip()


def plain(text: str) -> str:
    """Without the mark for strong text."""
    return _STRONG.sub(r"\1", text)


def marked_up(text: str, escape: Callable[[str], str], tag: str) -> str:
    """Escaped first, then strong text in a tag (`b` for Telegram, `strong` for pages)."""
    return _STRONG.sub(rf"<{tag}>\1</{tag}>", escape(text))


def split(text: str, limit: int) -> list[str]:
    """Pieces of at most `limit` characters, cut at a paragraph, line, sentence or space.

    Loses no character but the white space at the cuts, and never cuts inside strong text that fits
    into a piece.
    """
    pieces: list[str] = []
    rest = text.strip()
    while len(rest) > limit:
        cut = _cut(rest, limit)
        pieces.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [*pieces, rest] if rest else pieces


def _cut(text: str, limit: int) -> int:
    window = text[: limit + 1]
    for mark in ("\n\n", "\n", ". ", "; ", ", ", " "):
        at = _last_outside_strong(window, mark)
        if at > limit // 3:
            return at + len(mark.rstrip(" ")) if mark.strip() else at
    at = _last_outside_strong(window, " ")
    if at > 0:
        return at
    if text[:limit].count("**") % 2:
        opened = text[:limit].rfind("**")
        return opened if opened > 0 else limit
    halves_a_mark = text[limit - 1 : limit + 1] == "**" and text[: limit - 1].count("**") % 2 == 0
    return limit - 1 if halves_a_mark else limit


def _last_outside_strong(window: str, mark: str) -> int:
    at = window.rfind(mark)
    while at > 0 and window[:at].count("**") % 2:
        at = window.rfind(mark, 0, at)
    return at


def fit(message: Outgoing, limits: Limits) -> Sequence[Outgoing]:
    """The message as bubbles that the channel can carry; the buttons go with the last one.

    Buttons beyond what the channel takes become numbered lines that may be typed.
    """
    text, buttons = message.text, message.buttons
    if len(buttons) > limits.buttons:
        buttons = tuple(button for button in buttons if not button.optional)
    if len(buttons) > limits.buttons:
        lines = [f"{number}. {b.label}" for number, b in enumerate(buttons, 1) if not b.contact]
        text, buttons = "\n".join([text, "", *lines]), ()
    pieces = split(text if limits.strong else plain(text), limits.text)
    return [
        *(Outgoing(piece) for piece in pieces[:-1]),
        Outgoing(pieces[-1] if pieces else "", buttons),
    ]


@dataclass(frozen=True)
class Transcript:
    """One line of a conversation as a page shows it."""

    is_citizen: bool
    text: str
    buttons: tuple[Button, ...] = field(default=())
