"""Turns a reply template and its values into bubbles.

A line of three dashes in the rendered text starts a new bubble. A value that carries the mark for
strong text is shown strong and no more than that: channels escape what they are given.
"""

import re
from collections.abc import Sequence
from typing import Any

from backend.render import render
from bot.messages import Button, Outgoing

_BREAK = re.compile(r"^---$", re.MULTILINE)
_BLANK = re.compile(r"\n{3,}")


def bubbles(
    template: str, context: dict[str, Any], buttons: Sequence[Button]
) -> tuple[Outgoing, ...]:
    """The reply as bubbles; the buttons stand under the last one."""
    text = render(f"bot/{template}.txt", **context)
    parts = [_tidy(part) for part in _BREAK.split(text)]
    parts = [part for part in parts if part]
    return (*(Outgoing(part) for part in parts[:-1]), Outgoing(parts[-1], tuple(buttons)))


def _tidy(text: str) -> str:
    lines = "\n".join(line.rstrip() for line in text.strip().splitlines())
    return _BLANK.sub("\n\n", lines)
