"""Learns the ranker's weights from questions with known answers (a few dozen numbers, seconds).

A conditional logit: the probability of the acceptable procedures among all candidates and "none
of them" is made as large as possible, with a pull towards the weights that were there before, so
that little data cannot lead far astray. Numpy only; the same result on every run.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlu.search.postings import Floats

Doubles = NDArray[np.float64]


@dataclass(frozen=True)
class Example:
    """A question: the candidates' features, and how much each candidate (last: none) is meant.

    With `any_of`, one of the marked ones suffices; otherwise the marks are a distribution to
    match, as when several siblings fit equally well.
    """

    features: Floats
    target: Floats
    any_of: bool = True
    weight: float = 1.0


@dataclass(frozen=True)
class Learned:
    """Weights per feature, and the constant score of "none of them"."""

    weights: Doubles
    none: float


def fit(
    examples: Sequence[Example],
    start: Learned,
    *,
    pull: float = 0.02,
    steps: int = 400,
    rate: float = 0.05,
) -> Learned:
    """Maximise the likelihood by Adam, from `start` and pulled towards it."""
    stacked = _stack(examples)
    origin = np.append(start.weights, start.none)
    theta = origin.copy()
    mean, spread = np.zeros_like(theta), np.zeros_like(theta)
    for step in range(1, steps + 1):
        gradient = pull * (theta - origin) + _gradient(stacked, theta) / len(examples)
        mean = 0.9 * mean + 0.1 * gradient
        spread = 0.999 * spread + 0.001 * gradient**2
        ahead = mean / (1 - 0.9**step)
        theta = theta - rate * ahead / (np.sqrt(spread / (1 - 0.999**step)) + 1e-8)
    return Learned(theta[:-1], float(theta[-1]))


@dataclass(frozen=True)
class _Stack:
    """All examples as arrays: one row a candidate, rows of one example side by side."""

    inputs: Floats
    target: Floats
    first: NDArray[np.int64]  # where each example begins
    lengths: NDArray[np.int64]
    any_of: NDArray[np.bool_]
    weight: Floats


def _stack(examples: Sequence[Example]) -> _Stack:
    blocks = []
    for example in examples:
        block = np.zeros((len(example.target), example.features.shape[1] + 1), np.float32)
        block[:-1, :-1] = example.features
        block[-1, -1] = 1.0
        blocks.append(block)
    lengths = np.array([len(block) for block in blocks])
    return _Stack(
        inputs=np.concatenate(blocks),
        target=np.concatenate([example.target for example in examples]).astype(np.float32),
        first=np.concatenate([[0], lengths.cumsum()[:-1]]),
        lengths=lengths,
        any_of=np.array([example.any_of for example in examples]),
        weight=np.array([example.weight for example in examples], np.float32),
    )


def _gradient(stack: _Stack, theta: Doubles) -> Doubles:
    def spread(values: NDArray[Any]) -> NDArray[Any]:
        return np.repeat(values, stack.lengths)

    logits = stack.inputs @ theta.astype(np.float32)
    exp = np.exp(logits - spread(np.maximum.reduceat(logits, stack.first)))
    p = exp / spread(np.add.reduceat(exp, stack.first))
    wanted = np.where(spread(stack.any_of), p * (stack.target > 0), stack.target)
    wanted = wanted / spread(np.maximum(np.add.reduceat(wanted, stack.first), 1e-12))
    slope = (p - wanted) * spread(stack.weight)
    return np.asarray(stack.inputs.T @ slope.astype(np.float32), np.float64)


def softmax(scores: Doubles) -> Doubles:
    """Probabilities from scores."""
    exp = np.exp(scores - scores.max())
    return np.asarray(exp / exp.sum())


def logistic(
    inputs: Doubles,
    wanted: Doubles,
    weights: Doubles | None = None,
    *,
    pull: float = 1.0,
    steps: int = 50,
) -> Doubles:
    """Logistic regression by Newton's method; the last coefficient is the constant (not pulled)."""
    x = np.column_stack([inputs, np.ones(len(inputs))])
    w = np.ones(len(x)) if weights is None else weights
    ridge = np.diag([*[pull] * inputs.shape[1], 1e-6])
    theta = np.zeros(x.shape[1])
    for _ in range(steps):
        p = 1 / (1 + np.exp(-x @ theta))
        gradient = x.T @ (w * (p - wanted)) + ridge @ theta
        hessian = (x * (w * p * (1 - p))[:, None]).T @ x + ridge
        theta = theta - np.linalg.solve(hessian, gradient)
    return theta
