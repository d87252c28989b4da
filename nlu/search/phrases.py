"""Wordings to look out for: plain ones in a table, a pattern only for those with gaps or choices.

There are some four thousand. As regular expressions they would take half a second to compile, most
of them for nothing.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

ALIASED_WEIGHT = 0.35  # a colloquial word that was translated still counts, but less


@dataclass(frozen=True)
class Phrase:
    """A wording and the official wordings it stands for (none: a filler).

    `source` is a regular expression over folded words with one space before each; `plain` are the
    words of a wording that is nothing but words.
    """

    source: str
    length: int
    plain: tuple[str, ...] = ()
    typed: tuple[str, ...] = ()  # as it is spelt with accents (plain phrases only)
    means: tuple[tuple[str, ...], ...] = ()
    keep: bool = False
    weight: float = 1.0

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The source, compiled where it is first needed."""
        return re.compile(self.source)

    @property
    def leaves(self) -> float:
        """How much the words said still count: nothing of a filler, all of what is kept."""
        if self.keep or self.weight < 1:
            return 1.0
        return ALIASED_WEIGHT if self.means else 0.0


class Phrases:
    """Many phrases, found at once in a sentence."""

    def __init__(self) -> None:
        self._plain: dict[tuple[str, ...], list[Phrase]] = {}
        self._longest = 0
        self._anchored: dict[str, list[Phrase]] = {}

    def add(self, phrase: Phrase, rare: str) -> None:
        """Look out for this one, too; `rare`: a word without which it cannot be there."""
        if phrase.plain:
            self._plain.setdefault(phrase.plain, []).append(phrase)
            self._longest = max(self._longest, len(phrase.plain))
        else:
            self._anchored.setdefault(rare, []).append(phrase)

    def find(self, tokens: Sequence[str]) -> Iterator[tuple[int, int, Phrase]]:
        """From which word to which each phrase stands, in any order."""
        for start in range(len(tokens)):
            for end in range(start + 1, min(start + self._longest, len(tokens)) + 1):
                for phrase in self._plain.get(tuple(tokens[start:end]), ()):
                    yield start, end, phrase
        text = " " + " ".join(tokens)
        for word in dict.fromkeys(tokens):
            for phrase in self._anchored.get(word, ()):
                for match in phrase.pattern.finditer(text):
                    start = text.count(" ", 0, match.start())
                    yield start, start + match.group().count(" "), phrase
