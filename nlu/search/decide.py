"""Answer, ask back or admit: thresholds learned on labelled questions, stored in `ranking.json`."""

import json
import math
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from nlu.search.model import SURE, Decision, Hit
from nlu.search.words import DATA, lexicon, marked, words
from nlu.text import normalise

MOST_CHOICES = 4
# An unlisted matter is one after all where a name of the catalogue says so this far.
NAMED = 0.85
STORY = 14  # words beyond which somebody tells what happened, and so what is wanted
# Each was kept because leaving it out costs on questions left out of the learning.
FEATURES = (
    "sure", "covered", "length", "sure_length", "told", "story", "spread", "ambiguous", "action",
    "ahead", "as_good", "open_matter", "alike", "alike_ahead", "paper", "kin",
)  # fmt: skip


@cache
def _settings() -> dict[str, dict[str, float]]:
    learned = json.loads((DATA / "ranking.json").read_text(encoding="utf-8"))
    settings: dict[str, dict[str, float]] = learned["decide"]
    return settings


def decide(
    hits: Sequence[Hit],
    text: str,
    *,
    subject: str = "",
    in_domain: float | None = None,
    also: Sequence[Hit] = (),
) -> Decision:
    """What to do with what was found: answer the first, ask which of a few, or say "not found".

    `in_domain`: how likely the engine holds it that public services are meant. `also`: what
    `wishes` found, when two procedures are named in one message.
    """
    if also:
        named = {h.code for h in also}
        return Decision(
            "answer", (*also, *(h for h in hits if h.code not in named)), also=tuple(also[1:])
        )
    settings = _settings()
    text = marked(normalise(text))  # as the search read it: its reading is remembered
    choices = merge(hits)
    if choices and (choices[0].score >= SURE or _follows_up(choices[0])):
        return Decision("answer", tuple(choices))
    if not choices or _is_foreign(choices, text, in_domain):
        return Decision("none", tuple(choices[:MOST_CHOICES]))
    values = dict(zip(FEATURES, features(choices, text, subject), strict=True))
    if len(choices) > 1 and _logit(settings["clarify"], values) > 0:
        shown = tuple(_choices(choices, settings["choices"]["share"]))
        return Decision("clarify", shown, difference(shown))
    return Decision("answer", tuple(choices))


def _follows_up(first: Hit) -> bool:
    """Whether the subject before settles it ("gia hạn thì sao" after a temporary residence)."""
    lean = _settings()["lean"]
    return first.near >= lean["near"] and first.probability >= lean["sure"]


def _is_foreign(choices: Sequence[Hit], text: str, in_domain: float | None) -> bool:
    """Whether no procedure is meant: nothing fits well, or the matter is one for the courts."""
    lex = lexicon()
    said = words(text)
    if lex.says("outside", said) and not lex.query(text).readings:
        return True
    if lex.is_unlisted(said) and max(h.exact for h in choices) < NAMED:
        return True
    fits = _logit(_settings()["found"], found(choices))
    if in_domain is not None:
        domain = _settings()["domain"]
        fits += domain["weight"] * (in_domain - domain["middle"])
    return fits < 0 and not lex.is_open(said)


def merge(hits: Sequence[Hit]) -> list[Hit]:
    """Hits of one and the same name (variants of provinces) become one, the first."""
    merged: dict[tuple[str, ...], Hit] = {}
    for hit in hits:
        title = tuple(lexicon().title(hit.name))
        if title in merged:
            first = merged[title]
            merged[title] = replace(first, probability=first.probability + hit.probability)
        else:
            merged[title] = hit
    return sorted(merged.values(), key=lambda h: -h.score)


def found(choices: Sequence[Hit]) -> dict[str, float]:
    """Signs that anything fits at all."""
    first = choices[0]
    return {
        "score": first.score,
        "known": sum(h.probability for h in choices),
        "covers": max(h.covers for h in choices),
        "exact": max(h.exact for h in choices),
        "read": max(h.read for h in choices),
        "alike": max(h.alike for h in choices),
    }


def _logit(weights: dict[str, float], values: dict[str, float]) -> float:
    return weights["constant"] + sum(weights[name] * value for name, value in values.items())


def features(choices: Sequence[Hit], text: str, subject: str = "") -> tuple[float, ...]:
    """How sure, how much of the name was said, how much was said at all … (see FEATURES)."""
    lex = lexicon()
    query = lex.query(text, subject)
    first = choices[0]
    said = {w for term in query.terms for w in term.split()}
    titles = [set(title) - lex.stop for title in lex.titles(first.name)]
    total = sum(h.probability for h in choices) or 1.0
    spread = -sum(h.probability / total * math.log(h.probability / total + 1e-9) for h in choices)
    length = math.log1p(len(query.content))
    return (
        first.probability,
        max(len(title & said) / max(len(title), 1) for title in titles),
        length,
        first.probability * length,
        math.log1p(len(query.words)),
        float(len(query.words) > STORY),
        spread,
        float(any(len(r.means) > 1 for r in query.readings)),
        float(lex.says("actions", query.words)),
        first.exact - max((h.exact for h in choices[1:]), default=0.0),
        math.log1p(_as_good([h.covers for h in choices])),
        float(lex.is_open(query.words)),
        first.alike,
        first.alike - max((h.alike for h in choices[1:]), default=0.0),
        float(lex.begins_with_paper(query.words)),
        length * _kinship(choices),
    )


def _kinship(choices: Sequence[Hit]) -> float:
    """How alike the names of the first two are: long questions that fit siblings chose one."""
    first, *others = (set(lexicon().title(hit.name)) for hit in choices[:2])
    return len(first & others[0]) / len(first | others[0]) if others else 0.0


def _as_good(shares: Sequence[float]) -> int:
    """How many other choices fit (nearly) as well as the best."""
    best = max(shares)
    return sum(share >= 0.95 * best for share in shares) - 1 if best > 0.2 else 0


def _choices(choices: Sequence[Hit], share: float) -> list[Hit]:
    floor = choices[0].probability * share
    kept = [h for h in choices[:MOST_CHOICES] if h.probability >= floor]
    return kept if len(kept) > 1 else list(choices[:2])


def stages(choices: Sequence[Hit]) -> tuple[str, ...]:
    """What is done in each choice and not in all ("first" where its name names no stage), each
    once; nothing where a choice does several, since then no single word tells it apart.
    """
    found = [set(lexicon().stages_in(" ".join(words(h.name)))) for h in choices]
    common = found[0].intersection(*found[1:])
    own = [one - common if one else {"first"} for one in found]
    if any(len(one) != 1 for one in own):
        return ()
    return tuple(dict.fromkeys(stage for one in own for stage in one))


def difference(choices: Sequence[Hit]) -> str:
    """What tells the choices apart: foreign, stage, level, applicant or subject; "" if unclear."""
    lex = lexicon()
    facets = [lex.facets(" ".join(words(h.name))) for h in choices]
    if len(facets) < 2:
        return ""
    common = set.intersection(*(set(lex.title(h.name)) for h in choices))
    if len(common - lex.stop) < 2:
        return "subject"
    for key, differs in (
        ("foreign", len({f[1] & lex.bit("foreign") for f in facets}) > 1),
        ("stage", len({f[0] for f in facets}) > 1),
        ("applicant", len({f[1] for f in facets}) > 1),
    ):
        if differs:
            return key
    return "level" if any("cap" in words(h.name) for h in choices) else "subject"
