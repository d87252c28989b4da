"""The Zalo Bot platform: every refusal is `ok: false` inside HTTP 200."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from tests.fakes.zalo.world import Refused, World

BOT = {
    "id": "1459232241454765289", "account_name": "bot.VDKyGxQvc", "account_type": "BASIC",
    "can_join_groups": False,
}  # fmt: skip


async def get_me(world: World, given: dict[str, Any]) -> Any:
    return BOT


async def get_updates(world: World, given: dict[str, Any]) -> Any:
    """One event, which is gone then, or 408."""
    if world.webhooks["bot"].url:
        raise Refused(409, "Conflict: webhook is set")
    if not isinstance(given.get("timeout", "30"), str):
        raise Refused(400, "timeout must be a string")
    until = time.monotonic() + float(given.get("timeout", "30")) / world.speed
    while (left := until - time.monotonic()) > 0:
        changed = world.changed
        for event in world.pending:
            if event.platform == "bot":
                world.pending.remove(event)
                world.acknowledged.append(event.id)
                return event.body.get("result", event.body)
        try:
            await asyncio.wait_for(changed.wait(), left)
        except TimeoutError:
            break
    raise Refused(408, "Request timeout")


async def set_webhook(world: World, given: dict[str, Any]) -> Any:
    url, secret = str(given.get("url", "")), str(given.get("secret_token", ""))
    if urlsplit(url).scheme not in ("http", "https"):
        raise Refused(400, "url is invalid")
    if not 8 <= len(secret) <= 256:
        raise Refused(400, "secret_token must be 8 to 256 characters")
    hook = world.webhooks["bot"]
    hook.url, hook.secret, hook.is_off = url, secret, False
    world.stir()
    return {"url": url, "updated_at": int(time.time() * 1000)}


async def delete_webhook(world: World, given: dict[str, Any]) -> Any:
    world.webhooks["bot"].url = ""
    return {"url": "", "updated_at": int(time.time() * 1000)}


async def get_webhook_info(world: World, given: dict[str, Any]) -> Any:
    return {"url": world.webhooks["bot"].url, "updated_at": int(time.time() * 1000)}


async def send_message(world: World, given: dict[str, Any]) -> Any:
    user = world.users.get(str(given.get("chat_id")))
    if user is None:
        raise Refused(404, "chat not found")
    if user.has_left:
        raise Refused(403, "Forbidden")
    text = given.get("text")
    if not isinstance(text, str) or not text.strip():
        raise Refused(400, "text is empty")
    if len(text.encode("utf-16-le")) // 2 > 2000:
        raise Refused(400, "text is too long")
    if set(given) - {"chat_id", "text", "parse_mode", "text_styles"}:
        raise Refused(400, "unknown parameter")
    number, now = world.number(), time.time()
    user.messages.append({"text": text, "message_id": number, "by": "bot", "at": now})
    return {"message_id": number, "date": int(now * 1000)}


async def send_chat_action(world: World, given: dict[str, Any]) -> Any:
    if given.get("action") != "typing" or str(given.get("chat_id")) not in world.users:
        raise Refused(400, "Bad Request")
    return True


METHODS: dict[str, Callable[[World, dict[str, Any]], Awaitable[Any]]] = {
    "getMe": get_me, "getUpdates": get_updates, "setWebhook": set_webhook,
    "deleteWebhook": delete_webhook, "getWebhookInfo": get_webhook_info,
    "sendMessage": send_message, "sendChatAction": send_chat_action,
}  # fmt: skip


def event(name: str, user: str, number: str, **content: Any) -> dict[str, Any]:
    """An event in the platform's shape, in the envelope of its answers."""
    return {"ok": True, "result": {"event_name": name, "message": {
        "from": {"id": user, "display_name": f"Dân {user}", "is_bot": False},
        "chat": {"id": user, "chat_type": "PRIVATE"}, **content,
        "message_id": number, "date": int(time.time() * 1000),
    }}}  # fmt: skip
