"""Crawls of the national portal: one JSON object a line, plain or gzipped.

`methods[].note` is glued together by the crawler: what the fee is ("Miễn phí", "300,000 Việt Nam
Đồng", "Không có thông tin", or "VNĐ" where the number went into the deadline), a note on the fee
in brackets, then whatever is said about time and place. A record whose page was another
procedure's (`body_missing`) is known by name only.
"""

import json
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from backend.procedures.importers.parsed import (
    File,
    Parsed,
    Rejected,
    each,
    required_code,
    required_name,
)
from backend.procedures.phrases import phrase
from backend.procedures.published.channels import channel_of, merge_notes, say_once
from backend.procedures.published.deadlines import read_deadline, read_words, split_time
from backend.procedures.published.documents import PublishedGroup, PublishedPaper, read_papers
from backend.procedures.published.fees import PublishedFee, dong, read_fee
from backend.procedures.published.legal import read_glued, read_lines
from backend.procedures.published.organisation import agencies, levels_of, subjects_of
from backend.procedures.published.text import (
    capitalised,
    items,
    one_line,
    stated,
    without_bullet,
    without_tail,
)
from backend.procedures.record import (
    ChannelKind,
    Deadline,
    Fee,
    LegalBasis,
    Record,
    Source,
    Step,
    Tier,
)
from backend.procedures.wording import abolished_remark

_HEAD = re.compile(
    r"^(?P<free>Miễn phí)|^(?P<silent>Không có thông tin)"
    r"|^(?P<label>(?P<number>\d[\d.,]*) ?(?:Việt Nam Đồng|VNĐ|USD|EUR))"
    r"|^(?P<broken>(?:VNĐ|Việt Nam Đồng)(?=\(|$))"
)
_POINT = re.compile(r"\(\s*(?:\d{1,2}|[a-zđ]\d?|[ivx]{1,4})\s*\)")  # "(1)" opens a list, not a note
_MONTH = re.compile(r"@(\d{4})-(\d{2})")
_MONEY_LINE = re.compile(
    r"^(?P<kind>Lệ phí|Phí)\s*:\s*(?P<amount>[\d.,]+|[Kk]hông|)\s*(?P<unit>Đồng|USD)?\s*"
    r"(?:\((?P<note>.*)\))?\s*$",
    re.DOTALL,
)
# Remarks of the person who crawled, about the page and not about the procedure.
_CRAWLER = re.compile(r"Cổng (?:để dòng phí trống|không công bố phí)[^;.\n]*(?:[;.]\s*|$)")
_SOURCES = {
    "chatbot": "source_portal",
    "national portal": "source_portal",
    "nhdandz": "source_defence",
}
_RESULT_CODE = re.compile(r"^(?:KQ\.[A-Z]\d{2}\.\d+)\W*")


def accepts(file: File) -> bool:
    """JSON lines with the crawler's fields."""
    return file.head.lstrip().startswith("{") and '"methods"' in file.head


def read(file: File) -> Iterator[Parsed]:
    """One record a line."""
    lines = ((f"{file.name}:{n}", line) for n, line in enumerate(file.lines, 1) if line.strip())
    sources: dict[str, str] = {}

    def record(line: object) -> Record:
        raw = _decoded(line)
        found = _record(raw, file.date)
        sources[found.code] = str(raw.get("source", "")).split("@")[0]
        return found

    return each(lines, record, lambda found: sources[found.code])


def _decoded(line: object) -> dict[str, Any]:
    try:
        raw = json.loads(str(line))
    except json.JSONDecodeError as error:
        raise Rejected(phrase("bad_json", detail=error.msg)) from error
    if not isinstance(raw, dict):
        raise Rejected(phrase("not_an_object"))
    return raw


def _record(raw: dict[str, Any], file_date: date | None) -> Record:
    code = required_code(raw.get("code"))
    name = required_name(capitalised(without_tail(one_line(raw.get("name")))), code)
    levels, dropped = levels_of(raw.get("levels", []))
    source = _source(raw, file_date, dropped)
    known: dict[str, Any] = {
        "code": code,
        "name": name,
        "field": one_line(raw.get("field")),
        "levels": levels,
        "subjects": subjects_of(raw.get("subjects", [])),
        "sources": (source,),
    }
    if raw.get("body_missing"):
        note = " ".join(filter(None, (source.note, phrase("name_only"))))
        known["sources"] = (source.model_copy(update={"note": note}),)
        return Record(tier=Tier.NAME_ONLY, **known)
    papers = read_papers(map(_group, raw.get("cases", [])), name)
    return Record(
        tier=Tier.IMPORTED,
        agencies=agencies(raw.get("agency"), raw.get("authority")),
        cases=papers.cases,
        documents=papers.documents,
        **_methods(raw.get("methods", [])),
        steps=tuple(Step(text=text) for text in items(raw.get("steps"))),
        conditions=tuple(items(stated(raw.get("conditions")))),
        results=_results(raw.get("results", [])),
        legal_basis=_legal(raw.get("legal") or {}),
        **known,
    )


def _source(raw: dict[str, Any], file_date: date | None, dropped: str) -> Source:
    label = str(raw.get("source", ""))
    key = next((key for begin, key in _SOURCES.items() if label.startswith(begin)), "")
    month = _MONTH.search(label)
    when = file_date
    notes = [dropped]
    if month:
        when = date(int(month[1]), int(month[2]), 1)
        notes.append(phrase("crawled", month=when.month, year=when.year))
    if raw.get("updated"):
        when = date.fromisoformat(str(raw["updated"]))
    if raw.get("complete") is False:
        notes.append(phrase("incomplete"))
    notes.append(abolished_remark(raw))
    return Source(
        name=phrase(key) if key else label,
        url=str(raw.get("url", "")),
        date=when,
        decision=re.sub(r"^Quyết định số\s*", "", one_line(raw.get("decision"))),
        note=" ".join(filter(None, notes)),
    )


def _methods(methods: list[dict[str, Any]]) -> dict[str, Any]:
    deadlines: list[Deadline] = []
    fees: list[Fee] = []
    notes: list[tuple[ChannelKind, str]] = []
    for method in methods:
        channel = channel_of(method.get("channel"))
        if channel is None:
            continue
        head, fee_note, rest = _split_note(_CRAWLER.sub("", stated_note(method.get("note"))))
        time, place = split_time(rest)
        notes.append((channel, place))
        fees.extend(_fees(method, head, fee_note, channel))
        if deadline := _deadline(method, head, time, channel):
            deadlines.append(deadline)
    channels = {channel for channel, _ in notes}
    return {
        "channels": merge_notes(notes),
        "deadlines": say_once(deadlines, channels),
        "fees": say_once(fees, channels),
    }


def stated_note(text: str | None) -> str:
    """The note with its lines tidied, its head kept."""
    return "\n".join(line.strip() for line in (text or "").split("\n")).strip()


def _split_note(note: str) -> tuple[re.Match[str] | None, str, str]:
    """The head, the bracketed note on the fee, and the rest."""
    head = _HEAD.match(note)
    rest = note[head.end() :] if head else note
    brackets: list[str] = []
    while head and rest.startswith("(") and not _POINT.match(rest):
        end = _closing(rest)
        brackets.append(rest[1:end])
        rest = rest[end + 1 :].lstrip()
    return head, stated("\n".join(brackets)), stated(rest)


def _closing(text: str) -> int:
    """Where the bracket that opens the text closes; its end, if it never does."""
    depth = 0
    for place, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if depth == 0:
            return place
    return len(text)


def _deadline(
    method: dict[str, Any], head: re.Match[str] | None, time: str, channel: ChannelKind
) -> Deadline | None:
    if "duration_text" in method:
        return read_words(stated(method["duration_text"]) or time, channel)
    fused = bool(head and head["broken"])
    number = method.get("duration")
    return read_deadline(number, method.get("unit"), time, channel=channel, number_is_fused=fused)


def _fees(
    method: dict[str, Any], head: re.Match[str] | None, note: str, channel: ChannelKind
) -> Iterator[Fee]:
    if "fee_text" in method:
        published = [_money_line(line) for line in _money_lines(method["fee_text"])]
    else:
        published = [_money(method, head, note)]
    for one in published:
        if fee := read_fee(one, channel):
            yield fee


def _money(method: dict[str, Any], head: re.Match[str] | None, note: str) -> PublishedFee:
    if head is None:
        return PublishedFee(note=note, is_free=bool(method.get("free")))
    if head["broken"]:
        return PublishedFee(note=note, label="" if note else phrase("fee_unreadable"))
    amount = dong(head["number"]) if head["number"] else None
    return PublishedFee(
        note=note, amount=amount, is_free=bool(head["free"]), label=head["label"] or ""
    )


def _money_lines(text: str) -> list[str]:
    return re.split(r"\n(?=(?:Lệ phí|Phí)\s*:)", stated(text)) if stated(text) else []


def _money_line(line: str) -> PublishedFee:
    match = _MONEY_LINE.match(line)
    if match is None:
        return PublishedFee(note=re.sub(r"^(?:Lệ phí|Phí)\s*:\s*", "", line))
    kind, note = match["kind"], match["note"] or ""
    if match["amount"].lower() in {"0", "không"}:
        return PublishedFee(note=note, is_free=True, kind=kind)
    label = f"{match['amount']} {match['unit']}" if match["amount"] else ""
    return PublishedFee(note=note, amount=dong(match["amount"]), label=label, kind=kind)


def _group(case: dict[str, Any]) -> PublishedGroup:
    return PublishedGroup(case.get("case", ""), [_paper(row) for row in case.get("documents", [])])


def _paper(row: dict[str, Any]) -> PublishedPaper:
    originals, copies = row.get("originals"), row.get("copies")
    counts = re.match(r"Bản chính: (\d+)\s*Bản sao: (\d+)", row.get("note", ""))
    if counts:
        originals, copies = int(counts[1]), int(counts[2])
    return PublishedPaper(
        name=row.get("name", ""),
        originals=originals,
        copies=copies,
        form=next(iter(row.get("forms", [])), ""),
    )


def _results(results: list[dict[str, Any]]) -> tuple[str, ...]:
    names = (
        without_tail(without_bullet(_RESULT_CODE.sub("", one_line(result.get("name")))))
        for result in results
    )
    return tuple(dict.fromkeys(name for name in names if len(name) > 2))


def _legal(legal: dict[str, Any]) -> tuple[LegalBasis, ...]:
    text = str(legal.get("text", ""))
    if text.startswith("[{"):
        rows = json.loads(text)
        return tuple(
            LegalBasis(code=one_line(row.get("so_ky_hieu")), title=one_line(row.get("trich_yeu")))
            for row in rows
        )
    is_list = text.count("\n") >= len(legal.get("codes", [])) - 1 and text.endswith(")")
    return read_lines(text) if is_list else read_glued(text)
