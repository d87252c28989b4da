"""Builds the ASGI app: the one module that knows every package."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, PlainTextResponse, Response
from starlette.exceptions import HTTPException
from starlette.routing import Host

from backend import api, log, render, web
from backend.accounts import pages as accounts
from backend.config import SettingsError, settings, version
from backend.dossiers import pages as dossiers
from backend.errors import AppError, InvalidInput, NotFound, Unavailable
from backend.heads import Heads
from backend.i18n import gettext as _
from backend.ids import reference
from backend.middleware import Edge, add_headers
from backend.notifications import account_letters
from backend.operations import pages as operations
from backend.parts import Part
from backend.people import pages as people
from backend.procedures import pages as procedures
from backend.worker import Runner
from bot import routes as bot
from bot.zalo import pages as zalo
from lms import routes as lms

PARTS: tuple[Part, ...] = (
    operations.PART,
    accounts.PART,
    account_letters.PART,
    people.PART,
    procedures.PART,
    dossiers.PART,
    bot.PART,
    lms.PART,
    zalo.PART,
)

logger = log.get(__name__)


@asynccontextmanager
async def _life(app: FastAPI) -> AsyncIterator[None]:
    """The web answers at once what it stored itself; everything else is the worker's."""
    waking = [asyncio.create_task(asyncio.to_thread(part.wake)) for part in PARTS if part.wake]
    async with AsyncExitStack() as stack:
        for part in PARTS:
            if part.life:
                await stack.enter_async_context(part.life())
        runner = Runner(polls=False)
        task = asyncio.create_task(runner.run())
        try:
            yield
        finally:
            runner.stop()
            await asyncio.gather(task, *waking)


def create_app() -> FastAPI:
    """The whole web process."""
    log.configure(human=settings().is_development)
    if problems := settings().problems():
        raise SettingsError("\n".join(problems))
    app = FastAPI(
        title="Trợ lý Một Cửa", version=version(), docs_url=None, redoc_url=None, lifespan=_life
    )
    app.state.menu = [item for part in PARTS for item in part.menu]
    app.state.readiness = {n: check for part in PARTS for n, check in part.readiness.items()}
    for part in PARTS:
        for router in part.routers:
            app.include_router(router)
    app.add_api_route("/static/{digest}/{path:path}", static, include_in_schema=False)
    app.add_exception_handler(AppError, _refused)  # type: ignore[arg-type]  # narrower on purpose
    app.add_exception_handler(RequestValidationError, _invalid)  # type: ignore[arg-type]  # same
    app.add_exception_handler(HTTPException, _http_error)  # type: ignore[arg-type]  # same
    app.add_exception_handler(Exception, _bug)
    if host := settings().content_host:
        app.router.routes.insert(0, Host(host, app=_content_app(), name="content"))
    app.add_middleware(Heads)
    app.add_middleware(Edge, larger={p: n for part in PARTS for p, n in part.bodies.items()})
    return app


def _content_app() -> FastAPI:
    """All that CONTENT_ORIGIN's host answers: uploaded files, and refusals in one line.

    None of our pages is shown there and no cookie is set: whatever an uploaded file does, it does
    it where nobody is signed in.
    """
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    for part in PARTS:
        for router in part.content:
            app.include_router(router)
    app.add_exception_handler(AppError, _in_a_line)  # type: ignore[arg-type]  # narrower on purpose
    app.add_exception_handler(Exception, _broken_file)
    return app


def _in_a_line(_request: Request, failure: AppError) -> Response:
    return PlainTextResponse(str(failure.message), status_code=failure.status)


def _broken_file(request: Request, failure: Exception) -> Response:
    logger.error("content.failed", exc_info=failure)
    return _in_a_line(request, Unavailable("internal", _("Hệ thống gặp lỗi.")))


def static(digest: str, path: str) -> Response:
    """A file of some package's `static/`, to be kept for ever."""
    file = render.static_file(path)
    if file is None:
        raise web.not_found()
    return FileResponse(file, headers={"Cache-Control": "public, max-age=31536000, immutable"})


def _refused(request: Request, failure: AppError) -> Response:
    return api.error(failure) if api.is_api(request) else web.error_page(request, failure)


def _invalid(request: Request, failure: RequestValidationError) -> Response:
    if api.is_api(request):
        return api.validation_error(failure)
    return web.error_page(request, web.not_found())


def _http_error(request: Request, failure: HTTPException) -> Response:
    """What the framework refuses, in our words; FastAPI hides in it what stopped the reading."""
    if isinstance(failure.__cause__, AppError):
        return _refused(request, failure.__cause__)
    if failure.status_code == 404:
        return _refused(request, NotFound("not_found", _("Không có trang này.")))
    if failure.status_code == 400:
        return _refused(request, InvalidInput("invalid", _("Dữ liệu gửi lên chưa đúng.")))
    refusal = AppError("http", _("Địa chỉ này không nhận yêu cầu gửi theo cách đó."))
    refusal.status = failure.status_code
    response = _refused(request, refusal)
    response.headers.update(failure.headers or {})
    return response


def _bug(request: Request, failure: Exception) -> Response:
    """A bug: logged under a reference code, and that code is what people see.

    Not the address but its route is logged: the address may hold the secret of a receipt.
    """
    code, route = reference(), getattr(request.scope.get("route"), "path", "")
    logger.error("request.failed", reference=code, route=route, exc_info=failure)
    message = _("Hệ thống gặp lỗi. Xin thử lại; nếu vẫn lỗi, xin đọc mã {code} cho cán bộ.")
    refusal = Unavailable("internal", message.format(code=code))
    refusal.status = 500
    response = _refused(request, refusal)
    add_headers(response.headers)  # whatever broke passed by the middleware that adds them
    return response


app = create_app()
