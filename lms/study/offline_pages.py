"""What makes a telephone keep the courses: manifest, service worker, the page for "no network"."""

import json

from fastapi import Request, Response

from backend import render, web
from backend.config import settings
from backend.i18n import gettext as _
from backend.routing import Router
from lms.study import shell

router = Router(include_in_schema=False)


@router.get("/hoc.webmanifest")
def manifest() -> Response:
    """How the learning side looks when it is installed."""
    icons = [{"src": render.static_url("img/learn.svg"), "sizes": "any", "type": "image/svg+xml"}]
    for size in (192, 512):
        src = render.static_url(f"img/learn-{size}.png")
        icons.append(
            {"src": src, "sizes": f"{size}x{size}", "type": "image/png", "purpose": "any maskable"}
        )
    name = _("Học tập")
    body = {
        "name": f"{name} – {settings().province_name}", "short_name": name, "lang": "vi",
        "id": "/hoc", "start_url": "/hoc", "scope": "/hoc", "display": "standalone",
        "background_color": "#f5f3ee", "theme_color": "#0b5563", "icons": icons,
    }  # fmt: skip
    return Response(
        json.dumps(body, ensure_ascii=False), media_type="application/manifest+json",
        headers={"Cache-Control": "no-cache"},
    )  # fmt: skip


@router.get("/hoc-sw.js")
def worker() -> Response:
    """It stands at the root, since a worker may only serve what lies below its own address."""
    return Response(
        shell.worker(), media_type="text/javascript", headers={"Cache-Control": "no-cache"}
    )


@router.get(shell.OFFLINE)
def offline(request: Request) -> Response:
    """Shown instead of a page that this device does not keep; the same for everybody."""
    return web.page(request, "lms/study/offline.html")
