"""The second look: features of each candidate, combined by a few learned weights.

The weights are learned by `nlu.search.learn` and stored, with the temperature that makes the
probabilities honest, in `nlu/data/ranking.json`.
"""

import copy
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from nlu.search.model import Doc
from nlu.search.postings import Floats, Ints
from nlu.search.words import DATA, Lexicon, Query, read_data, words

Masks = NDArray[np.int64]
NOT_ASKED = (
    ("foreign", ("foreign", "origin", "abroad", "migrant")),
    ("special", ("border", "mobile", "linked", "local", "transition", "temporary")),
    ("service", ("army", "police", "revolution")),
    ("business", ("enterprise", "organisation", "cooperative", "customs", "deposit", "project")),
    ("topic", ("transport", "school", "ship", "mourning", "adoption", "disabled", "poor")),
)
FEATURES = (
    "name", "title", "aux", "body", "recall", "precision", "lay_recall", "lay_precision",
    "lay_both", "reading", "own_recall", "own_both", "alike", "own_alike", "context",
    "misspelt", "stage_hit", "stage_clash", "later_stage", "qualifier_hit", "qualifier_missing",
    *(f"{group}_unasked" for group, _ in NOT_ASKED),
    "commune", "province", "ministry", "citizen", "popular", "name_only", "has_lay_names",
)  # fmt: skip


@dataclass(frozen=True)
class Facts:
    """What is known of each procedure before any question: one row a procedure."""

    stages: Masks
    qualifiers: Masks
    priors: Floats  # commune, province, ministry, citizen, popular, name_only, has_lay_names

    def take(self, docs: Ints) -> "Facts":
        """The rows of these procedures."""
        return Facts(self.stages[docs], self.qualifiers[docs], self.priors[docs])


@dataclass(frozen=True)
class Candidates:
    """A query beside the procedures it may be about (arrays in the order of `docs`)."""

    query: Query
    docs: Ints
    facts: Facts
    name: Floats
    title: Floats
    aux: Floats
    body: Floats
    recall: Floats
    precision: Floats
    lay_recall: Floats
    lay_precision: Floats
    lay_both: Floats
    reading: Floats
    own_recall: Floats
    own_both: Floats
    alike: Floats
    own_alike: Floats
    context: Floats
    misspelt: Floats
    asked: float


class Ranker:
    """Scores and calibrated probabilities for candidates."""

    def __init__(
        self,
        weights: dict[str, float],
        none: float,
        temperature: float,
        groups: dict[str, int],
        later: int,
        popularity: dict[str, float],
    ) -> None:
        self._weights = np.array([weights.get(f, 0.0) for f in FEATURES], np.float32)
        self._none = none
        self._temperature = temperature
        self._groups = groups
        self._later = later
        self._popularity = popularity

    def reweighed(self, weights: NDArray[np.float64], none: float) -> "Ranker":
        """The same ranker with other weights."""
        other = copy.copy(self)
        other._weights = np.array(weights, np.float32)  # noqa: SLF001 (our own kind)
        other._none = none  # noqa: SLF001
        return other

    def facts(self, docs: Sequence[Doc], lexicon: Lexicon) -> Facts:
        """What the names, levels and subjects say, once for all procedures."""
        stages, qualifiers, priors = [], [], []
        for doc in docs:
            stage, qualifier = lexicon.facets(" ".join(words(doc.name)))
            stages.append(stage)
            qualifiers.append(qualifier)
            citizen = not doc.subjects or any("ông dân" in s for s in doc.subjects)
            commune = "commune" in doc.levels
            province = "province" in doc.levels
            priors.append((
                commune, province and not commune,
                bool(doc.levels) and not commune and not province, citizen,
                self._popularity.get(doc.code, 0.0), doc.name_only, bool(doc.lay_names),
            ))  # fmt: skip
        return Facts(
            np.array(stages, np.int64),
            np.array(qualifiers, np.int64),
            np.array(priors, np.float32),
        )

    def features(self, c: Candidates) -> Floats:
        """One row a candidate, one column a feature, in the order of FEATURES."""
        asked_stage = np.int64(c.query.stages)
        asked_qualifier = np.int64(c.query.qualifiers)
        stage, qualifier = c.facts.stages, c.facts.qualifiers
        extra = qualifier & ~asked_qualifier
        columns = [
            c.name, c.title, c.aux, c.body, c.recall, c.precision, c.lay_recall,
            c.lay_precision, c.lay_both, c.reading, c.own_recall, c.own_both, c.alike, c.own_alike,
            c.context, c.misspelt,
            _share(stage & asked_stage, asked_stage),
            (np.bitwise_count(asked_stage & np.int64(self._later)) > 0)
            & ((stage & asked_stage & self._later) == 0),
            np.minimum(np.bitwise_count(stage & ~asked_stage & self._later), 2),
            _share(qualifier & asked_qualifier, asked_qualifier),
            np.minimum(np.bitwise_count(asked_qualifier & ~qualifier), 2),
            *(np.bitwise_count(extra & self._groups[g]) > 0 for g, _ in NOT_ASKED),
        ]  # fmt: skip
        return np.column_stack([*columns, c.facts.priors]).astype(np.float32)

    def rank(self, c: Candidates) -> tuple[Floats, Floats]:
        """Scores, and the probability that this one is meant ("none of them" has its share)."""
        if not len(c.docs):
            return np.zeros(0, np.float32), np.zeros(0, np.float32)
        scores = self.features(c) @ self._weights
        return scores, self.probabilities(scores)

    def probabilities(self, scores: Floats) -> Floats:
        """Softmax over the candidates and "none of them"."""
        logits = np.append(scores, np.float32(self._none)) / np.float32(self._temperature)
        exp = np.exp(logits - logits.max())
        return np.asarray(exp[:-1] / exp.sum(), np.float32)


def _share(part: Masks, whole: np.int64) -> Floats:
    total = max(int(np.bitwise_count(whole)), 1)
    return (np.bitwise_count(part) / np.float32(total)).astype(np.float32)


def _mask(names: Sequence[str], wanted: Sequence[str]) -> int:
    return sum(1 << i for i, name in enumerate(names) if name in wanted)


@cache
def ranker() -> Ranker:
    """The shipped ranker."""
    rules = read_data("search.yml")
    learned = json.loads((DATA / "ranking.json").read_text(encoding="utf-8"))
    stages, qualifiers = list(rules["stages"]), list(rules["qualifiers"])
    popularity = {
        code: float(tier) for tier, codes in read_data("popularity.yml").items() for code in codes
    }
    return Ranker(
        learned["weights"], learned["none"], learned["temperature"],
        {group: _mask(qualifiers, names) for group, names in NOT_ASKED},
        _mask(stages, rules["later_stages"]), popularity,
    )  # fmt: skip
