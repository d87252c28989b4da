"""Channels: how sources name them, and saying once what holds on all of them."""

import re
from collections.abc import Iterable
from typing import TypeVar

from backend.procedures.published.text import one_line
from backend.procedures.record import Channel, ChannelKind, Deadline, Fee

Entry = TypeVar("Entry", Fee, Deadline)

_KINDS = (
    (re.compile(r"online|trực tuyến|môi trường điện tử|^2$", re.IGNORECASE), ChannelKind.ONLINE),
    (re.compile(r"post|bưu (?:chính|điện)|^3$", re.IGNORECASE), ChannelKind.POST),
    (re.compile(r"direct|in.?person|trực tiếp|^1$", re.IGNORECASE), ChannelKind.IN_PERSON),
)
_ORDER = list(ChannelKind)


def channel_of(text: str | None) -> ChannelKind | None:
    """The channel a source names by word or by national code."""
    plain = one_line(text)
    return next((kind for pattern, kind in _KINDS if pattern.search(plain)), None)


def channels_in(text: str) -> set[ChannelKind]:
    """All channels that a sentence names."""
    return {kind for pattern, kind in _KINDS if pattern.search(text)}


def say_once(entries: Iterable[Entry], channels: set[ChannelKind]) -> tuple[Entry, ...]:
    """The entries without repetition; one that holds on every channel names none."""
    held: dict[Entry, set[ChannelKind | None]] = {}
    for entry in entries:
        held.setdefault(entry.model_copy(update={"channel": None}), set()).add(entry.channel)
    merged: list[Entry] = []
    for entry, where in held.items():
        everywhere = None in where or where >= channels
        channels_named = [None] if everywhere else [c for c in _ORDER if c in where]
        merged.extend(entry.model_copy(update={"channel": c}) for c in channels_named)
    return tuple(merged)


def merge_notes(notes: Iterable[tuple[ChannelKind, str]]) -> tuple[Channel, ...]:
    """One channel of each kind, with all that is said about it."""
    by_kind: dict[ChannelKind, list[str]] = {}
    for kind, note in notes:
        said = by_kind.setdefault(kind, [])
        if note and note not in said:
            said.append(note)
    return tuple(Channel(kind=k, note="\n".join(by_kind[k])) for k in _ORDER if k in by_kind)
