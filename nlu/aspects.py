"""Which aspects a message asks about, and what is left of it once they are taken away.

The patterns are data (`data/aspects.yml`, `data/subject.yml`); here is only how they are read.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from nlu import slips
from nlu import text as texts
from nlu.types import Aspect

DATA = Path(__file__).parent / "data"
PUNCTUATION = re.compile(r"[^\w\s]|_")
PERSONAL = re.compile(
    r"(?<!\S)(?<!cho )(?:toi|tui|em|con|chau|minh|nha (?:toi|tui|em|minh|con|chau)|me|ba|bo|cha|vo"
    r"|chong|ong|anh|chi)(?!\S)"
)
# A situation without a person in it: "sổ bị cháy", "tách xong mà sai thông tin".
HAPPENED = re.compile(r"(?<!\S)(?:bi|xong ma|chua co|khong co|moi|lo|sau nay|hang xom)(?!\S)")
OPEN = re.compile(
    r"(?<!\S)(?:thi|lam|lai|phai|chinh|gio|cach) (?:(?:phai|lam|lai) )*"
    r"(?:sao|(?:nhu )?the nao)(?!\S)"
    r"|(?<!\S)(?:lam|ra) sao(?!\S)|(?<!\S)(?:can|phai|nen) lam (?:nhung )?gi(?!\S)"
)
NEVER = re.compile(r"(?!)")
GAPS = {"~": "((?:[a-z0-9]+ ){0,3})", "…": "((?:[a-z0-9]+ ){0,9})"}
FEW = 4  # a clause with no more other words says little besides its aspect

Span = tuple[int, int]


@dataclass(frozen=True)
class Rule:
    """The patterns of one aspect."""

    aspect: Aspect
    hidden: re.Pattern[str]
    asks: re.Pattern[str]
    weak: re.Pattern[str]
    alone: frozenset[str]


@dataclass(frozen=True)
class Reading:
    """What a message asks about a procedure, and the words that name it."""

    aspects: tuple[Aspect, ...]
    subject: str


def read(normalised: str) -> Reading:
    """Find the aspects and the subject of a text that went through `text.normalise`."""
    line = slips.repaired(clauses(normalised))
    found, spans = _aspects(line)
    return Reading(found, subject(_without(line, spans)))


def clauses(normalised: str) -> str:
    """Folded words with one space between them and ";" for any punctuation between words."""
    plain = PUNCTUATION.sub(" ; ", texts.fold(normalised))
    return re.sub(r"(?: ;)+(?= ;)", "", " ".join(plain.split())).strip(" ;")


def subject(line: str) -> str:
    """The words that name the procedure: fillers, greetings and forms of address taken away."""
    edge, anywhere, empty, named = _fillers()
    kept = []
    for clause in line.split(";"):
        words = " ".join(anywhere.sub(" ", clause).split())
        while (shorter := edge.sub("", words).strip()) != words:
            words = shorter
        if words and (not set(words.split()) <= empty or named.search(words)):
            kept.append(words)
    return " ".join(kept)


def _aspects(line: str) -> tuple[tuple[Aspect, ...], list[Span]]:
    matches = [(rule, m) for rule in rules() for m in rule.asks.finditer(_visible(rule, line))]
    strong = [(rule, m) for rule, m in matches if m[0] not in rule.alone]
    taken = [m.span() for _, m in strong]
    for rule, match in matches:
        if match[0] in rule.alone and _alone(line, match, taken):
            strong.append((rule, match))
    if not strong:
        strong = [(rule, m) for rule in rules() for m in _weak(rule, line)]
    found = {rule.aspect for rule, _ in strong}
    if _asks_openly(line, found):
        found.add(Aspect.DOCUMENTS)
    spans = [span for _, match in strong for span in _asking(match)]
    return tuple(aspect for aspect in Aspect if aspect in found), spans


def _asks_openly(line: str, found: set[Aspect]) -> bool:
    """Whoever tells a situation and asks "làm sao" wants the papers as well as the steps."""
    if Aspect.STEPS not in found or found - {Aspect.STEPS, Aspect.LEGAL_BASIS}:
        return False
    told = PERSONAL.search(line) or HAPPENED.search(line)
    return told is not None and OPEN.search(line) is not None


def _weak(rule: Rule, line: str) -> Iterator["re.Match[str]"]:
    """Yes-or-no questions: beside a plain one they only lead to it ("được không, cần gì")."""
    visible = _visible(rule, line)
    for start, end in _clause_spans(line):
        if match := rule.weak.search(visible, start, end):
            yield match


def _alone(line: str, match: "re.Match[str]", strong: Sequence[Span]) -> bool:
    """Whether a short word is about all that its clause says ("còn lệ phí?")."""
    clause = next((a, b) for a, b in _clause_spans(line) if a <= match.start() < b)
    rest = f"{line[clause[0] : match.start()]} {line[match.end() : clause[1]]}"
    asks_more = any(a < clause[1] and b > clause[0] for a, b in strong)
    return not asks_more and len(rest.split()) <= FEW and not subject(rest)


def _clause_spans(line: str) -> Iterator[Span]:
    start = 0
    for clause in line.split(";"):
        yield start, start + len(clause)
        start += len(clause) + 1


def _asking(match: "re.Match[str]") -> Iterator[Span]:
    """The parts of a match that ask; what a gap covers belongs to the subject."""
    start = match.start()
    for gap_start, gap_end in match.regs[1:]:
        if gap_start >= 0:
            yield start, gap_start
            start = gap_end
    yield start, match.end()


def _visible(rule: Rule, line: str) -> str:
    return rule.hidden.sub(lambda match: "#" * len(match[0]), line)


def _without(line: str, spans: Sequence[Span]) -> str:
    letters = list(line)
    for start, end in spans:
        letters[start:end] = " " * (end - start)
    return "".join(letters)


@cache
def rules() -> tuple[Rule, ...]:
    """Every aspect's patterns, compiled once."""
    content: dict[str, dict[str, list[str]]] = _yaml("aspects.yml")
    return tuple(
        Rule(
            Aspect(name),
            compiled(patterns.get("not", [])),
            compiled(patterns["asks"]),
            compiled(patterns.get("weak", [])),
            frozenset(patterns.get("only_alone", [])),
        )
        for name, patterns in content.items()
    )


@cache
def _fillers() -> tuple[re.Pattern[str], re.Pattern[str], frozenset[str], re.Pattern[str]]:
    content: dict[str, list[str]] = _yaml("subject.yml")
    first = "|".join(_longest_first(content["first"]))
    last = "|".join(_longest_first(content["last"]))
    edge = re.compile(f"^(?:(?:{first})(?: |$))+|(?:(?:^| )(?:{last}))+$")
    anywhere = compiled(content["anywhere"])
    empty = frozenset(" ".join(content["empty"]).split())
    return edge, anywhere, empty, compiled(content["named"])


def compiled(patterns: Sequence[str]) -> re.Pattern[str]:
    """Patterns over folded words as one; "~" and "…" are gaps of up to three and nine words."""
    if not patterns:
        return NEVER
    # Only what the gaps cover is captured: see `_asking`.
    joined = re.sub(r"\((?!\?)", "(?:", "|".join(_longest_first(patterns)))
    for sign, gap in GAPS.items():
        joined = joined.replace(sign, gap)
    return re.compile(f"(?<!\\S)(?:{joined})(?!\\S)")


def _longest_first(patterns: Sequence[str]) -> list[str]:
    return sorted(patterns, key=len, reverse=True)


def _yaml(name: str) -> Any:
    return yaml.load((DATA / name).read_text(encoding="utf-8"), yaml.CSafeLoader)
