"""Clean up published text without changing what it says."""

import re
import unicodedata

# The letters of Vietnamese as classes for regular expressions: a range like `à-ỹ` would hold
# capitals too.
LOWER = "a-zđàáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵ"
UPPER = LOWER.upper()

# Bullets of office fonts (Wingdings) and of web pages become one kind; marks nobody sees vanish.
_CHARACTERS = str.maketrans(
    dict.fromkeys("\uf0fc\uf0a7\uf0d8\uf0b7•●▪◦", "-")
    | dict.fromkeys("\xa0\u2003\u2002\u2009\t", " ")
    | dict.fromkeys("\xad\u200b\u200c\u200d\u200e\u200f\ufeff", None)
    | {"\r": "\n", "\u2028": "\n"}
)
_SPACES = re.compile(r" {2,}")
_BULLET = re.compile(r"^(?:[-–—+*.;:,]+\)?\s*)+")
_NUMBERING = re.compile(
    r"^(?:\(?(?:[ivx]{1,4}|[a-zđ]\d?|\d{1,2})\)[.:]?|[a-zđ]\.\d?[.)]?|[IVX]{1,4}\.|\d{1,2}(?:\.\d{1,2})*[./](?!\d))\s+"
)
_STEP_LABEL = re.compile(
    r"(?:^|(?<=[.;:)\s]))\s*(?:[-+]|[a-zđ]\))?\s*(?=(?:Bước|BƯỚC) \d{1,2}\s*[.:)])"
)
_TOP = re.compile(r"^(?:[-–] |\*|[a-zđ]\)|\d{1,2}[.)] |\(?\d\) |[IVX]+\. )")
_STEP_BULLET = re.compile(r"^(?:[-+*]\s*|[\d.]+\s+)+(?=\S)")
_LONGEST_OPENING = 60
# What opens a part of a procedure: numbered steps or, where there are none, lettered parts.
_HEADS = (
    re.compile(r"^(?:[-+*]+\s*|[\d.]+\s+|[a-zđ]\)\s*)?(?:Bước|BƯỚC) \d"),
    re.compile(r"^[a-zđ]\) "),
)
_UNDER = re.compile(r"^(?:\+|[-–] ?\+|\(?[ivx]{1,4}\))")
_SENTENCE_END = re.compile(rf"(?<=[.;!?])\s+(?=[{UPPER}+*-])")
# What the portal prints around a page, caught by a crawler.
_PORTAL_FRAME = re.compile(r"Từ khóa\s*Không có thông tin.*", re.DOTALL)
_SILENT_PREFIX = re.compile(rf"^Không có thông tin(?=[{UPPER}(*+-])")
_SILENT = re.compile(
    r"^\W*(?:(?:không|chưa) có thông tin(?: cụ thể)?|không có dữ liệu|n/a)?\W*$", re.IGNORECASE
)


def tidy(text: str | None) -> str:
    """Composed letters, plain spaces, no invisible marks; lines are kept."""
    plain = unicodedata.normalize("NFC", text or "").translate(_CHARACTERS)
    lines = (_SPACES.sub(" ", line).strip() for line in plain.split("\n"))
    return "\n".join(lines).strip()


def one_line(text: str | None) -> str:
    """The text on one line."""
    return " ".join(tidy(text).split())


def stated(text: str | None) -> str:
    """The tidied text, or nothing where the source only says that it says nothing."""
    plain = _PORTAL_FRAME.sub("", tidy(text)).strip()
    plain = _SILENT_PREFIX.sub("", plain).strip()
    return "" if _SILENT.match(plain) else plain


def without_bullet(text: str) -> str:
    """The line without its leading bullets and numbering, beginning with a capital."""
    previous = None
    while previous != text:
        previous = text
        text = _NUMBERING.sub("", _BULLET.sub("", text, count=1), count=1).lstrip()
    return capitalised(text)


def without_tail(text: str) -> str:
    """The line without the mark that joined it to the next one."""
    return text if text.endswith("...") else re.sub(r"[\s;,:.]+$", "", text).strip()


def capitalised(text: str) -> str:
    """The text with its first letter in upper case."""
    return text[:1].upper() + text[1:]


def balanced(text: str) -> str:
    """The text without brackets that never close or were never opened."""
    keep: list[str] = []
    opened: list[int] = []
    for letter in text:
        if letter == ")" and not opened:
            continue
        if letter == "(":
            opened.append(len(keep))
        elif letter == ")":
            opened.pop()
        keep.append(letter)
    for place in reversed(opened):
        del keep[place]
    return "".join(keep)


def sentences(text: str) -> list[str]:
    """The text cut at the ends of sentences and lines."""
    return [
        part.strip()
        for line in text.split("\n")
        for part in _SENTENCE_END.split(line)
        if part.strip()
    ]


def paragraphs(text: str | None) -> list[str]:
    """Lines as they were meant: a line that a page's width broke is joined to the one before."""
    joined: list[str] = []
    for line in tidy(text).split("\n"):
        if joined and line and _continues(joined[-1], line):
            joined[-1] = f"{joined[-1]} {line}"
        else:
            joined.append(line)
    return [line for line in joined if re.search(r"\w", line)]


def items(text: str | None) -> list[str]:
    """A long text as readable items: its steps or main points, with what hangs below each."""
    lines = paragraphs(_STEP_LABEL.sub("\n", tidy(text)))
    head = next((mark for mark in _HEADS if sum(map(bool, map(mark.match, lines))) > 1), None)
    grouped: list[str] = []
    below = False  # whether a head was seen under which lines may hang
    for line in lines:
        is_head = bool(head and head.match(line))
        if grouped and not is_head and (below or _UNDER.match(line)):
            grouped[-1] = f"{grouped[-1]}\n{line}"
        else:
            grouped.append(_STEP_BULLET.sub("", line) if is_head else without_bullet(line))
        below = below or is_head
    return _with_openings([item for item in grouped if re.search(r"\w\w", item)])


def _with_openings(entries: list[str]) -> list[str]:
    """A short opening ("Lưu ý:") belongs to what it opens."""
    joined: list[str] = []
    for entry in entries:
        if joined and joined[-1].endswith(":") and len(joined[-1]) <= _LONGEST_OPENING:
            joined[-1] = f"{joined[-1]}\n{entry}"
        else:
            joined.append(entry)
    return joined


def _continues(before: str, line: str) -> bool:
    return bool(before) and before[-1] not in ".;:!?" and line[0].islower() and not _TOP.match(line)
