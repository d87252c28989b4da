"""What importers yield: one record, one alias or one rejection at a time."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from pydantic import ValidationError

from backend.procedures.phrases import phrase
from backend.procedures.record import Record, bare_code


@dataclass(frozen=True)
class AliasPair:
    """An old code and the code that replaced it."""

    old: str
    new: str
    note: str = ""


Found = TypeVar("Found", Record, AliasPair)


@dataclass(eq=False)
class Rejected(Exception):  # noqa: N818 (importers raise it inside, and yield it)
    """One thing in a file that cannot be taken, and why, in words for whoever imports."""

    reason: str
    code: str = ""


@dataclass(frozen=True)
class Parsed:
    """One thing read from a file; `origin` says where it stood (`file:line`).

    `source` names who published it: a later file of the same source replaces an earlier one.
    """

    origin: str
    found: Record | AliasPair | Rejected
    source: str = ""


@dataclass(frozen=True)
class File:
    """A file as importers see it: its name, its text line by line, and the date of its facts."""

    name: str
    lines: list[str] = field(repr=False)
    date: dt.date | None = None

    @property
    def text(self) -> str:
        """The whole text."""
        return "".join(self.lines)

    @property
    def head(self) -> str:
        """The beginning, enough to recognise a format by."""
        return "".join(self.lines[:20])[:200_000]


class Importer(Protocol):
    """One format, a module: `accepts` looks at a file's name and beginning, `read` never raises."""

    def accepts(self, file: File) -> bool:
        """Whether the file is of this format."""

    def read(self, file: File) -> Iterator[Parsed]:
        """Everything in the file, one by one; what is bad comes as a rejection."""


def each(
    origins: Iterable[tuple[str, object]],
    parse: Callable[[object], Found],
    source: Callable[[Found], str],
) -> Iterator[Parsed]:
    """Parse one thing after another; one bad record never stops the rest."""
    for origin, raw in origins:
        try:
            found = parse(raw)
            yield Parsed(origin, found, source(found))
        except Rejected as rejected:
            yield Parsed(origin, rejected)
        except ValidationError as error:
            yield Parsed(origin, _explained(error, raw))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            yield Parsed(origin, Rejected(phrase("unreadable", detail=repr(error)[:120])))


def required_code(value: object) -> str:
    """The bare national code, or a rejection."""
    code = bare_code(str(value or ""))
    if code is None:
        raise Rejected(phrase("no_code", code=str(value or "-")[:40]))
    return code


def required_name(value: object, code: str) -> str:
    """The name, or a rejection."""
    if not value:
        raise Rejected(phrase("no_name", code=code), code)
    return str(value)


def _explained(error: ValidationError, raw: object) -> Rejected:
    code = str(raw.get("code", "-")) if isinstance(raw, dict) else "-"
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    reason = phrase("bad_field", code=code, field=where, detail=first["msg"][:120])
    return Rejected(reason, code)
