"""Which words mean alike: a small table of word vectors, needing no accents and no model.

Made by `nlu.search.distil` from a multilingual sentence model; here only numpy is needed. A text
is the weighted sum of the vectors of its words and word pairs (rare ones weigh more), of length 1.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nlu.search.postings import Floats
from nlu.search.words import DATA

Bytes = NDArray[np.int8]
STEPS = 127  # an int8 holds a vector's parts from -1 to 1 in this many steps


@dataclass(frozen=True)
class Table:
    """`vectors[number[key]] * scale` is what a folded word or pair of words means."""

    number: Mapping[str, int]
    vectors: Bytes
    scale: Floats
    digest: str

    @classmethod
    def load(cls, path: Path) -> "Table":
        """Read a table written by `save`."""
        with np.load(path, allow_pickle=False) as data:
            keys = data["keys"].tobytes().decode().split("\n")
            vectors, scale = data["vectors"], data["scale"]
        digest = hashlib.sha256(vectors.tobytes()).hexdigest()
        return cls({key: i for i, key in enumerate(keys)}, vectors, scale, digest)

    def vector(self, terms: Mapping[str, float]) -> Floats:
        """Where these weighted words and pairs lie; nowhere (zeros) when none is known."""
        found = [(self.number[t], w) for t, w in terms.items() if t in self.number]
        rows = np.array([row for row, _ in found], np.int64)
        weights = self.scale[rows] * np.array([w for _, w in found], np.float32)
        total = weights @ self.vectors[rows].astype(np.float32)
        length = float(np.linalg.norm(total))
        return np.asarray(total / np.float32(length or 1.0), np.float32)

    def pack(self, texts: Iterable[Iterable[str]]) -> Bytes:
        """A row for each text, given as its words and pairs."""
        rows = [self.vector(dict.fromkeys(terms, 1.0)) for terms in texts]
        width = self.vectors.shape[1]
        return np.rint(np.array(rows, np.float32).reshape(-1, width) * STEPS).astype(np.int8)


def unpack(rows: Bytes) -> Floats:
    """What `pack` packed, ready to be compared."""
    return rows.astype(np.float32) / np.float32(STEPS)


def save(path: Path, keys: Sequence[str], vectors: Floats) -> None:
    """Write a table: each vector as bytes and its greatest part."""
    scale = np.maximum(np.abs(vectors).max(axis=1), 1e-9).astype(np.float32) / STEPS
    small = np.rint(vectors / scale[:, None]).astype(np.int8)
    text = np.frombuffer("\n".join(keys).encode(), np.uint8)
    np.savez_compressed(path, keys=text, vectors=small, scale=scale)


def compare(rows: Floats, vector: Floats) -> Floats:
    """How near each row is to the vector (-1 to 1).

    Not `rows @ vector`: for one question the linear algebra library would wake all its threads,
    which costs ten times the work itself.
    """
    return np.asarray(np.einsum("ij,j->i", rows, vector), np.float32)


@cache
def table() -> Table:
    """The shipped table."""
    return Table.load(DATA / "semantic.npz")
