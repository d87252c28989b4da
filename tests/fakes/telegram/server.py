"""The HTTP side: `/bot<token>/<method>` as Telegram's, `/_test/…` for whoever tests."""

import asyncio
import base64
import json
from contextlib import suppress
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.fakes.serving import Dropped, life_beside
from tests.fakes.telegram.markup import Refused
from tests.fakes.telegram.methods import METHODS
from tests.fakes.telegram.webhooks import Bringer
from tests.fakes.telegram.world import Fault, World

CASES = {name.lower(): name for name in METHODS}
FAULTS = {
    "400": (400, "Bad Request: wrong something"),
    "403": (403, "Forbidden: bot was blocked by the user"),
    "deactivated": (403, "Forbidden: user is deactivated"),
    "409": (409, "Conflict: terminated by other getUpdates request"),
    "500": (500, "Internal Server Error"),
    "502": (502, "Bad Gateway"),
}
CONTENT: dict[str, dict[str, Any]] = {
    "photo": {"photo": [{"file_id": "p", "file_unique_id": "pu", "width": 90, "height": 60}]},
    "voice": {"voice": {"file_id": "v", "file_unique_id": "vu", "duration": 3}},
    "file": {"document": {"file_id": "d", "file_unique_id": "du", "file_name": "a.pdf"}},
    "location": {"location": {"latitude": 9.18, "longitude": 105.15}},
    "sticker": {
        "sticker": {
            "file_id": "s", "file_unique_id": "su", "type": "regular", "width": 512,
            "height": 512, "is_animated": False, "is_video": False,
        },
    },
}  # fmt: skip
CONTENT_FILES = {"photo": "p", "voice": "v", "file": "d"}


def app(world: World) -> Starlette:
    """The server of one world."""

    server = Starlette(
        lifespan=life_beside(Bringer(world).run),
        routes=[
            Route("/file/bot{token}/{path:path}", _file),
            Route("/bot{token}/{method}", _call, methods=["GET", "POST"]),
            Route("/_test/{what}", _control, methods=["GET", "POST", "DELETE"]),
        ],
    )
    server.state.world = world
    return server


async def _call(request: Request) -> Response:
    world: World = request.app.state.world
    try:
        if request.path_params["token"] != world.token:
            raise Refused("Unauthorized", 401)
        method = CASES.get(request.path_params["method"].lower())
        if method is None:
            raise Refused("Not Found", 404)
        given = await _parameters(request)
        world.calls.append((method, given))
        return await _answered(world, method, given)
    except Refused as refusal:
        return _refusal(refusal)


async def _file(request: Request) -> Response:
    world: World = request.app.state.world
    content = world.files.get(request.path_params["path"].removeprefix("photos/"))
    if request.path_params["token"] != world.token or content is None:
        return _refusal(Refused("Not Found", 404))
    return Response(content, media_type="application/octet-stream")


async def _answered(world: World, method: str, given: dict[str, Any]) -> Response:
    fault = world.fault(method, given.get("chat_id"))
    if fault and fault.seconds:
        await asyncio.sleep(fault.seconds)
    if fault and fault.kind not in ("slow", "drop_after"):
        _raise(fault)
    if fault and fault.kind == "drop_before":
        return Dropped()
    result = await METHODS[method](world, given)
    if fault and fault.kind == "drop_after":
        return Dropped(of=result, noted_in=world.cut_short)
    return JSONResponse({"ok": True, "result": result})


def _raise(fault: Fault) -> None:
    if fault.kind == "429":
        why = f"Too Many Requests: retry after {fault.retry_after}"
        raise Refused(why, 429, retry_after=fault.retry_after)
    if fault.kind != "drop_before":
        code, description = FAULTS[fault.kind]
        raise Refused(fault.description or description, code)


def _refusal(refusal: Refused) -> Response:
    body: dict[str, Any] = {
        "ok": False, "error_code": refusal.code, "description": refusal.description,
    }  # fmt: skip
    if refusal.parameters:
        body["parameters"] = refusal.parameters
    return JSONResponse(body, status_code=refusal.code)


async def _parameters(request: Request) -> dict[str, Any]:
    """From the query, a form (whose objects are JSON) or JSON, as the real server reads them."""
    given: dict[str, Any] = dict(request.query_params)
    if request.headers.get("content-type", "").startswith("application/json"):
        given |= await request.json()
    elif request.method == "POST":
        given |= dict(await request.form())
    return {name: _value(value) for name, value in given.items()}


def _value(value: Any) -> Any:
    if isinstance(value, str) and value[:1] in ("{", "["):
        with suppress(ValueError):
            return json.loads(value)
    return value


async def _control(request: Request) -> Response:
    world: World = request.app.state.world
    what = request.path_params["what"]
    if request.method == "GET":
        return JSONResponse(_seen(world, what, request.query_params.get("chat")))
    if request.method == "DELETE":
        world.faults.clear()
        return JSONResponse({"ok": True})
    try:
        return JSONResponse({"update_id": _happen(world, what, await request.json())})
    except Refused as refusal:
        return _refusal(refusal)


def _seen(world: World, what: str, chat: str | None) -> Any:
    if what == "messages":
        if chat is not None:
            return world.chats[int(chat)].messages if int(chat) in world.chats else []
        return {str(key): found.messages for key, found in world.chats.items()}
    return {
        "pending": len(world.pending), "acknowledged": world.acknowledged,
        "expired": world.expired, "deliveries": world.deliveries, "profile": {
            key: value for key, value in world.profile.items() if key != "poller"
        },
        "webhook": world.webhook, "calls": [method for method, _ in world.calls],
        "presses": world.presses,
    }  # fmt: skip


def _happen(world: World, what: str, given: dict[str, Any]) -> int:
    chat = int(given.pop("chat", 0))
    if what == "say":
        return world.said(chat, given.pop("type", "private"), **given)
    if what == "press":
        return world.pressed(chat, given["data"])
    if what == "contact":
        owner = {"user_id": chat if given.get("own", True) else chat + 1}
        contact = {"phone_number": given["phone"], "first_name": "Dân", **owner}
        return world.said(chat, contact=contact)
    if what == "send":
        kind, content = given.pop("kind"), given.pop("content", None)
        if content is not None:
            world.files[CONTENT_FILES[kind]] = base64.b64decode(content)
        return world.said(chat, **CONTENT[kind], **given)
    if what == "membership":
        return world.moved(chat, given["status"])
    if what == "fault":
        world.faults.append(Fault(**given))
        return 0
    raise Refused(f"no such control: {what}", 404)
