"""Find a one-stop centre by what somebody calls their commune, and what an old commune became.

Names are ambiguous and we do not guess: "Phước Long" is an old township and a different new
commune, so every match is returned and the caller asks. Whoever says "cũ" means the old one.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from backend.places.importer import DEFAULT_NAME, Row, Sheet
from backend.places.models import Centre, OldCommune
from nlu.text import fold

_KIND = re.compile(r"^(?:(xa|phuong|thi tran|dac khu|tt|p|x)\.? )?(.+)$")
_KINDS = {"p": "phuong", "x": "xa", "tt": "thi tran"}
_OLD = re.compile(r"\b(?:cu|truoc day|truoc kia|hoi truoc)\b")
_NEW = re.compile(r"\b(?:moi|hien nay|bay gio)\b")
_AFTER_NAME = re.compile(
    r"\s*(?:\b(?:cu|moi|truoc day|truoc kia|hien nay|bay gio|gio|nay|thuoc|huyen|thi xa|tinh"
    r"|thanh pho|o dau|la)\b|[,?(]).*$"
)


@dataclass
class Plan:
    """What an import of places would change."""

    kind: str
    new: list[dict[str, object]] = field(default_factory=list)
    changed: list[tuple[int, dict[str, object], dict[str, tuple[str, str]]]] = field(
        default_factory=list
    )
    unchanged: int = 0
    rejected: list[tuple[str, str]] = field(default_factory=list)

    @property
    def changes(self) -> int:
        """How many rows `apply` would write."""
        return len(self.new) + len(self.changed)


def find(session: Session, commune: str) -> list[Centre]:
    """The centres of the commune that a text names, or of those that an old one became."""
    text = fold(commune)
    names: dict[str, None] = {}
    if not _OLD.search(text):
        names[_name(text)] = None
    if not _NEW.search(text):
        names |= dict.fromkeys(fold(row.new_name) for row in became(session, commune))
    return _centres(session, names)


def became(session: Session, commune: str) -> list[OldCommune]:
    """What an old commune belongs to now: one row a part and, where the name is, a namesake."""
    name = _name(fold(commune))
    kind, bare = _parts(name)
    rows = session.scalars(
        select(OldCommune)
        .where(OldCommune.old_folded == bare)
        .order_by(OldCommune.old_province, OldCommune.old_district, OldCommune.new_name)
    ).all()
    same_kind = [row for row in rows if fold(row.old_name) == name] if kind else []
    named = [row for row in rows if _names_district(row, fold(commune))]
    return named or same_kind or list(rows)


def made_of(session: Session, commune: str) -> list[OldCommune]:
    """The old communes, whole or in part, that a commune of today was made of."""
    name = _name(fold(commune))
    kind, bare = _parts(name)
    rows = session.scalars(
        select(OldCommune)
        .where(OldCommune.new_folded == bare)
        .order_by(OldCommune.old_district, OldCommune.old_name)
    ).all()
    return [row for row in rows if not kind or fold(row.new_name) == name] or list(rows)


def names(session: Session) -> frozenset[str]:
    """All names of communes that anything is known of, old and new, folded, without their kind."""
    columns = (Centre.commune_folded, OldCommune.old_folded, OldCommune.new_folded)
    return frozenset(name for column in columns for name in session.scalars(select(column)))


def plan(session: Session, sheet: Sheet) -> Plan:
    """What a list would change; nothing is stored."""
    table = _table(sheet.kind)
    make = _centre if sheet.kind == "centres" else _old_commune
    stored: dict[tuple[str, ...], Centre | OldCommune] = {}
    if table is Centre:
        stored |= {_key(row): row for row in session.scalars(select(Centre))}
    else:
        stored |= {_key(row): row for row in session.scalars(select(OldCommune))}
    result = Plan(sheet.kind, rejected=list(sheet.rejected))
    seen: set[tuple[str, ...]] = set()
    for row in sheet.rows:
        values = make(row)
        key = _key_of(values, table)
        if key in seen:
            result.rejected.append((row.origin, "Trùng với một dòng ở trên."))
            continue
        seen.add(key)
        _compare(result, stored.get(key), values)
    return result


def apply(session: Session, plan: Plan, now: datetime) -> int:
    """Store a plan; how many rows changed."""
    table = _table(plan.kind)
    if plan.new:
        session.execute(insert(table), [row | {"imported_at": now} for row in plan.new])
    for identity, values, _ in plan.changed:
        session.execute(
            update(table).where(table.id == identity).values(values | {"imported_at": now})
        )
    return plan.changes


def _table(kind: str) -> type[Centre] | type[OldCommune]:
    return Centre if kind == "centres" else OldCommune


def _compare(result: Plan, stored: Centre | OldCommune | None, values: dict[str, object]) -> None:
    if stored is None:
        result.new.append(values)
        return
    differs = {
        name: (str(getattr(stored, name)), str(value))
        for name, value in values.items()
        if getattr(stored, name) != value
    }
    if differs:
        result.changed.append((stored.id, values, differs))
    else:
        result.unchanged += 1


def _centres(session: Session, names: Iterable[str]) -> list[Centre]:
    bare = {_parts(name)[1] for name in names}
    rows = session.scalars(
        select(Centre).where(Centre.commune_folded.in_(bare)).order_by(Centre.commune, Centre.name)
    ).all()
    exact = [row for row in rows if any(_fits(row.commune, name) for name in names)]
    return exact or list(rows)


def _fits(commune: str, name: str) -> bool:
    """Whether a centre's commune is of the kind that was said, if one was said."""
    kind, _ = _parts(name)
    stored, _ = _parts(fold(commune))
    return not kind or not stored or kind == stored


def _name(folded: str) -> str:
    """The name out of "xã Long Thạnh cũ giờ thuộc đâu", its kind in full."""
    kind, bare = _parts(_AFTER_NAME.sub("", folded.strip()).strip() or folded.strip())
    return f"{kind} {bare}".strip()


def _parts(folded: str) -> tuple[str, str]:
    match = _KIND.match(folded)
    if match is None:
        return "", folded
    kind = match[1] or ""
    return _KINDS.get(kind, kind), match[2]


def _names_district(row: OldCommune, text: str) -> bool:
    district = _bare_district(row.old_district)
    return bool(re.search(rf"\b(?:huyen|thi xa|thanh pho|quan|tp) {re.escape(district)}\b", text))


def _bare_district(name: str) -> str:
    return re.sub(r"^(?:huyen|thi xa|thanh pho|quan) ", "", fold(name))


def _centre(row: Row) -> dict[str, object]:
    values = row.values
    commune = values["commune"]
    name = values.get("name") or DEFAULT_NAME.format(commune=commune)
    return {
        "name": name,
        "name_folded": fold(name),
        "commune": commune,
        "commune_folded": _parts(fold(commune))[1],
        **{field: values.get(field, "") for field in ("address", "hours", "phone", "note")},
    }


def _old_commune(row: Row) -> dict[str, object]:
    values = row.values
    return {
        **{f: values.get(f, "") for f in ("old_province", "old_district", "new_province")},
        "old_name": values["old_name"],
        "old_folded": _parts(fold(values["old_name"]))[1],
        "new_name": values["new_name"],
        "new_folded": _parts(fold(values["new_name"]))[1],
        "kind": "divided" if values.get("kind") == "divided" else "whole",
    }


def _key(row: Centre | OldCommune) -> tuple[str, ...]:
    if isinstance(row, Centre):
        return row.commune_folded, row.name_folded
    return row.old_province, row.old_district, row.old_name, row.new_province, row.new_name


def _key_of(values: dict[str, object], table: type[Centre] | type[OldCommune]) -> tuple[str, ...]:
    names = (
        ("commune_folded", "name_folded")
        if table is Centre
        else ("old_province", "old_district", "old_name", "new_province", "new_name")
    )
    return tuple(str(values[name]) for name in names)
