"""Read who handles a procedure and who may apply."""

import re
from collections.abc import Iterable

from backend.procedures.phrases import phrase
from backend.procedures.published.text import UPPER, capitalised, one_line, without_tail
from backend.procedures.record import Agency, Level

_LEVELS = (
    ("xã", Level.COMMUNE),
    ("tỉnh", Level.PROVINCE),
    ("bộ", Level.MINISTRY),
    ("trung ương", Level.MINISTRY),
)
# The portal's own list splits "Cán bộ, công chức, viên chức" at its commas.
_OFFICIALS = ("Cán bộ", "công chức", "viên chức")


def levels_of(names: Iterable[str]) -> tuple[tuple[Level, ...], str]:
    """The levels, and a remark if the source still names the district, which is no more."""
    levels: dict[Level, None] = {}
    dropped = ""
    for name in names:
        plain = one_line(name).lower()
        if "huyện" in plain:
            dropped = phrase("district_dropped")
            continue
        known = (level for word, level in _LEVELS if plain.endswith(word))
        levels[next(known, Level.OTHER)] = None
    return tuple(levels), dropped


def subjects_of(names: Iterable[str]) -> tuple[str, ...]:
    """Who may apply, each once."""
    subjects = [capitalised(without_tail(one_line(name))) for name in names]
    parts = {capitalised(part) for part in _OFFICIALS}
    if parts <= set(subjects):
        subjects = [s for s in subjects if s not in parts] + [", ".join(_OFFICIALS)]
    return tuple(dict.fromkeys(subject for subject in subjects if subject))


def agencies(performs: str | None, decides: str | None) -> tuple[Agency, ...]:
    """The agencies of two fields that list them with commas ("xã, phường" is one name)."""
    return tuple(
        Agency(role=role, name=name)
        for role, text in (("performs", performs), ("decides", decides))
        for name in _names(text)
    )


def _names(text: str | None) -> list[str]:
    parts = re.split(rf"[,;]\s*(?=[{UPPER}])", one_line(text).replace("_old", ""))
    return list(dict.fromkeys(capitalised(without_tail(part)) for part in parts if part))
