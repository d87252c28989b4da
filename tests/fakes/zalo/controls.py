"""`/_test/…`: what citizens, colleagues and bad luck do, and what came of it."""

import base64
import time
from collections.abc import Callable
from typing import Any

from tests.fakes.zalo import official, platform
from tests.fakes.zalo.world import Fault, Refused, World

PAYLOADS: dict[str, dict[str, Any]] = {
    "image": {"thumbnail": "https://a.zdn.vn/t.jpg", "url": "https://a.zdn.vn/i.jpg"},
    "gif": {"thumbnail": "https://a.zdn.vn/t.gif", "url": "https://a.zdn.vn/i.gif"},
    "audio": {"url": "https://a.zdn.vn/a.aac"},
    "video": {"thumbnail": "https://a.zdn.vn/t.jpg", "url": "https://a.zdn.vn/v.mp4"},
    "sticker": {"id": "d063f44dc80821567819", "url": "https://a.zdn.vn/s.png"},
    "file": {"url": "https://a.zdn.vn/f.pdf", "size": "1200", "name": "don.pdf", "type": "pdf"},
    "location": {"coordinates": {"latitude": "9.18", "longitude": "105.15"}},
    "link": {"url": "https://dichvucong.gov.vn/", "title": "Cổng", "description": ""},
    "business_card": {
        "thumbnail": "https://a.zdn.vn/c.jpg", "description": '{"phone":"84912000001"}',
        "url": "https://zalo.me/1",
    },
}  # fmt: skip
BOT_CONTENT: dict[str, dict[str, Any]] = {
    "image": {"photo_url": "https://a.zdn.vn/i.jpg", "caption": ""},
    "sticker": {"sticker": "d063f44dc80821567819", "url": "https://a.zdn.vn/s.png"},
    "voice": {"voice_url": "https://a.zdn.vn/v.aac"},
    "unsupported": {},
}

ADDRESSES = ("url", "photo_url", "voice_url")


def happen(world: World, what: str, given: dict[str, Any]) -> str:
    """Do it; the id of the message, if it is one."""
    if what not in DEEDS:
        raise Refused(404, f"no such control: {what}")
    return DEEDS[what](world, given) or ""


def seen(world: World, what: str, user: str) -> Any:
    """Messages of a citizen, or the state of everything."""
    if what == "messages":
        return world.users[user].messages if user in world.users else []
    hooks = world.webhooks.items()
    return {
        "pending": len(world.pending), "acknowledged": world.acknowledged,
        "given_up": world.given_up, "deliveries": world.deliveries, "calls": world.calls,
        "issued": world.tokens.issued, "refreshed": world.tokens.refreshed, "zbs": world.zbs,
        "webhooks": {name: {"url": hook.url, "is_off": hook.is_off} for name, hook in hooks},
    }  # fmt: skip


def _say(world: World, given: dict[str, Any]) -> str:
    return _came(world, given, "text", text=given["text"])


def _send(world: World, given: dict[str, Any]) -> str:
    kind = given["kind"]
    if given.get("platform") == "bot":
        content = {k: _address(world, given, k, v) for k, v in BOT_CONTENT[kind].items()}
        return _came(world, given, kind, **content)
    payload = {k: _address(world, given, k, v) for k, v in PAYLOADS[kind].items()}
    attachment = {"type": kind, "payload": payload}
    return _came(world, given, kind, text=given.get("text", ""), attachments=[attachment])


def _address(world: World, given: dict[str, Any], key: str, usual: Any) -> Any:
    """Where the file lies: the `url` that was given, the given `content`, or nowhere in fact."""
    if key not in ADDRESSES:
        return usual
    if "content" in given:
        return world.keep(base64.b64decode(given["content"]))
    return given.get("url", usual)


def _came(world: World, given: dict[str, Any], kind: str, **content: Any) -> str:
    user, number = world.acted(given["user"]), world.number()
    if given.get("platform") == "bot":
        body = platform.event(f"message.{kind}.received", user.id, number, **content)
        return world.happened("bot", body, number)
    message = {**content, "msg_id": number}
    body = official.event(f"user_send_{kind}", sender=user.id, message=message)
    return world.happened("oa", body, number)


def _press(world: World, given: dict[str, Any]) -> str:
    for message in reversed(world.user(given["user"]).messages):
        payload = message.get("attachment", {}).get("payload", {})
        for button in payload.get("buttons", []):
            if button["title"] == given["title"] and button["type"].startswith("oa.query"):
                return _came(world, given, "text", text=button["payload"])
        for element in payload.get("elements", []):
            if element["title"] == given["title"] and "default_action" in element:
                return _came(world, given, "text", text=element["default_action"]["payload"])
    raise Refused(404, f"no button {given['title']!r}")


def _event(world: World, given: dict[str, Any]) -> str:
    return world.happened(given.get("platform", "oa"), given["event"])


def _followed(name: str) -> Callable[[World, dict[str, Any]], str]:
    def moved(world: World, given: dict[str, Any]) -> str:
        user = world.acted(given["user"])
        user.follows, user.has_left = name == "follow", name == "unfollow"
        body = official.event(name, oa_id="1646843870823903717", follower={"id": user.id})
        return world.happened("oa", body)

    return moved


def _submit(world: World, given: dict[str, Any]) -> str:
    user = world.acted(given["user"])
    info = {"name": "Dân", "phone": given["phone"], "address": "", "city": "", "district": ""}
    return world.happened("oa", official.event("user_submit_info", sender=user.id, info=info))


def _manager(world: World, given: dict[str, Any]) -> str:
    return official.manager_said(world, given["user"], given["text"])


def _rate(world: World, given: dict[str, Any]) -> str:
    number = world.number()
    message = {
        "msg_id": number, "tracking_id": "", "rate": given["rate"],
        "note": given.get("note", ""), "feedbacks": [], "submit_time": str(int(time.time() * 1000)),
    }  # fmt: skip
    body = official.event("user_feedback", sender=given["user"], message=message)
    return world.happened("oa", body, number)


def _age(world: World, given: dict[str, Any]) -> str:
    world.user(given["user"]).last = time.time() - 3600 * given["hours"]
    return ""


def _world(world: World, given: dict[str, Any]) -> str:
    for name in ("quota", "night", "balance", "echo_first"):
        setattr(world, name, given.get(name, getattr(world, name)))
    if given.get("expired"):
        world.tokens.expires = 0.0
    return ""


def _webhook(world: World, given: dict[str, Any]) -> str:
    hook = world.webhooks[given["platform"]]
    hook.url, hook.is_off = given["url"], False
    hook.secret = given.get("secret", hook.secret or "bi-mat-cua-bot")
    world.stir()
    return ""


def _fault(world: World, given: dict[str, Any]) -> str:
    world.faults.append(Fault(**given))
    return ""


DEEDS: dict[str, Callable[[World, dict[str, Any]], str]] = {
    "say": _say, "send": _send, "press": _press, "event": _event, "follow": _followed("follow"),
    "unfollow": _followed("unfollow"), "submit": _submit, "manager": _manager, "rate": _rate,
    "age": _age, "world": _world, "webhook": _webhook, "fault": _fault,
}  # fmt: skip
