"""A list of re-coded procedures: `old<TAB>new<TAB>remark`."""

import re
from collections.abc import Iterator

from backend.procedures.importers.parsed import (
    AliasPair,
    File,
    Parsed,
    Rejected,
    each,
    required_code,
)
from backend.procedures.phrases import phrase
from backend.procedures.published.text import one_line

_LINE = re.compile(r"^\s*\d\.\d{6}\S*\t\d\.\d{6}")


def accepts(file: File) -> bool:
    """Lines with two codes; a heading above them is allowed."""
    return any(_LINE.match(line) for line in file.lines[:3])


def read(file: File) -> Iterator[Parsed]:
    """One pair a line."""
    lines = (
        (f"{file.name}:{number}", line.rstrip("\r\n"))
        for number, line in enumerate(file.lines, 1)
        if line.strip() and not (number == 1 and not _LINE.match(line))
    )
    return each(lines, _pair, lambda _: file.name)


def _pair(line: object) -> AliasPair:
    columns = [one_line(column) for column in str(line).split("\t")]
    if len(columns) < 2:
        raise Rejected(phrase("bad_columns"))
    old, new = required_code(columns[0]), required_code(columns[1])
    if old == new:
        raise Rejected(phrase("same_code", code=old), old)
    return AliasPair(old, new, " ".join(columns[2:]))
