"""A record arranged for its page: by case, with what is alike on several channels said once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from backend.procedures.record import (
    ChannelKind,
    Deadline,
    Document,
    DocumentUse,
    Fee,
    Form,
    Record,
    Step,
)

T = TypeVar("T", Deadline, Document, Fee, Step)
Priced = TypeVar("Priced", Deadline, Fee)


@dataclass(frozen=True)
class Group(Generic[T]):
    """What belongs to one case; an empty name means every case."""

    case: str
    items: tuple[T, ...]


@dataclass(frozen=True)
class OnChannels(Generic[Priced]):
    """A fee or deadline and the channels it is true of; none named means all of them."""

    item: Priced
    kinds: tuple[ChannelKind, ...]


@dataclass(frozen=True)
class Sheet:
    """What the page shows of one record."""

    record: Record
    papers: tuple[Group[Document], ...]
    fees: tuple[Group[Fee], ...]
    deadlines: tuple[Group[Deadline], ...]
    steps: tuple[Group[Step], ...]
    forms: tuple[Form, ...]

    @staticmethod
    def used(items: Sequence[Document], use: DocumentUse) -> list[Document]:
        """The papers of a group that are handed in, shown, or merely noted."""
        return [item for item in items if item.use is use]

    @staticmethod
    def on_channels(items: Sequence[Priced]) -> list[OnChannels[Priced]]:
        """Lines that differ only in their channel become one that names the channels."""
        return on_channels(items)


def arrange(record: Record) -> Sheet:
    """The record as its page shows it."""
    forms = (document.form for document in record.documents if document.form)
    return Sheet(
        record=record,
        papers=by_case(record, record.documents),
        fees=by_case(record, record.fees),
        deadlines=by_case(record, record.deadlines),
        steps=by_case(record, record.steps),
        forms=tuple(dict.fromkeys(form for form in forms if form.url)),
    )


def by_case(record: Record, items: Sequence[T]) -> tuple[Group[T], ...]:
    """What all cases share first, then each case in turn; an unknown case counts as shared."""
    names = {case.key: case.name for case in record.cases}
    grouped: dict[str, list[T]] = {"": [], **{key: [] for key in names}}
    for item in items:
        grouped[item.case if item.case in names else ""].append(item)
    return tuple(
        Group(names.get(key, ""), tuple(members)) for key, members in grouped.items() if members
    )


def on_channels(items: Sequence[Priced]) -> list[OnChannels[Priced]]:
    """Lines that differ only in their channel become one; those of every channel name none."""
    alike: dict[Priced, list[ChannelKind | None]] = {}
    for item in items:
        alike.setdefault(item.model_copy(update={"channel": None}), []).append(item.channel)
    every = {kind for kinds in alike.values() for kind in kinds}
    return [
        OnChannels(item, () if None in kinds or set(kinds) == every else _distinct(kinds))
        for item, kinds in alike.items()
    ]


def _distinct(kinds: Sequence[ChannelKind | None]) -> tuple[ChannelKind, ...]:
    return tuple(dict.fromkeys(kind for kind in kinds if kind is not None))
