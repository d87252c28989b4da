"""Slips of the keyboard in the small words that ask ("can giayy to gi", "bao nhiue tien").

Only what is no Vietnamese syllable is looked at, and only where a neighbour confirms the word that
was meant: the pairs of `data/asking_pairs.txt`. Names of procedures are the search's own affair.
"""

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from nlu import typing_residue

PAIRS = Path(__file__).parent / "data" / "asking_pairs.txt"
SHORTEST = 3  # letters; "gj" and "ng" are abbreviations rather than slips
MARK = ";"


def repaired(line: str) -> str:
    """Folded words, punctuation as ";", with the slips that a neighbour gives away put right."""
    words = line.split()
    if all(_is_known(word) for word in words):
        return line
    meant = list(words)
    for i, word in enumerate(words):
        if not _is_known(word):
            before, after = words[max(i - 1, 0) : i], words[i + 1 : i + 2]
            meant[i] = next(_fitting(word, before, after), word)
    return " ".join(meant)


def _is_known(word: str) -> bool:
    if len(word) < SHORTEST or not word.isalpha():
        return True
    return typing_residue.FOLDED.get(word, 0) > typing_residue.RARE or word in _asking()


def _fitting(word: str, before: Iterable[str], after: Iterable[str]) -> Iterator[str]:
    """Words one slip away that make a pair with a neighbour, in the order of the alphabet."""
    keys = {word, *_shortened(word)}
    for candidate in sorted({one for key in keys for one in _near().get(key, ())}):
        pairs = [*(f"{w} {candidate}" for w in before), *(f"{candidate} {w}" for w in after)]
        if not _pairs().isdisjoint(pairs):
            yield candidate


def _shortened(word: str) -> set[str]:
    """The word with each of its letters left out: two words share one of these, or are near."""
    return {word[:i] + word[i + 1 :] for i in range(len(word))}


@cache
def _pairs() -> frozenset[str]:
    lines = PAIRS.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if not line.startswith("#"))


@cache
def _asking() -> frozenset[str]:
    return frozenset(word for pair in _pairs() for word in pair.split())


@cache
def _near() -> dict[str, list[str]]:
    """From what is left of a word without one letter to the word."""
    near: dict[str, list[str]] = {}
    for word in sorted(_asking()):
        for key in {word, *_shortened(word)}:
            near.setdefault(key, []).append(word)
    return near
