"""The Bot API's methods: what each takes, checks, does and answers."""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from tests.fakes.telegram.markup import Refused, check_keyboard, checked_text
from tests.fakes.telegram.world import BOT, World

Parameters = dict[str, Any]
ACTIONS = ("typing", "upload_photo", "upload_document", "find_location")
LONGEST_POLL = 50.0
LARGEST_FILE = 20 * 1024 * 1024
SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
PROFILE_LIMITS = {"description": 512, "short_description": 120, "name": 64}


async def get_me(world: World, given: Parameters) -> Any:
    return BOT


async def get_updates(world: World, given: Parameters) -> Any:
    if world.webhook.get("url"):
        raise Refused(
            "Conflict: can't use getUpdates method while webhook is active; "
            "use deleteWebhook to delete the webhook first",
            409,
        )
    if "allowed_updates" in given:
        world.webhook["allowed_updates"] = given["allowed_updates"]
    mine = world.profile["poller"] = object()
    world.stir()  # whoever polls already is told so
    _confirm(world, int(given.get("offset") or 0))
    until = time.monotonic() + min(float(given.get("timeout") or 0), LONGEST_POLL)
    limit = max(1, min(int(given.get("limit") or 100), 100))
    while True:
        if world.profile["poller"] is not mine:
            raise Refused(
                "Conflict: terminated by other getUpdates request; "
                "make sure that only one bot instance is running",
                409,
            )
        changed, left = world.changed, until - time.monotonic()
        if world.pending or left <= 0:
            return [item.update for item in world.pending[:limit]]
        try:
            await asyncio.wait_for(changed.wait(), left)
        except TimeoutError:
            return []


def _confirm(world: World, offset: int) -> None:
    """Everything before the offset was received; a negative one keeps only the last."""
    if offset < 0:
        world.pending = world.pending[offset:]
    for item in [item for item in world.pending if item.update["update_id"] < offset]:
        world.took(item)


async def set_webhook(world: World, given: Parameters) -> Any:
    url, secret = str(given.get("url") or ""), str(given.get("secret_token") or "")
    if url and urlsplit(url).scheme not in ("http", "https"):  # http, as a local server may
        raise Refused("Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
    if secret and not SECRET.fullmatch(secret):
        why = "is too long" if len(secret) > 256 else "contains unallowed characters"
        raise Refused(f"Bad Request: secret token {why}")
    if given.get("drop_pending_updates"):
        world.pending.clear()
    world.webhook = {
        "url": url, "secret_token": secret, "allowed_updates": given.get("allowed_updates"),
        "max_connections": int(given.get("max_connections") or 40),
    }  # fmt: skip
    world.stir()
    return True


async def delete_webhook(world: World, given: Parameters) -> Any:
    return await set_webhook(
        world, {"drop_pending_updates": given.get("drop_pending_updates")}
    )  # fmt: skip


async def get_webhook_info(world: World, given: Parameters) -> Any:
    return {
        "url": world.webhook.get("url", ""), "has_custom_certificate": False,
        "pending_update_count": len(world.pending),
        **({"last_error_message": world.last_error} if world.last_error else {}),
    }  # fmt: skip


async def send_message(world: World, given: Parameters) -> Any:
    chat = world.reachable(given.get("chat_id"))
    text, entities = checked_text(str(given.get("text") or ""), given.get("parse_mode"))
    message: Parameters = {
        "message_id": 0, "from": BOT, "chat": chat.as_dict(), "date": int(time.time()),
        "text": text,
    }  # fmt: skip
    if entities:
        message["entities"] = entities
    if markup := given.get("reply_markup"):
        check_keyboard(markup, chat.type)
        message["reply_markup"] = markup
    message["message_id"] = world.message_id()
    world.sent_at[message["message_id"]] = time.monotonic()
    chat.messages.append(message)
    return _shown(message)


def _shown(message: Parameters) -> Parameters:
    """A message as the API returns it: only inline keyboards are part of it."""
    inline = "inline_keyboard" in message.get("reply_markup", {})
    return message if inline else {k: v for k, v in message.items() if k != "reply_markup"}


def _editable(world: World, given: Parameters) -> Parameters:
    for message in world.reachable(given.get("chat_id")).messages:
        if message["message_id"] == int(given.get("message_id") or 0):
            if "inline_keyboard" not in message.get("reply_markup", {"inline_keyboard": 1}):
                raise Refused("Bad Request: message can't be edited")
            return message
    raise Refused("Bad Request: message to edit not found")


def _edit(message: Parameters, changes: Parameters) -> Parameters:
    if all(message.get(name) == value for name, value in changes.items()):
        raise Refused(
            "Bad Request: message is not modified: specified new message content and reply markup "
            "are exactly the same as a current content and reply markup of the message"
        )
    message.update(changes, edit_date=int(time.time()))
    return message


async def edit_message_text(world: World, given: Parameters) -> Any:
    message = _editable(world, given)
    text, entities = checked_text(str(given.get("text") or ""), given.get("parse_mode"))
    markup = given.get("reply_markup") or {"inline_keyboard": []}
    check_keyboard(markup, "private")
    return _edit(message, {"text": text, "entities": entities, "reply_markup": markup})


async def edit_message_reply_markup(world: World, given: Parameters) -> Any:
    message = _editable(world, given)
    markup = given.get("reply_markup") or {"inline_keyboard": []}
    check_keyboard(markup, "private")
    return _edit(message, {"reply_markup": markup})


async def delete_message(world: World, given: Parameters) -> Any:
    chat = world.reachable(given.get("chat_id"))
    kept = [m for m in chat.messages if m["message_id"] != int(given.get("message_id") or 0)]
    if len(kept) == len(chat.messages):
        raise Refused("Bad Request: message to delete not found")
    chat.messages = kept
    return True


async def answer_callback_query(world: World, given: Parameters) -> Any:
    press = str(given.get("callback_query_id") or "")
    if world.presses.get(press, True):
        raise Refused(
            "Bad Request: query is too old and response timeout expired or query ID is invalid"
        )
    if len(str(given.get("text") or "")) > 200:
        raise Refused("Bad Request: MESSAGE_TOO_LONG")
    world.presses[press] = True
    return True


async def send_chat_action(world: World, given: Parameters) -> Any:
    world.reachable(given.get("chat_id"))
    if given.get("action") not in ACTIONS:
        raise Refused("Bad Request: wrong parameter action in request")
    return True


async def set_my_commands(world: World, given: Parameters) -> Any:
    commands = given.get("commands") or []
    for command in commands:
        if not re.fullmatch(r"[a-z0-9_]{1,32}", command["command"]):
            raise Refused("Bad Request: BOT_COMMAND_INVALID")
        if not 1 <= len(command["description"]) <= 256:
            raise Refused("Bad Request: BOT_COMMAND_DESCRIPTION_INVALID")
    if len(commands) > 100:
        raise Refused("Bad Request: BOT_COMMANDS_TOO_MUCH")
    scope = (given.get("scope") or {"type": "default"})["type"]
    world.profile[f"commands:{scope}:{given.get('language_code') or ''}"] = commands
    return True


def _set_profile(field: str) -> "Method":
    async def set_it(world: World, given: Parameters) -> Any:
        text = str(given.get(field) or "")
        if len(text) > PROFILE_LIMITS[field]:
            raise Refused(f"Bad Request: bot {field} is too long")
        world.profile[f"{field}:{given.get('language_code') or ''}"] = text
        return True

    return set_it


async def get_my_commands(world: World, given: Parameters) -> Any:
    scope = (given.get("scope") or {"type": "default"})["type"]
    return world.profile.get(f"commands:{scope}:{given.get('language_code') or ''}", [])


def _get_profile(field: str) -> "Method":
    async def get_it(world: World, given: Parameters) -> Any:
        language = given.get("language_code") or ""
        shown = world.profile.get(f"{field}:{language}") or world.profile.get(f"{field}:", "")
        return {field: shown}

    return get_it


async def get_file(world: World, given: Parameters) -> Any:
    name = str(given.get("file_id") or "")
    if name not in world.files:
        raise Refused("Bad Request: wrong file_id or the file is temporarily unavailable")
    size = len(world.files[name])
    if size > LARGEST_FILE:
        raise Refused("Bad Request: file is too big")
    return {
        "file_id": name, "file_unique_id": f"{name}u", "file_size": size,
        "file_path": f"photos/{name}",
    }  # fmt: skip


Method = Callable[[World, Parameters], Awaitable[Any]]
METHODS: dict[str, Method] = {
    "getMe": get_me,
    "getUpdates": get_updates,
    "setWebhook": set_webhook,
    "deleteWebhook": delete_webhook,
    "getWebhookInfo": get_webhook_info,
    "sendMessage": send_message,
    "editMessageText": edit_message_text,
    "editMessageReplyMarkup": edit_message_reply_markup,
    "deleteMessage": delete_message,
    "answerCallbackQuery": answer_callback_query,
    "sendChatAction": send_chat_action,
    "getFile": get_file,
    "getMyCommands": get_my_commands,
    "getMyDescription": _get_profile("description"),
    "getMyShortDescription": _get_profile("short_description"),
    "setMyCommands": set_my_commands,
    "setMyDescription": _set_profile("description"),
    "setMyShortDescription": _set_profile("short_description"),
    "setMyName": _set_profile("name"),
}
