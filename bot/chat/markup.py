"""The plain text of a bubble as HTML: paragraphs, lists, strong text, links; escaped first."""

import re
from collections.abc import Iterator
from itertools import groupby

from markupsafe import Markup, escape

from bot.messages import marked_up

# What follows is escaped already: &lt; and &#34; end an address, &amp; is part of one.
_URL = re.compile(
    r"https?://(?:[^\s<&]|&amp;)+?(?=[.,;:!?)\]”’…]*(?:\s|<|&(?!amp;)|$))", re.IGNORECASE
)
_BULLET = re.compile(r"^\s*[•\-–]\s+")
_NUMBER = re.compile(r"^\s*(\d{1,3})[.)]\s+")


def html(text: str, *, own: str = "") -> Markup:
    """A bubble of ours; addresses that begin with `own` lead to our pages on this very host."""
    blocks = "".join(_block(kind, lines, own) for kind, lines in _blocks(text))
    return Markup(blocks)  # noqa: S704 (every line went through `escape`)


def quoted(text: str) -> Markup:
    """What somebody else wrote: shown as it stands."""
    lines = (str(escape(line)) for line in text.strip().split("\n"))
    return Markup(f"<p>{'<br>'.join(lines)}</p>")  # noqa: S704 (escaped line by line)


def _blocks(text: str) -> Iterator[tuple[str, list[str]]]:
    for kind, lines in groupby(text.strip().split("\n"), key=_kind):
        if kind:
            yield kind, list(lines)


def _kind(line: str) -> str:
    if not line.strip():
        return ""
    if _BULLET.match(line):
        return "ul"
    return "ol" if _NUMBER.match(line) else "p"


def _block(kind: str, lines: list[str], own: str) -> str:
    if kind == "p":
        return f"<p>{'<br>'.join(_line(line, own) for line in lines)}</p>"
    first = _NUMBER.match(lines[0])
    start = f' start="{int(first[1])}"' if first and int(first[1]) != 1 else ""
    mark = _BULLET if kind == "ul" else _NUMBER
    items = "".join(f"<li>{_line(mark.sub('', line), own)}</li>" for line in lines)
    return f"<{kind}{start}>{items}</{kind}>"


def _line(line: str, own: str) -> str:
    strong = marked_up(line.strip(), lambda text: str(escape(text)), "strong")
    return _URL.sub(lambda match: _link(match[0], own), strong)


def _link(url: str, own: str) -> str:
    if own and url.startswith(f"{own}/"):
        path = url.removeprefix(own)
        return f'<a href="{path}">{path}</a>'
    return f'<a href="{url}" rel="noopener nofollow">{re.sub("^https?://", "", url)}</a>'
