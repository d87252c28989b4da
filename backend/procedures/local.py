"""Entries that an officer writes by hand: the province's own words, over whatever was imported.

What is typed becomes the YAML of an overlay and goes through the importer of such files, so it is
held to the same rules. It counts as unchecked until somebody else has compared it with the decision
it rests on. A procedure that has no national code gets one that begins with 9, as none of those do.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import yaml
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from backend import audit, clock
from backend.accounts.roles import SignedIn
from backend.config import settings
from backend.errors import Conflict, InvalidInput, NotFound
from backend.i18n import gettext as _
from backend.procedures import service as procedures
from backend.procedures.importers import File, Parsed, Rejected, catalogue
from backend.procedures.models import ProcedureRecord
from backend.procedures.phrases import phrase
from backend.procedures.record import Record, Tier, bare_code

SOURCE = "local"
_FIRST = 1
_PREFIX = "9."


@dataclass(frozen=True)
class Draft:
    """What was typed; lists are one entry a line, empty means: the source is silent."""

    name: str
    field: str
    level: str
    code: str = ""
    lay_names: tuple[str, ...] = ()
    agencies: tuple[str, ...] = ()
    receiving: str = ""
    summary: str = ""
    documents: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    deadline: str = ""
    fees: tuple[str, ...] = ()
    is_free: bool = False
    steps: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    results: tuple[str, ...] = ()
    decision: str = ""
    url: str = ""


@dataclass(frozen=True)
class Entry:
    """One entry as the list shows it."""

    record: Record
    at: datetime

    @property
    def is_checked(self) -> bool:
        """Whether somebody compared it with its decision."""
        return all(source.verified for source in self.record.sources)


def listed(session: Session) -> list[Entry]:
    """Every entry, the newest first."""
    rows = session.scalars(_ours().order_by(ProcedureRecord.imported_at.desc()))
    return [Entry(Record.model_validate_json(row.body), row.imported_at) for row in rows]


def write(session: Session, officer: SignedIn, draft: Draft, *, now: datetime) -> str:
    """Store it, unchecked; the code under which it is found from this moment on."""
    _complete(draft)
    code = bare_code(draft.code) if draft.code else _next_code(session)
    if code is None:
        message = _("Mã thủ tục có dạng 1.234567.")
        raise InvalidInput("code", message, fields={"code": message})
    stored = _stored(session, code)
    if stored is not None and stored.source != SOURCE:
        message = _("Thủ tục này đã có bản của tỉnh nạp từ tệp; xin sửa tệp đó rồi nạp lại.")
        raise Conflict("from_file", message, fields={"code": message})
    record = _read(_document(draft, code, now))
    _store(session, record, now=now)
    audit.record(
        session, officer.id, "procedure.written", f"procedure:{code}", now=now, name=draft.name
    )
    return code


def check(session: Session, officer: SignedIn, code: str, *, now: datetime) -> None:
    """Somebody other than its writer has compared it with the decision."""
    row = _own(session, code)
    written = [a for a in audit.of(session, f"procedure:{code}") if a.action == "procedure.written"]
    if written and written[-1].actor_id == officer.id:
        raise Conflict(
            "own_entry", _("Người nhập không tự xác nhận; xin nhờ người khác đối chiếu.")
        )
    record = Record.model_validate_json(row.body)
    sources = [
        source.model_copy(update={"verified": True, "note": phrase("local_checked")})
        for source in record.sources
    ]
    _store(session, record.model_copy(update={"sources": tuple(sources)}), now=now)
    audit.record(session, officer.id, "procedure.checked", f"procedure:{code}", now=now)


def withdraw(session: Session, officer: SignedIn, code: str, *, now: datetime) -> None:
    """Take it out of the catalogue; what was imported speaks again."""
    gone = _own(session, code).code
    overlays = session.scalars(
        select(ProcedureRecord.code).where(ProcedureRecord.tier == Tier.OVERLAY)
    )
    procedures.withdraw(session, Tier.OVERLAY, keep=set(overlays) - {gone})
    audit.record(session, officer.id, "procedure.withdrawn", f"procedure:{gone}", now=now)


def _complete(draft: Draft) -> None:
    fields = {}
    for name in ("name", "field", "level", "decision"):
        if not getattr(draft, name):
            fields[name] = _("Xin ghi mục này.")
    if not (draft.documents or draft.steps):
        fields["documents"] = _("Xin ghi giấy tờ cần có hoặc các bước thực hiện.")
    if draft.is_free and draft.fees:
        fields["fees"] = _("Đã chọn không thu tiền thì để trống mục này.")
    if draft.url and not draft.url.startswith(("https://", "http://")):
        fields["url"] = _("Địa chỉ phải là một trang web, chép nguyên từ trình duyệt.")
    if fields:
        raise InvalidInput("procedure", _("Còn mục chưa đúng, xin xem bên dưới."), fields=fields)


def _document(draft: Draft, code: str, now: datetime) -> dict[str, Any]:
    """The draft as the YAML of an overlay; what is empty is left to the record below."""
    given: dict[str, Any] = {
        "lay_names": list(draft.lay_names),
        "agencies": [{"name": name} for name in draft.agencies],
        "receiving": draft.receiving,
        "summary": draft.summary,
        "documents": [{"name": name} for name in draft.documents],
        "channels": [{"kind": kind} for kind in draft.channels],
        "deadlines": [{"text": draft.deadline}] if draft.deadline else [],
        "fees": [{"amount": 0}] if draft.is_free else [{"text": text} for text in draft.fees],
        "steps": [{"text": text} for text in draft.steps],
        "conditions": list(draft.conditions),
        "results": list(draft.results),
    }
    source = {
        "name": phrase("source_local", centre=settings().centre_name), "url": draft.url,
        "date": clock.local(now).date(), "decision": draft.decision,
        "note": phrase("local_unchecked"),
    }  # fmt: skip
    return {
        "code": code, "tier": Tier.OVERLAY.value, "name": draft.name, "field": draft.field,
        "levels": [draft.level], **{name: value for name, value in given.items() if value},
        "sources": [source],
    }  # fmt: skip


def _read(document: dict[str, Any]) -> Record:
    text = yaml.safe_dump(document, allow_unicode=True, sort_keys=False)
    (parsed,) = catalogue.read(File(f"{document['code']}.yml", [text]))
    if isinstance(parsed.found, Rejected):
        raise InvalidInput("procedure", parsed.found.reason)
    if not isinstance(parsed.found, Record):
        raise TypeError(f"an overlay reads as a record, not as {parsed.found!r}")
    return parsed.found


def _store(session: Session, record: Record, *, now: datetime) -> None:
    plan = procedures.plan(session, [Parsed(record.code, record, SOURCE)])
    procedures.apply(session, plan, now)


def _next_code(session: Session) -> str:
    newest = session.scalar(
        select(func.max(ProcedureRecord.code)).where(ProcedureRecord.code.startswith(_PREFIX))
    )
    number = int(newest.removeprefix(_PREFIX)) + 1 if newest else _FIRST
    return f"{_PREFIX}{number:06d}"


def _ours() -> Select[ProcedureRecord]:
    return select(ProcedureRecord).where(
        ProcedureRecord.tier == Tier.OVERLAY, ProcedureRecord.source == SOURCE
    )


def _stored(session: Session, code: str) -> ProcedureRecord | None:
    return session.scalar(
        select(ProcedureRecord).where(
            ProcedureRecord.code == code, ProcedureRecord.tier == Tier.OVERLAY
        )
    )


def _own(session: Session, code: str) -> ProcedureRecord:
    row = _stored(session, code)
    if row is None or row.source != SOURCE:
        raise NotFound("no_local_entry", _("Không có mục nào do tỉnh nhập dưới mã này."))
    return row
