"""Around every request: language, size limit, security headers, a count and a time."""

from collections.abc import Mapping
from functools import cache

from starlette.datastructures import Headers, MutableHeaders
from starlette.routing import compile_path
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend import api, clock, i18n, metrics
from backend.config import settings
from backend.errors import TooLarge

MAX_BODY = 2 * 1024 * 1024
NO_FRAMES = "frame-ancestors 'none'"
CSP = (
    "default-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self'; "
    "connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; " + NO_FRAMES
)


class Edge:
    """Pure ASGI, so that streaming answers stream."""

    def __init__(self, app: ASGIApp, larger: Mapping[str, int] | None = None) -> None:
        """`larger`: how many bytes the paths of these patterns take (`Part.bodies`)."""
        self.app = app
        self.larger = [(compile_path(path)[0], most) for path, most in (larger or {}).items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        i18n.set_locale(_language(headers))
        started, status, is_stream = clock.stopwatch(), 500, False

        async def sending(message: Message) -> None:
            nonlocal status, is_stream
            if message["type"] == "http.response.start":
                status = message["status"]
                answered = MutableHeaders(scope=message)
                add_headers(answered)
                is_stream = answered.get("content-type", "").startswith("text/event-stream")
            await send(message)

        try:
            most = MAX_BODY if scope["method"] == "GET" else self._most(scope["path"])
            if _declared(headers) > most:
                await api.error(_too_large())(scope, receive, sending)
            else:
                await self.app(scope, _limited(receive, most), sending)
        finally:
            metrics.REQUESTS.labels(scope["method"], str(status)).inc()
            if not is_stream:  # how long somebody listened says nothing about how quick we are
                metrics.REQUEST_SECONDS.observe(clock.stopwatch() - started)

    def _most(self, path: str) -> int:
        return next((most for pattern, most in self.larger if pattern.match(path)), MAX_BODY)


def _language(headers: Headers) -> str:
    for part in headers.get("cookie", "").split(";"):
        name, _, value = part.strip().partition("=")
        if name == "lang":
            return value
    return i18n.SOURCE


def _declared(headers: Headers) -> int:
    """How long the sender says the body is; nonsense says nothing."""
    length = headers.get("content-length", "")
    return int(length) if length.isascii() and length.isdigit() and len(length) < 19 else 0


def _too_large() -> TooLarge:
    return TooLarge("too_large", i18n.gettext("Nội dung gửi lên quá lớn."))


def _limited(receive: Receive, most: int) -> Receive:
    """Whoever sends no length is cut off at the limit as well."""
    seen = 0

    async def limited() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > most:
            raise _too_large()
        return message

    return limited


@cache
def _csp(files: str) -> str:
    """What our pages may load: our own, and what CONTENT_ORIGIN serves of uploaded files.

    Such files may be shown and fetched (to be kept for later), never run.
    """
    if not files:
        return CSP
    more = f"connect-src 'self' {files}; media-src 'self' {files}; frame-src 'self' {files}; "
    shown = CSP.replace("img-src 'self' data:", f"img-src 'self' data: {files}")
    return shown.replace("connect-src 'self'; ", more)


def add_headers(headers: MutableHeaders) -> None:
    """The security headers of every answer."""
    headers.setdefault("Content-Security-Policy", _csp(settings().content_origin))
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    if NO_FRAMES in headers["Content-Security-Policy"]:  # it cannot name whom it would let
        headers.setdefault("X-Frame-Options", "DENY")
    headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    if settings().is_https:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
