"""The two calls of the Official Account that send: a message, and a ZBS template message."""

from collections.abc import Callable, Mapping
from typing import Any

from backend.config import settings
from bot.messages import SendError
from bot.zalo import tokens
from bot.zalo.calls import Calls
from bot.zalo.refusals import STALE_TOKEN, code_of, judged, judged_template

CAMEL = {"template_id": "templateId", "template_data": "templateData", "tracking_id": "trackingId"}
MOST_TRACKING = 48


async def send_message(calls: Calls, chat: str, message: dict[str, Any]) -> dict[str, Any]:
    """A consulting message; Zalo's `data`: message_id, sent_time, quota."""
    url = f"{settings().zalo_oa_api_base.rstrip('/')}/v3.0/oa/message/cs"
    body = {"recipient": {"user_id": chat}, "message": message}
    return await _post(calls, url, body, judged)


async def send_template(
    calls: Calls, kind: str, data: Mapping[str, str], *, tracking: str, phone: str = "",
    chat: str = "",
) -> str:  # fmt: skip
    """A push as a ZBS template message, to a telephone or to a citizen of ours; Zalo's id of it.

    `tracking` is ours and comes back with the receipt. It may cost money: whoever retries after
    `SendError.unknown` may pay twice.
    """
    template = settings().zalo_zbs_templates.get(kind)
    if template is None:
        raise SendError(f"no ZBS template for {kind}", permanent=True)
    filled = {name: str(data.get(source, "")) for name, source in template.data.items()}
    body: dict[str, Any] = {
        **({"phone": international(phone)} if phone else {"user_id": chat}),
        "template_id": template.id, "template_data": filled,
        "tracking_id": tracking[:MOST_TRACKING],
    }  # fmt: skip
    if settings().zalo_zbs_mode:
        body["mode"] = settings().zalo_zbs_mode
    if settings().zalo_zbs_keys == "camel":
        body = {CAMEL.get(name, name): value for name, value in body.items()}
    url = f"{settings().zalo_zbs_api_base.rstrip('/')}/message/template"
    answered = await _post(calls, url, body, judged_template)
    return str(answered.get("msg_id", ""))


def international(phone: str) -> str:
    """84901234567, as ZBS wants it."""
    digits = "".join(c for c in phone if c.isdigit())
    return f"84{digits[1:]}" if digits.startswith("0") else digits


async def _post(
    calls: Calls, url: str, body: dict[str, Any], judge: Callable[[dict[str, Any]], SendError]
) -> dict[str, Any]:
    """One call; with another token where Zalo says that this one is over."""
    token = await tokens.current(calls)
    answer = await calls.post(url, json=body, headers={"access_token": token})
    if code_of(answer) in STALE_TOKEN:
        token = await tokens.renewed(calls, token)
        answer = await calls.post(url, json=body, headers={"access_token": token})
    if code_of(answer):
        raise judge(answer)
    data = answer.get("data")
    return data if isinstance(data, dict) else {}
