"""Take over what the one-stop system says about its dossiers; it is the truth, we are the mirror.

Order: by `ThoiDiemXuLy`; an item without one counts from the moment it reaches us, except that a
first snapshot (status 1 or 2) is as old as the dossier's receipt. So a late or repeated message
never takes a status backwards, in whatever order batches come: a message seen before is `repeated`,
one older than what is known is `stale` (it still joins the history). A move outside our table is
applied, flagged and listed for officers.

One bad item never stops the rest: every item is read before anything is written.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend import db
from backend.dossiers import moves, proofs
from backend.dossiers.models import Dossier, DossierEvent, DossierRequest
from backend.dossiers.schemas import Item, Progress, Snapshot, SyncResult, text_of
from backend.dossiers.spelling import phone_of
from backend.dossiers.status import CLOCK_STOPPED, Status, can_move

_SERVICES: dict[str, type[Snapshot] | type[Progress]] = {
    "DongBoHoSoMC": Snapshot,
    "CapNhatTienDoHoSoMC": Progress,
}
_FIRST = (Status.REGISTERED, Status.ACCEPTED)
_CLOCKS_DIFFER_BY = timedelta(days=1)


@dataclass(frozen=True)
class _Read:
    """One item that could be read; `key` is its place in time, None where it has none."""

    index: int
    item: Item
    key: datetime | None
    digest: str


@dataclass
class _Batch:
    """What is known while a batch is worked through."""

    session: Session
    agency_code: str
    now: datetime
    dossiers: dict[str, Dossier] = field(default_factory=dict)
    seen: set[tuple[int, str]] = field(default_factory=set)
    fresh: set[int] = field(default_factory=set)
    touched: dict[int, Dossier] = field(default_factory=dict)
    moved: list[moves.Moved] = field(default_factory=list)
    renumbered: list[int] = field(default_factory=list)


def apply(
    session: Session,
    service: str,
    data: Sequence[dict[str, Any]],
    *,
    agency_code: str = "",
    now: datetime,
) -> list[SyncResult]:
    """Store a message of the one-stop system; one result for each item, in their order."""
    results: dict[int, SyncResult] = {}
    read: list[_Read] = []
    for index, raw in enumerate(data):
        found = _read(service, index, raw, now)
        if isinstance(found, _Read):
            read.append(found)
        else:
            results[index] = found
    batch = _Batch(session, agency_code[:40], now)
    _load(batch, read)
    for one in read:
        results[one.index] = _apply(batch, one)
    moves.reckon_due(session, batch.touched.values())
    proofs.close_by_number(session, batch.renumbered, now=now)
    moves.tell_followers(session, batch.moved, now=now)
    return [results[index] for index in sorted(results)]


def _read(service: str, index: int, raw: dict[str, Any], now: datetime) -> _Read | SyncResult:
    try:
        item = _SERVICES[service].model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        what = str(first["msg"]).removeprefix("Value error, ")
        code = text_of(raw.get("MaHoSo"))[:60]
        return SyncResult(index=index, code=code, result="rejected", reason=f"{where}: {what}")
    key = item.at
    if key is None and isinstance(item, Snapshot) and item.status in _FIRST:
        key = item.received_at
    if key is not None and key > now + _CLOCKS_DIFFER_BY:
        reason = "ThoiDiemXuLy: ở tương lai"
        return SyncResult(index=index, code=item.code, result="rejected", reason=reason)
    kept = item.model_dump(mode="json")  # what we know nothing of makes no difference
    text = json.dumps([service, kept], ensure_ascii=False, sort_keys=True)
    return _Read(index, item, key, hashlib.sha256(text.encode()).hexdigest())


def _load(batch: _Batch, read: Sequence[_Read]) -> None:
    """The dossiers of the batch, locked, in one order for everybody; new ones are made first."""
    session = batch.session
    codes = {one.item.code for one in read}
    known = set(session.scalars(select(Dossier.code).where(Dossier.code.in_(codes))))
    for one in sorted(read, key=lambda one: one.item.code):
        if isinstance(one.item, Snapshot) and one.item.code not in known:
            known.add(one.item.code)
            if (made := _create(batch, one.item, one.key)) is not None:
                batch.fresh.add(made)
    query = select(Dossier).where(Dossier.code.in_(codes)).order_by(Dossier.code).with_for_update()
    batch.dossiers = {dossier.code: dossier for dossier in session.scalars(query)}
    digests = [one.digest for one in read]
    events = session.execute(
        select(DossierEvent.dossier_id, DossierEvent.digest).where(DossierEvent.digest.in_(digests))
    )
    batch.seen = {(dossier_id, digest or "") for dossier_id, digest in events}


def _create(batch: _Batch, item: Snapshot, key: datetime | None) -> int | None:
    since = key or batch.now
    values = {
        "code": item.code, "status": item.status.value, "status_since": since,
        "told_at": batch.now, "created_at": batch.now,
        "received_at": item.received_at or batch.now,
        "receipt_digest": proofs.receipt_digest(item.code, 1), "receipt_serial": 1,
        "agency_code": batch.agency_code, "procedure_code": "", "procedure_name": "",
        "agency_name": "", "receipt_number": "", "owner_name": "", "phone": "", "email": "",
        "fee_total": 0, "is_flagged": False, "status_by_receipt": False,
    }  # fmt: skip
    return db.insert_once(batch.session, Dossier, values, unique=("code",))


def _apply(batch: _Batch, one: _Read) -> SyncResult:
    dossier = batch.dossiers.get(one.item.code)
    if dossier is None:
        reason = "MaHoSo: chưa có hồ sơ này, cần gửi DongBoHoSoMC trước"
        return SyncResult(index=one.index, code=one.item.code, result="rejected", reason=reason)
    result = SyncResult(
        index=one.index, code=dossier.code, result="repeated",
        tracking_url=proofs.tracking_url(dossier.code, dossier.receipt_serial),
        telegram_url=proofs.telegram_url(dossier.code, dossier.receipt_serial) or None,
    )  # fmt: skip
    dossier.told_at = batch.now
    if (dossier.id, one.digest) in batch.seen:
        return result
    batch.seen.add((dossier.id, one.digest))
    batch.touched[dossier.id] = dossier
    is_fresh = dossier.id in batch.fresh
    is_stale = not is_fresh and _is_stale(dossier, one)
    if isinstance(one.item, Snapshot):
        _take_details(batch, dossier, one.item, one.key, is_open=not is_stale)
    event = _event(dossier, one, batch.now)
    if is_stale:
        event.kind = "late"
        batch.session.add(event)
        result.result, result.reason = "stale", "đã có trạng thái mới hơn"
        return result
    if is_fresh:
        batch.fresh.discard(dossier.id)
        event.from_status = None
    _move(batch, dossier, event, one)
    result.result, result.flagged = "applied", event.is_flagged
    return result


def _event(dossier: Dossier, one: _Read, now: datetime) -> DossierEvent:
    item = one.item
    event = DossierEvent(
        dossier_id=dossier.id, kind="status", at=one.key or now, recorded_at=now,
        from_status=dossier.status, to_status=item.status.value, note=item.note,
        digest=one.digest, is_flagged=False,
    )  # fmt: skip
    if isinstance(item, Progress):
        event.actor = " · ".join(filter(None, (item.actor, item.position)))[:200]
        event.department = item.department[:300]
    return event


def _is_stale(dossier: Dossier, one: _Read) -> bool:
    current, to = Status(dossier.status), one.item.status
    if one.key is None:
        return False
    if dossier.status_key and (one.key, to.number) < (dossier.status_key, current.number):
        return True
    if dossier.status_by_receipt and one.key < dossier.status_since:
        # What is known came without a time, after this step was taken: forwards only.
        return to is not current and to.number < current.number and not can_move(current, to)
    return False


def _move(batch: _Batch, dossier: Dossier, event: DossierEvent, one: _Read) -> None:
    current, to = Status(dossier.status), one.item.status
    if one.key is not None:
        dossier.status_key = one.key
    if event.from_status is None:
        dossier.status_by_receipt = one.key is None
        moves.apply(batch.session, dossier, event)
    elif to is current:
        event.kind = "step"
        batch.session.add(event)
    else:
        dossier.status_by_receipt = one.key is None
        event.is_flagged = not can_move(current, to)
        moves.apply(batch.session, dossier, event)
        batch.moved.append((dossier, event))
    if isinstance(one.item, Snapshot) and to in (Status.DONE, Status.RETURNED):
        dossier.finished_at = one.item.finished_at or one.item.returned_at or dossier.finished_at


def _take_details(
    batch: _Batch, dossier: Dossier, item: Snapshot, key: datetime | None, *, is_open: bool
) -> None:
    """Everything but the status, unless something newer is known."""
    if key and dossier.details_key and key < dossier.details_key:
        return
    dossier.details_key = key or dossier.details_key
    for name, limit in (
        ("procedure_code", 40), ("procedure_name", 1000), ("receipt_number", 60),
        ("owner_name", 200), ("agency_name", 300), ("email", 200),
    ):  # fmt: skip
        if given := getattr(item, name):
            setattr(dossier, name, given[:limit])
    phone = phone_of(item.phone)
    if phone and phone != dossier.phone:
        if dossier.phone:
            batch.renumbered.append(dossier.id)
        dossier.phone = phone
    dossier.agency_code = batch.agency_code or dossier.agency_code
    dossier.received_at = item.received_at or dossier.received_at
    if item.fees:
        dossier.fee_total = sum(fee.amount for fee in item.fees)
    _take_requests(batch, dossier, item, is_open=is_open and item.status is Status.SUPPLEMENT)
    _take_due_date(dossier, item, key or batch.now)


def _take_due_date(dossier: Dossier, item: Snapshot, said_at: datetime) -> None:
    """`NgayHenTraMoi` was said knowing of the pause; a `NgayHenTra` repeated in it was not."""
    promised = [
        (asked.asked_at, asked.new_due_at)
        for asked in item.asked
        if asked.asked_at and asked.new_due_at
    ]
    base, at = item.due_at, said_at
    if promised:
        asked_at, new_due_at = max(promised)
        base, at = base or new_due_at, max(at, asked_at)
        if dossier.status in CLOCK_STOPPED:
            at = max(at, dossier.status_since)
    elif item.status in CLOCK_STOPPED and base == dossier.due_base:
        return
    if base is not None:
        dossier.due_base, dossier.due_base_at, dossier.due_at = base, at, base


def _take_requests(batch: _Batch, dossier: Dossier, item: Snapshot, *, is_open: bool) -> None:
    for asked in item.asked:
        if not asked.what:
            continue
        asked_at = asked.asked_at or item.at or batch.now
        text = json.dumps([asked.what, asked.asked_at and asked.asked_at.isoformat()])
        values = {
            "dossier_id": dossier.id, "what": asked.what, "asked_by": asked.asked_by[:200],
            "asked_at": asked_at, "old_due_at": asked.old_due_at, "new_due_at": asked.new_due_at,
            "answered_at": None if is_open else batch.now,
            "digest": hashlib.sha256(text.encode()).hexdigest(),
        }  # fmt: skip
        db.insert_once(batch.session, DossierRequest, values, unique=("dossier_id", "digest"))
