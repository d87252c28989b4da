"""What an event of the Official Account means."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from bot.channels.zalo_oa.drawing import PRESSED
from bot.messages import Contact, Incoming

ATTACHMENTS = {
    "user_send_image": "photo", "user_send_gif": "sticker", "user_send_sticker": "sticker",
    "user_send_audio": "voice", "user_send_video": "file", "user_send_file": "file",
    "user_send_location": "location", "user_send_business_card": "other",
}  # fmt: skip
PRESENCE = {"follow": "back", "unfollow": "left"}
# They say that the citizen is there, and nothing else.
INTERACTIONS = ("user_click_chatnow", "user_click_button")
# Known, and of no concern to us.
IDLE = (
    *INTERACTIONS, "user_seen_message", "user_received_message", "user_reacted_message",
    "user_send_group_text", "oa_send_consent", "user_reply_consent", "add_user_to_tag",
    "remove_user_from_tag", "oa_reacted_message",
)  # fmt: skip
PRESS = re.compile(rf"{PRESSED}([a-z_]+(?::\S*)?)")
PHONE = re.compile(r"(?<!\d)(?:\+?84|0)\d{9}(?!\d)")
MOST_ID = 100


@dataclass(frozen=True)
class Receipt:
    """A message of ours that reached a telephone."""

    message_id: str
    tracking_id: str = ""


def name_of(raw: Any) -> str:
    """The event's name; nothing where there is none."""
    name = raw.get("event_name") if isinstance(raw, Mapping) else None
    return name if isinstance(name, str) else ""


def sent_at(raw: Mapping[str, Any]) -> datetime:
    """When it happened, as Zalo says."""
    return datetime.fromtimestamp(int(raw["timestamp"]) / 1000, UTC)


def incoming(raw: Mapping[str, Any], channel: str) -> Incoming | None:
    """What the citizen did, or a colleague in OA Manager; None for everything else."""
    name = name_of(raw)
    chat = _chat(raw, name)
    if not chat or name in IDLE:
        return None
    did = partial(Incoming, channel, chat, _number(raw, name, chat))
    if name in PRESENCE:
        return did(presence=PRESENCE[name])
    if name == "user_submit_info":
        return did(contact=Contact(national(raw["info"].get("phone")), is_own=False))
    message = raw.get("message")
    if not isinstance(message, Mapping):
        return None
    if name == "user_feedback":
        return _rated(message, did)
    if name.startswith("oa_send_"):
        return did(text=_text(message), attachment=_echoed(name), by_staff=True)
    return _said(name, message, did)


def receipt(raw: Mapping[str, Any]) -> Receipt | None:
    """Which message of ours arrived, if that is what the event says."""
    message = raw.get("message")
    if name_of(raw) != "user_received_message" or not isinstance(message, Mapping):
        return None
    numbers = (str(message.get(name, ""))[:MOST_ID] for name in ("msg_id", "tracking_id"))
    return Receipt(*numbers)


def who_acted(raw: Mapping[str, Any]) -> str:
    """The citizen whose doing begins the windows again; nobody for echoes and receipts."""
    name = name_of(raw)
    is_message = name.startswith("user_send_") and name not in IDLE
    is_doing = is_message or name in (*INTERACTIONS, "follow", "user_submit_info")
    return _chat(raw, name) if is_doing else ""


def national(phone: Any) -> str:
    """0901234567; Zalo writes 84901234567, as a number even."""
    digits = "".join(c for c in str(phone or "") if c.isdigit())
    return f"0{digits[2:]}" if digits.startswith("84") and len(digits) == 11 else digits[:15]


def _chat(raw: Mapping[str, Any], name: str) -> str:
    """A conversation is named by its citizen, whoever of the two sent the message."""
    holder = "follower" if name in PRESENCE else "sender"
    holder = "recipient" if name.startswith("oa_send_") else holder
    found = raw.get(holder)
    chat = found.get("id") if isinstance(found, Mapping) else raw.get("user_id")
    return chat if isinstance(chat, str) and 0 < len(chat) <= MOST_ID else ""


def _number(raw: Mapping[str, Any], name: str, chat: str) -> str:
    """Zalo's id of a message; what has none is named by what, who and when."""
    message = raw.get("message")
    given = message.get("msg_id") if isinstance(message, Mapping) else None
    if not given:
        return f"{name}:{chat}:{raw['timestamp']}"[: MOST_ID + 20]
    return str(given)[:MOST_ID] if name.startswith("user_send_") else f"{name}:{given}"[:MOST_ID]


def _said(name: str, message: Mapping[str, Any], did: "partial[Incoming]") -> Incoming | None:
    text = _text(message)
    if name == "user_send_text" and (press := PRESS.fullmatch(text)):
        return did(payload=press[1])
    if name in ("user_send_text", "user_send_link"):
        return did(text=text or _address(message)) if text or _address(message) else None
    if name not in ATTACHMENTS:
        return None
    if name == "user_send_business_card" and (phone := _card(message)):
        return did(contact=Contact(phone, is_own=False))
    return did(text=text, attachment=ATTACHMENTS[name], file=_address(message))


def _rated(message: Mapping[str, Any], did: "partial[Incoming]") -> Incoming | None:
    rate = int(message.get("rate", 0))
    note = message.get("note")
    words = note if isinstance(note, str) else ""
    return did(rating=rate, text=words) if 1 <= rate <= 5 else None


def _text(message: Mapping[str, Any]) -> str:
    text = message.get("text")
    return text if isinstance(text, str) else ""


def _echoed(name: str) -> str:
    kind = ATTACHMENTS.get(name.replace("oa_send_", "user_send_"), "")
    return kind or ("" if name in ("oa_send_text", "oa_send_template") else "other")


def _payload(message: Mapping[str, Any]) -> Mapping[str, Any]:
    attachments = message.get("attachments")
    first = attachments[0] if isinstance(attachments, list) and attachments else {}
    payload = first.get("payload") if isinstance(first, Mapping) else None
    return payload if isinstance(payload, Mapping) else {}


def _address(message: Mapping[str, Any]) -> str:
    url = _payload(message).get("url")
    return url[:1000] if isinstance(url, str) else ""


def _card(message: Mapping[str, Any]) -> str:
    """The telephone on a business card, which Zalo puts into a description."""
    found = PHONE.search(str(_payload(message).get("description", "")))
    return national(found[0]) if found else ""
