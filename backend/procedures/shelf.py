"""The list of all procedures as one page shows it: names, fields and codes, found by folded words.

Reading every record takes seconds, so each process keeps the list of one catalogue version; asking
for the version costs one small query.
"""

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy.orm import Session

from backend.procedures import service as procedures
from backend.procedures.record import Record, Tier, bare_code
from nlu.text import fold, words

_keeping = threading.Lock()


@dataclass(frozen=True)
class Listed:
    """One line of the list, with the folded words it is found by."""

    code: str
    name: str
    field: str
    is_name_only: bool
    is_ours: bool
    by_name: str
    by_other: str

    def rank(self, asked: Sequence[str], phrase: str) -> int | None:
        """How well it fits, 0 best; None where a word is missing."""
        if not all(f" {word}" in self.by_name or f" {word}" in self.by_other for word in asked):
            return None
        if f" {phrase}" in self.by_name:
            return 0
        if f" {phrase}" in self.by_other:
            return 1
        return 2 if all(f" {word}" in self.by_name for word in asked) else 3


@dataclass(frozen=True)
class Shelf:
    """All procedures of one version: those described by us first, names without details last."""

    version: int
    listed: tuple[Listed, ...]

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """Every field, in the order of the alphabet."""
        return tuple(sorted({item.field for item in self.listed if item.field}, key=fold))

    @cached_property
    def names(self) -> dict[str, str]:
        """The name of each code."""
        return {item.code: item.name for item in self.listed}

    def find(self, text: str, *, field: str = "") -> list[Listed]:
        """What has all these words in its names, the closest first; everything for no words."""
        kept = [item for item in self.listed if field in ("", item.field)]
        if code := bare_code(text):
            return [item for item in kept if item.code == code]
        asked = words(text)
        ranked = [(item.rank(asked, " ".join(asked)), item) for item in kept]
        found = [(rank, item) for rank, item in ranked if rank is not None]
        return [item for _, item in sorted(found, key=_closest)]


def _closest(pair: tuple[int, Listed]) -> tuple[int, bool, bool, int]:
    """Among names that fit alike, those described best, then the shortest: it says least else."""
    rank, item = pair
    return rank, item.is_name_only, not item.is_ours, len(item.name) if rank == 0 else 0


_shelf = Shelf(-1, ())


def shelf(session: Session) -> Shelf:
    """The list as of now."""
    global _shelf  # noqa: PLW0603 (one list per process, replaced whole)
    version = procedures.version(session)
    if _shelf.version != version:
        with _keeping:
            if _shelf.version != version:
                _shelf = Shelf(version, arranged(procedures.all_effective(session)))
    return _shelf


def forget() -> None:
    """Start anew (tests that change databases)."""
    global _shelf  # noqa: PLW0603 (as above)
    _shelf = Shelf(-1, ())


def arranged(records: Iterable[Record]) -> tuple[Listed, ...]:
    """The records as lines, in the order in which they are listed."""
    lines = [listed(record) for record in records]
    return tuple(sorted(lines, key=lambda i: (i.is_name_only, not i.is_ours, fold(i.name))))


def listed(record: Record) -> Listed:
    """One record as a line."""
    other = [record.code, *record.lay_names, *(alias.code for alias in record.aliases)]
    return Listed(
        code=record.code,
        name=record.name,
        field=record.field,
        is_name_only=record.is_name_only,
        is_ours=record.tier is Tier.SHIPPED or bool(record.lay_names),
        by_name=f" {' '.join(words(record.name))}",
        by_other=f" {' '.join(' '.join(words(name)) for name in other)}",
    )
