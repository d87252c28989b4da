"""Languages, dates, numbers and telephone numbers as people read them.

Vietnamese is the source language: it needs no catalogue, so nobody meets an untranslated string.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from functools import cache
from gettext import NullTranslations

from babel.support import Translations

from backend.clock import local
from backend.config import ROOT

LOCALES = {"vi": "Tiếng Việt", "en": "English"}
SOURCE = "vi"

_locale: ContextVar[str] = ContextVar("locale", default=SOURCE)


@cache
def _translations(locale: str) -> NullTranslations:
    if locale == SOURCE:
        return NullTranslations()
    return Translations.load(str(ROOT / "locales"), [locale])


@contextmanager
def speaking(locale: str) -> Iterator[None]:
    """Use this language inside the block."""
    token = _locale.set(locale if locale in LOCALES else SOURCE)
    try:
        yield
    finally:
        _locale.reset(token)


def set_locale(locale: str) -> None:
    """Use this language for the rest of this request."""
    _locale.set(locale if locale in LOCALES else SOURCE)


def locale() -> str:
    """The language in use."""
    return _locale.get()


def gettext(message: str) -> str:
    """The message in the language in use."""
    return _translations(_locale.get()).gettext(message)


def ngettext(singular: str, plural: str, count: int) -> str:
    """The message for a count, in the language in use."""
    return _translations(_locale.get()).ngettext(singular, plural, count)


def day(value: date | datetime) -> str:
    """`05/01/2026`; a moment is first put on a clock in Viet Nam."""
    if isinstance(value, datetime):
        value = local(value)
    return f"{value:%d/%m/%Y}"


def moment(value: datetime) -> str:
    """`14:05 ngày 05/01/2026`."""
    value = local(value)
    if locale() == "en":
        return f"{value:%H:%M, %d/%m/%Y}"
    return f"{value:%H:%M} ngày {value:%d/%m/%Y}"


def hour(value: datetime) -> str:
    """`14:05`."""
    return f"{local(value):%H:%M}"


def number(value: float) -> str:
    """`1.234,5` as Vietnamese write it; no decimals where there are none."""
    text = f"{value:,.0f}" if float(value).is_integer() else f"{value:,.10g}"
    if locale() == "en":
        return text
    return text.translate(str.maketrans(",.", ".,"))


def money(value: int) -> str:
    """`50.000 đ`."""
    return f"{number(value)} đ"


def phone(value: str) -> str:
    """`0291 382 2222`: digits in groups, nothing lost."""
    digits = "".join(c for c in value if c.isdigit())
    if len(digits) == 10:
        return f"{digits[:4]} {digits[4:7]} {digits[7:]}"
    if len(digits) == 11:
        return f"{digits[:4]} {digits[4:8]} {digits[8:]}"
    return value
