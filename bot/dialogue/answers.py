"""A procedure's record as the lines of an answer: grouped, shortened, never added to.

Every number, paper and agency that leaves here stands in the record (`Record`), in the field that
was asked about; what the record is silent about is an empty list, and the template says so.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

from backend.config import settings
from backend.i18n import money, number
from backend.procedures.record import (
    Case,
    ChannelKind,
    Deadline,
    Document,
    DocumentUse,
    Fee,
    Record,
    Step,
    Tier,
)
from bot.dialogue.labels import label
from nlu.text import tokens

MOST_LINES = 10
FEW_PAPERS = 6  # that many are listed whatever the case
COVERS_A_CASE = 0.6  # share of a case's own words that must be said to pick it
MOST_NOTES = 2
MOST_CHARACTERS = 260
MOST_TITLE = 160
OVERVIEW = ("documents", "fees", "time", "place")

# A published bullet or label that means nothing in a line of its own: "Lưu ý: - Trường hợp…".
_LABEL = re.compile(r"^(?:(?:lưu ý|ghi chú|chú ý)\s*:\s*)?[-+•*]?\s*", re.IGNORECASE)
_INNER_BULLET = re.compile(r"([:;.,])\s+[-+•]\s+")
# Papers that only some people need come after those that everybody needs.
_CONDITIONAL = re.compile(r"^(?:(?:trường hợp|đối với|nếu|riêng)\b[\s:]*)+", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.;:](?=\s)")
_PREFIX = re.compile(r"^Thủ tục\s+", re.IGNORECASE)
# A published case may begin with its number in the decision: "(1.4) Đối với công trình …".
_NUMBERED = re.compile(r"^\s*\(?\d+(?:\.\d+)*(?:\)|\.(?=\s))\s*")

T = TypeVar("T", Deadline, Fee)


@dataclass(frozen=True)
class Line:
    """One line of an answer; `detail` is said after it, `where` are the channels it is true of."""

    text: str
    detail: str = ""
    where: str = ""
    case: str = ""


@dataclass(frozen=True)
class Block:
    """Lines under one heading, and how many more there are on the full page."""

    heading: str
    lines: tuple[Line, ...]
    more: int = 0


def title(name: str) -> str:
    """The name as a heading: without "Thủ tục" in front, with a capital letter, not too long."""
    bare = shorten(_PREFIX.sub("", plain(name)).strip(), MOST_TITLE)
    return bare[:1].upper() + bare[1:]


def plain(text: str) -> str:
    """Text from a record, without the mark that channels read as strong."""
    return text.replace("**", "").strip()


@lru_cache(maxsize=4096)  # the same papers and steps are told again and again
def shorten(text: str, most: int = MOST_CHARACTERS) -> str:
    """At most `most` characters, cut at a sentence, else at a word; a cut shows as "…"."""
    text = _INNER_BULLET.sub(r"\1 ", _LABEL.sub("", " ".join(plain(text).split())))
    if len(text) <= most:
        return text
    ends = [m.end() for m in _SENTENCE_END.finditer(text, 0, most)]
    if ends and ends[-1] > most // 2:
        return text[: ends[-1]].rstrip(";:") + " …"
    return text[:most].rsplit(" ", 1)[0].rstrip(",;:") + " …"


def page_url(code: str) -> str:
    """The full page of a procedure."""
    return f"{settings().base_url}/thu-tuc/{code}"


def view(record: Record, *, note: str = "", case: str = "") -> dict[str, Any]:
    """Everything the templates of an answer need; with `case`, only what concerns that case."""
    open_cases = () if case else cases_to_ask(record)
    all_forms = forms(record)
    record = for_case(record, case) if case or open_cases else record
    return {
        "case": _cases(record).get(case, ""), "open_cases": [c.name for c in open_cases],
        "code": record.code, "title": title(record.name), "url": page_url(record.code),
        "note": note, "record": record, "is_name_only": record.is_name_only,
        "documents": documents(record), "fees": fees(record), "deadlines": deadlines(record),
        "is_nationally_free": is_nationally_free(record), "places": places(record),
        "levels": levels(record), "channels": channels(record), "steps": steps(record),
        "conditions": _block("", (Line(shorten(c, 600)) for c in record.conditions)),
        "results": _block("", (Line(shorten(r)) for r in record.results)),
        "forms": all_forms, "legal": legal(record), "source": source(record),
        "online": online(record),
    }  # fmt: skip


def cases_to_ask(record: Record) -> tuple[Case, ...]:
    """The cases to choose from, where listing the papers of all would bury the citizen's own."""
    used = [paper.case for paper in record.documents if paper.case]
    if len(record.documents) <= FEW_PAPERS or len(set(used)) < 2:
        return ()
    wanted = [case for case in record.cases if case.key in used]
    return tuple(case.model_copy(update={"name": _cases(record)[case.key]}) for case in wanted)


def for_case(record: Record, case: str) -> Record:
    """The record with what is true in every case and, if one is named, in that one."""
    wanted = (None, case) if case else (None,)
    parts: dict[str, tuple[Document | Fee | Deadline | Step, ...]] = {
        "documents": tuple(one for one in record.documents if one.case in wanted),
    }
    if case:
        parts |= {
            "fees": tuple(one for one in record.fees if one.case in wanted),
            "deadlines": tuple(one for one in record.deadlines if one.case in wanted),
            "steps": tuple(one for one in record.steps if one.case in wanted),
        }
    return record.model_copy(update=parts)


def named_case(record: Record, said: str) -> str:
    """The case whose name the words said cover best, if they cover most of it; else nothing."""
    words = set(tokens(said))
    best, covered = "", COVERS_A_CASE
    common = _common_words(record)
    for case in cases_to_ask(record):
        own = _words(case.name) - common
        share = len(own & words) / len(own) if own else 0.0
        if share >= covered:
            best, covered = case.key, share + 1e-9
    return best


def _common_words(record: Record) -> frozenset[str]:
    """Words that tell no case from another: those of the procedure's name, and of every case."""
    names = [_words(case.name) for case in record.cases]
    shared = names[0].intersection(*names[1:]) if len(names) > 1 else frozenset[str]()
    return shared | _words(record.name) | _words(label("actions", "case_filler"))


@lru_cache(maxsize=4096)
def _words(name: str) -> frozenset[str]:
    return frozenset(tokens(name))


def documents(record: Record) -> tuple[Block, ...]:
    """Papers to hand in and to show, first those of every case, then case by case; then notes."""
    names = _cases(record)
    blocks = []
    for case in (None, *names):
        for use in (DocumentUse.HAND_IN, DocumentUse.SHOW, DocumentUse.NOTE):
            papers = [d for d in record.documents if d.use is use and d.case == case]
            papers.sort(key=lambda paper: bool(_CONDITIONAL.match(paper.name.lstrip("-+• "))))
            if papers:
                lines = [_paper(d) for d in papers]
                most = MOST_NOTES if use is DocumentUse.NOTE else MOST_LINES
                blocks.append(_block(use.value, lines, case=names[case] if case else "", most=most))
    return tuple(blocks)


def _cases(record: Record) -> dict[str, str]:
    """Names of cases as they read after the word "Trường hợp"."""
    return {
        case.key: _CONDITIONAL.sub("", _NUMBERED.sub("", plain(case.name))).strip(" :;,.")
        for case in record.cases
    }


def _paper(paper: Document) -> Line:
    wanted = " + ".join(
        f"{count} {label('copies', kind)}"
        for count, kind in ((paper.originals, "originals"), (paper.copies, "copies"))
        if count
    )
    return Line(shorten(paper.name), detail=plain(paper.digital_substitute), where=wanted)


def fees(record: Record) -> tuple[Line, ...]:
    """Fees that are alike on several channels are said once, with their exemptions."""
    names = _cases(record)

    def line(fee: Fee, where: str) -> Line:
        per = f"/{fee.per}" if fee.per and fee.amount else ""
        amount = "" if fee.amount is None else f"{money(fee.amount)}{per}"
        published = shorten(fee.text, 500)
        exemptions = "" if fee.exemptions and fee.exemptions in fee.text else fee.exemptions
        text = amount if fee.amount else ("" if published else amount)
        return Line(
            text=": ".join(part for part in (plain(fee.kind), text or published) if part),
            detail=" ".join(
                part for part in (published if text else "", shorten(exemptions, 500)) if part
            ),
            where=where,
            case=names.get(fee.case or "", ""),
        )

    return _by_channel(record.fees, line)


def is_nationally_free(record: Record) -> bool:
    """The national database says free, and the province has entered nothing over it.

    A province's own decision often sets a charge where the national record says "Miễn phí".
    """
    is_free = bool(record.fees) and all(fee.amount == 0 for fee in record.fees)
    return record.tier is Tier.IMPORTED and is_free


def deadlines(record: Record) -> tuple[Line, ...]:
    """Deadlines that are alike on several channels are said once; without a unit, as published."""
    names = _cases(record)

    def line(deadline: Deadline, where: str) -> Line:
        exact = ""
        if deadline.number is not None and deadline.unit is not None:
            exact = f"{number(deadline.number)} {label('units', deadline.unit.value)}"
        published = shorten(deadline.text, 500)
        return Line(
            text=exact or published,
            detail=published if exact and published != exact else "",
            where=where,
            case=names.get(deadline.case or "", ""),
        )

    return _by_channel(record.deadlines, line)


def _by_channel(items: Sequence[T], line: Callable[[T, str], Line]) -> tuple[Line, ...]:
    """Items that differ only in their channel become one line that names all the channels."""
    groups: dict[T, list[ChannelKind | None]] = {}
    for item in items:
        groups.setdefault(item.model_copy(update={"channel": None}), []).append(item.channel)
    everywhere = {channel for channels in groups.values() for channel in channels}
    lines = []
    for item, repeated in groups.items():
        kinds = list(dict.fromkeys(repeated))
        is_everywhere = None in kinds or (len(groups) == 1 and set(kinds) == everywhere)
        names = "" if is_everywhere else ", ".join(label("channels", k.value) for k in kinds if k)
        made = line(item, names)
        if made.text or made.detail:
            lines.append(made)
    return tuple(dict.fromkeys(lines))[:MOST_LINES]


def places(record: Record) -> tuple[Line, ...]:
    """Where to hand in: the published place, else the agencies that receive or perform."""
    if record.receiving:
        return (Line(shorten(record.receiving, 500)),)
    for roles in (("receives",), ("performs",), ("decides",)):
        found = [Line(shorten(a.name)) for a in record.agencies if a.role in roles]
        if found:
            return tuple(dict.fromkeys(found))[:4]
    return ()


def levels(record: Record) -> str:
    """Which levels handle it, in words."""
    return ", ".join(label("levels", level.value) for level in record.levels)


def channels(record: Record) -> tuple[Line, ...]:
    """How it may be handed in."""
    kinds = dict.fromkeys(channel.kind for channel in record.channels)
    return tuple(Line(label("channels", kind.value)) for kind in kinds)


def steps(record: Record) -> Block:
    """The steps in order; a step of one case says which."""
    names = _cases(record)
    return _block(
        "",
        (Line(shorten(s.text, 400), case=names.get(s.case or "", "")) for s in record.steps),
        most=8,
    )


def forms(record: Record) -> tuple[Line, ...]:
    """Blank forms, with where they can be had."""
    found = (
        Line(shorten(paper.name), detail=plain(paper.form.name), where=paper.form.url)
        for paper in record.documents
        if paper.form
    )
    return tuple(dict.fromkeys(found))[:MOST_LINES]


def legal(record: Record) -> Block:
    """The legal texts, number first."""
    lines = (
        Line(": ".join(part for part in (plain(b.code), shorten(b.title, 160)) if part))
        for b in record.legal_basis
    )
    return _block("", lines)


def online(record: Record) -> dict[str, Any]:
    """How far it goes online: the published level, and whether an online channel is listed."""
    level = record.online
    return {
        "level": label("online", level.level.value) if level else "",
        "old_level": level.old_level if level else None,
        "url": level.url if level else "",
        "listed": any(c.kind is ChannelKind.ONLINE for c in record.channels),
    }


def source(record: Record) -> dict[str, Any]:
    """Where the facts come from, when, and whether anybody checked them."""
    first = record.sources[0] if record.sources else None
    return {
        "name": plain(first.name) if first else "",
        "date": first.date if first else None,
        "decision": plain(first.decision) if first else "",
        "verified": bool(first and all(s.verified for s in record.sources)),
    }


def _block(heading: str, lines: Iterable[Line], *, case: str = "", most: int = MOST_LINES) -> Block:
    found = [line for line in dict.fromkeys(lines) if line.text]
    shown = tuple(found[:most])
    if case:
        shown = tuple(Line(x.text, x.detail, x.where, case) for x in shown)
    return Block(heading, shown, len(found) - len(shown))
