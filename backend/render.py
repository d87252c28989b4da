"""The Jinja environment: templates in, text out, for pages, replies and notifications alike.

Every package's templates lie in its own `templates/` under its own name (`bot/…`, `lms/…`); those
of the kernel and its features lie in `backend/templates`. Files ending in `.txt` are plain text.
"""

import hashlib
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from backend import i18n
from backend.config import ROOT, settings

PACKAGES = ("backend", "bot", "lms")


@cache
def environment() -> Environment:
    """The one environment."""
    env = Environment(
        loader=FileSystemLoader([ROOT / package / "templates" for package in PACKAGES]),
        autoescape=lambda name: name is None or name.endswith(".html"),  # noqa: S701 (only .txt)
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=settings().is_development,
        extensions=["jinja2.ext.i18n"],
    )
    env.install_gettext_callables(  # type: ignore[attr-defined]  # added by the i18n extension
        i18n.gettext, i18n.ngettext, newstyle=True
    )
    env.filters.update(
        day=i18n.day, moment=i18n.moment, hour=i18n.hour, number=i18n.number,
        money=i18n.money, phone=i18n.phone,
    )  # fmt: skip
    env.globals.update(static_url=static_url, locale=i18n.locale, LOCALES=i18n.LOCALES)
    return env


def render(template: str, **context: Any) -> str:
    """A template filled in; a missing value is an error, not a blank."""
    return environment().get_template(template).render(**context)


def exists(template: str) -> bool:
    """Whether there is such a template."""
    return any((ROOT / package / "templates" / template).is_file() for package in PACKAGES)


def static_file(path: str) -> Path | None:
    """The file behind `css/app.css`, from whichever package has it; never outside `static/`."""
    for package in PACKAGES:
        folder = ROOT / package / "static"
        with suppress(OSError, ValueError):  # a name no file can have: NUL, too long
            file = (folder / path).resolve()
            if file.is_relative_to(folder) and file.is_file():
                return file
    return None


def static_url(path: str) -> str:
    """`/static/<hash>/css/app.css`: may be kept for ever, changes when the file does."""
    file = _place(path)
    return _url(path, file.stat().st_mtime if settings().is_development else 0)


@cache
def _place(path: str) -> Path:
    file = static_file(path)
    if file is None:
        raise FileNotFoundError(path)
    return file


@cache
def _url(path: str, _modified: float) -> str:
    """Outside development files change with a release only, and a release is a new process."""
    return f"/static/{hashlib.sha256(_place(path).read_bytes()).hexdigest()[:12]}/{path}"
