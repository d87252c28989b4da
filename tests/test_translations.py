"""Vietnamese is the source; every other language on offer is complete, in the same shape."""

import re
import tomllib
import unicodedata
from functools import cache

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po

from backend import i18n
from backend.config import ROOT

OTHERS = [locale for locale in i18n.LOCALES if locale != i18n.SOURCE]
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|{\w*[^}]*}")
MARKUP = re.compile(r"<[a-z/][^>]*>|https?://")
Key = str | tuple[str, ...]


@cache
def written() -> dict[Key, str]:
    """Every message of templates and code, and where it stands."""
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    mappings = config["tool"]["babel"]["mappings"]
    methods = [(mapping["pattern"], mapping["method"]) for mapping in mappings]
    options = {m["pattern"]: {k: v for k, v in m.items() if k != "method"} for m in mappings}
    found: dict[Key, str] = {}
    for package in ("backend", "bot", "lms"):
        for file, line, message, _, _ in extract_from_dir(
            ROOT / package, methods, options, DEFAULT_KEYWORDS
        ):
            found[tuple(message) if isinstance(message, list | tuple) else message] = (
                f"{package}/{file}:{line}"
            )
    return found


@cache
def catalogue(locale: str) -> Catalog:
    path = ROOT / "locales" / locale / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as file:
        return read_po(file, locale=locale)


def texts(value: str | list[str] | tuple[str, ...] | None) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value or ())


def messages(locale: str) -> list[Message]:
    return [message for message in catalogue(locale) if message.id]


def placeholders(text: str) -> list[str]:
    return sorted(PLACEHOLDER.findall(text))


def test_messages_are_found() -> None:
    assert len(written()) > 10, "extraction finds nothing"


@pytest.mark.parametrize("locale", OTHERS)
def test_nothing_is_missing(locale: str) -> None:
    translated = {m.id for m in messages(locale) if all(texts(m.string)) and not m.fuzzy}
    missing = {key: where for key, where in written().items() if key not in translated}
    assert not missing, f"run `make i18n` and translate: {missing}"


@pytest.mark.parametrize("locale", OTHERS)
def test_nothing_is_left_over(locale: str) -> None:
    idle = [message.id for message in messages(locale) if message.id not in written()]
    assert not idle, f"nobody says these any more: {idle}"


@pytest.mark.parametrize("locale", OTHERS)
def test_placeholders_are_the_same(locale: str) -> None:
    for message in messages(locale):
        wanted = placeholders(texts(message.id)[-1])
        for text in texts(message.string):
            assert placeholders(text) == wanted, text


def test_messages_are_plain_words() -> None:
    marked = {key: where for key, where in written().items() if MARKUP.search(" ".join(texts(key)))}
    assert not marked, f"keep tags and addresses outside of messages: {marked}"


@pytest.mark.parametrize("locale", OTHERS)
def test_everything_is_stored_as_nfc(locale: str) -> None:
    for message in messages(locale):
        for text in (*texts(message.id), *texts(message.string)):
            assert unicodedata.is_normalized("NFC", text), text


def test_the_compiled_catalogue_speaks() -> None:
    """`conftest` had it compiled."""
    with i18n.speaking("en"):
        assert i18n.gettext("Đăng nhập") == "Sign in"
        assert i18n.ngettext("%(count)s bản sao", "%(count)s bản sao", 1) == "%(count)s copy"
        assert i18n.ngettext("%(count)s bản sao", "%(count)s bản sao", 2) == "%(count)s copies"
    assert i18n.gettext("Đăng nhập") == "Đăng nhập"
