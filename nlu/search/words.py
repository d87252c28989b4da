"""From a citizen's words to weighted search terms: fillers out, official words in.

Everything works on folded text (no accents, lower case), so a message typed without accents loses
nothing. The vocabulary is data: `search.yml` (fillers, stages, qualifiers) and `aliases.yml`
(what citizens say → what procedures are called).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml

from nlu.search.phrases import ALIASED_WEIGHT, Phrase, Phrases
from nlu.text import clean, fold, has_accents

DATA = Path(__file__).resolve().parent.parent / "data"
_SPELT = re.compile(r"[^\W_]+")
_PARTS = re.compile(r"[^\W_]+|[,.;:!?]+(?=\s)|\n+")
MARK = ";"
_Y = str.maketrans("yýỳỷỹỵ", "iíìỉĩị")
_GAP = r"(?: [a-z0-9]+){0,4}"
_BRACKETS = re.compile(r"\([^)]*\)?")
_DETAIL = re.compile(
    r"(?<=\w) (?:đối với|theo|thuộc|do|trong trường hợp|áp dụng|của) .*", re.DOTALL
)
STOP_WEIGHT = 0.15
LIGHT = 0.5  # an alias that only tells who or where, not what for
TOLD_WEIGHT = 0.5  # what is told before or after the wish itself
FEWEST = 2  # words of weight without which a wish names nothing


@dataclass(frozen=True)
class Reading:
    """An alias met in a message: its official wordings, and how much it counts."""

    means: tuple[tuple[str, ...], ...]
    weight: float


@dataclass(frozen=True)
class Query:
    """A message as search terms: `terms` maps a word or word pair to its weight."""

    words: tuple[str, ...]
    terms: dict[str, float]
    readings: tuple["Reading", ...]
    stages: int
    qualifiers: int
    content: tuple[str, ...] = field(default=())
    spelt: dict[str, float] = field(default_factory=dict)  # words typed with accents
    own: dict[str, float] = field(default_factory=dict)  # terms as they were said, no aliases


def words(text: str) -> list[str]:
    """The folded words of a text."""
    return _SPELT.findall(fold(text))


def spelt(text: str) -> list[str]:
    """The words of a text as they are spelt, in the places of `words`."""
    return _SPELT.findall(clean(text).lower())


def marked(text: str, spelling: Sequence[str] | None = None) -> str:
    """The words of a text (or their spelling) with a ";" where one clause ends."""
    parts = _PARTS.findall(clean(text).lower())
    said = iter(spelling or spelt(text))
    return " ".join(MARK if not part[0].isalnum() else next(said, part) for part in parts)


def _one_y(word: str) -> str:
    """One spelling for "ký" and "kí", "sĩ" and "sỹ"."""
    return word.translate(_Y)


def grams(tokens: Sequence[str]) -> list[str]:
    """Words and pairs of neighbours: most Vietnamese words are two syllables long."""
    return [*tokens, *(f"{a} {b}" for a, b in pairwise(tokens))]


def read_data(name: str) -> Any:
    """A vocabulary file."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C one is ten times faster
    return yaml.load((DATA / name).read_text(encoding="utf-8"), Loader=loader)  # noqa: S506 (safe)


# A matter's wordings, and those that settle it otherwise.
Matter = tuple[re.Pattern[str], re.Pattern[str]]


class Lexicon:
    """The vocabulary files, compiled once."""

    def __init__(
        self,
        rules: dict[str, Any],
        aliases: list[dict[str, Any]],
        open_matters: Sequence[dict[str, Any]] = (),
    ) -> None:
        self.classes = {
            name: "|".join(sorted((" ".join(words(w)) for w in group), key=len, reverse=True))
            for name, group in rules["classes"].items()
        }
        self.stop = {w for phrase in rules["stopwords"] for w in words(phrase)}
        self.boilerplate = [self._phrase(p).pattern for p in rules["boilerplate"]]
        self.stages = self._facets(rules["stages"])
        self._stage_names = tuple(rules["stages"])
        self.qualifiers = self._facets(rules["qualifiers"])
        self.later = sum(
            1 << i for i, stage in enumerate(rules["stages"]) if stage in rules["later_stages"]
        )
        self._first = self._any(rules["first_words"])
        self._bits = {name: 1 << i for i, name in enumerate(rules["qualifiers"])}
        self._markers = {name: self._any(rules[name]) for name in ("about", "actions", "outside")}
        self.known = self.stop | {
            w for group in rules["classes"].values() for p in group for w in words(p)
        }
        self._open = self._unless(open_matters)
        self._unlisted = self._unless(rules["unlisted"])
        self.between: list[str] = rules["between"]
        self._wish = self._any(rules["wishes"])
        self._goes_on = self._any(rules["goes_on"])
        self._turns = {fold(word) for word in rules["turns"]}
        self._unclear = {fold(word) for word in rules["unclear"]}
        self._phrases = Phrases()
        for phrase in rules["fillers"]:
            self._anchor(self._phrase(phrase), phrase)
            self.known.update(words(phrase))
        for phrase in rules["keep"]:
            self._anchor(replace(self._phrase(phrase), keep=True), phrase)
        for entry in aliases:
            means = tuple(tuple(words(m)) for m in entry["mean"])
            weight = LIGHT if entry.get("light") else 1.0
            for phrase in entry["say"]:
                self._anchor(replace(self._phrase(phrase, means), weight=weight), phrase)
                self.known.update(words(phrase))

    def _phrase(self, phrase: str, means: tuple[tuple[str, ...], ...] = ()) -> Phrase:
        parts: list[str] = []
        length = 0
        for piece in re.findall(r"\{!?\w+\}|\.\.\.|[^\s{}]+", phrase.lower()):
            if piece == "...":
                parts.append(_GAP)
                continue
            if piece.startswith("{!"):
                parts.append(rf"(?! (?:{self.classes[piece[2:-1]]})(?![a-z0-9]))")
                continue
            if piece.startswith("{"):
                parts.append(rf" (?:{self.classes[piece[1:-1]]})(?![a-z0-9])")
                length += 1
                continue
            for word in words(piece):
                parts.append(rf" {word}(?![a-z0-9])")
                length += 1
        is_plain = not ("{" in phrase or "..." in phrase)
        typed = tuple(map(_one_y, spelt(phrase))) if is_plain else ()
        plain = tuple(words(phrase)) if is_plain else ()
        return Phrase("".join(parts), length, plain, typed, means)

    def _any(self, phrases: Sequence[str]) -> re.Pattern[str]:
        return re.compile("|".join(self._phrase(p).source for p in phrases))

    def _unless(self, matters: Sequence[dict[str, Any]]) -> list[Matter]:
        return [(self._any(m["when"]), self._any(m["unless"])) for m in matters]

    def _anchor(self, phrase: Phrase, source: str) -> None:
        literal = words(re.sub(r"\{!?\w+\}", " ", source))
        rare = max(literal, key=lambda w: (w not in self.stop, len(w)))
        self._phrases.add(phrase, rare)

    def _spelt(self, phrase: Phrase, folded: Sequence[str], typed: Sequence[str]) -> bool:
        """Whether the accents that were typed agree with the phrase's ("chợ" is not "cho").

        One slip is forgiven in three words or more. Typed without any accents, a lone syllable
        counts only when it is no common word.
        """
        if not phrase.typed:
            return True
        if not typed:
            return len(folded) > 1 or not {folded[0]} & (self.stop | self._unclear)
        pairs = zip(phrase.typed, typed, folded, strict=False)
        slips = sum(
            said != wanted and (said != bare or len(folded) == 1) for wanted, said, bare in pairs
        )
        return slips <= (len(folded) > 2)

    def _facets(self, table: dict[str, list[str]]) -> list[tuple[int, re.Pattern[str]]]:
        return [(1 << i, self._any(phrases)) for i, phrases in enumerate(table.values())]

    def matches(self, text: str) -> list[tuple[int, int, Phrase]]:
        """Aliases and fillers met in a sentence, longest first, none inside a longer one."""
        tokens = words(text)
        typed = [_one_y(w) for w in spelt(text)] if has_accents(text) else []
        found = [
            (start, end, phrase)
            for start, end, phrase in self._phrases.find(tokens)
            if self._spelt(phrase, tokens[start:end], typed[start:end])
        ]
        found.sort(key=lambda f: (-f[2].length, f[0]))
        kept: list[tuple[int, int, Phrase]] = []
        for start, end, phrase in found:
            if not any(s <= start and end <= e and p.length > phrase.length for s, e, p in kept):
                kept.append((start, end, phrase))
        return kept

    def facets(self, text: str) -> tuple[int, int]:
        """Bit masks of the stages (renew, extend, end …) and qualifiers (foreign …) in a text."""
        return _facets(self, text)

    def stages_in(self, text: str) -> tuple[str, ...]:
        """The stages that a name speaks of, as `search.yml` calls them."""
        mask, _ = self.facets(text)
        return tuple(name for i, name in enumerate(self._stage_names) if mask >> i & 1)

    def look_for_facets(self, text: str) -> tuple[int, int]:
        """`facets`, without remembering those of names and wordings met lately."""
        text = " " + text
        stages = sum(bit for bit, pattern in self.stages if pattern.search(text))
        return stages, sum(bit for bit, pattern in self.qualifiers if pattern.search(text))

    def says(self, marker: str, tokens: Sequence[str]) -> bool:
        """Whether a sentence has a wording of a list of `search.yml`: about, actions, outside."""
        return bool(self._markers[marker].search(" " + " ".join(tokens)))

    def _any_stage(self, mean: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(self._first.sub("", " " + " ".join(mean)).split()) or mean

    def is_open(self, tokens: Sequence[str]) -> bool:
        """Whether a matter is named that officers ask back about, without what settles it."""
        return _is_one_of(self._open, tokens)

    def is_unlisted(self, tokens: Sequence[str]) -> bool:
        """Whether a public service is named that the national list has no procedure for."""
        return _is_one_of(self._unlisted, tokens)

    def goes_on(self, tokens: Sequence[str]) -> bool:
        """Whether a message begins as one that goes on with what was said before."""
        return bool(self._goes_on.match(" " + " ".join(tokens)))

    def is_bare(self, content: Sequence[str]) -> bool:
        """Whether words name a stage and no matter ("gia hạn", "cấp lại")."""
        text = " " + " ".join(content)
        for _, pattern in self.stages:
            text = pattern.sub("", text)
        return not set(text.split()) - self.stop

    def begins_with_paper(self, tokens: Sequence[str]) -> bool:
        """Whether a message names a paper first ("sổ đỏ"): what is wanted of it may be open."""
        return bool(tokens) and re.fullmatch(self.classes["paper"], tokens[0]) is not None

    def bit(self, qualifier: str) -> int:
        """The mask of one qualifier."""
        return self._bits[qualifier]

    def title(self, name: str) -> list[str]:
        """A procedure's name without what every name has ("Thủ tục", "(cấp xã)" …)."""
        return list(_title(self, name))

    def strip(self, name: str) -> list[str]:
        """`title`, without remembering those of names met lately."""
        text = " " + " ".join(words(name))
        for pattern in self.boilerplate:
            text = pattern.sub("", text)
        return text.split() or words(name)

    def titles(self, name: str) -> list[list[str]]:
        """The name, and the name without brackets and without what follows "đối với" and such."""
        whole = self.title(name)
        short = self.strip(_DETAIL.sub("", _BRACKETS.sub(" ", name)))
        return [whole, short] if len(short) > 1 and short != whole else [whole]

    def query(self, text: str, subject: str = "") -> Query:
        """Read a message. Words outside `subject` (when the engine found one) count less."""
        return _query(self, text, subject)

    def read(self, text: str, subject: str) -> Query:
        """`query`, without remembering the last few messages."""
        tokens = words(text)
        weight = [STOP_WEIGHT if t in self.stop else 1.0 for t in tokens]
        said = list(weight)
        matches = self.matches(text)
        for start, end, phrase in matches:
            for i in range(start, end):
                weight[i] = min(weight[i], phrase.leaves)
                said[i] *= phrase.leaves > 0
        told = self._told(text, weight)
        for place in told:
            weight[place] *= TOLD_WEIGHT
            said[place] *= TOLD_WEIGHT
        readings = [
            Reading(phrase.means, phrase.weight * (TOLD_WEIGHT if start in told else 1))
            for start, _, phrase in matches
            if phrase.means
        ]
        if subject:
            inside = set(words(subject))
            weight = [w if t in inside else w * 0.5 for t, w in zip(tokens, weight, strict=True)]
        kept = " ".join(t for t, w in zip(tokens, weight, strict=True) if w > 0)
        stages, qualifiers = self.facets(kept)
        if stages & self.later:
            readings = [replace(r, means=tuple(map(self._any_stage, r.means))) for r in readings]
        for mean in (m for r in readings for m in r.means):
            more = self.facets(" ".join(mean))
            stages, qualifiers = stages | more[0], qualifiers | more[1]
        typed = spelt(text) if has_accents(text) else []
        content = tuple(t for t, w in zip(tokens, weight, strict=True) if w >= ALIASED_WEIGHT)
        return Query(
            words=tuple(tokens),
            terms=_weigh(tokens, weight, readings),
            readings=tuple(readings),
            stages=stages,
            qualifiers=qualifiers,
            content=content,
            own=_weigh(tokens, said, ()),
            spelt={t: w for t, w in zip(typed, weight, strict=False) if w >= ALIASED_WEIGHT},
        )

    def _told(self, text: str, weight: Sequence[float]) -> set[int]:
        """The places of words that tell a story beside the wish.

        "Đất ba cho hồi trước, giờ xin cấp lại sổ": what is wanted stands in the second clause.
        """
        clauses = self._clauses(text)
        wishing = [
            bool(self._wish.search(" " + " ".join(said)))
            and sum(weight[start + i] >= ALIASED_WEIGHT for i in range(len(said))) >= FEWEST
            for start, said in clauses
        ]
        if not any(wishing):
            return set()
        pairs = zip(clauses, wishing, strict=True)
        return {start + i for (start, said), wish in pairs if not wish for i in range(len(said))}

    def _clauses(self, text: str) -> list[tuple[int, list[str]]]:
        """The clauses, each with the place of its first word."""
        clauses: list[tuple[int, list[str]]] = [(0, [])]
        place = 0
        for part in fold(text).split():
            if part == MARK or (part in self._turns and len(clauses[-1][1]) >= FEWEST):
                clauses.append((place, []))
            if part != MARK:
                clauses[-1][1].append(part)
                place += 1
        return [clause for clause in clauses if clause[1]]


def _is_one_of(matters: Sequence[Matter], tokens: Sequence[str]) -> bool:
    text = " " + " ".join(tokens)
    return any(when.search(text) and not unless.search(text) for when, unless in matters)


@lru_cache(maxsize=128)
def _query(lex: Lexicon, text: str, subject: str) -> Query:
    return lex.read(text, subject)


# Names and official wordings are few, and each turn looks at a dozen of them again and again.
@lru_cache(maxsize=4096)
def _facets(lex: Lexicon, text: str) -> tuple[int, int]:
    return lex.look_for_facets(text)


@lru_cache(maxsize=4096)
def _title(lex: Lexicon, name: str) -> tuple[str, ...]:
    return tuple(lex.strip(name))


def _weigh(
    tokens: Sequence[str],
    weight: Sequence[float],
    readings: Iterable[Reading],
) -> dict[str, float]:
    terms: dict[str, float] = {}
    for token, w in zip(tokens, weight, strict=True):
        if w > 0:
            terms[token] = max(terms.get(token, 0.0), w)
    for i in range(len(tokens) - 1):
        w = min(weight[i], weight[i + 1])
        if w > 0:
            pair = f"{tokens[i]} {tokens[i + 1]}"
            terms[pair] = max(terms.get(pair, 0.0), w)
    for reading in readings:
        share = reading.weight * len(reading.means) ** -0.5
        for mean in reading.means:
            for term in grams(mean):
                terms[term] = max(terms.get(term, 0.0), share)
    return terms


@cache
def lexicon() -> Lexicon:
    """The shipped vocabulary."""
    return Lexicon(read_data("search.yml"), read_data("aliases.yml"), read_data("ask_back.yml"))
