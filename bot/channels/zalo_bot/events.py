"""What an event of the Zalo Bot platform means."""

from collections.abc import Mapping
from typing import Any

from bot.messages import Incoming

ATTACHMENTS = {
    "message.image.received": "photo",
    "message.sticker.received": "sticker",
    "message.voice.received": "voice",
    # Zalo withholds what children, and people it protects, have sent: they are given a telephone.
    "message.unsupported.received": "unsupported",
}
KNOWN = ("message.text.received", *ATTACHMENTS)
MOST_ID = 100


def unwrapped(raw: Any) -> Mapping[str, Any]:
    """The event, which comes with the envelope of the API's answers or without it."""
    event = raw.get("result", raw) if isinstance(raw, Mapping) else None
    return event if isinstance(event, Mapping) else {}


def name_of(raw: Any) -> str:
    """The event's name; nothing where there is none."""
    name = unwrapped(raw).get("event_name")
    return name if isinstance(name, str) else ""


def incoming(raw: Any, channel: str) -> Incoming | None:
    """What the citizen did; None for groups, bots and everything unknown."""
    name, message = name_of(raw), unwrapped(raw).get("message")
    if name not in KNOWN or not isinstance(message, Mapping):
        return None
    chat, number = _id(message["chat"]["id"]), _id(message["message_id"])
    is_private = message["chat"].get("chat_type", "PRIVATE") == "PRIVATE"
    if not (chat and number and is_private) or message.get("from", {}).get("is_bot"):
        return None
    text = message.get("text") or message.get("caption") or ""
    attachment = ATTACHMENTS.get(name, "")
    if not isinstance(text, str) or not (text or attachment):
        return None
    return Incoming(
        channel, chat, number, text=text, attachment=attachment, file=_file(message)
    )  # fmt: skip


def position(raw: Any) -> int:
    """When it was sent, in milliseconds: what orders one chat's messages."""
    sent = unwrapped(raw).get("message", {}).get("date", 0)
    return sent if isinstance(sent, int) and 0 <= sent < 2**62 else 0


def _id(given: Any) -> str:
    return given if isinstance(given, str) and len(given) <= MOST_ID else ""


def _file(message: Mapping[str, Any]) -> str:
    """Photos have been seen under two names."""
    names = ("photo_url", "photo", "voice_url", "voice")
    found = (message.get(name) for name in names)
    return next((url[:1000] for url in found if isinstance(url, str)), "")
