"""The search does not get worse: even-numbered shared questions over the real catalogue.

Floors lie half a point under what was reached when they were last set; whoever raises a figure
raises its floor. The odd-numbered questions are never looked at.
"""

import gzip
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from nlu.engines.embedded import EmbeddedEngine
from nlu.lay_names import lay_names
from nlu.search import Decision, Doc, Index, decide

pytestmark = pytest.mark.slow

SHARED = Path(os.environ.get("SHARED_DATA", "../shared/data"))
# Lowered twice, when the weights and then the asking back stopped being fitted to this half alone:
# its R@1 fell by three points and its clarify F1 by one, while questions never seen before
# (`fresh_*.jsonl`, odd; the shared odd ones) rose by seven to ten.
FLOORS = {"R@1": 0.96, "R@5": 0.995, "clarify F1": 0.889}
CEILINGS = {"needlessly asked": 0.04, "confidently wrong": 0.02}


@dataclass(frozen=True)
class Asked:
    """A question, the codes found for it (best first) and what was decided."""

    wanted: str
    acceptable: frozenset[str]
    codes: list[str]
    decision: Decision

    def found(self, depth: int) -> bool:
        """Whether an acceptable procedure is among the first few."""
        return not self.acceptable.isdisjoint(self.codes[:depth])

    @property
    def is_wrong(self) -> bool:
        """Whether it would be answered with a procedure that is not meant."""
        return self.decision.kind == "answer" and not self.found(1)


def shared_docs() -> Iterator[Doc]:
    """The real catalogue, as far as the shared records and our lay names tell it."""
    levels = {"Cấp xã": "commune", "Cấp tỉnh": "province", "Cấp bộ": "ministry"}
    lines = (SHARED / "procedures/code_names.tsv").read_text("utf-8").splitlines()
    for code, name in (line.split("\t")[:2] for line in lines):
        yield Doc(code, name, lay_names().get(code, ()), name_only=True)
    with gzip.open(SHARED / "procedures/national.jsonl.gz", "rt", encoding="utf-8") as file:
        for r in map(json.loads, file):
            papers = [d["name"] or "" for c in r["cases"] for d in c["documents"]]
            yield Doc(
                r["code"],
                r["name"],
                lay_names().get(r["code"], ()),
                field=r["field"] or "",
                levels=tuple(levels.get(x, "other") for x in r["levels"]),
                subjects=tuple(r["subjects"]),
                results=tuple(x["name"] for x in r["results"] if x.get("name")),
                body="\n".join(papers)[:1500] + "\n" + (r["steps"] or "")[:2500],
            )


@pytest.fixture(scope="module")
def asked() -> list[Asked]:
    if not SHARED.exists():
        assert os.environ.get("CI") != "true", f"{SHARED} is missing"
        pytest.skip(f"no shared data at {SHARED}")
    index, engine = Index.build(shared_docs()), EmbeddedEngine.load()
    lines = (SHARED / "questions/questions.jsonl").read_text("utf-8").splitlines()
    found: list[Asked] = []
    for q in map(json.loads, lines):
        if int(q["id"][1:]) % 2 or not q.get("true_oos", True):
            continue
        said = engine.parse(q["question"])
        hits = index.search(said.text, subject=said.subject) if said.subject else []
        decision = decide(hits, said.text, subject=said.subject)
        acceptable = frozenset(q["acceptable_codes"])
        codes = [h.code for h in (decision.hits if decision.kind == "clarify" else hits)]
        found.append(Asked(q["behavior"], acceptable, codes, decision))
    assert len(found) >= 200
    return found


def measured(asked: list[Asked]) -> dict[str, float]:
    answers = [a for a in asked if a.wanted == "answer"]
    back = [a for a in asked if a.decision.kind == "clarify"]
    wanted = [a for a in asked if a.wanted == "clarify"]
    both = sum(a.wanted == "clarify" for a in back)
    return {
        "R@1": sum(a.found(1) for a in answers) / len(answers),
        "R@5": sum(a.found(5) for a in answers) / len(answers),
        "clarify F1": 2 * both / (len(back) + len(wanted)),
        "needlessly asked": sum(a.wanted == "answer" for a in back) / len(answers),
        "confidently wrong": sum(a.is_wrong for a in asked) / len(asked),
    }


def test_no_figure_falls_below_its_floor(asked):
    figures = measured(asked)
    assert {k: v for k, v in figures.items() if k in FLOORS and v < FLOORS[k]} == {}


def test_no_error_grows_above_its_ceiling(asked):
    figures = measured(asked)
    assert {k: v for k, v in figures.items() if k in CEILINGS and v > CEILINGS[k]} == {}
