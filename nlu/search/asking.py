"""Learns when to ask back, and says how well that does on questions it did not learn from.

A logistic regression on the signs of `decide`: an answer beside the point, a question missed and a
question too many each weigh what they cost the citizen. How strongly the slopes are pulled to zero
is chosen by cross-validation, so that signs which only fit the questions at hand fade out.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlu.search.learn import Doubles, logistic

WRONG, MISSED, NEEDLESS = 1.5, 1.5, 1.0  # what an answer beside the point costs, and questions
PULLS = (3.0, 10.0, 30.0, 100.0)


@dataclass(frozen=True)
class Seen:
    """A question as the decision sees it: its signs, and what should have been done.

    `right`: the first choice is what was meant. `share`: how much the question counts.
    `labelled`: written as a question (not a lay name, not a search without aliases).
    """

    signs: tuple[float, ...]
    ask: bool
    right: bool
    share: float
    fold: int
    labelled: bool

    @property
    def cost(self) -> float:
        """What the wrong choice between answering and asking would cost."""
        if self.right:
            return self.share * (MISSED if self.ask else NEEDLESS)
        return self.share * (WRONG if self.ask else WRONG - NEEDLESS)


@dataclass(frozen=True)
class Asking:
    """Slopes per sign, their constant, and what cross-validation found."""

    slopes: Doubles
    constant: float
    pull: float
    loss: float
    report: str


def learn(seen: Sequence[Seen]) -> Asking:
    """The slopes on all questions, under the pull that does best on questions left out."""
    loss, pull = min((_loss(seen, crossed(seen, pull)), pull) for pull in PULLS)
    slopes, constant = _fit(seen, pull)
    return Asking(slopes, constant, pull, loss, report(seen, crossed(seen, pull)))


def crossed(seen: Sequence[Seen], pull: float) -> Doubles:
    """The logit of asking back for each question, learned from the other folds."""
    logits = np.zeros(len(seen))
    for fold in sorted({s.fold for s in seen}):
        slopes, constant = _fit([s for s in seen if s.fold != fold], pull)
        mine = [i for i, s in enumerate(seen) if s.fold == fold]
        logits[mine] = np.array([seen[i].signs for i in mine]) @ slopes + constant
    return logits


def report(seen: Sequence[Seen], logits: Doubles) -> str:
    """One line of figures over the labelled questions."""
    pairs = [(s, z > 0) for s, z in zip(seen, logits, strict=True) if s.labelled]
    both = sum(asked and s.ask for s, asked in pairs)
    either = sum(asked for _, asked in pairs) + sum(s.ask for s, _ in pairs)
    answers = [(s, asked) for s, asked in pairs if not s.ask]
    needless = sum(asked for _, asked in answers) / max(len(answers), 1)
    wrong = sum(not asked and not s.right for s, asked in pairs) / max(len(pairs), 1)
    right = sum(s.right for s, _ in answers) / max(len(answers), 1)
    return (
        f"{len(pairs)} questions: R@1 {right:.3f}, clarify F1 {2 * both / max(either, 1):.3f}, "
        f"needlessly asked {needless:.3f}, confidently wrong {wrong:.3f}"
    )


def _fit(seen: Sequence[Seen], pull: float) -> tuple[Doubles, float]:
    measured = np.array([s.signs for s in seen])
    middle, width = measured.mean(0), measured.std(0) + 1e-6
    scaled = (measured - middle) / width  # so that the pull is the same on every sign
    theta = logistic(scaled, _wanted(seen), np.array([s.cost for s in seen]), pull=pull, steps=20)
    slopes = theta[:-1] / width
    return slopes, float(theta[-1] - slopes @ middle)


def _wanted(seen: Sequence[Seen]) -> Doubles:
    return np.array([float(s.ask or not s.right) for s in seen])


def _loss(seen: Sequence[Seen], logits: Doubles) -> float:
    """The mean cost-weighted log-loss over the labelled questions."""
    chosen: NDArray[np.bool_] = np.array([s.labelled for s in seen])
    costs = np.array([s.cost for s in seen])[chosen]
    toward = np.where(_wanted(seen)[chosen] > 0, logits[chosen], -logits[chosen])
    return float((costs * np.logaddexp(0, -toward)).sum() / costs.sum())
