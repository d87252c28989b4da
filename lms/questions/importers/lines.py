"""Lines as a person sees them on paper: letters, how each is set off, and their automatic number.

Word files and pasted texts both become lines; `layout` reads questions out of them.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

BOLD, UNDERLINE, COLOUR, HIGHLIGHT = 1, 2, 4, 8
KINDS = (HIGHLIGHT, COLOUR, UNDERLINE, BOLD)

Numbered = Literal["", "number", "letter", "bullet"]
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"), None)


@dataclass(frozen=True)
class Line:
    """`marks` has one byte for each letter of `text`; `label` is what Word numbered it with."""

    text: str
    marks: bytes = b""
    label: str = ""
    kind: Numbered = ""
    level: int = 0
    pictures: tuple[str, ...] = ()
    where: str = ""

    def cut(self, start: int, end: int | None = None) -> "Line":
        """A part of it, without spaces around; pictures and number stay with the beginning."""
        end = len(self.text) if end is None else end
        part = self.text[start:end]
        start += len(part) - len(part.lstrip())
        end -= len(part) - len(part.rstrip())
        end = max(end, start)
        return Line(
            self.text[start:end], self.marks[start:end], level=self.level,
            pictures=self.pictures, where=self.where,
        )  # fmt: skip

    def is_marked(self, kind: int) -> bool:
        """Whether nearly all of its letters are set off in this way."""
        letters = [i for i, letter in enumerate(self.text) if letter.isalnum()]
        marked = sum(1 for i in letters if i < len(self.marks) and self.marks[i] & kind)
        return bool(letters) and marked >= 0.7 * len(letters)


def plain(text: str, *, where: str = "") -> Line:
    """A line without any setting."""
    text = tidy(text)
    return Line(text.strip(), bytes(len(text.strip())), where=where)


def tidy(text: str) -> str:
    """NFC, ordinary spaces, nothing invisible."""
    spaced = re.sub(r"[\u00a0\u2000-\u200a\u202f\u3000]", " ", text)
    return unicodedata.normalize("NFC", spaced).translate(_INVISIBLE)
