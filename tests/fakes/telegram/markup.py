"""Text and keyboards, as strictly as Telegram reads them (tdlib/telegram-bot-api 10.0)."""

import html
import re
from typing import Any
from urllib.parse import urlsplit

TAGS = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline",
    "ins": "underline", "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough",
    "code": "code", "pre": "pre", "a": "text_link", "blockquote": "blockquote",
    "tg-spoiler": "spoiler",
}  # fmt: skip
MARK = re.compile(r"<(/?)([a-zA-Z-]+)((?:\s+[^<>]*)?)>|&(#\d+|#x[0-9a-fA-F]+|lt|gt|amp|quot);|<")
HREF = re.compile(r"""\s+href=(["'])(.*?)\1\s*""")


class Refused(Exception):  # noqa: N818 (an answer of the API)
    """`{"ok": false}` with this code and description."""

    def __init__(self, description: str, code: int = 400, **parameters: int) -> None:
        super().__init__(description)
        self.code, self.description, self.parameters = code, description, parameters


def length(text: str) -> int:
    """Telegram counts UTF-16 code units."""
    return len(text.encode("utf-16-le")) // 2


def parsed(source: str) -> tuple[str, list[dict[str, Any]]]:
    """Text and entities of HTML; refused where anything is not as it should be."""
    text, entities = "", []
    open_tags: list[tuple[str, int, dict[str, Any]]] = []
    at = 0
    for found in MARK.finditer(source):
        text += source[at : found.start()]
        at, offset = found.end(), len(source[: found.start()].encode())
        closing, tag, attributes, entity = found.groups()
        if entity:
            text += html.unescape(found.group())
        elif not tag:
            raise _unparsed(f'Unsupported start tag "" at byte offset {offset}')
        elif closing:
            entities += _closed(open_tags, tag.lower(), text, offset)
        else:
            open_tags.append((tag.lower(), length(text), _opened(tag, attributes, offset)))
    if open_tags:
        raise _unparsed(f'Can\'t find end tag corresponding to start tag "{open_tags[-1][0]}"')
    return _trimmed(text + source[at:]), entities


def _opened(tag: str, attributes: str, offset: int) -> dict[str, Any]:
    kind = TAGS.get(tag.lower())
    if kind is None:
        raise _unparsed(f'Unsupported start tag "{tag}" at byte offset {offset}')
    if kind != "text_link":
        if attributes.strip():
            raise _unparsed(f'Unexpected attributes of tag "{tag}" at byte offset {offset}')
        return {"type": kind}
    href = HREF.fullmatch(attributes)
    return {"type": kind, "url": href.group(2)} if href else {}


def _closed(
    open_tags: list[tuple[str, int, dict[str, Any]]], tag: str, text: str, offset: int
) -> list[dict[str, Any]]:
    if not open_tags:
        raise _unparsed(f"Unexpected end tag at byte offset {offset}")
    expected, start, entity = open_tags.pop()
    if tag != expected:
        raise _unparsed(
            f'Unmatched end tag at byte offset {offset}, expected "</{expected}>", found "</{tag}>"'
        )
    size = length(text) - start
    return [entity | {"offset": start, "length": size}] if entity and size else []


def _unparsed(why: str) -> Refused:
    return Refused(f"Bad Request: can't parse entities: {why}")


def _trimmed(text: str) -> str:
    return text.rstrip()


def checked_text(text: str, parse_mode: str | None) -> tuple[str, list[dict[str, Any]]]:
    """What a message will show, or the refusal."""
    if parse_mode not in (None, "", "HTML"):
        raise Refused("Bad Request: unsupported parse_mode (this fake knows HTML only)")
    shown, entities = parsed(text) if parse_mode else (_trimmed(text), [])
    if not shown.strip():
        raise Refused("Bad Request: message text is empty")
    if length(shown) > 4096:
        raise Refused("Bad Request: message is too long")
    if len(entities) > 100:
        raise Refused("Bad Request: too many entities")
    return shown, entities


def check_keyboard(markup: dict[str, Any], chat_type: str) -> None:
    """Refuse what Telegram refuses in `reply_markup`."""
    if "inline_keyboard" in markup:
        for button in _buttons(markup["inline_keyboard"]):
            _check_inline(button)
    elif "keyboard" in markup:
        asks = any(button.get("request_contact") for button in _buttons(markup["keyboard"]))
        if asks and chat_type != "private":
            raise Refused("Bad Request: phone number can be requested in private chats only")
    elif not (markup.get("remove_keyboard") or markup.get("force_reply")):
        raise Refused("Bad Request: object expected as reply markup")


def _buttons(rows: Any) -> list[dict[str, Any]]:
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise Refused('Bad Request: field "inline_keyboard" must be of type Array of Arrays')
    if sum(map(len, rows)) > 100 or any(len(row) > 8 for row in rows):
        raise Refused("Bad Request: reply markup is too long")
    buttons = [button for row in rows for button in row]
    if not all(str(button.get("text", "")).strip() for button in buttons):
        raise Refused("Bad Request: keyboard button text must be non-empty")
    return buttons


def _check_inline(button: dict[str, Any]) -> None:
    actions = [name for name in ("callback_data", "url", "web_app", "pay") if name in button]
    if len(actions) != 1:
        raise Refused("Bad Request: text buttons are unallowed in the inline keyboard")
    if "callback_data" in button and not 1 <= len(button["callback_data"].encode()) <= 64:
        raise Refused("Bad Request: BUTTON_DATA_INVALID")
    if "url" in button and not _is_url(button["url"]):
        raise Refused(
            f"Bad Request: inline keyboard button URL '{button['url']}' is invalid: Wrong HTTP URL"
        )


def _is_url(url: str) -> bool:
    parts = urlsplit(url)
    if parts.scheme == "tg":
        return bool(parts.netloc)
    host = parts.hostname or ""
    is_private = host.startswith(("127.", "10.", "192.168.")) or host == "localhost"
    return parts.scheme in ("http", "https") and "." in host and not is_private
