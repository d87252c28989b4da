"""A bubble as the Official Account takes it: text, at most five buttons, lists, a request."""

from typing import Any
from urllib.parse import urlsplit

from backend.config import settings
from bot.messages import Button, Outgoing, split

MOST_TEXT, MOST_BUTTONS, MOST_ELEMENTS = 2000, 5, 5
TITLE, SUBTITLE, PAYLOAD = 100, 500, 1000
PRESSED = "#"  # what begins a text that no citizen typed
LONG_LABEL = 30  # telephones cut a button's label where a list's line is shown whole

Part = dict[str, Any]


def drawn(message: Outgoing) -> list[Part]:
    """The messages that Zalo is to be sent for this bubble, one as a rule."""
    picture = settings().zalo_picture_url
    asked = [b for b in message.buttons if b.contact]
    shown = [b for b in message.buttons if not b.contact and not _is_written(b)]
    text = "\n".join([message.text, *(_line(b) for b in message.buttons if _is_written(b))])
    if asked and picture:
        return _request(asked[0], text, picture)
    if picture and _is_list(shown, text):
        return [_list(shown, text, picture)]
    *first, last = _texts(text) or [{"text": ""}]
    return [*first, {**last, **_attached(_buttons(shown))}]


def said(part: Part) -> str:
    """The words of a message, as its echo repeats them."""
    return str(part.get("text", ""))


def _texts(text: str) -> list[Part]:
    """Pieces of 2,000 characters, however Zalo counts those that need two UTF-16 units."""
    pieces = split(text, MOST_TEXT)
    if any(len(piece.encode("utf-16-le")) > 2 * MOST_TEXT for piece in pieces):
        pieces = split(text, MOST_TEXT // 2)
    return [{"text": piece} for piece in pieces]


def _is_written(button: Button) -> bool:
    """Zalo opens https pages and telephone numbers; other addresses are for the eye."""
    return bool(button.url) and urlsplit(button.url).scheme not in ("https", "tel")


def _line(button: Button) -> str:
    return f"{button.label}: {button.url}"


def _attached(payload: dict[str, Any]) -> Part:
    return {"attachment": {"type": "template", "payload": payload}} if payload else {}


def _buttons(buttons: list[Button]) -> dict[str, Any]:
    if not buttons:
        return {}
    keys = [{"title": button.label[:TITLE], **_action(button)} for button in buttons]
    kind = settings().zalo_button_template
    return {**({"template_type": kind} if kind else {}), "buttons": keys}


def _action(button: Button) -> dict[str, Any]:
    if button.url.startswith("tel:"):
        number = button.url.removeprefix("tel:")
        return {"type": "oa.open.phone", "payload": {"phone_code": number}}
    if button.url:
        return {"type": "oa.open.url", "payload": {"url": button.url}}
    if button.payload:
        return {"type": "oa.query.hide", "payload": f"{PRESSED}{button.payload}"[:PAYLOAD]}
    return {"type": "oa.query.show", "payload": button.label[:PAYLOAD]}


def _is_list(buttons: list[Button], text: str) -> bool:
    """Choices whose names are too long for buttons, below a question that is short enough."""
    head, _, rest = text.partition("\n")
    return (
        1 < len(buttons) < MOST_ELEMENTS
        and all(button.payload for button in buttons)
        and any(len(button.label) > LONG_LABEL for button in buttons)
        and len(head) <= TITLE
        and len(rest.strip()) <= SUBTITLE
    )


def _list(buttons: list[Button], text: str, picture: str) -> Part:
    head, _, rest = text.partition("\n")
    question = {"title": head, "subtitle": rest.strip(), "image_url": picture}
    choices = [
        {"title": button.label[:TITLE], "default_action": _action(button)} for button in buttons
    ]
    elements = [{k: v for k, v in question.items() if v}, *choices]
    return _attached({"template_type": "list", "elements": elements})


def _request(button: Button, text: str, picture: str) -> list[Part]:
    """Zalo's own form for name and telephone; what it is for stands in it, or before it."""
    before = [] if len(text) <= SUBTITLE else _texts(text)
    why = text if not before else button.label
    element = {"title": button.label[:TITLE], "subtitle": why, "image_url": picture}
    return [*before, _attached({"template_type": "request_user_info", "elements": [element]})]
