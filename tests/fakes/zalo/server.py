"""The HTTP side: Zalo's own addresses, and `/_test/…` for whoever tests."""

import asyncio
from collections.abc import Callable
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.fakes.serving import Dropped, life_beside
from tests.fakes.zalo import oauth, official, platform
from tests.fakes.zalo.controls import happen, seen
from tests.fakes.zalo.webhooks import Bringer
from tests.fakes.zalo.world import BOT_TOKEN, Fault, Refused, World

FAULTS = {"500": 500, "502": 502, "429": 429}
ECHO_WITHIN = 1.5


def app(world: World) -> Starlette:
    """The server of one world."""

    server = Starlette(
        lifespan=life_beside(Bringer(world).run),
        routes=[
            Route("/v4/oa/permission", _permission),
            Route("/v4/oa/access_token", _access_token, methods=["POST"]),
            Route("/v3.0/oa/message/cs", _message, methods=["POST"]),
            Route("/message/template", _template, methods=["POST"]),
            Route("/bot{token}/{method}", _bot, methods=["POST"]),
            Route("/files/{name}", _file),
            Route("/_test/{what}", _control, methods=["GET", "POST", "DELETE"]),
        ],
    )
    server.state.world = world
    return server


async def _permission(request: Request) -> Response:
    try:
        where = oauth.permission(request.app.state.world, dict(request.query_params))
    except Refused as refusal:
        return _no(refusal)
    return RedirectResponse(where, status_code=302)


async def _access_token(request: Request) -> Response:
    world: World = request.app.state.world
    form = {name: str(value) for name, value in (await request.form()).items()}
    secret = request.headers.get("secret_key")
    answered = await _faulty(world, "token", lambda: oauth.grant(world, secret, form))
    if isinstance(answered, Refused):
        return JSONResponse({
            "error": answered.code, "error_name": answered.message,
            "error_description": answered.message,
        })  # fmt: skip
    return answered if isinstance(answered, Response) else JSONResponse(answered)


async def _message(request: Request) -> Response:
    world: World = request.app.state.world
    body = await request.json()

    def send() -> Any:
        world.check_access(request.headers.get("access_token"))
        return official.send(world, body)

    answered = await _faulty(world, "message", send)
    if world.echo_first and isinstance(answered, dict):
        await _brought(world, f"echo:{answered['message_id']}")
    return _yes(answered)


async def _template(request: Request) -> Response:
    world: World = request.app.state.world
    body = await request.json()

    def send() -> Any:
        world.check_access(request.headers.get("access_token"))
        return official.template(world, body)

    return _yes(await _faulty(world, "template", send))


def _yes(answered: Any) -> Response:
    if isinstance(answered, Refused):
        return _no(answered)
    if isinstance(answered, Response):
        return answered
    return JSONResponse({"error": 0, "message": "Success", "data": answered})


def _no(refusal: Refused) -> Response:
    return JSONResponse({"error": refusal.code, "message": refusal.message})


async def _brought(world: World, number: str) -> None:
    for _ in range(int(ECHO_WITHIN / 0.01)):
        if number in world.acknowledged:
            return
        await asyncio.sleep(0.01)


async def _bot(request: Request) -> Response:
    world: World = request.app.state.world
    method = request.path_params["method"]
    if request.path_params["token"] != BOT_TOKEN:
        return _not_ok(Refused(401, "Unauthorized"))
    if method not in platform.METHODS:
        return _not_ok(Refused(404, "Not Found"))
    try:
        given = await request.json()
    except ValueError:
        given = {}
    world.calls.append(method)
    where = "bot" if method == "sendMessage" else method
    fault = await _met(world, where)
    if isinstance(fault, Response):
        return fault
    if fault and fault.kind == "code":
        return _not_ok(Refused(fault.code, "Refused"))
    try:
        result = await platform.METHODS[method](world, given)
    except Refused as refusal:
        return _not_ok(refusal)
    if fault and fault.kind == "drop_after":
        return Dropped(of=result, noted_in=world.cut_short)
    return JSONResponse({"ok": True, "result": result})


def _not_ok(refusal: Refused) -> Response:
    return JSONResponse(
        {"ok": False, "description": refusal.message, "error_code": refusal.code}
    )  # fmt: skip


async def _met(world: World, where: str) -> Fault | Response | None:
    """The fault of this call: the answer where it is one by itself."""
    fault = world.fault(where)
    if fault is None:
        return None
    if fault.seconds:
        await asyncio.sleep(fault.seconds)
    if fault.kind in FAULTS:
        headers = {"Retry-After": str(fault.retry_after)} if fault.retry_after else {}
        return Response("gateway", status_code=FAULTS[fault.kind], headers=headers)
    return Dropped() if fault.kind == "drop_before" else fault


async def _faulty(world: World, where: str, work: Callable[[], Any]) -> Any:
    """What `work` returns, its refusal, or what a fault makes of it."""
    world.calls.append(where)
    fault = await _met(world, where)
    if isinstance(fault, Response):
        return fault
    if fault and fault.kind == "code":
        return Refused(fault.code, "Refused")
    try:
        answered = work()
    except Refused as refusal:
        return refusal
    if fault and fault.kind == "drop_after":
        return Dropped(of=answered, noted_in=world.cut_short)
    return answered


async def _file(request: Request) -> Response:
    """What somebody sent; strictly as it came, without a word about what it is."""
    world: World = request.app.state.world
    fault = await _met(world, "file")
    if isinstance(fault, Response):
        return fault
    if fault and fault.kind == "moved":
        return RedirectResponse(fault.to, status_code=302)
    content = world.files.get(request.path_params["name"])
    if content is None:
        return Response("not found", status_code=404)
    return Response(content, media_type="application/octet-stream")


async def _control(request: Request) -> Response:
    world: World = request.app.state.world
    what = request.path_params["what"]
    if request.method == "GET":
        return JSONResponse(seen(world, what, request.query_params.get("user", "")))
    if request.method == "DELETE":
        world.faults.clear()
        return JSONResponse({"ok": True})
    try:
        return JSONResponse({"id": happen(world, what, await request.json())})
    except (Refused, KeyError) as refusal:
        return JSONResponse({"error": str(refusal)}, status_code=400)
