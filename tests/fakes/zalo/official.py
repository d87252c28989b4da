"""OpenAPI v3 and ZBS: what the Official Account may send to whom, and the events about it."""

import time
from typing import Any

from tests.fakes.zalo.world import APP, OA, Refused, User, World

HOUR = 3600.0
ACTIONS = {"oa.query.show", "oa.query.hide", "oa.open.url", "oa.open.phone", "oa.open.sms"}


def send(world: World, body: dict[str, Any]) -> dict[str, Any]:
    """A consulting message."""
    message = body.get("message")
    if not isinstance(message, dict):
        raise Refused(-201, "message is invalid")
    user = world.users.get(str(body.get("recipient", {}).get("user_id")))
    _check_recipient(world, user)
    _check_message(message)
    assert user is not None
    number = world.number()
    user.messages.append({**message, "message_id": number, "by": "oa", "at": time.time()})
    echo = _echo(user.id, message, number)
    world.happened("oa", echo, f"echo:{number}")
    world.quota -= 1
    return {
        "message_id": number, "user_id": user.id, "sent_time": str(int(time.time() * 1000)),
        "quota": {
            "quota_type": "reply", "remain": str(max(world.quota, 0)), "total": "8",
            "expired_date": "", "owner_type": "OA", "owner_id": OA,
        },
    }  # fmt: skip


def _check_recipient(world: World, user: User | None) -> None:
    if user is None or user.last is None:
        raise Refused(-213, "User has not followed or interacted with the OA")
    if user.has_left:
        raise Refused(-217, "User has blocked the OA")
    age = time.time() - user.last
    if age > 7 * 24 * HOUR:
        raise Refused(-230, "User has not interacted with the OA in the past 7 days")
    if age > 48 * HOUR and world.balance <= 0:
        raise Refused(-321, "ZBS account has no balance")
    if world.quota <= 0:
        raise Refused(-211, "Out of quota")


def _check_message(message: dict[str, Any]) -> None:
    text, attachment = message.get("text", ""), message.get("attachment")
    if set(message) - {"text", "attachment", "quote_message_id"} or not isinstance(text, str):
        raise Refused(-201, "params are invalid")
    if not text.strip() and not attachment:
        raise Refused(-201, "text is empty")
    if len(text.encode("utf-16-le")) // 2 > 2000:
        raise Refused(-210, "text is over 2000 characters")
    if attachment is None:
        return
    if attachment.get("type") != "template" or not isinstance(attachment.get("payload"), dict):
        raise Refused(-233, "attachment type is not supported")
    payload = attachment["payload"]
    kind = payload.get("template_type")
    if kind is None:
        _check_buttons(payload.get("buttons"))
    elif kind in ("list", "request_user_info"):
        _check_elements(kind, payload.get("elements"), has_text=bool(text))
    else:
        raise Refused(-233, f"template_type {kind} is not supported")


def _check_buttons(buttons: Any) -> None:
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= 5:
        raise Refused(-201, "buttons must be 1 to 5")
    for button in buttons:
        if not 1 <= len(str(button.get("title", "")).strip()) <= 100:
            raise Refused(-201, "title of button is invalid")
        _check_action(button)


def _check_action(action: dict[str, Any]) -> None:
    kind, payload = action.get("type"), action.get("payload")
    if kind not in ACTIONS:
        raise Refused(-201, f"type {kind} of button is invalid")
    if kind in ("oa.query.show", "oa.query.hide"):
        if not isinstance(payload, str) or not 1 <= len(payload) <= 1000:
            raise Refused(-201, "payload of button is invalid")
        return
    wanted = {"oa.open.url": "url", "oa.open.phone": "phone_code"}.get(kind, "content")
    value = payload.get(wanted) if isinstance(payload, dict) else action.get("url")
    if not value or (kind == "oa.open.url" and not str(value).startswith("https://")):
        raise Refused(-201, f"{wanted} of button is invalid")


def _check_elements(kind: str, elements: Any, *, has_text: bool) -> None:
    most = 5 if kind == "list" else 1
    if has_text or not isinstance(elements, list) or not 1 <= len(elements) <= most:
        raise Refused(-201, "elements are invalid")
    for element in elements:
        if not 1 <= len(str(element.get("title", ""))) <= 100:
            raise Refused(-201, "title of element is invalid")
        if len(str(element.get("subtitle", ""))) > 500:
            raise Refused(-201, "subtitle of element is invalid")
        if action := element.get("default_action"):
            _check_action(action)
    if not str(elements[0].get("image_url", "")).startswith("https://"):
        raise Refused(-201, "image_url of first element is missing")


def _echo(user: str, message: dict[str, Any], number: str) -> dict[str, Any]:
    name = "oa_send_text" if "text" in message else "oa_send_template"
    return event(name, sender=OA, recipient=user, message={
        **({"text": message["text"]} if "text" in message else {}), "msg_id": number,
    })  # fmt: skip


def manager_said(world: World, user_id: str, text: str) -> str:
    """A person of the account answers in OA Manager: no call of ours, but the same echo."""
    number = world.number()
    user = world.user(user_id)
    user.messages.append({"text": text, "message_id": number, "by": "manager", "at": time.time()})
    return world.happened("oa", _echo(user_id, {"text": text}, number), number)


def event(name: str, *, sender: str = "", recipient: str = OA, **more: Any) -> dict[str, Any]:
    """An event in Zalo's shape."""
    ends = {"sender": {"id": sender}, "recipient": {"id": recipient}} if sender else {}
    return {
        "app_id": APP.id, "user_id_by_app": f"by-app-{sender or recipient}", "event_name": name,
        **ends, **more, "timestamp": str(int(time.time() * 1000)),
    }  # fmt: skip


def template(world: World, body: dict[str, Any]) -> dict[str, Any]:
    """A ZBS template message, by telephone or to a citizen."""
    phone, user = str(body.get("phone", "")), body.get("user_id")
    if not user and not (phone.startswith("84") and phone.isdigit() and len(phone) == 11):
        raise Refused(-108, "Phone number is invalid")
    fields = world.templates.get(str(body.get("template_id")))
    if fields is None:
        raise Refused(-109, "Template id is invalid")
    data = body.get("template_data", {})
    if set(data) != set(fields) or not all(str(value).strip() for value in data.values()):
        raise Refused(-1124, "Template data is invalid")
    if world.night and body.get("mode") != "development":
        raise Refused(-133, "Sending at night is not allowed")
    number = world.number()
    world.zbs.append({**body, "msg_id": number})
    arrived = {"delivery_time": str(int(time.time() * 1000)), "msg_id": number,
               "tracking_id": body.get("tracking_id", "")}  # fmt: skip
    world.happened("oa", event("user_received_message", sender=OA, message=arrived), number)
    return {
        "msg_id": number, "sent_time": str(int(time.time() * 1000)),
        "quota": {"dailyQuota": "500", "remainingQuota": "499"},
    }  # fmt: skip
