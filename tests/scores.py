"""The figures that may not fall: `python -m tests.scores` compares, `--write` keeps new ones.

Intents on our files that are never learned from, and procedures and aspects on the developed
(even) half of the labelled questions over the real catalogue, all as written and as people type
them. Without a database, so that `make check` can afford it; `make eval` asks the whole product.
Every figure is better when it is higher.
"""

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from nlu import dataset
from nlu.engines.embedded import EmbeddedEngine
from nlu.evaluate import Turn, join
from nlu.search import Index, decide
from tests.evaluation import SHARED, SOURCES, TALKS, Row, drawn
from tests.nlu.test_search_gate import shared_docs
from tests.variants import VARIANTS, variants

KEPT = Path(__file__).parent / "scores.json"
TOLERANCE = 0.005  # half a point
ACTS = {"answer": "answer", "clarify": "clarify", "none": "out_of_scope"}

Scores = dict[str, float]


def main() -> int:
    """Compare or keep."""
    measured = intents() | (questions() if SHARED.is_dir() else {})
    if "--write" in sys.argv:
        if not SHARED.is_dir():
            sys.exit(f"no shared data at {SHARED}: only half of the figures could be kept")
        KEPT.write_text(json.dumps(measured, indent=1) + "\n", encoding="utf-8")
        return 0
    worse = fallen(kept(), measured)
    print("\n".join(worse) or f"{len(measured)} figures, none has fallen")
    return int(bool(worse))


def kept() -> Scores:
    """The figures of the last `--write`."""
    scores: Scores = json.loads(KEPT.read_text(encoding="utf-8"))
    return scores


def fallen(before: Mapping[str, float], now: Mapping[str, float]) -> list[str]:
    """What is worse by more than half a point, or was never kept."""
    return [
        f"{name}: {value:.3f}, was {before[name]:.3f}" if name in before else f"{name}: not kept"
        for name, value in now.items()
        if value < before.get(name, 2.0) - TOLERANCE
    ]


def intents() -> Scores:
    """The share of right intents, file by file."""
    engine = EmbeddedEngine.load()
    scores: Scores = {}
    for path in (dataset.TESTS / "development.yml", dataset.TESTS / "intents.yml"):
        examples = dataset.read([path]).examples
        for way, typed in _typed([e.text for e in examples]).items():
            hits = [engine.parse(typed[e.text]).intent == e.intent for e in examples]
            scores[f"{path.stem}, {way}: right intent"] = _share(hits)
    return scores


def _typed(texts: Iterable[str]) -> dict[str, dict[str, str]]:
    """Way of typing → sentence → the sentence typed so; itself where the way changes nothing."""
    drawn_from = {text: variants(text) for text in texts}
    ways = {"as written": {text: text for text in drawn_from}}
    return ways | {
        way: {text: typed.get(way, text) for text, typed in drawn_from.items()} for way in VARIANTS
    }


def questions() -> Scores:
    """Procedures found, questions asked back and aspects heard, set by set."""
    index, engine = Index.build(shared_docs()), EmbeddedEngine.load()
    scores: Scores = {}
    for source in SOURCES:
        for batch in drawn(source, ["even"]):
            if batch.variant == TALKS:
                continue
            said = [_said(index, engine, row) for row in batch.rows]
            turns = [turn for turn in join(batch.rows, said) if turn.scored]
            for name, value in _figures(turns).items():
                scores[f"{batch.source} even, {batch.variant}: {name}"] = value
    return scores


def _said(index: Index, engine: EmbeddedEngine, row: Row) -> Row:
    meaning = engine.parse(row["question"])
    hits = index.search(meaning.text, subject=meaning.subject) if meaning.subject else []
    decision = decide(hits, meaning.text, subject=meaning.subject, in_domain=meaning.in_domain)
    found = decision.hits if decision.kind == "clarify" else hits
    turn = {
        "behavior": ACTS[decision.kind],
        "codes": [hit.code for hit in found],
        "aspects": [aspect.value for aspect in meaning.aspects],
    }
    return {"id": row["id"], "turns": [turn]}


def _figures(turns: list[Turn]) -> Scores:
    answers = [t for t in turns if t.wanted == "answer"]
    heard = sum(len(t.aspects & t.said_aspects) for t in turns if t.aspects)
    named = sum(len(t.aspects) + len(t.said_aspects) for t in turns if t.aspects)
    asked = sum((t.behavior == "clarify") + (t.wanted == "clarify") for t in turns)
    both = sum(t.behavior == t.wanted == "clarify" for t in turns)
    return {
        "R@1": _share([t.found(1) for t in answers]),
        "R@5": _share([t.found(5) for t in answers]),
        "clarify F1": round(2 * both / max(asked, 1), 4),
        "aspects F1": round(2 * heard / max(named, 1), 4),
        "not confidently wrong": _share([not t.confidently_wrong for t in turns]),
    }


def _share(hits: list[bool]) -> float:
    return round(sum(hits) / max(len(hits), 1), 4)


if __name__ == "__main__":
    sys.exit(main())
