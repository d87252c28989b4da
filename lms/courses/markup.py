"""Lessons are Markdown: turned into HTML, cleaned, pictures led to where they are served.

Headings of a lesson begin at `##`: the page's own title is the one `h1`.
"""

from collections.abc import Mapping
from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

_TAGS = {
    "h2", "h3", "h4", "p", "ul", "ol", "li", "strong", "em", "code", "pre", "blockquote", "table",
    "thead", "tbody", "tr", "th", "td", "hr", "br", "a", "img", "dl", "dt", "dd",
}  # fmt: skip
_ATTRIBUTES = {
    "a": {"href", "title"}, "img": {"src", "alt", "title", "width", "height", "loading"},
    "th": {"scope"}, "ol": {"start"},
}  # fmt: skip
_markdown = MarkdownIt("commonmark", {"html": False, "typographer": False}).enable("table")


def html(body: str, files: Mapping[str, str]) -> Markup:
    """The lesson's words as HTML; `files` gives the address of each picture it names."""
    return _html(body, tuple(sorted(files.items())))


@lru_cache(maxsize=256)
def _html(body: str, files: tuple[tuple[str, str], ...]) -> Markup:
    addresses = dict(files)
    tokens = _markdown.parse(body)
    for token in tokens:
        if token.type in ("heading_open", "heading_close") and token.tag == "h1":
            token.tag = "h2"
        if token.type == "th_open":
            token.attrSet("scope", "col")
        for child in token.children or ():
            if child.type == "image":
                name = str(child.attrGet("src") or "")
                child.attrSet("src", addresses.get(name, ""))
                child.attrSet("loading", "lazy")
    raw = _markdown.renderer.render(tokens, _markdown.options, {})
    clean = nh3.clean(
        raw, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes={"https", "http", "mailto", "tel"},
        link_rel="noopener noreferrer",
    )  # fmt: skip
    # The source is Markdown without raw HTML, and what came out of it went through nh3.
    return Markup(clean)  # noqa: S704 (cleaned on the line above)
