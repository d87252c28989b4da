"""The answer of the national service `LayThuTuc`: a whole file, or one answer a line."""

import datetime as dt
import json
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
from backend.procedures.published.channels import channel_of, merge_notes, say_once
from backend.procedures.published.deadlines import read_deadline
from backend.procedures.published.documents import PublishedGroup, PublishedPaper, read_papers
from backend.procedures.published.fees import PublishedFee, apart, dong, read_fee
from backend.procedures.published.legal import legal_code
from backend.procedures.published.organisation import levels_of, subjects_of
from backend.procedures.published.text import items, one_line, stated, without_bullet, without_tail
from backend.procedures.record import (
    Agency,
    Case,
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

_ROLES = {
    "COQUANTHUCHIEN": "performs",
    "COQUANCOTHAMQUYEN": "decides",
    "COQUANDUOCUYQUYEN": "delegated",
    "COQUANPHOIHOP": "cooperates",
}
_FEE_KINDS = {"1": "Phí", "2": "Lệ phí"}
_SHORTEST_STEP = 20  # one service answers "Trình tự t." for every step


def accepts(file: File) -> bool:
    """JSON with the service's own key for the code."""
    return '"MATTHC"' in file.head or ('"result"' in file.head and '"TENTTHC"' in file.text)


def read(file: File) -> Iterator[Parsed]:
    """Every procedure in every answer of the file."""
    try:
        answers = [json.loads(file.text)]
    except json.JSONDecodeError:
        yield from _lines(file)
        return
    yield from _answers(file, answers)


def _lines(file: File) -> Iterator[Parsed]:
    for number, line in enumerate(file.lines, 1):
        origin = f"{file.name}:{number}"
        try:
            answer = json.loads(line)
        except json.JSONDecodeError as error:
            yield Parsed(origin, Rejected(phrase("bad_json", detail=error.msg)))
        else:
            yield from _answers(file, [answer], origin)


def _answers(file: File, answers: list[Any], origin: str = "") -> Iterator[Parsed]:
    rows = [row for answer in answers for row in _rows(answer)]
    if not rows:
        yield Parsed(origin or file.name, Rejected(phrase("empty_answer")))
    origins = ((f"{origin or file.name}#{n}", row) for n, row in enumerate(rows, 1))
    yield from each(origins, lambda row: _record(row, file), _source_of)


def _rows(answer: Any) -> list[Any]:
    if isinstance(answer, dict) and isinstance(answer.get("result"), list):
        return list(answer["result"])
    return answer if isinstance(answer, list) else [answer]


def _source_of(found: Record) -> str:
    return found.sources[0].name


def _record(row: object, file: File) -> Record:
    if not isinstance(row, dict):
        raise Rejected(phrase("not_an_object"))
    raw: dict[str, Any] = row
    code = required_code(raw.get("MATTHC"))
    name = required_name(without_tail(one_line(raw.get("TENTTHC"))), code)
    levels, dropped = levels_of(level.get("TENCAP", "") for level in raw.get("CAPTHUCHIEN", []))
    papers = read_papers(map(_group, raw.get("THANHPHANHOSO", [])), name)
    cases, steps = _steps(raw.get("TRINHTUTHUCHIEN", []), papers.cases)
    return Record(
        code=code,
        name=name,
        tier=Tier.IMPORTED,
        field=", ".join(one_line(f.get("TENLINHVUC")) for f in raw.get("LINHVUCTHUCHIEN", [])),
        levels=levels,
        subjects=subjects_of(s.get("TENDOITUONG", "") for s in raw.get("DOITUONGTHUCHIEN", [])),
        agencies=_agencies(raw),
        receiving=stated(raw.get("DIACHITIEPNHAN")),
        summary=stated(raw.get("MOTA")),
        cases=cases,
        documents=papers.documents,
        **_channels(raw.get("CACHTHUCTHUCHIEN", [])),
        steps=steps,
        conditions=tuple(items(stated(raw.get("YEUCAU")))),
        results=_results(raw.get("KETQUATHUCHIEN", [])),
        legal_basis=tuple(_law(law) for law in raw.get("CANCUPHAPLY", [])),
        related=_related(raw, code),
        sources=(_source(raw, file, dropped),),
    )


def _source(raw: dict[str, Any], file: File, dropped: str) -> Source:
    notes = [dropped]
    notes.append(abolished_remark(raw))
    publisher = one_line(raw.get("MACOQUANCONGBO"))
    name = phrase("source_national_service")
    return Source(
        name=f"{name} ({publisher})" if publisher else name,
        date=file.date,
        note=" ".join(filter(None, notes)),
    )


def _agencies(raw: dict[str, Any]) -> tuple[Agency, ...]:
    return tuple(
        Agency(role=role, name=name, code=one_line(row.get("MADONVI")))
        for key, role in _ROLES.items()
        for row in raw.get(key, [])
        if (name := without_tail(one_line(row.get("TENDONVI"))))
    )


def _steps(
    groups: list[dict[str, Any]], known: tuple[Case, ...]
) -> tuple[tuple[Case, ...], tuple[Step, ...]]:
    """The steps by case; a case that the papers do not know is added to the cases."""
    cases = {case.name: case for case in known}
    steps: list[Step] = []
    for group in groups:
        name = without_tail(without_bullet(one_line(group.get("TRUONGHOP"))))
        key = None
        if name:
            key = cases.setdefault(name, Case(key=f"c{len(cases) + 1}", name=name)).key
        texts = [item for row in group.get("TRINHTU", []) for item in items(row.get("TENTRINHTU"))]
        steps.extend(Step(case=key, text=text) for text in texts if len(text) >= _SHORTEST_STEP)
    used = {step.case for step in steps}
    kept = (case for case in cases.values() if case in known or case.key in used)
    return tuple(kept), tuple(steps)


def _channels(rows: list[dict[str, Any]]) -> dict[str, Any]:
    deadlines: list[Deadline] = []
    fees: list[Fee] = []
    notes: list[tuple[ChannelKind, str]] = []
    for row in rows:
        channel = channel_of(str(row.get("KENH", "")))
        if channel is None:
            continue
        notes.append((channel, stated(row.get("MOTA"))))
        for time in row.get("THOIGIAN", []):
            number = _number(time.get("THOIGIANGIAIQUYET"))
            text = stated(time.get("MOTA"))
            unit = time.get("DONVITINH")
            if deadline := read_deadline(number, unit, text, channel=channel):
                deadlines.append(deadline)
            fees.extend(_fees(time.get("PHILEPHI", []), channel))
    channels = {channel for channel, _ in notes}
    return {
        "channels": merge_notes(notes),
        "deadlines": say_once(deadlines, channels),
        "fees": say_once(fees, channels),
    }


def _number(text: object) -> float | None:
    try:
        return float(str(text).replace(",", "."))
    except ValueError:
        return None


def _fees(rows: list[dict[str, Any]], channel: ChannelKind) -> list[Fee]:
    """The fees of one deadline; several rows with one note are the rates that the note lists."""
    published = [_published(row) for row in rows]
    if len(rows) > 1 and len({one.note for one in published}) == 1:
        published = apart(published)
    read = (read_fee(one, channel) for one in published)
    return [fee for fee in read if fee is not None]


def _published(row: dict[str, Any]) -> PublishedFee:
    number = one_line(str(row.get("SOTIEN") or ""))
    amount = dong(number)
    unit = one_line(row.get("DONVI"))
    return PublishedFee(
        note=stated(row.get("MOTA")),
        amount=amount or None,
        is_free=amount == 0,
        label=f"{number} {unit}".strip() if number and amount != 0 else "",
        kind=_fee_kind(row),
    )


def _fee_kind(row: dict[str, Any]) -> str:
    return _FEE_KINDS.get(one_line(str(row.get("MAPHILEPHI", ""))).strip("'"), "")


def _group(group: dict[str, Any]) -> PublishedGroup:
    papers = [
        PublishedPaper(
            name=row.get("TENGIAYTO", ""),
            originals=_copies(row.get("SOBANCHINH")),
            copies=_copies(row.get("SOBANSAO")),
            form=row.get("TENMAUDON", ""),
            form_url=row.get("URL", ""),
            substitute=one_line(row.get("MA_KQ_THAYTHE")),
        )
        for row in group.get("GIAYTO", [])
    ]
    return PublishedGroup(group.get("TRUONGHOP", ""), papers)


def _copies(text: object) -> int | None:
    return int(str(text)) if str(text).isdigit() else None


def _results(rows: list[dict[str, Any]]) -> tuple[str, ...]:
    names = (without_tail(without_bullet(one_line(row.get("TENKETQUA")))) for row in rows)
    return tuple(dict.fromkeys(name for name in names if name))


def _law(row: dict[str, Any]) -> LegalBasis:
    published = one_line(row.get("SOVANBAN"))
    code = legal_code(published)
    title = one_line(row.get("TENVANBAN"))
    return LegalBasis(
        code=code,
        title=title if code else f"{title} {published}".strip(),
        issued=_day(row.get("NGAYBANHANH")),
        effective=_day(row.get("NGAYHIEULUC")),
        url=one_line(row.get("DIACHITRUYCAP")),
    )


def _day(text: object) -> dt.date | None:
    try:
        return dt.date.fromisoformat(str(text)[:10])
    except ValueError:
        return None


def _related(raw: dict[str, Any], code: str) -> tuple[str, ...]:
    rows = [*raw.get("TTHCLIENQUAN", []), *raw.get("TTHCLIENTHONG", [])]
    codes = (one_line(row.get("MATTHC")) for row in rows if isinstance(row, dict))
    return tuple(dict.fromkeys(c for c in codes if c and not c.startswith(code)))
