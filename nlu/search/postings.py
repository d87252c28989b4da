"""Sparse matrices by hand: for each term the rows it stands in, with a BM25 weight (numpy only)."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]


@dataclass(frozen=True)
class Chosen:
    """A few rows of a field: where each stands among them (`place`, -1: not chosen)."""

    rows: Ints
    place: Ints

    @property
    def size(self) -> int:
        """How many they are."""
        return len(self.rows)


def choose(rows: Ints, size: int) -> Chosen:
    """These rows of a field with that many."""
    place = np.full(size, -1, np.int32)
    place[rows] = np.arange(len(rows), dtype=np.int32)
    return Chosen(rows, place)


@dataclass(frozen=True)
class Postings:
    """One field of all rows: `rows[start[t]:start[t+1]]` hold the term t, with these weights."""

    size: int
    start: Ints
    rows: Ints
    weights: Floats

    def score(self, terms: Iterable[tuple[int, float]]) -> Floats:
        """Sum of weight x query weight over the terms, for every row."""
        rows, weights = self._met(terms)
        return np.bincount(rows, weights, minlength=self.size).astype(np.float32)

    def within(self, chosen: "Chosen", terms: Iterable[tuple[int, float]]) -> Floats:
        """The same for the chosen rows only, in their order."""
        rows, weights = self._met(terms)
        places = chosen.place[rows]
        inside = places >= 0
        total = np.bincount(places[inside], weights[inside], minlength=chosen.size)
        return total.astype(np.float32)

    def _met(self, terms: Iterable[tuple[int, float]]) -> tuple[Ints, Floats]:
        """The rows that the terms stand in, term by term, and what each adds."""
        rows: list[Ints] = [np.zeros(0, np.int32)]
        weights: list[Floats] = [np.zeros(0, np.float32)]
        last = len(self.start) - 1
        for term, weight in terms:
            if term < last:
                a, b = self.start[term], self.start[term + 1]
                if b > a:
                    rows.append(self.rows[a:b])
                    weights.append(self.weights[a:b] * np.float32(weight))
        return np.concatenate(rows), np.concatenate(weights)

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """What is saved."""
        return {"start": self.start, "rows": self.rows, "weights": self.weights}


def build(
    texts: Sequence[Mapping[str, int]],
    vocabulary: Mapping[str, int],
    idf: Floats,
    *,
    k1: float = 0.9,
    b: float = 0.5,
) -> Postings:
    """BM25 weights of term counts per row. Terms outside the vocabulary are left out."""
    lengths = np.array([sum(t.values()) for t in texts], np.float32)
    scale = k1 * (1 - b + b * lengths / max(float(lengths.sum()) / max(len(texts), 1), 1.0))
    row_of, term_of, count_of = [], [], []
    for row, counts in enumerate(texts):
        for term, count in counts.items():
            number = vocabulary.get(term)
            if number is not None:
                row_of.append(row)
                term_of.append(number)
                count_of.append(count)
    terms = np.array(term_of, np.int32)
    order = np.argsort(terms, kind="stable")
    terms = terms[order]
    rows = np.array(row_of, np.int32)[order]
    times = np.array(count_of, np.float32)[order]
    weights = idf[terms] * times * (k1 + 1) / (times + scale[rows])
    width = int(terms[-1]) + 1 if len(terms) else 0
    start = np.searchsorted(terms, np.arange(width + 1)).astype(np.int32)
    return Postings(len(texts), start, rows, weights.astype(np.float32))


def document_frequency(texts: Iterable[Mapping[str, int]]) -> Counter[str]:
    """In how many rows each term stands."""
    total: Counter[str] = Counter()
    for counts in texts:
        total.update(counts.keys())
    return total
