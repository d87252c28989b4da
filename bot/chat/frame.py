"""The chat inside other portals' pages: `/embed.js`, the one line they add, and its frame `/nhung`.

A frame of ours in a foreign page gets no cookie from us: it keeps the token of its conversation
itself, or only remembers it while it is open. It may be framed by `EMBED_ORIGINS` alone.
"""

from fastapi import Request
from fastapi.responses import HTMLResponse, Response

from backend import i18n, render
from backend.config import settings
from backend.middleware import CSP, NO_FRAMES
from backend.routing import Router
from backend.web import not_found, page
from bot.chat.pages import scripts, state, suggestions

router = Router(include_in_schema=False)


@router.get("/nhung")
def frame() -> Response:
    """The chat, and nothing around it."""
    i18n.set_locale(i18n.SOURCE)
    text = render.render(
        "chat/frame.html", settings=settings(), suggestions=suggestions(), exchanges=[],
        script=scripts("frame"), **state([]),
    )  # fmt: skip
    allowed = CSP.replace(NO_FRAMES, f"frame-ancestors {' '.join(_portals())}")
    headers = {"Content-Security-Policy": allowed, "Cache-Control": "no-cache"}
    return HTMLResponse(text, headers=headers)


@router.get("/embed.js")
def embed() -> Response:
    """A button and, once it is pressed, the frame; nothing is loaded before that."""
    _portals()
    i18n.set_locale(i18n.SOURCE)
    return Response(
        render.render("chat/embed.js", base_url=settings().base_url),
        media_type="text/javascript",
        headers={
            "Cache-Control": "public, max-age=3600",
            "Cross-Origin-Resource-Policy": "cross-origin",
        },
    )


@router.get("/dev/nhung")
def trial(request: Request) -> Response:
    """How it looks on a page of somebody else, for whoever works on it."""
    if not settings().is_development:
        raise not_found()
    return page(request, "chat/trial.html")


def _portals() -> list[str]:
    """Who may embed the chat; without any there is nothing to embed."""
    portals = settings().embed_origins.split()
    if settings().is_development:
        portals = ["'self'", *portals]
    if not portals:
        raise not_found()
    return portals
