"""Every format procedures are imported from. To add one: a file here, a line below.

The first that accepts a file reads it.
"""

import gzip
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from backend.procedures.importers import (
    catalogue,
    code_aliases,
    code_names,
    lay_thu_tuc,
    national,
    portal,
    province_export,
)
from backend.procedures.importers.parsed import AliasPair, File, Importer, Parsed, Rejected
from backend.procedures.phrases import phrase

__all__ = ["IMPORTERS", "AliasPair", "File", "Parsed", "Rejected", "open_file", "read"]

IMPORTERS: dict[str, Importer] = {
    "catalogue": catalogue,
    "code_aliases": code_aliases,
    "code_names": code_names,
    "lay_thu_tuc": lay_thu_tuc,
    "portal": portal,
    "national": national,
    "province_export": province_export,
}


def open_file(path: Path, when: date | None = None) -> File:
    """The file as importers see it; gzip and a byte order mark are taken off."""
    data = path.read_bytes()
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    name = path.name.removesuffix(".gz")
    # Only real line ends part lines: JSON may hold others inside its strings.
    return File(name, re.split(r"(?<=\n)", data.decode("utf-8-sig")), when)


def read(path: Path, when: date | None = None) -> Iterator[Parsed]:
    """Everything in a file; one that cannot be read at all comes as one rejection."""
    try:
        file = open_file(path, when)
    except (OSError, EOFError, UnicodeDecodeError) as error:
        yield Parsed(path.name, Rejected(phrase("unreadable", detail=str(error)[:160])))
        return
    importer = next((one for one in IMPORTERS.values() if one.accepts(file)), None)
    if importer is None:
        yield Parsed(path.name, Rejected(phrase("unknown_format")))
        return
    yield from importer.read(file)
