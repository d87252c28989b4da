"""Procedure details of the national portal since 2025/26 (`get-formality-by-citizen`).

A whole answer `{"data": {…}}`, the bare object, a list of them, or one a line. Only procedures in
force are taken (state ACTIVE or UPDATED).
"""

import datetime as dt
import json
import re
from collections.abc import Iterable, Iterator
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
from backend.procedures.published.channels import channels_in, merge_notes, say_once
from backend.procedures.published.deadlines import read_deadline, split_time
from backend.procedures.published.documents import PublishedGroup, PublishedPaper, read_papers
from backend.procedures.published.fees import PublishedFee, read_fee
from backend.procedures.published.legal import legal_code
from backend.procedures.published.organisation import subjects_of
from backend.procedures.published.text import items, one_line, stated, without_bullet, without_tail
from backend.procedures.record import (
    Agency,
    ChannelKind,
    Deadline,
    Fee,
    LegalBasis,
    Level,
    Record,
    Source,
    Step,
    Tier,
)
from backend.procedures.wording import abolished_remark

_LIVE = {"ACTIVE", "UPDATED", ""}
_LEVELS = (
    ("isWard", Level.COMMUNE),
    ("isProvince", Level.PROVINCE),
    ("isMinistry", Level.MINISTRY),
    ("isOtherAgency", Level.OTHER),
)
_ROLES = {
    "departmentsExecuting": "performs",
    "departmentsAuthority": "decides",
    "departmentsAuthorized": "delegated",
    "departmentsCoordinating": "cooperates",
}
_PAGE = "https://dichvucong.gov.vn/thu-tuc-hanh-chinh/{id}"
_TAG = re.compile(r"<(?:br|/p|/li|/div)[^>]*>|\n")
_ANY_TAG = re.compile(r"<[^>]+>")


def accepts(file: File) -> bool:
    """JSON with the portal's fields."""
    text = file.text
    return '"executionMethods"' in text or '"executionSteps"' in text


def read(file: File) -> Iterator[Parsed]:
    """Every procedure in the file."""
    return each(_objects(file), lambda raw: _record(raw, file), _source_of)


def _objects(file: File) -> Iterator[tuple[str, object]]:
    try:
        whole = json.loads(file.text)
    except json.JSONDecodeError:
        for number, line in enumerate(file.lines, 1):
            if line.strip():
                yield f"{file.name}:{number}", line
        return
    rows = whole if isinstance(whole, list) else [whole]
    for number, row in enumerate(rows, 1):
        yield f"{file.name}#{number}", row


def _source_of(found: Record) -> str:
    return found.sources[0].name


def _opened(raw: object) -> dict[str, Any]:
    """The procedure's own object, out of its line and its envelopes (`data`, `detail`)."""
    if isinstance(raw, str):
        try:
            raw = json.loads(raw)
        except json.JSONDecodeError as error:
            raise Rejected(phrase("bad_json", detail=error.msg)) from error
    for envelope in ("data", "detail"):
        if isinstance(raw, dict) and isinstance(raw.get(envelope), dict):
            _refuse_other_code(raw, raw[envelope])
            raw = raw[envelope]
    if not isinstance(raw, dict):
        raise Rejected(phrase("not_an_object"))
    return raw


def _refuse_other_code(outside: dict[str, Any], inside: dict[str, Any]) -> None:
    """A crawler keeps what it asked for beside what it got; they must be one procedure."""
    asked, got = outside.get("code"), inside.get("code")
    if asked and got and required_code(asked) != required_code(got):
        raise Rejected(phrase("other_code", inside=got, asked=asked), str(asked))


def _record(row: object, file: File) -> Record:
    raw = _opened(row)
    code = required_code(raw.get("code") or raw.get("codeNotation"))
    name = required_name(without_tail(one_line(raw.get("name"))), code)
    state = one_line(raw.get("state") or raw.get("status"))
    if state.upper() not in _LIVE:
        raise Rejected(phrase("not_live", code=code, state=state), code)
    papers = read_papers(_groups(raw), name)
    return Record(
        code=code,
        name=name,
        tier=Tier.IMPORTED,
        field=", ".join(_names(raw.get("categoriesDetails") or raw.get("categories"))),
        levels=tuple(level for key, level in _LEVELS if raw.get(key)),
        subjects=subjects_of(_names(raw.get("subjectTypesDetails"))),
        agencies=_agencies(raw),
        receiving=_plain(raw.get("dossierReceivingAddresses")),
        summary=_plain(raw.get("description")),
        cases=papers.cases,
        documents=papers.documents,
        **_channels(raw.get("executionMethods") or []),
        steps=tuple(Step(text=text) for text in _steps(raw.get("executionSteps") or [])),
        conditions=tuple(items(_joined(raw.get("requirementsAndConditions")))),
        results=tuple(without_tail(without_bullet(n)) for n in _names(raw.get("resultsDetails"))),
        legal_basis=tuple(_law(law) for law in _rows(raw, "legalBasisesDetails", "legalBases")),
        related=tuple(r["code"] for r in _rows(raw, "procedureRelatedGroup") if r.get("code")),
        sources=(_source(raw, file),),
    )


def _source(raw: dict[str, Any], file: File) -> Source:
    proposal = raw.get("procedureProposal") or {}
    identity = one_line(str(raw.get("id") or ""))
    return Source(
        name=phrase("source_portal"),
        url=_PAGE.format(id=identity) if identity else "",
        date=_moment(raw.get("updatedAt")) or file.date,
        decision=one_line(raw.get("decisionNo") or proposal.get("proposalNumber")),
        note=abolished_remark(raw),
    )


def _moment(value: object) -> dt.date | None:
    if isinstance(value, int | float):
        return dt.datetime.fromtimestamp(value / 1000, dt.UTC).date()
    try:
        return dt.date.fromisoformat(str(value)[:10])
    except ValueError:
        return None


def _plain(text: object) -> str:
    """The text without its markup."""
    return stated(_ANY_TAG.sub("", _TAG.sub("\n", _joined(text))))


def _joined(value: object) -> str:
    if isinstance(value, list):
        return "\n".join(filter(None, (_joined(part) for part in value)))
    if isinstance(value, dict):
        return str(value.get("content") or value.get("description") or value.get("name") or "")
    return str(value or "")


def _names(rows: object) -> list[str]:
    if not isinstance(rows, list):
        return []
    return [name for row in rows if (name := one_line(_named(row)))]


def _named(row: object) -> str:
    return str(row.get("name") or "") if isinstance(row, dict) else str(row or "")


def _rows(raw: dict[str, Any], *keys: str) -> list[dict[str, Any]]:
    found: list[Any] = next((raw[key] for key in keys if isinstance(raw.get(key), list)), [])
    return [row for row in found if isinstance(row, dict)]


def _agencies(raw: dict[str, Any]) -> tuple[Agency, ...]:
    found = [
        Agency(role=role, name=without_tail(name))
        for key, role in _ROLES.items()
        for name in _names(raw.get(key))
    ]
    if not any(agency.role == "performs" for agency in found):
        executing = raw.get("executingAgencies")
        names = _names(executing) or [one_line(_joined(executing))]
        found += [Agency(name=without_tail(name)) for name in names if name]
    return tuple(found)


def _steps(rows: list[Any]) -> Iterable[str]:
    texts = []
    for row in rows:
        title = one_line(_named(row))
        body = _plain(row.get("description") or row.get("content")) if isinstance(row, dict) else ""
        texts.append(f"{title}\n{body}" if title and body else title or body)
    one_text = len(rows) == 1 and not one_line(_named(rows[0]))
    return items(texts[0]) if one_text else [text for text in texts if text]


def _channels(rows: list[dict[str, Any]]) -> dict[str, Any]:
    deadlines: list[Deadline] = []
    fees: list[Fee] = []
    notes: list[tuple[ChannelKind, str]] = []
    for row in rows:
        time, place = split_time(_plain(row.get("description")))
        for channel in channels_in(one_line(row.get("submissionMethod") or row.get("method"))):
            notes.append((channel, place))
            if deadline := _deadline(row, time, channel):
                deadlines.append(deadline)
            read = (read_fee(_fee(fee), channel) for fee in row.get("fees") or [])
            fees.extend(fee for fee in read if fee)
    channels = {channel for channel, _ in notes}
    return {
        "channels": merge_notes(notes),
        "deadlines": say_once(deadlines, channels),
        "fees": say_once(fees, channels),
    }


def _deadline(row: dict[str, Any], time: str, channel: ChannelKind) -> Deadline | None:
    number = row.get("processingTime", row.get("processing_time"))
    unit = row.get("processingTimeUnit", row.get("unit"))
    return read_deadline(_number(number), unit, time, channel=channel)


def _number(value: object) -> float | None:
    try:
        return float(str(value))
    except ValueError:
        return None


def _fee(row: dict[str, Any]) -> PublishedFee:
    amount = _number(row.get("value", row.get("amount")))
    currency = one_line(row.get("currencyName") or "VNĐ")
    note = _plain(row.get("description"))
    if amount is None:
        return PublishedFee(note=note or one_line(row.get("name")))
    if amount == 0:
        # The portal writes 0 where nothing was entered: only the words beside it can say "free".
        return PublishedFee(note=note)
    label = f"{amount:,.0f} {currency}".replace(",", ".")
    return PublishedFee(note=note, amount=int(amount), label=label, kind=_kind(row))


def _kind(row: dict[str, Any]) -> str:
    name = one_line(row.get("name")).lower()
    if name.startswith("lệ phí"):
        return "Lệ phí"
    return "Phí" if name.startswith("phí") else ""


def _groups(raw: dict[str, Any]) -> list[PublishedGroup]:
    cases = _rows(raw, "executionCases")
    if not cases and _rows(raw, "profileComponents"):
        cases = [{"name": "", "profileComponents": raw["profileComponents"]}]
    return [
        PublishedGroup(
            one_line(case.get("name")), [_paper(row) for row in _rows(case, "profileComponents")]
        )
        for case in cases
    ]


def _paper(row: dict[str, Any]) -> PublishedPaper:
    form = next(iter(row.get("attachments") or []), None) or {}
    return PublishedPaper(
        name=_plain(row.get("name")),
        originals=row.get("originalQty"),
        copies=row.get("copyQty"),
        form=one_line(form.get("fileName")),
        form_url=one_line(form.get("url")),
    )


def _law(row: dict[str, Any]) -> LegalBasis:
    published = one_line(row.get("code"))
    code = legal_code(published)
    title = one_line(row.get("name"))
    return LegalBasis(code=code, title=title if code else f"{title} {published}".strip())
