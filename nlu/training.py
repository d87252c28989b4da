"""Learn a model from examples, in a second or two of numpy.

A ridge classifier in closed form: its leave-one-out scores come for free, and the probabilities
(`temperature`) and the in-domain estimate are fitted on those, never on scores of seen examples.
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nlu import features, text
from nlu.dataset import Dataset
from nlu.model import OUTSIDE, Floats, Model, evidence

RIDGE = 1.0
RARE = 2  # a feature in fewer examples is dropped …
RARE_LETTERS = 4  # … and of the many groups of letters sooner
SMALL = 256  # rows of a matrix that is taken in one go
# How often the intent must be right at or above a band's confidence: to act on it, to ask first.
SURE, LIKELY = 0.97, 0.92
TEMPERATURES = np.geomspace(2, 60, 40)


def train(dataset: Dataset, *, taught: str = "") -> Model:
    """Learn from a dataset; the same data always give the same model.

    `taught` is the hash of what of it officers taught.
    """
    words: dict[bool, set[str]] = {True: set(), False: set()}
    for example in dataset.examples:
        words[example.intent == "nonsense"] |= set(text.tokens(example.text))
    # What only gibberish examples hold is no Vietnamese syllable.
    vocabulary = frozenset(word for word in words[False] if not word.isdigit())
    seen = [features.look(example.text, vocabulary) for example in dataset.examples]
    known, idf = _features(seen)
    intents = dataset.intents
    labels = np.array([intents.index(example.intent) for example in dataset.examples])
    draft = Model(
        intents=intents,
        features=known,
        idf=idf,
        weights=np.zeros((len(known), len(intents)), np.float32),
        bias=np.zeros(len(intents), np.float32),
        starts=np.zeros(len(known) + 1, np.int32),
        examples=np.zeros(0, np.int32),
        example_weights=np.zeros(0, np.float32),
        example_intents=labels.astype(np.int32),
        temperature=1.0,
        domain=(),
        bands=(1.0, 0.0),
        vocabulary=vocabulary,
        synonyms=dataset.synonyms,
        data_digest=dataset.digest,
        taught=taught,
    )
    return _fit(draft, seen, labels)


def _fit(draft: Model, seen: Sequence[features.Seen], labels: NDArray[np.int64]) -> Model:
    rows = np.zeros((len(seen), len(draft.features)), np.float32)
    for i, one in enumerate(seen):
        vector = draft.vector(one)
        rows[i, vector.ids] = vector.weights
    similar = rows @ rows.T
    dual, held_out = _ridge(similar, labels, len(draft.intents))
    temperature = _temperature(held_out, labels)
    outside = np.array([name in OUTSIDE for name in draft.intents])
    np.fill_diagonal(similar, 0)
    similar /= features.LENGTH
    measured = np.stack(
        [
            evidence(_softmax(held_out[i] * temperature), outside, one, similar[i], outside[labels])
            for i, one in enumerate(seen)
        ]
    )
    domain = _logistic(measured, ~outside[labels])
    inside = 1 / (1 + np.exp(-(measured @ np.array(domain[1:]) + domain[0])))
    order = np.nonzero(rows.T)
    return Model(
        **{
            **draft.__dict__,
            "bias": dual.sum(0).astype(np.float32),
            "weights": (rows.T @ dual.astype(np.float32)).astype(np.float32),
            "starts": np.searchsorted(order[0], np.arange(len(draft.features) + 1)).astype(
                np.int32
            ),
            "examples": order[1].astype(np.int32),
            "example_weights": rows.T[order].astype(np.float32),
            "temperature": float(temperature),
            "domain": domain,
            "bands": (
                _band(held_out * temperature, labels, SURE),
                _band(held_out * temperature, labels, LIKELY),
            ),
            "scores": {
                "examples": float(len(seen)),
                "held_out_accuracy": float((held_out.argmax(1) == labels).mean()),
                "in_domain_accuracy": float(((inside > 0.5) == ~outside[labels]).mean()),
            },
        }
    )


def _softmax(scores: Floats) -> Floats:
    powers = np.exp(scores - scores.max())
    return np.asarray(powers / powers.sum(), np.float32)


def _features(seen: Sequence[features.Seen]) -> tuple[dict[str, int], Floats]:
    counts = Counter(name for one in seen for _, names in features.groups(one) for name in names)
    kept = sorted(
        name
        for name, n in counts.items()
        if n >= (RARE_LETTERS if name[0] == "~" else RARE) or name[0] == "="
    )
    # Facts ("=") all weigh the same; rare words and letters weigh more.
    idf = [1.0 if name[0] == "=" else 1 + np.log(len(seen) / counts[name]) for name in kept]
    return {name: i for i, name in enumerate(kept)}, np.array(idf, np.float32)


def _ridge(similar: Floats, labels: NDArray[np.int64], intents: int) -> tuple[Floats, Floats]:
    """Dual coefficients, and what each example scores when it is left out."""
    targets: Floats = np.eye(intents, dtype=np.float32)[labels] * 2 - 1
    rarity = 1 / np.bincount(labels, minlength=intents)[labels] ** 0.25
    penalty = RIDGE * rarity.mean() / rarity
    # The constant lets every intent have its own bias.
    root = _root(similar + np.diag(penalty).astype(np.float32) + 1)
    dual: Floats = root.T @ (root @ targets)
    held_out = targets - dual / np.square(root).sum(0)[:, None]
    return dual, held_out.astype(np.float32)


def _root(matrix: Floats) -> Floats:
    """The inverse of the Cholesky factor, by halves: products of large blocks are what is fast."""
    size = len(matrix)
    if size <= SMALL:
        return np.asarray(np.linalg.inv(np.linalg.cholesky(matrix)), np.float32)
    half = size // 2
    first = _root(matrix[:half, :half])
    below = matrix[half:, :half] @ first.T
    last = _root(matrix[half:, half:] - below @ below.T)
    whole = np.zeros_like(matrix)
    whole[:half, :half] = first
    whole[half:, :half] = -(last @ below) @ first
    whole[half:, half:] = last
    return whole


def _temperature(scores: Floats, labels: NDArray[np.int64]) -> float:
    """The sharpness of `softmax` that gives the left-out examples the highest likelihood."""

    def loss(temperature: float) -> float:
        sharp = scores * temperature
        sharp = sharp - sharp.max(1, keepdims=True)
        chances = np.exp(sharp)
        right = chances[np.arange(len(labels)), labels] / chances.sum(1)
        return float(-np.log(np.maximum(right, 1e-9)).mean())

    return float(min(TEMPERATURES, key=loss))


def _band(scores: Floats, labels: NDArray[np.int64], right: float) -> float:
    """The lowest confidence from which upwards this share of the left-out examples is right."""
    chances = np.stack([_softmax(row) for row in scores])
    order = np.argsort(-chances.max(1))
    hits = (chances.argmax(1) == labels)[order].cumsum() / np.arange(1, len(labels) + 1)
    enough = np.nonzero(hits >= right)[0]
    return float(chances.max(1)[order][enough[-1]]) if len(enough) else 1.0


def _logistic(measured: Floats, inside: NDArray[np.bool_]) -> tuple[float, ...]:
    """Logistic regression by Newton steps: a bias and one weight a measurement."""
    rows = np.hstack([np.ones((len(measured), 1)), measured.astype(np.float64)])
    weights = np.zeros(rows.shape[1])
    balance = np.where(inside, 0.5 / inside.mean(), 0.5 / (1 - inside.mean()))
    for _ in range(20):
        chance = 1 / (1 + np.exp(-rows @ weights))
        slope = rows.T @ (balance * (chance - inside)) + 0.01 * weights
        curve = (rows * (balance * chance * (1 - chance))[:, None]).T @ rows
        weights -= np.linalg.solve(curve + 0.01 * np.eye(len(weights)), slope)
    return tuple(float(weight) for weight in weights)
