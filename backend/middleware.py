"""Around every request: language, size limit, security headers, a count and a time."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend import api, clock, i18n, metrics
from backend.config import settings
from backend.errors import TooLarge

MAX_BODY = 2 * 1024 * 1024
CSP = (
    "default-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self'; "
    "connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)


class Edge:
    """Pure ASGI, so that streaming answers stream."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        i18n.set_locale(_language(headers))
        started, status = clock.stopwatch(), 500

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _add_headers(MutableHeaders(scope=message))
            await send(message)

        if int(headers.get("content-length") or 0) > MAX_BODY:
            refusal = api.error(TooLarge("too_large", i18n.gettext("Nội dung gửi lên quá lớn.")))
            await refusal(scope, receive, sending)
        else:
            await self.app(scope, _limited(receive), sending)
        metrics.REQUESTS.labels(scope["method"], str(status)).inc()
        metrics.REQUEST_SECONDS.observe(clock.stopwatch() - started)


def _language(headers: Headers) -> str:
    for part in headers.get("cookie", "").split(";"):
        name, _, value = part.strip().partition("=")
        if name == "lang":
            return value
    return i18n.SOURCE


def _limited(receive: Receive) -> Receive:
    """Whoever sends no length is cut off at the limit as well."""
    seen = 0

    async def limited() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > MAX_BODY:
            raise TooLarge("too_large", i18n.gettext("Nội dung gửi lên quá lớn."))
        return message

    return limited


def _add_headers(headers: MutableHeaders) -> None:
    headers.setdefault("Content-Security-Policy", CSP)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("X-Frame-Options", "DENY")
    headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    if settings().is_https:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
