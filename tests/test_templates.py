"""Templates: they compile, each that is named exists, each is used, pages can be translated."""

import ast
import re
import unicodedata
from pathlib import Path

import pytest

from backend import render
from backend.config import ROOT

FOLDERS = [ROOT / package / "templates" for package in render.PACKAGES]
TEMPLATES = {
    str(path.relative_to(folder)): path
    for folder in FOLDERS
    for path in sorted(folder.rglob("*"))
    if path.is_file()
}
REFERENCE = re.compile(r"{%-?\s*(?:include|extends|import|from)\s+['\"]([^'\"]+)['\"]")
VIETNAMESE = re.compile(r"[à-ỹđÀ-ỸĐ]")
# What a reader does not see, or sees through gettext: blocks, expressions, comments, tags.
COMMENT = re.compile(r"{#.*?#}", re.DOTALL)
TRANSLATED = re.compile(r"{%-?\s*trans\b.*?endtrans\s*-?%}", re.DOTALL)
CALLED = re.compile(r"\b(?:_|gettext|ngettext)\(\s*(\"[^\"]*\"|'[^']*')", re.DOTALL)


def source(name: str) -> str:
    return TEMPLATES[name].read_text(encoding="utf-8")


def written_in_python() -> set[str]:
    """Every string of our code; a template that code uses is named by one of them."""
    trees = (
        ast.parse(path.read_text(encoding="utf-8"))
        for package in render.PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if "rasa" not in path.parts
    )
    return {
        node.value
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


@pytest.mark.parametrize("name", TEMPLATES)
def test_it_compiles(name: str) -> None:
    render.environment().get_template(name)


@pytest.mark.parametrize("name", TEMPLATES)
def test_what_it_includes_exists(name: str) -> None:
    for other in REFERENCE.findall(source(name)):
        assert render.exists(other), f"{name} names {other}"


@pytest.mark.parametrize("name", [name for name in TEMPLATES if name.endswith(".html")])
def test_every_word_of_a_page_is_translatable(name: str) -> None:
    """What the bot says (.txt) is Vietnamese, as is what it understands."""
    seen = CALLED.sub("", TRANSLATED.sub("", COMMENT.sub("", source(name))))
    words = [line.strip() for line in seen.splitlines() if VIETNAMESE.search(line)]
    assert not words, f"{name}: put these between {{% trans %}} and {{% endtrans %}}: {words}"


@pytest.mark.parametrize("name", TEMPLATES)
def test_it_is_stored_as_nfc(name: str) -> None:
    assert unicodedata.is_normalized("NFC", source(name))


def test_none_is_left_over() -> None:
    named = written_in_python()
    included = {other for name in TEMPLATES for other in REFERENCE.findall(source(name))}
    used = named | included
    # A reply is named without its folder and ending: `ask("check_status/ask_code")`.
    left = [
        name
        for name in TEMPLATES
        if name not in used and str(Path(name).with_suffix("")).partition("/")[2] not in used
        and str(Path(name).with_suffix("")) not in used and Path(name).stem not in used
    ]  # fmt: skip
    assert TEMPLATES, "no templates: this test looks in the wrong place"
    assert not left, f"nobody uses these: {left}"
