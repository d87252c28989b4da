"""An older export of one province's own page: flat JSON lines with Vietnamese headings."""

import datetime as dt
import json
import re
from collections.abc import Iterator
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
from backend.procedures.published.channels import channels_in, merge_notes
from backend.procedures.published.deadlines import read_words
from backend.procedures.published.documents import PublishedGroup, PublishedPaper, read_papers
from backend.procedures.published.fees import PublishedFee, read_fee
from backend.procedures.published.legal import read_lines
from backend.procedures.published.organisation import agencies, subjects_of
from backend.procedures.published.text import (
    items,
    one_line,
    paragraphs,
    stated,
    without_bullet,
    without_tail,
)
from backend.procedures.record import Fee, Online, OnlineLevel, Record, Source, Step, Tier
from backend.procedures.wording import abolished_remark

# Behind the national part stand the province's suffix and, at times, the words that followed it.
_LOCAL_CODE = re.compile(r"^(\d\.\d{6})\b.*$")
_ONLINE = (
    ("toàn trình", OnlineLevel.WHOLE),
    ("một phần", OnlineLevel.PART),
    ("cung cấp thông tin", OnlineLevel.INFORMATION),
)
_DECISION = re.compile(r"(?:Số )?QĐ:\s*([\w/.-]+)")
_EFFECTIVE = re.compile(r"hiệu lực:\s*(\d{4}-\d{2}-\d{2})")
_NO_FACT = re.compile(r"^\W*\(?(?:không|chưa) có thông tin", re.IGNORECASE)
_NO_FEE = re.compile(r"^\W*không(?: có(?: lệ phí)?| thu)?\W*$", re.IGNORECASE)
_NOT_A_PAPER = re.compile(r"^(?:loại giấy tờ|số lượng|số bộ)", re.IGNORECASE)


def accepts(file: File) -> bool:
    """JSON lines with the page's headings as keys."""
    return '"Trình tự thực hiện"' in file.text[:20000] or '"Mã thủ tục"' in file.head


def read(file: File) -> Iterator[Parsed]:
    """One record a line."""
    lines = ((f"{file.name}:{n}", line) for n, line in enumerate(file.lines, 1) if line.strip())
    return each(lines, lambda line: _record(str(line), file), _source_of)


def _source_of(found: Record) -> str:
    return found.sources[0].name


def _record(line: str, file: File) -> Record:
    try:
        raw: dict[str, Any] = json.loads(line)
    except json.JSONDecodeError as error:
        raise Rejected(phrase("bad_json", detail=error.msg)) from error
    code = required_code(_LOCAL_CODE.sub(r"\1", one_line(raw.get("code") or raw.get("Mã thủ tục"))))
    name = required_name(without_tail(one_line(raw.get("name"))), code)
    papers = read_papers([PublishedGroup("", _papers(raw.get("Thành phần hồ sơ")))], name)
    deadline = read_words(_fact(raw.get("Thời hạn giải quyết")))
    how = _fact(raw.get("Cách thức thực hiện"))
    return Record(
        code=code,
        name=name,
        tier=Tier.IMPORTED,
        field=one_line(raw.get("Lĩnh vực")),
        subjects=subjects_of(map(_clean, paragraphs(_fact(raw.get("Đối tượng thực hiện"))))),
        agencies=agencies(
            _fact(raw.get("Cơ quan thực hiện")), _fact(raw.get("Cơ quan có thẩm quyền quyết định"))
        ),
        receiving=" ".join(paragraphs(_fact(raw.get("Địa chỉ tiếp nhận hồ sơ")))),
        cases=papers.cases,
        documents=papers.documents,
        channels=merge_notes((kind, " ".join(paragraphs(how))) for kind in channels_in(how)),
        deadlines=(deadline,) if deadline else (),
        fees=tuple(_fees(raw)),
        steps=tuple(Step(text=text) for text in items(_fact(raw.get("Trình tự thực hiện")))),
        conditions=tuple(items(_fact(raw.get("Điều kiện thực hiện")))),
        results=tuple(map(_clean, paragraphs(_fact(raw.get("Kết quả thực hiện"))))),
        legal_basis=read_lines(_fact(raw.get("Căn cứ pháp lý"))),
        online=_online(one_line(raw.get("Mức trực tuyến")).lower()),
        sources=(_source(raw, file),),
    )


def _fact(text: str | None) -> str:
    plain = stated(text)
    return "" if _NO_FACT.match(plain) else plain


def _clean(line: str) -> str:
    return without_tail(without_bullet(line))


def _source(raw: dict[str, Any], file: File) -> Source:
    published = one_line(raw.get("Thông tin công bố"))
    decision, effective = _DECISION.search(published), _EFFECTIVE.search(published)
    return Source(
        name=phrase("source_province"),
        date=dt.date.fromisoformat(effective[1]) if effective else file.date,
        decision=decision[1] if decision else "",
        note=abolished_remark(raw),
    )


def _papers(text: str | None) -> list[PublishedPaper]:
    lines = (line for line in paragraphs(_fact(text)) if not _NOT_A_PAPER.match(_clean(line)))
    return [PublishedPaper(name=line) for line in lines]


def _fees(raw: dict[str, Any]) -> Iterator[Fee]:
    for kind in ("Lệ phí", "Phí"):
        note = "\n".join(paragraphs(_fact(raw.get(kind))))
        is_free = bool(_NO_FEE.match(note)) and bool(note)
        if fee := read_fee(PublishedFee(note=note, is_free=is_free, kind=kind)):
            yield fee


def _online(text: str) -> Online | None:
    return next((Online(level=level) for word, level in _ONLINE if word in text), None)
