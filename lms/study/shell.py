"""What every page of a learner has in common: its scripts, its offline frame, whose page it is.

Modules import each other by relative address, so all of them are served under one digest of the
whole folder: a change in any is a new address for each, and no browser mixes two releases.
"""

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import Request, Response

from backend import render, security, web
from backend.config import ROOT, settings
from lms.study.learner import is_in_app

OFFLINE = "/hoc-ngoai-tuyen"
_MODULES = ROOT / "lms" / "static" / "js" / "learn"
_FRAME = (
    "css/base.css", "css/components.css", "css/print.css", "css/lms.css", "img/logo.svg",
    "js/page.js", "js/vendor/htmx.min.js", "img/learn-192.png",
)  # fmt: skip


def page(request: Request, template: str, **context: Any) -> Response:
    """A page that works without a network too; `owner` tells a device when its user changes."""
    officer = request.state.officer
    return web.page(
        request, template, script_url=script_url, in_app=is_in_app(request),
        host=request.url.netloc, scheme=request.url.scheme,
        owner=security.sign("learner", str(officer.id))[-16:], **context,
    )  # fmt: skip


def script_url(name: str) -> str:
    """Where a module of `js/learn` is served."""
    return f"/static/{_digest(_changed())}/js/learn/{name}"


def version() -> str:
    """Changes with any file of the frame."""
    return hashlib.sha256("".join(_frame()).encode()).hexdigest()[:12]


def worker() -> str:
    """The service worker, with what it keeps above it: a new release is a new text."""
    shell = {
        "version": version(), "urls": _frame(), "offline": OFFLINE,
        "files": settings().content_origin,
    }  # fmt: skip
    text = (_MODULES / "sw.js").read_text(encoding="utf-8")
    return f"self.SHELL = {json.dumps(shell)};\n{text}"


def _frame() -> list[str]:
    modules = (path.name for path in sorted(_MODULES.glob("*.js")) if path.name != "sw.js")
    return [*map(render.static_url, _FRAME), *map(script_url, modules)]


def _changed() -> float:
    """When a module was last written; outside development none is while we run."""
    if not settings().is_development:
        return 0
    return max(path.stat().st_mtime for path in _files())


@cache
def _digest(_modified: float) -> str:
    return hashlib.sha256(b"".join(path.read_bytes() for path in _files())).hexdigest()[:12]


def _files() -> list[Path]:
    return sorted(_MODULES.glob("*.js"))
