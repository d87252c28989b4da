"""Accents restored: "dang ky ket hon" → "đăng ký kết hôn", and how sure that reading is.

Viterbi over the readings of each syllable, weighed by counts of three syllables in a row
(`data/restore.npz`, made by `nlu.restore_build`). What was typed with accents stays as typed, and
the folded text stays the key everywhere: a restored text is one more reading, letter for letter as
long as the text.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nlu.text import fold, has_accents

DATA = Path(__file__).parent / "data"
COUNTS = DATA / "restore.npz"
WORD = re.compile(r"[^\W_]+")
BREAK = re.compile(r"[^\w\s]|\n|\d+")  # punctuation and numbers end a run of syllables
NONE = 0  # the "syllable" between runs and in place of words that nobody knows
MOST_READINGS = 6
LONGEST = 120  # words of a message that are restored
BACK_OFF = math.log(0.3)  # for each syllable of context that was never seen
STEP = 8.0  # counts are kept as this many times their binary logarithm

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Restored:
    """The likeliest reading, as long as the text, and its share of the likelihood of all."""

    text: str
    probability: float


@dataclass(frozen=True)
class Table:
    """Sorted keys and the logarithms of their counts."""

    keys: Integers
    logs: Floats

    def look(self, keys: Integers) -> Floats:
        """The logarithm of each count; minus infinity for what was never seen."""
        at = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.where(self.keys[at] == keys, self.logs[at], -np.inf)


class Restorer:
    """The counts in memory."""

    def __init__(self, syllables: Sequence[str], counts: Sequence[Table]) -> None:
        self.syllables = syllables
        self.single, self.pairs, self.triples = counts
        self.ids = {syllable: i for i, syllable in enumerate(syllables)}
        self._total = float(np.log(np.exp(self.single.logs).sum()))
        readings: dict[str, list[int]] = {}
        for i in np.argsort(-self.single.logs[1:]) + 1:
            readings.setdefault(fold(syllables[i]), []).append(int(i))
        self._readings = {
            plain: np.array(ids[:MOST_READINGS], np.int64) for plain, ids in readings.items()
        }

    def restore(self, text: str) -> Restored:
        """Read a text; the words that carry accents already are taken as they are."""
        words = list(WORD.finditer(text))[:LONGEST]
        choices, places = self._choices(text, words)
        path, probability = self._best(choices)
        letters = list(text)
        for word, syllable in zip(places, path, strict=True):
            if word is not None and syllable != NONE:
                letters[word.start() : word.end()] = _cased(self.syllables[syllable], word[0])
        return Restored("".join(letters), probability)

    def _choices(
        self, text: str, words: Sequence["re.Match[str]"]
    ) -> tuple[list[Integers], list["re.Match[str] | None"]]:
        """The readings of each word, with a gap wherever punctuation stands between two."""
        nothing = np.array([NONE], np.int64)
        marked: list[re.Match[str] | None] = [None, None]
        choices, done = [nothing, nothing], 0
        for word in words:
            if BREAK.search(text, done, word.start()):
                choices += [nothing, nothing]
                marked += [None, None]
            choices.append(self._of(word[0].lower()))
            marked.append(word)
            done = word.end()
        return choices, marked

    def _of(self, word: str) -> Integers:
        if not has_accents(word):
            return self._readings.get(word, np.array([NONE], np.int64))
        return np.array([self.ids.get(word, NONE)], np.int64)

    def _best(self, choices: Sequence[Integers]) -> tuple[list[int], float]:
        """The likeliest path, and its share of all paths."""
        best, total = np.zeros((1, 1)), np.zeros((1, 1))
        back: list[Integers] = []
        for a, b, c in zip(choices, choices[1:], choices[2:], strict=False):
            scores = self._scores(a, b, c)
            reached = best[:, :, None] + scores
            back.append(reached.argmax(0))
            best = reached.max(0)
            total = np.logaddexp.reduce(total[:, :, None] + scores, axis=0)
        first, last = np.unravel_index(int(best.argmax()), best.shape)
        share = math.exp(float(best.max() - np.logaddexp.reduce(total, axis=None)))
        path = [int(last), int(first)]
        for step in reversed(back):
            path.append(int(step[path[-1], path[-2]]))
        return [int(c[i]) for c, i in zip(choices, reversed(path), strict=True)], min(share, 1.0)

    def _scores(self, a: Integers, b: Integers, c: Integers) -> Floats:
        """How likely each reading c follows each a and b."""
        size = len(self.syllables)
        pair = self.pairs.look(b[:, None] * size + c)
        after = np.where(
            np.isfinite(pair),
            pair - self.single.logs[b][:, None],
            BACK_OFF + self.single.logs[c] - self._total,
        )
        before = self.pairs.look(a[:, None] * size + b)
        triple = self.triples.look((a[:, None] * size + b)[:, :, None] * size + c)
        known = np.isfinite(triple) & np.isfinite(before)[:, :, None]
        with np.errstate(invalid="ignore"):
            seen = triple - before[:, :, None]
        return np.where(known, seen, BACK_OFF + after)


@cache
def restorer() -> Restorer:
    """The shipped counts."""
    with np.load(COUNTS, allow_pickle=False) as stored:
        syllables = str(stored["syllables"]).split("\n")
        counts = [
            Table(
                np.cumsum(stored[f"keys{n}"].astype(np.int64)),
                stored[f"logs{n}"].astype(np.float64) / STEP * math.log(2),
            )
            for n in (1, 2, 3)
        ]
    return Restorer(syllables, counts)


def restore(text: str) -> Restored:
    """The likeliest accents of a text."""
    return restorer().restore(text)


def _cased(syllable: str, like: str) -> str:
    if like.isupper() and len(like) > 1:
        return syllable.upper()
    return syllable.capitalize() if like[0].isupper() else syllable
