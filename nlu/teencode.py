"""Chat abbreviations read by their neighbours: "ck" is a husband or a bank transfer.

The list is `data/teencode.txt`. Runs inside Rasa's Python 3.10 too.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

WORD = re.compile(r"[^\W_]+")
CLAUSE_END = re.compile(r"\s*(?:[.,;:?!…\n)]|$)")
NEAR = 4  # how many words to either side count as near


@dataclass(frozen=True)
class Reading:
    """One meaning of an abbreviation and the neighbours that make it likely."""

    meaning: str
    prev: frozenset[str] = frozenset()
    next: frozenset[str] = frozenset()
    near: frozenset[str] = frozenset()
    last: bool = False

    @property
    def always(self) -> bool:
        """Whether it needs no context at all."""
        return not (self.prev or self.next or self.near or self.last)

    def fits(self, words: Sequence[str], at: int, *, last: bool) -> bool:
        """Whether the words around position `at` allow this meaning."""
        if self.always or (self.last and last):
            return True
        before, after = words[max(0, at - NEAR) : at], words[at + 1 : at + 1 + NEAR]
        if (before and before[-1] in self.prev) or (after and after[0] in self.next):
            return True
        return not self.near.isdisjoint(before) or not self.near.isdisjoint(after)


def parse_readings(lines: Sequence[str]) -> dict[str, tuple[Reading, ...]]:
    """Read the list: `written = meaning | prev: … | next: … | near: … | last`."""
    readings: dict[str, tuple[Reading, ...]] = {}
    for line in lines:
        if not line.strip() or line.startswith("#"):
            continue
        head, *conditions = (part.strip() for part in line.split("|"))
        written, meaning = (side.strip() for side in head.split("="))
        context = {}
        for condition in conditions:
            name, _, words = condition.partition(":")
            context[name.strip()] = frozenset(words.split())
        reading = Reading(
            meaning,
            prev=context.get("prev", frozenset()),
            next=context.get("next", frozenset()),
            near=context.get("near", frozenset()),
            last="last" in context,
        )
        readings[written] = (*readings.get(written, ()), reading)
    return readings


READINGS = parse_readings(
    (Path(__file__).parent / "data" / "teencode.txt").read_text(encoding="utf-8").splitlines()
)


def _candidates(word: str) -> tuple[Reading, ...]:
    """Readings of a written word; "đ", its Telex keys "dd" and a plain "d" are the same letter."""
    if word in READINGS:
        return READINGS[word]
    plain = word.replace("đ", "d")
    if plain.startswith("dd"):
        plain = plain[1:]
    return READINGS.get(plain, ())


def expand(text: str, folded_words: Sequence[str]) -> str:
    """Replace abbreviations; `folded_words` are the words of `text` without accents, in order."""
    pieces: list[str] = []
    done = 0
    for at, match in enumerate(WORD.finditer(text)):
        readings = _candidates(match[0].lower())
        after_number = at > 0 and folded_words[at - 1].isdigit() and len(match[0]) <= 2
        if not readings or after_number:
            continue
        last = CLAUSE_END.match(text, match.end()) is not None
        fitting = next((r for r in readings if r.fits(folded_words, at, last=last)), None)
        if fitting is not None:
            pieces += [text[done : match.start()], fitting.meaning]
            done = match.end()
    return "".join([*pieces, text[done:]])
