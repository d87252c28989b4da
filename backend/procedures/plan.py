"""What an import would change: compared field by field before anything is stored.

Which record of a tier wins never depends on the order of import. A later file of the same source
replaces an earlier one unless it is dated before it; between sources the later date wins, then the
fuller record, then a fixed order of their names.
"""

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from backend.procedures.importers.parsed import AliasPair, Parsed, Rejected
from backend.procedures.record import Record, Tier

Key = tuple[str, Tier]
_UNDATED = dt.date.min


@dataclass(frozen=True)
class Entry:
    """A record as it is stored, with what decides between two of them."""

    record: Record
    source: str
    body: str
    digest: str
    dated: dt.date | None
    weight: int

    @property
    def key(self) -> Key:
        """Its place in the table."""
        return self.record.code, self.record.tier


class Known(NamedTuple):
    """What is stored under a key."""

    source: str
    digest: str
    dated: dt.date | None
    weight: int
    body: str


@dataclass(frozen=True)
class Change:
    """A stored record that would change; `fields` maps a name to its old and new value."""

    entry: Entry
    fields: dict[str, tuple[str, str]]


@dataclass
class Plan:
    """What would happen, in words for a person and rows for the database."""

    new: list[Entry] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)
    unchanged: list[Key] = field(default_factory=list)
    outranked: list[Entry] = field(default_factory=list)  # a better record is stored or coming
    rejected: list[Parsed] = field(default_factory=list)
    aliases: list[AliasPair] = field(default_factory=list)

    @property
    def changes(self) -> int:
        """How many rows `apply` would write."""
        return len(self.new) + len(self.changed) + len(self.aliases)


def compare(
    parsed: Iterable[Parsed], known: Mapping[Key, Known], aliases: set[tuple[str, str]]
) -> Plan:
    """The plan for what was parsed, given what is stored."""
    plan = Plan()
    coming: dict[Key, Entry] = {}
    for one in parsed:
        found = one.found
        if isinstance(found, Rejected):
            plan.rejected.append(one)
        elif isinstance(found, AliasPair):
            if (found.old, found.new) not in aliases:
                aliases.add((found.old, found.new))
                plan.aliases.append(found)
        else:
            _enter(plan, coming, entry(found, one.source))
    for candidate in coming.values():
        _judge(plan, candidate, known.get(candidate.key))
    return plan


def entry(record: Record, source: str) -> Entry:
    """The record ready to be stored; an overlay keeps only the fields that it gives."""
    body = record.model_dump_json(
        exclude_unset=record.tier is Tier.OVERLAY, exclude_defaults=record.tier is not Tier.OVERLAY
    )
    dates = [s.date for s in record.sources if s.date]
    return Entry(
        record=record,
        source=source[:200],
        body=body,
        digest=hashlib.sha256(body.encode()).hexdigest(),
        dated=max(dates, default=None),
        weight=_weight(record),
    )


def _enter(plan: Plan, coming: dict[Key, Entry], candidate: Entry) -> None:
    rival = coming.get(candidate.key)
    if rival is None or _replaces(candidate, rival):
        if rival is not None and rival.digest != candidate.digest:
            plan.outranked.append(rival)
        coming[candidate.key] = candidate
    elif rival.digest != candidate.digest:
        plan.outranked.append(candidate)


def _judge(plan: Plan, candidate: Entry, stored: Known | None) -> None:
    if stored is None:
        plan.new.append(candidate)
    elif stored.digest == candidate.digest:
        plan.unchanged.append(candidate.key)
    elif _replaces(candidate, stored):
        plan.changed.append(Change(candidate, _difference(stored.body, candidate.record)))
    else:
        plan.outranked.append(candidate)


def _replaces(candidate: Entry, other: Entry | Known) -> bool:
    if candidate.source == other.source:
        return (candidate.dated or _UNDATED) >= (other.dated or _UNDATED)
    return _rank(candidate) > _rank(other)


def _rank(one: Entry | Known) -> tuple[dt.date, int, str]:
    return one.dated or _UNDATED, one.weight, one.source


def _weight(record: Record) -> int:
    """How much a record says, in filled fields and entries."""
    return sum(
        len(value) if isinstance(value, tuple) else bool(value) for value in dict(record).values()
    )


def _difference(body: str, record: Record) -> dict[str, tuple[str, str]]:
    before = dict(Record.model_validate_json(body))
    return {
        name: (_shown(before[name]), _shown(value))
        for name, value in dict(record).items()
        if before[name] != value
    }


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return "; ".join(str(one) for one in value)
    return "" if value is None else str(value)
