"""The catalogue: what is known of a procedure, from the best source, as citizens may see it.

Four tiers, whatever the order of import: the fields that a provincial overlay gives win; below it
the first whole record of imported, shipped, name only. Where the imported record says nothing at
all about a field (where to hand in, how long it takes), the shipped one speaks, and its source is
named too. Lay names and aliases are those of all tiers together.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from backend.procedures.importers.parsed import Parsed
from backend.procedures.models import ProcedureAlias, ProcedureRecord, ProcedureState
from backend.procedures.phrases import phrase
from backend.procedures.plan import Entry, Known, Plan, compare
from backend.procedures.record import Alias, Record, Tier, bare_code
from backend.procedures.wording import may_name_abolished, presentable

_LISTED = "list"
_WHOLE = (Tier.IMPORTED, Tier.SHIPPED, Tier.NAME_ONLY)
_BY_CASE = ("documents", "steps", "fees", "deadlines")
_FILLED = (
    *_BY_CASE, "summary", "channels", "conditions", "results", "legal_basis", "online",
)  # fmt: skip
_MANY = 500  # codes in one IN (…)

# Every answer asks these three: built once, since building costs more than asking.
_TIERS = select(ProcedureRecord).where(ProcedureRecord.code == bindparam("asked"))
_ALIASES = select(ProcedureAlias).where(
    ProcedureAlias.new_code == bindparam("asked"), ProcedureAlias.origin == _LISTED
)
_RELATIVES = (
    select(ProcedureAlias.old_code, ProcedureAlias.new_code)
    .where(
        (ProcedureAlias.old_code == bindparam("asked"))
        | (ProcedureAlias.new_code == bindparam("asked"))
    )
    .order_by(ProcedureAlias.old_code, ProcedureAlias.new_code)
)


@dataclass(frozen=True)
class Resolved:
    """The record to answer from; `note` says so where it goes by another code than was asked."""

    record: Record
    asked_code: str
    note: str = ""


def get(session: Session, code: str) -> Record | None:
    """What is known of a procedure under exactly this code."""
    bare = bare_code(code)
    if bare is None:
        return None
    rows = session.scalars(_TIERS, {"asked": bare}).all()
    listed = session.scalars(_ALIASES, {"asked": bare}).all()
    return _effective(rows, listed)


def names(session: Session, codes: Sequence[str]) -> dict[str, str]:
    """The names of these procedures, of those that are known."""
    rows = session.execute(
        select(ProcedureRecord.code, ProcedureRecord.tier, ProcedureRecord.name).where(
            ProcedureRecord.code.in_(codes), ProcedureRecord.name != ""
        )
    ).all()
    best = sorted(rows, key=lambda row: list(Tier).index(Tier(row.tier)), reverse=True)
    return {row.code: row.name for row in best}


def resolve(session: Session, code: str) -> Resolved | None:
    """The record to answer from: the procedure's own, else the fuller one of a relative."""
    asked = bare_code(code)
    if asked is None:
        return None
    own = get(session, asked)
    newer, older = _relatives(session, asked)
    if own and not own.is_name_only:
        note = phrase("has_new_code", new=newer[0]) if newer else ""
        return Resolved(own, asked, note)
    for successor in newer:
        record = get(session, successor)
        if record and not record.is_name_only:
            note = phrase("answered_by_new", old=asked, new=successor)
            return Resolved(record, asked, note)
    full = [r for old in older if (r := get(session, old)) and not r.is_name_only]
    if full:
        return _by_predecessor(full, asked, own.name if own else "")
    if own is None and newer:
        return resolve_name(session, asked, newer)
    return Resolved(own, asked) if own else None


def resolve_name(session: Session, asked: str, newer: Sequence[str]) -> Resolved | None:
    """A code that is known only as somebody's predecessor, while the successor is but a name."""
    named = next(filter(None, (get(session, code) for code in newer)), None)
    if named is None:
        return None
    return Resolved(named, asked, phrase("answered_by_new", old=asked, new=named.code))


def all_effective(session: Session) -> Iterator[Record]:
    """Every procedure, in the order of codes."""
    listed: dict[str, list[ProcedureAlias]] = {}
    for alias in session.scalars(select(ProcedureAlias).where(ProcedureAlias.origin == _LISTED)):
        listed.setdefault(alias.new_code, []).append(alias)
    rows = session.scalars(
        select(ProcedureRecord).order_by(ProcedureRecord.code).execution_options(yield_per=500)
    )
    for code, tiers in groupby(rows, key=lambda row: row.code):
        record = _effective(list(tiers), listed.get(code, ()))
        if record:
            yield record


def version(session: Session) -> int:
    """A number that rises with every change of the catalogue."""
    return session.scalar(select(ProcedureState.version)) or 0


def fingerprint(session: Session) -> str:
    """What is in the catalogue, as a short text that is the same for the same content."""
    digest = hashlib.sha256()
    columns = (ProcedureRecord.code, ProcedureRecord.tier, ProcedureRecord.digest)
    for code, tier, body in session.execute(select(*columns).order_by(*columns)):
        digest.update(f"{code} {tier} {body}\n".encode())
    pairs = (ProcedureAlias.old_code, ProcedureAlias.new_code)
    for old, new in session.execute(select(*pairs).order_by(*pairs)):
        digest.update(f"{old} {new}\n".encode())
    return digest.hexdigest()[:32]


def plan(session: Session, parsed: Iterable[Parsed]) -> Plan:
    """What an import would change; nothing is stored."""
    columns = (
        ProcedureRecord.code,
        ProcedureRecord.tier,
        ProcedureRecord.source,
        ProcedureRecord.digest,
        ProcedureRecord.dated,
        ProcedureRecord.weight,
        ProcedureRecord.body,
    )
    known = {
        (row.code, Tier(row.tier)): Known(row.source, row.digest, row.dated, row.weight, row.body)
        for row in session.execute(select(*columns))
    }
    pairs = session.execute(
        select(ProcedureAlias.old_code, ProcedureAlias.new_code).where(
            ProcedureAlias.origin == _LISTED
        )
    )
    return compare(parsed, known, {(old, new) for old, new in pairs})


def apply(session: Session, plan: Plan, now: datetime) -> int:
    """Store a plan; how many rows changed."""
    if not plan.changes:
        return 0
    if plan.new:
        session.execute(insert(ProcedureRecord), [_row(entry, now) for entry in plan.new])
    for change in plan.changed:
        code, tier = change.entry.key
        session.execute(
            update(ProcedureRecord)
            .where(ProcedureRecord.code == code, ProcedureRecord.tier == tier)
            .values(_row(change.entry, now))
        )
    _store_aliases(session, plan)
    _bump(session)
    return plan.changes


def withdraw(session: Session, tier: Tier, *, keep: set[str]) -> int:
    """Take a tier's records away except those of these codes; how many went."""
    stored = session.scalars(select(ProcedureRecord.code).where(ProcedureRecord.tier == tier))
    gone = sorted(set(stored) - keep)
    for start in range(0, len(gone), _MANY):
        codes = gone[start : start + _MANY]
        session.execute(
            delete(ProcedureRecord).where(
                ProcedureRecord.tier == tier, ProcedureRecord.code.in_(codes)
            )
        )
        session.execute(
            delete(ProcedureAlias).where(
                ProcedureAlias.origin == tier, ProcedureAlias.new_code.in_(codes)
            )
        )
    if gone:
        _bump(session)
    return len(gone)


def _effective(rows: Sequence[ProcedureRecord], listed: Sequence[ProcedureAlias]) -> Record | None:
    tiers = {Tier(row.tier): Record.model_validate_json(row.body) for row in rows}
    base = next((tiers[tier] for tier in _WHOLE if tier in tiers), tiers.get(Tier.OVERLAY))
    if base is None or not base.name:
        return None
    if base.tier is Tier.IMPORTED and Tier.SHIPPED in tiers:
        base = _filled(base, tiers[Tier.SHIPPED])
    overlay = tiers.get(Tier.OVERLAY)
    together: dict[str, object] = {
        "lay_names": tuple(dict.fromkeys(n for r in tiers.values() for n in r.lay_names)),
        "aliases": _aliases(list(tiers.values()), listed),
    }
    if overlay is not None and overlay is not base:
        together = _given(overlay, base) | together
    record = base.model_copy(update=together)
    return presentable(record) if any(may_name_abolished(row.body) for row in rows) else record


def _filled(base: Record, ours: Record) -> Record:
    """The record with our own facts in the fields about which it is silent."""
    silent: dict[str, Any] = {
        name: getattr(ours, name)
        for name in _FILLED
        if not getattr(base, name) and getattr(ours, name)
    }
    if not base.receiving and not base.agencies:
        silent |= {"receiving": ours.receiving, "agencies": ours.agencies}
    if set(silent) <= {"summary"}:
        return base.model_copy(update=silent)
    known = {case.key for case in base.cases}
    used = {one.case for part in _BY_CASE for one in silent.get(part, ())}
    silent["cases"] = base.cases + tuple(c for c in ours.cases if c.key in used - known)
    silent["sources"] = base.sources + tuple(s for s in ours.sources if s not in base.sources)
    return base.model_copy(update=silent)


def _given(overlay: Record, base: Record) -> dict[str, object]:
    """The fields of an overlay; its sources stand before those of the record below.

    Where it brings its own papers without cases, cases that nothing refers to any more go.
    """
    given = {
        name: getattr(overlay, name)
        for name in overlay.model_fields_set - {"code", "tier", "sources"}
        if name != "name" or overlay.name
    }
    given |= {"sources": overlay.sources + base.sources, "tier": Tier.OVERLAY}
    if "documents" in given and "cases" not in given:
        used = {one.case for part in _BY_CASE for one in given.get(part, getattr(base, part))}
        given["cases"] = tuple(case for case in base.cases if case.key in used)
    return given


def _aliases(records: Iterable[Record], listed: Iterable[ProcedureAlias]) -> tuple[Alias, ...]:
    aliases = {alias.code: alias for record in records for alias in record.aliases}
    for pair in listed:
        aliases.setdefault(pair.old_code, Alias(code=pair.old_code, note=pair.note))
    return tuple(aliases.values())


def _relatives(session: Session, code: str) -> tuple[list[str], list[str]]:
    """The codes that replaced this one, and those that it replaced."""
    pairs = session.execute(_RELATIVES, {"asked": code}).all()
    newer = dict.fromkeys(new for old, new in pairs if old == code)
    older = dict.fromkeys(old for old, new in pairs if new == code)
    return list(newer), list(older)


def _by_predecessor(full: list[Record], asked: str, name: str) -> Resolved:
    """The predecessor whose name is nearest, and a word about the others."""
    words = set(name.lower().split())
    nearest = max(full, key=lambda old: len(words & set(old.name.lower().split())))
    if len(full) == 1:
        note = phrase("answered_by_old", new=asked, old=nearest.code)
    else:
        codes = ", ".join(old.code for old in full)
        note = phrase("other_old_codes", new=asked, codes=codes, old=nearest.code)
    return Resolved(nearest, asked, note)


def _row(entry: Entry, now: datetime) -> dict[str, object]:
    return {
        "code": entry.record.code,
        "tier": entry.record.tier,
        "name": entry.record.name,
        "body": entry.body,
        "source": entry.source,
        "dated": entry.dated,
        "weight": entry.weight,
        "digest": entry.digest,
        "imported_at": now,
    }


def _store_aliases(session: Session, plan: Plan) -> None:
    for change in plan.changed:
        code, tier = change.entry.key
        if "aliases" in change.fields:
            session.execute(
                delete(ProcedureAlias).where(
                    ProcedureAlias.new_code == code, ProcedureAlias.origin == tier
                )
            )
    entries = plan.new + [c.entry for c in plan.changed if "aliases" in c.fields]
    rows: list[dict[str, object]] = [
        {"old_code": old, "new_code": e.record.code, "origin": e.record.tier, "note": alias.note}
        for e in entries
        for alias in e.record.aliases
        if (old := bare_code(alias.code))
    ]
    rows += [
        {"old_code": pair.old, "new_code": pair.new, "origin": _LISTED, "note": pair.note}
        for pair in plan.aliases
    ]
    if rows:
        session.execute(insert(ProcedureAlias), rows)


def _bump(session: Session) -> None:
    state = session.get(ProcedureState, 1)
    if state is None:
        session.add(ProcedureState(id=1, version=1))
    else:
        state.version += 1
    session.flush()
