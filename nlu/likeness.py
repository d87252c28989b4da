"""Groups of questions that are alike: by the letters of the words that name what is asked.

Each question is a vector of letter triples, hashed into a fixed length, rare ones weighing more.
The commonest question leads a group of all that are near it, then the next one that is left: the
same questions give the same groups, whatever their order.
"""

import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from nlu import aspects, text

LENGTH = 1024  # of a vector
NEAR = 0.55  # cosine
FEW = 20  # questions of which one letter triple tells nothing yet
BLOCK = 256  # leaders compared with everything at a time


@dataclass(frozen=True)
class Group:
    """Positions in the sequence that was given: the leader's first, then as they came."""

    leader: int
    members: tuple[int, ...]


def groups(questions: Sequence[str], *, near: float = NEAR) -> list[Group]:
    """The questions in groups, the largest first; the same list again costs nothing."""
    return list(_groups(tuple(questions), near))


@lru_cache(maxsize=4)
def _groups(questions: tuple[str, ...], near: float) -> tuple[Group, ...]:
    keys = [_key(question) for question in questions]
    where: dict[str, list[int]] = {}
    for position, key in enumerate(keys):
        where.setdefault(key, []).append(position)
    distinct = sorted(where, key=lambda key: (-len(where[key]), key))
    found = []
    for leader, members in _led(_vectors(distinct), near):
        first = where[distinct[leader]][0]
        positions = sorted(p for member in members for p in where[distinct[member]])
        found.append(Group(first, tuple(positions)))
    return tuple(sorted(found, key=lambda group: (-len(group.members), keys[group.leader])))


def _led(vectors: NDArray[np.float32], near: float) -> Iterator[tuple[int, list[int]]]:
    is_free = np.ones(len(vectors), bool)
    for start in range(0, len(vectors), BLOCK):
        block = np.flatnonzero(is_free[start : start + BLOCK]) + start
        alike = vectors[block] @ vectors.T >= near
        for row, leader in zip(alike, block, strict=True):
            if not is_free[leader]:
                continue
            row[leader] = True  # a question without any letter is like nothing, itself included
            members = np.flatnonzero(row & is_free)
            is_free[members] = False
            yield int(leader), [int(member) for member in members]


def _vectors(keys: Sequence[str]) -> NDArray[np.float32]:
    rows = np.zeros((len(keys), LENGTH), np.float32)
    places = [[_place(three) for three in _threes(key)] for key in keys]
    seen = Counter(place for found in places for place in set(found))
    for row, found in zip(rows, places, strict=True):
        for place in found:
            row[place] += 1 + np.log((len(keys) + FEW) / (seen[place] + FEW))
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(lengths, 1e-9), np.float32)


def _threes(key: str) -> Iterator[str]:
    for word in key.split():
        padded = f"_{word[:12]}_"
        for start in range(len(padded) - 2):
            yield padded[start : start + 3]


def _place(three: str) -> int:
    return zlib.crc32(three.encode()) % LENGTH


@lru_cache(maxsize=20_000)
def _key(question: str) -> str:
    """What is asked about, folded; the whole question where that is but a word."""
    normalised = text.normalise(question)
    subject = aspects.read(normalised).subject
    return subject if " " in subject else text.fold(normalised)
