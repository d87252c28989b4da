"""The procedure of (nearly) the same name that has content, beside one known by its name only.

Provinces publish procedures of their own under a national name; of many only that name reached us.
"""

from backend.procedures.record import Record
from bot.catalogue import catalogue
from bot.dialogue.turn import Turn
from nlu.search.words import lexicon, words

ALIKE = 0.75  # share of the words of two names that both have
LOOKED_AT = 8


def with_content(turn: Turn, record: Record) -> Record | None:
    """The likeliest namesake whose content is known, or None."""
    for hit in turn.understood.index.search(record.name, limit=LOOKED_AT):
        if hit.code == record.code or not _is_namesake(hit.name, record.name):
            continue
        found = catalogue.resolve(turn.session, hit.code)
        if found is not None and not found.record.is_name_only and found.record.code != record.code:
            return found.record
    return None


def _is_namesake(one: str, other: str) -> bool:
    """Whether both names say the same: "Tách thửa, hợp thửa" and "Tách thửa hoặc hợp thửa"."""
    lex = lexicon()
    a, b = (set(lex.title(name)) - lex.stop for name in (one, other))
    stages = [set(lex.stages_in(" ".join(words(name)))) for name in (one, other)]
    return stages[0] == stages[1] and len(a & b) >= ALIKE * len(a | b)
