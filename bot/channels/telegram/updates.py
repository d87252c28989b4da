"""What an update from Telegram means."""

from functools import cache, partial
from pathlib import Path
from typing import Any

import yaml
from telegram import CallbackQuery, ChatMember, Message, Update
from telegram import Contact as TelegramContact
from telegram.constants import ChatType

from bot.messages import Contact, Incoming

# An animation is a document as well, hence the order.
ATTACHMENTS = {
    "photo": "photo", "voice": "voice", "audio": "voice", "video_note": "voice",
    "sticker": "sticker", "animation": "sticker", "video": "file", "document": "file",
    "venue": "location", "location": "location",
}  # fmt: skip
PICTURES = ("image/jpeg", "image/png", "image/webp")
LEFT = (ChatMember.BANNED, ChatMember.LEFT)


@cache
def words() -> dict[str, Any]:
    """Commands and descriptions, from the file beside this one."""
    return dict(yaml.safe_load(Path(__file__).with_name("words.yml").read_text(encoding="utf-8")))


def incoming(update: Update, channel: str) -> Incoming | None:
    """What the citizen did; None for groups, edited messages and everything unknown."""
    chat = update.effective_chat
    if chat is None or chat.type != ChatType.PRIVATE or not _is_number(update.update_id):
        return None
    did = partial(Incoming, channel, str(chat.id), str(update.update_id))
    if update.callback_query is not None:
        return _pressed(update.callback_query, did)
    if update.my_chat_member is not None:
        left = update.my_chat_member.new_chat_member.status in LEFT
        return did(presence="left" if left else "back")
    if update.message is not None:
        return _said(update.message, did)
    return None


def _is_number(value: object) -> bool:
    """Telegram's numbers fit 63 bits; the client library checks neither that nor the type."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63


def _pressed(press: CallbackQuery, did: "partial[Incoming]") -> Incoming | None:
    if not press.data or press.message is None:
        return None
    return did(payload=press.data, message_id=str(press.message.message_id))


def _said(message: Message, did: "partial[Incoming]") -> Incoming | None:
    if message.from_user is None or message.from_user.is_bot:
        return None
    if message.contact is not None:
        return did(contact=_shared(message.contact, message))
    text: object = message.text or message.caption or ""
    if not isinstance(text, str):  # the client library does not check
        return None
    if text.startswith("/"):
        return _commanded(text, did)
    attachment = _attached(message)
    if not text and not attachment:
        return None
    file, forwarded = _file(message), message.forward_origin is not None
    return did(text=text, attachment=attachment, file=file, forwarded=forwarded)


def _shared(contact: TelegramContact, message: Message) -> Contact:
    """Telegram vouches for a contact only where it is the sender's and sent first hand."""
    is_own = (
        message.from_user is not None
        and contact.user_id == message.from_user.id
        and message.forward_origin is None
    )
    digits = "".join(c for c in contact.phone_number if c.isdigit())
    if digits.startswith("84") and len(digits) == 11:
        digits = f"0{digits[2:]}"
    return Contact(digits, is_own=is_own)


def _commanded(text: str, did: "partial[Incoming]") -> Incoming:
    command, _, rest = text.removeprefix("/").partition(" ")
    command, rest = command.partition("@")[0].lower(), rest.strip()
    if command == "start" and rest:
        return did(start=rest)
    known = words()["commands"].get(command)
    return did(text=f"{known['says']} {rest}".strip() if known else text)


def _file(message: Message) -> str:
    """Telegram's handle of a photo (its largest size) or a voice note; of nothing else."""
    if message.photo:
        return message.photo[-1].file_id
    if _is_picture(message) and message.document:
        return message.document.file_id
    return message.voice.file_id if message.voice else ""


def _is_picture(message: Message) -> bool:
    """A photo that was sent as a file, so as not to be made smaller."""
    return message.document is not None and message.document.mime_type in PICTURES


def _attached(message: Message) -> str:
    if _is_picture(message):
        return "photo"
    for name, kind in ATTACHMENTS.items():
        if getattr(message, name):
            return kind
    return "other" if message.effective_attachment else ""
