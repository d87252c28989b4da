"""Keys as trainers write them: “B”, “A, C”, “Đ”, “1-A 2-C 3-B”, tables of numbers and letters."""

import re
from collections.abc import Sequence

from nlu.text import fold

RIGHT = frozenset({"đ", "đúng", "dung", "true", "t", "yes", "phải"})
WRONG = frozenset({"s", "sai", "false", "f", "no", "không"})

_LETTER = r"[A-Ha-h]"
_LETTERS = rf"{_LETTER}(?:\s*(?:[,;&+/]|và)\s*{_LETTER}(?![^\W\d_]))+|[A-H]{{1,6}}|{_LETTER}"
_VALUE = rf"(?:{_LETTERS}|Đúng|Sai|đúng|sai|ĐÚNG|SAI|[ĐđSs])"
_ENTRY = re.compile(
    rf"(?:câu\s*)?(\d{{1,3}})\s*(?:[.:)=/–-]|->|→)*\s*({_VALUE})(?![^\W\d_])", re.IGNORECASE
)
_BETWEEN = re.compile(r"[\s,;|./–-]*")
_ONLY_LETTERS = re.compile(rf"\(?\s*({_LETTERS})\s*\)?\s*(?:[.):]|$)")

Entries = list[tuple[int, str]]


def entries(text: str) -> Entries:
    """“1-A 2-C…” as pairs; nothing unless the whole line is made of them."""
    found: Entries = []
    rest = _ENTRY.sub(lambda match: _note(found, match), text)
    return found if _BETWEEN.fullmatch(rest) else []


def _note(found: Entries, match: "re.Match[str]") -> str:
    found.append((int(match[1]), match[2]))
    return " "


def table_entries(rows: Sequence[Sequence[str]]) -> Entries:
    """A table of keys, by columns (numbers above letters) or by rows; nothing for other tables."""
    cells = [[cell.strip() for cell in row] for row in rows]
    return _by_columns(cells) or _by_rows(cells)


def _by_columns(rows: list[list[str]]) -> Entries:
    found: Entries = []
    for above, below in zip(rows[::2], rows[1::2], strict=False):
        pairs = [
            (int(number[1]), value)
            for head, value in zip(above, below, strict=False)
            if (number := re.fullmatch(r"(?:câu\s*)?(\d{1,3})[.)]?", head, re.IGNORECASE))
            and re.fullmatch(_VALUE, value)
        ]
        wanted = sum(1 for cell in below if cell) - (0 if pairs and len(pairs) == len(below) else 1)
        if not pairs or len(pairs) < min(wanted, 1):
            return []
        found += pairs
    return found if len(rows) % 2 == 0 else []


def _by_rows(rows: list[list[str]]) -> Entries:
    found: Entries = []
    for i, row in enumerate(rows):
        here = entries("  ".join(row))
        if not here and i > 0 and any(row):
            return []
        found += here
    return found


def letters(value: str) -> str:
    """“A, C”, “AC”, “a và c”, “B. Ba năm”: the letters, as capitals; "" where there are none."""
    match = _ONLY_LETTERS.match(value.strip())
    if match is None:
        return ""
    joined = re.sub(r"và|[^A-Za-z]", "", match[1], flags=re.IGNORECASE).upper()
    return "".join(sorted(set(joined)))


def truth(value: str) -> bool | None:
    """Whether “Đ”, “Sai”… says right or wrong; None where it says neither."""
    word = value.strip(" .()[]").casefold()
    if word in RIGHT:
        return True
    return False if word in WRONG else None


def same(one: str, other: str) -> bool:
    """Whether two texts are the same to a reader."""
    return fold(one).strip(" .") == fold(other).strip(" .") != ""
