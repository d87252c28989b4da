"""Learns `ranking.json` anew: `python -m nlu.search.calibrate DOCS.jsonl QUESTIONS.jsonl …`.

From the even-numbered labelled questions (the odd ones are never read), from the lay names of the
catalogue (each looked for in an index that lacks it) and from the intents' examples (what is and
what is not about public services). Rules and aliases were written with the first file of questions
in view, so it counts for less than the others. Thresholds are learned on out-of-fold scores, so
that the probabilities they cut are honest ones. Takes a few minutes.
"""

import argparse
import hashlib
import json
import math
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from nlu import aspects
from nlu.search import asking
from nlu.search.decide import FEATURES as SIGNS
from nlu.search.decide import features, merge
from nlu.search.decide import found as signals_of
from nlu.search.index import Index
from nlu.search.learn import Example, Learned, fit, logistic, softmax
from nlu.search.model import Doc, Hit
from nlu.search.ranking import FEATURES
from nlu.search.words import DATA, Lexicon, marked, read_data
from nlu.text import clean, normalise

FOLDS = 6
PULL, STEPS = 0.003, 200
EVERY = 8  # one of how many lay names is looked for
FIRST_PRIOR = FEATURES.index("commune")
VIEWED = 0.5  # the weight of questions that the rules were written for
WEIGHTS = {"answer": 1.0, "clarify": 0.5, "out_of_scope": 1.0, "bare": 0.5, "lay": 0.3}
LEARNED_FROM_THEM = [FEATURES.index("alike"), FEATURES.index("own_alike")]  # see distil.py
FLOORS = {"body": 0.15, "aux": 0.1, "lay_recall": 0.0}
SHARES = {"bare": 0.1, "lay": 0.02}  # of a labelled question's weight, when learning to ask
TEMPERATURES = np.geomspace(0.2, 3, 55)
FOREIGN = ("out_of_scope", "chitchat", "provocation", "nonsense")


@dataclass(frozen=True)
class Case:
    """A text, what it should lead to, and where to look for it."""

    text: str
    wanted: str
    codes: tuple[str, ...]
    index: Index
    kind: str
    weight: float = 1.0

    @cached_property
    def subject(self) -> str:
        """What the engine would hand to the search."""
        return aspects.read(normalise(clean(self.text))).subject

    @property
    def fold(self) -> int:
        """One question always lies in one fold, with aliases and without."""
        return _mix(self.text) % FOLDS


def cases(docs: Sequence[Doc], files: Sequence[Iterable[Mapping[str, Any]]]) -> list[Case]:
    """Questions (with aliases and without) and lay names (each in the half that lacks it)."""
    full = Index.build(docs)
    bare = Index.build(docs, Lexicon(read_data("search.yml"), []))
    halves = [Index.build([_half(d, keep) for d in docs]) for keep in (0, 1)]
    found: list[Case] = []
    weighed = [(q, VIEWED if i == 0 else 1.0) for i, file in enumerate(files) for q in file]
    for q, weight in weighed:
        if not _teaches(q):
            continue
        codes, wanted = tuple(q["acceptable_codes"]), q["behavior"]
        found.append(Case(q["question"], wanted, codes, full, wanted, weight))
        if wanted != "out_of_scope":
            found.append(Case(q["question"], wanted, codes, bare, "bare", weight))
    lay = [(d.code, i, name) for d in docs for i, name in enumerate(d.lay_names)]
    for code, i, name in lay:
        if _drawn(name):
            found.append(Case(name, "answer", (code,), halves[1 - i % 2], "lay"))
    return found


def _drawn(name: str) -> bool:
    """Whether this lay name is looked for: by its own words, so that others may come and go."""
    return _mix(name) % EVERY == 0


def _mix(text: str) -> int:
    """A number that follows no order that people see."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4])


def _teaches(question: Mapping[str, Any]) -> bool:
    """Whether it is of the developed half, and its label says something about the search."""
    if int("".join(c for c in question["id"] if c.isdigit())) % 2:
        return False
    if question["behavior"] == "out_of_scope":
        return bool(question.get("true_oos", True))
    return question["behavior"] == "clarify" or bool(
        question["behavior"] == "answer" and question["acceptable_codes"]
    )


def _half(doc: Doc, keep: int) -> Doc:
    return replace(doc, lay_names=doc.lay_names[keep::2])


def example(case: Case) -> Example | None:
    """What the ranker can learn from a case; None when the right procedure was not even seen."""
    codes, inputs = case.index.features(case.text, case.subject)
    right = case.index.same_name(case.codes)
    target = np.array([float(c in right) for c in codes] + [0.0], np.float32)
    if case.wanted == "out_of_scope":
        target[-1] = 1.0
    elif not target.any():
        return None
    if case.kind == "lay":
        inputs[:, FIRST_PRIOR:] = 0.0  # who has lay names was our choice, not the citizens'
        inputs[:, LEARNED_FROM_THEM] = 0.0
    return Example(inputs, target, case.wanted != "clarify", WEIGHTS[case.kind] * case.weight)


def rank(examples: Sequence[Example], start: Learned) -> Learned:
    """The ranker's weights; the safety nets (body, field) never fall to nothing."""
    learned = fit(examples, start, pull=PULL, steps=STEPS)
    weights = learned.weights.copy()
    for name, floor in FLOORS.items():
        place = FEATURES.index(name)
        weights[place] = max(weights[place], floor)
    return Learned(weights, learned.none)


def seen_by_decision(found: Sequence[tuple[Case, list[Hit]]]) -> list[asking.Seen]:
    """What the choice between answering and asking back is learned from."""
    seen: list[asking.Seen] = []
    for case, hits in found:
        if case.wanted == "out_of_scope" or not hits:
            continue
        choices = merge(hits)
        seen.append(
            asking.Seen(
                signs=features(choices, marked(normalise(case.text)), case.subject),
                ask=case.wanted == "clarify",
                right=not case.codes or choices[0].code in case.index.same_name(case.codes),
                share=SHARES.get(case.kind, 1.0) * case.weight,
                fold=case.fold,
                labelled=case.kind in ("answer", "clarify"),
            )
        )
    return seen


def foreign(
    found: Sequence[tuple[Case, list[Hit]]], index: Index, examples: Mapping[str, Sequence[str]]
) -> dict[str, float]:
    """When nothing fits: questions and lay names against chat and out-of-scope examples."""
    rows = [
        (c.wanted != "out_of_scope", h, {"lay": 0.3, "bare": 0.5}.get(c.kind, 1.0) * c.weight)
        for c, h in found
    ]
    for intent in ("ask_procedure", *FOREIGN):
        weight = 0.5 if intent in ("ask_procedure", "out_of_scope") else 0.15
        native = intent == "ask_procedure"
        said = [Case(text, "", (), index, intent) for text in examples[intent]]
        rows += [(native, _searched(case, index), weight) for case in said]
    rows = [r for r in rows if r[1]]
    signals = [signals_of(merge(hits)) for _, hits, _ in rows]
    theta = logistic(
        np.array([list(s.values()) for s in signals]),
        np.array([float(r[0]) for r in rows]),
        np.array([r[2] for r in rows]),
        pull=0.3,
    )
    return _named([*signals[0], "constant"], theta)


def _named(names: Sequence[str], values: Iterable[float]) -> dict[str, float]:
    return {name: round(float(value), 3) for name, value in zip(names, values, strict=True)}


def calibrate(
    all_cases: Sequence[Case], examples: Mapping[str, Sequence[str]], before: dict[str, Any]
) -> tuple[dict[str, Any], str]:
    """The content of `ranking.json`, learned from the cases, and what it was learned from."""
    start = Learned(np.array([before["weights"].get(f, 0.0) for f in FEATURES]), before["none"])
    seen = [(case, example(case)) for case in all_cases]
    fold = [case.fold for case in all_cases]
    held_out: list[tuple[Case, list[Hit]]] = []
    for f in range(FOLDS):
        rest = [e for (_, e), g in zip(seen, fold, strict=True) if e is not None and g != f]
        model = rank(rest, start)
        held_out += [
            (case, _searched(case, case.index.reweighed(model.weights, model.none)))
            for (case, _), g in zip(seen, fold, strict=True)
            if g == f
        ]
    final = rank([e for _, e in seen if e is not None], start)
    temperature = sharpness(held_out, final.none)
    held_out = [(case, tempered(hits, final.none, temperature)) for case, hits in held_out]
    asked = asking.learn(seen_by_decision(held_out))
    learned = before | {
        "weights": _named(FEATURES, final.weights),
        "none": round(final.none, 3),
        "temperature": temperature,
        "decide": before["decide"]
        | {
            "found": foreign(held_out, all_cases[0].index, examples),
            "clarify": _named([*SIGNS, "constant"], [*asked.slopes, asked.constant]),
        },
    }
    kinds = ", ".join(f"{n} {kind}" for kind, n in Counter(c.kind for c in all_cases).items())
    return learned, (
        f"learned from {kinds}\ntemperature {temperature}, pull on the signs {asked.pull:g}, "
        f"cross-validated loss {asked.loss:.4f}\ncross-validated, {asked.report}"
    )


def tempered(hits: Sequence[Hit], none: float, temperature: float) -> list[Hit]:
    """The same hits as another temperature would find them."""
    scores = np.array([*(hit.score for hit in hits), none])
    shares = softmax(scores / temperature)
    return [replace(hit, probability=float(p)) for hit, p in zip(hits, shares, strict=False)]


def sharpness(found: Sequence[tuple[Case, list[Hit]]], none: float) -> float:
    """The temperature at which what is said to be sure so often is right so often."""
    asked = [(c, h) for c, h in found if c.wanted == "answer" and c.kind == "answer" and h]
    marks = [[h.code in c.index.same_name(c.codes) for h in hits] for c, hits in asked]

    def loss(temperature: float) -> float:
        total = 0.0
        for (case, hits), right in zip(asked, marks, strict=True):
            said = sum(
                h.probability
                for h, ok in zip(tempered(hits, none, temperature), right, strict=True)
                if ok
            )
            total -= case.weight * math.log(max(said, 1e-3))
        return total

    return round(float(min(TEMPERATURES, key=loss)), 3)


def _searched(case: Case, index: Index) -> list[Hit]:
    return index.search(case.text, subject=case.subject)


def doc(values: dict[str, Any]) -> Doc:
    """A Doc from its JSON."""
    plain: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}
    return Doc(**plain)


def intents(folder: Path) -> dict[str, list[str]]:
    """The training examples of each intent, as they are written."""
    texts: dict[str, list[str]] = {}
    for path in sorted(folder.glob("*.yml")):
        for entry in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            lines = [x.strip()[2:] for x in entry.get("examples", "").splitlines() if x.strip()]
            texts.setdefault(entry.get("intent", ""), []).extend(lines)
    return texts


def main(argv: Sequence[str] | None = None) -> int:
    """Read documents and questions, write the learned numbers."""
    parser = argparse.ArgumentParser(prog="nlu.search.calibrate", description=__doc__)
    parser.add_argument("docs", type=Path, help="the catalogue: one Doc a line as JSON")
    parser.add_argument("questions", type=Path, nargs="+", help="labelled questions, JSON lines")
    parser.add_argument("--out", type=Path, default=DATA / "ranking.json")
    args = parser.parse_args(argv)
    docs = [doc(json.loads(line)) for line in args.docs.read_text(encoding="utf-8").splitlines()]
    files = [map(json.loads, p.read_text(encoding="utf-8").splitlines()) for p in args.questions]
    before = json.loads((DATA / "ranking.json").read_text(encoding="utf-8"))
    learned, provenance = calibrate(cases(docs, files), intents(DATA / "nlu"), before)
    args.out.write_text(json.dumps(learned, indent=1) + "\n", encoding="utf-8")
    sys.stdout.write(f"{provenance}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
