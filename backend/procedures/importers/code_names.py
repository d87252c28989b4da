"""A plain `code<TAB>name` list: procedures known by name only."""

import re
from collections.abc import Iterator

from backend.procedures.importers.parsed import (
    File,
    Parsed,
    Rejected,
    each,
    required_code,
    required_name,
)
from backend.procedures.phrases import phrase
from backend.procedures.published.text import one_line, without_tail
from backend.procedures.record import Record, Source, Tier

_LINE = re.compile(r"^\s*\d\.\d{6}\S*\t")


def accepts(file: File) -> bool:
    """Lines that begin with a code and a tab; a heading above them is allowed."""
    return any(_LINE.match(line) for line in file.lines[:2]) and not _two_codes(file)


def read(file: File) -> Iterator[Parsed]:
    """One name-only record a line."""
    lines = (
        (f"{file.name}:{number}", line.rstrip("\r\n"))
        for number, line in enumerate(file.lines, 1)
        if line.strip() and not (number == 1 and not _LINE.match(line))
    )
    source = Source(name=phrase("source_code_list"), date=file.date, note=phrase("name_only"))

    def record(line: object) -> Record:
        columns = str(line).split("\t")
        if len(columns) < 2:
            raise Rejected(phrase("bad_columns"))
        code = required_code(columns[0])
        name = required_name(without_tail(one_line(columns[1])), code)
        return Record(code=code, name=name, tier=Tier.NAME_ONLY, sources=(source,))

    return each(lines, record, lambda _: source.name)


def _two_codes(file: File) -> bool:
    return any(re.match(r"^\s*\d\.\d{6}\S*\t\d\.\d{6}", line) for line in file.lines[:3])
