"""Two wishes in one message ("khai tử với xóa thường trú"): the procedures that each half names."""

import re

from nlu.search.index import Index
from nlu.search.model import SURE, Hit
from nlu.search.words import lexicon, spelt
from nlu.text import fold, has_accents

STRONG = 0.9  # how sure the search must be of each half
NAMED = 0.55  # and how far the half and one of the procedure's names must cover each other
SHORTEST = 2  # words of a half
MOST_CUTS = 3
_STOP = re.compile(r"[?;\n]+")  # after a comma or full stop it is often the same wish that goes on


def wishes(index: Index, text: str) -> tuple[Hit, ...]:
    """The two procedures a message names one after the other; nothing when it names one."""
    best: tuple[Hit, ...] = ()
    for left, right in _cuts(text)[:MOST_CUTS]:
        if not (first := _named(index, left)) or not (second := _named(index, right)):
            continue
        if _same(first, second):
            continue
        pair = (first, second)
        if not best or min(h.probability for h in pair) > min(h.probability for h in best):
            best = pair
    return best


def _cuts(text: str) -> list[tuple[str, str]]:
    """Both halves of a message at each word or mark that may stand between two wishes."""
    lex = lexicon()
    mark = lex.between[0]
    if has_accents(text):
        between = set(lex.between)
    else:  # "còn" may as well be "con", a child
        mark = fold(mark)
        between = {w for w in map(fold, lex.between) if not re.fullmatch(lex.classes["kin"], w)}
    tokens = spelt(_STOP.sub(f" {mark} ", text))
    places = [i for i, word in enumerate(tokens) if word in between]
    halves = [(tokens[:i], tokens[i + 1 :]) for i in places]
    return [(" ".join(a), " ".join(b)) for a, b in halves if min(len(a), len(b)) >= SHORTEST]


def _named(index: Index, text: str) -> Hit | None:
    hits = index.search(text, limit=1)
    if not hits or hits[0].score >= SURE:
        return None
    first = hits[0]
    fits = max(first.exact, first.read)
    return first if first.probability >= STRONG and fits >= NAMED else None


def _same(one: Hit, other: Hit) -> bool:
    """Whether both name one matter: "kết hôn" and "kết hôn với người nước ngoài"."""
    lex = lexicon()
    a, b = (set(lex.title(hit.name)) - lex.stop for hit in (one, other))
    return a <= b or b <= a
