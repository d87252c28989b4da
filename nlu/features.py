"""What the classifier sees of a message: words, pairs, letter groups and a few plain facts.

Everything is accent-folded, so that a message means the same with and without accents.
"""

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from nlu import aspects, extractors, text, typing_residue
from nlu.restore import restore
from nlu.types import Entity

DATA = Path(__file__).parent / "data"
DIGITS = re.compile(r"\d")
WORD = re.compile(r"[^\W_]+")
WORD_WEIGHT, LETTER_WEIGHT, FACT_WEIGHT = 1.0, 1.0, 1.0
LENGTH = WORD_WEIGHT**2 + LETTER_WEIGHT**2 + FACT_WEIGHT**2  # squared, of a whole vector
# Small talk that is only that when it stands alone: "thôi" ends a talk, "thôi quốc tịch" is asked.
ASIDE = frozenset(
    {
        "affirm", "appointment", "back", "bye", "cancel", "choice", "deny", "feedback", "greet",
        "help", "hours", "shorter", "source", "thanks", "unsubscribe", "who_are_you",
    }
)  # fmt: skip
# Alarming words mean something else in a plain question: "chết đuối, khai tử cần giấy gì".
ALARMS = frozenset(
    {
        "bribe", "forgery", "crime", "privacy", "politics", "slur", "self_harm", "emergency",
        "denunciation", "complaint", "bereaved", "death_papers", "victim",
    }
)  # fmt: skip
SHORT = 2  # words; shorter messages are mostly small talk or a choice


@dataclass(frozen=True)
class Seen:
    """A message after all rules have looked at it; personal numbers are masked everywhere."""

    cleaned: str
    folded: str
    words: tuple[str, ...]
    entities: tuple[Entity, ...]
    reading: aspects.Reading
    known: float  # share of words that are syllables of official texts or of our examples
    domain: float  # share of neighbouring words that stand together in official names
    signals: tuple[str, ...]  # names from `data/signals.yml`


def look(message: str, vocabulary: frozenset[str] = frozenset()) -> Seen:
    """Apply every rule to a message."""
    cleaned = text.clean(message)
    cleaned, entities = extractors.masked(cleaned, extractors.find(cleaned))
    normalised = text.normalise(cleaned)
    words = tuple(text.words(normalised))
    line = aspects.clauses(normalised)
    # Without accents "già" and "giả" look alike: the likelier reading decides.
    spelt = cleaned if text.has_accents(cleaned) else restore(cleaned).text
    return Seen(
        cleaned=cleaned,
        folded=text.fold(normalised),
        words=words,
        entities=entities,
        reading=aspects.read(normalised),
        known=known_share(words, vocabulary),
        domain=domain_share(words),
        signals=tuple(_signals(line, cleaned, spelt)),
    )


def known_share(words: Sequence[str], vocabulary: frozenset[str]) -> float:
    """How many of the words are Vietnamese syllables that we have met; 1 without letters."""
    letters = [word for word in words if not word.isdigit()]
    if not letters:
        return 1.0
    known = sum(word in typing_residue.FOLDED or word in vocabulary for word in letters)
    return known / len(letters)


def domain_share(words: Sequence[str]) -> float:
    """How many of the neighbouring words stand together in names of procedures."""
    pairs = [f"{a} {b}" for a, b in itertools.pairwise(words)]
    return sum(pair in domain_terms() for pair in pairs) / len(pairs) if pairs else 0.0


@cache
def domain_terms() -> frozenset[str]:
    """Word pairs of official names, from `data/domain_terms.txt`."""
    lines = (DATA / "domain_terms.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if not line.startswith("#"))


def _signals(line: str, typed: str, spelt: str) -> Iterator[str]:
    """`spelt` is `typed` with its accents restored where it came without any."""
    lower, meant = typed.lower(), spelt.lower()
    for name, pattern, exact in _patterns():
        match = pattern.search(meant if exact else line)
        if match and not _is_spelt_otherwise(name, match[0], lower, meant):
            yield name
            if match.span() == (0, len(line)):
                yield f"{name} only"


def _is_spelt_otherwise(name: str, matched: str, typed: str, spelt: str) -> bool:
    """ "người già" is not "giấy giả", and the "ban" of "ủy ban" sells nothing."""
    return any(
        folded in f" {matched} " and text.has_accents(message) and not meant.search(message)
        for table, message in (("spelt", spelt), ("typed", typed))
        for folded, meant in _spellings(table, name)
    )


@cache
def _spellings(table: str, name: str) -> tuple[tuple[str, "re.Pattern[str]"], ...]:
    """Folded words that mean this only with certain accents."""
    return tuple(
        (f" {folded} ", re.compile(rf"(?<!\w)(?:{meant})(?!\w)"))
        for folded, meant in _content()[table].get(name, {}).items()
    )


@cache
def _content() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((DATA / "signals.yml").read_text(encoding="utf-8"))
    return content


@cache
def _patterns() -> tuple[tuple[str, "re.Pattern[str]", bool], ...]:
    return tuple(
        (name, aspects.compiled(patterns), name.startswith("exact"))
        for name, patterns in _content().items()
        if name not in ("spelt", "typed")
    )


def groups(seen: Seen) -> tuple[tuple[float, tuple[str, ...]], ...]:
    """The features in three groups, each with its weight in the message's vector."""
    words = [DIGITS.sub("0", word) for word in seen.words]
    return (
        (WORD_WEIGHT, tuple(dict.fromkeys(_word_features(words)))),
        (LETTER_WEIGHT, tuple(dict.fromkeys(_letter_features(words)))),
        (FACT_WEIGHT, tuple(_facts(seen))),
    )


def _word_features(words: Sequence[str]) -> Iterator[str]:
    yield from words
    bounded = ("<", *words, ">")
    for a, b in itertools.pairwise(bounded):
        yield f"{a} {b}"


def _letter_features(words: Sequence[str]) -> Iterator[str]:
    for word in words:
        padded = f"_{word[:12]}_"
        for size in (3, 4):
            for start in range(len(padded) - size + 1):
                yield "~" + padded[start : start + size]


def _facts(seen: Seen) -> Iterator[str]:
    for entity in seen.entities:
        yield f"={entity.kind}"
    beside = len(seen.reading.subject.split()) > 1 and seen.domain > 0
    for signal in seen.signals:
        # "Cho mình nguồn" is a wish of its own; after a question it is a courtesy.
        yield f"={signal} beside a subject" if beside and signal in ASIDE else f"={signal}"
        if signal in ALARMS and "papers" in seen.signals:
            yield f"={signal} with papers"
    if seen.reading.aspects:
        yield "=asks"
    if not seen.reading.subject:
        yield "=asks nothing new" if seen.reading.aspects else "=no subject"
    if len(seen.words) <= SHORT:
        yield "=short"
    yield f"=domain {min(int(seen.domain * 5), 3)}"
    if seen.known < 1:
        yield f"=unknown {min(int((1 - seen.known) * 4), 3)}"
