"""A bubble as Telegram takes it: HTML, and one of its keyboards."""

import html
import ipaddress
from collections.abc import Iterable
from urllib.parse import urlsplit

from telegram import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
)

from bot.messages import Button, Outgoing, SendError, marked_up

PAYLOAD_BYTES = 64
SHORT_LABEL = 16

Keyboard = InlineKeyboardMarkup | ReplyKeyboardMarkup | ReplyKeyboardRemove


def as_html(text: str) -> str:
    """Strong text in `<b>`, everything else escaped."""
    return marked_up(text, lambda part: html.escape(part, quote=False), "b")


def drawn(message: Outgoing) -> tuple[str, Keyboard]:
    """The text, with the buttons that Telegram would refuse as lines below, and the keyboard."""
    asks_contact = any(button.contact for button in message.buttons)
    written = [b for b in message.buttons if _is_written(b, asks_contact=asks_contact)]
    pressed = [b for b in message.buttons if b not in written]
    text = "\n".join([message.text, *map(_line, written)])
    if asks_contact:
        return text, _asking_contact(pressed)
    if pressed:
        return text, InlineKeyboardMarkup(_rows(pressed))
    # Takes away the keyboard that asked for a contact; harmless where there is none.
    return text, ReplyKeyboardRemove()


def _is_written(button: Button, *, asks_contact: bool) -> bool:
    """Telegram opens public links only, and a keyboard that asks for a contact opens none."""
    if button.url:
        return asks_contact or not is_public(button.url)
    return not (button.payload or button.contact or asks_contact)


def is_public(url: str) -> bool:
    """Whether Telegram takes the link in a button."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme not in ("http", "https") or "." not in host:
        return False
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return True


def _line(button: Button) -> str:
    return f"{button.label}: {button.url}" if button.url else f"• {button.label}"


def _asking_contact(buttons: Iterable[Button]) -> ReplyKeyboardMarkup:
    """The keys of this keyboard type their labels, all but the one that shares the number."""
    rows = [[KeyboardButton(b.label, request_contact=b.contact or None)] for b in buttons]
    return ReplyKeyboardMarkup(rows, resize_keyboard=True, one_time_keyboard=True)


def _rows(buttons: Iterable[Button]) -> list[list[InlineKeyboardButton]]:
    """Short labels stand two in a row, long ones have a row for themselves."""
    rows: list[list[InlineKeyboardButton]] = []
    for button in buttons:
        key = _key(button)
        fits = rows and len(rows[-1]) == 1 and len(rows[-1][0].text) <= SHORT_LABEL
        if fits and len(key.text) <= SHORT_LABEL:
            rows[-1].append(key)
        else:
            rows.append([key])
    return rows


def _key(button: Button) -> InlineKeyboardButton:
    if button.url:
        return InlineKeyboardButton(button.label, url=button.url)
    if len(button.payload.encode()) > PAYLOAD_BYTES:
        raise SendError(f"payload over {PAYLOAD_BYTES} bytes: {button.payload}", permanent=True)
    return InlineKeyboardButton(button.label, callback_data=button.payload)
