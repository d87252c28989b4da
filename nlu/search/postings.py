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
class Part:
    """A corner of a field: the weight of a few terms (one line each) in the chosen rows."""

    line_of: Mapping[int, int]
    weights: Floats

    def score(self, terms: Sequence[tuple[int, float]]) -> Floats:
        """Sum of weight x query weight over the terms, for every chosen row."""
        lines = [self.line_of[term] for term, _ in terms]
        asked = np.array([weight for _, weight in terms], np.float32)
        parts = self.weights[lines] * asked[:, None]
        return np.asarray(parts.sum(axis=0, dtype=np.float64), np.float32)


@dataclass(frozen=True)
class Postings:
    """One field of all rows: `rows[start[t]:start[t+1]]` hold the term t, with these weights."""

    size: int
    start: Ints
    rows: Ints
    weights: Floats

    def score(self, terms: Iterable[tuple[int, float]]) -> Floats:
        """Sum of weight x query weight over the terms, for every row."""
        pairs = list(terms)
        spans = self._spans([term for term, _ in pairs])
        if not pairs:
            return np.zeros(self.size, np.float32)
        asked = np.array([weight for _, weight in pairs], np.float32)
        rows = np.concatenate([self.rows[span] for span in spans])
        weights = np.concatenate([self.weights[span] for span in spans])
        weights = weights * np.repeat(asked, [span.stop - span.start for span in spans])
        return np.bincount(rows, weights, minlength=self.size).astype(np.float32)

    def within(self, chosen: Chosen, terms: Iterable[int]) -> "Part":
        """What these terms weigh in the chosen rows, to be summed in several ways."""
        line_of = {term: i for i, term in enumerate(dict.fromkeys(terms))}
        part = np.zeros((len(line_of), chosen.size), np.float32)
        for line, span in zip(part, self._spans(list(line_of)), strict=True):
            places = chosen.place[self.rows[span]]
            inside = places >= 0
            line[places[inside]] = self.weights[span][inside]
        return Part(line_of, part)

    def _spans(self, terms: Sequence[int]) -> list[slice]:
        """Where the rows of each term stand; a term from beyond this field stands nowhere."""
        numbers = np.array(terms, np.int64)
        last = len(self.start) - 1
        # All bounds at once: one by one, numpy's integers would cost more than the sums.
        begin = self.start[np.minimum(numbers, last)].tolist()
        end = self.start[np.minimum(numbers + 1, last)].tolist()
        return [slice(a, b) for a, b in zip(begin, end, strict=True)]

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
