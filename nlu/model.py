"""A trained model: arrays and words, stored as npz and JSON with a hash, never as a pickle."""

import hashlib
import io
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlu.features import LENGTH, Seen, groups

CODE = Path(__file__).parent
FORMAT = 1
# Intents that have nothing to do with public services.
OUTSIDE = frozenset(
    {"out_of_scope", "chitchat", "nonsense", "insult", "self_harm", "provocation", "injection"}
)
ARRAYS, TEXTS = "model.npz", "model.json"
Floats = NDArray[np.float32]
Integers = NDArray[np.int32]


class BrokenModelError(ValueError):
    """The files are missing, of another format, or not what was stored."""


@dataclass(frozen=True)
class Vector:
    """A message as a sparse unit vector."""

    ids: Integers
    weights: Floats


@dataclass(frozen=True)
class Model:
    """Everything `EmbeddedEngine` needs.

    `weights` has one row a feature and one column an intent. `starts`, `examples` and
    `example_weights` are the training examples by feature, for the nearest-example search.
    """

    intents: tuple[str, ...]
    features: dict[str, int]
    idf: Floats
    weights: Floats
    bias: Floats
    starts: Integers
    examples: Integers
    example_weights: Floats
    example_intents: Integers
    temperature: float
    domain: tuple[float, ...]
    bands: tuple[float, float]  # confidence from which to act, and from which to ask first
    vocabulary: frozenset[str]
    synonyms: dict[str, str]
    data_digest: str
    taught: str = ""  # the hash of what officers taught besides what is shipped
    scores: dict[str, float] = field(default_factory=dict)

    def vector(self, seen: Seen) -> Vector:
        """The message in the space of known features; each group has its own share of length."""
        ids: list[int] = []
        weights: list[Floats] = []
        for share, names in groups(seen):
            group = [self.features[name] for name in names if name in self.features]
            if group:
                idf = self.idf[group]
                weights.append(idf * (share / np.sqrt(float(idf @ idf))))
                ids += group
        joined = np.concatenate(weights) if weights else np.zeros(0, np.float32)
        return Vector(np.array(ids, np.int32), joined.astype(np.float32))

    def chances(self, vector: Vector) -> Floats:
        """The probability of each intent."""
        scores = self.bias + vector.weights @ self.weights[vector.ids]
        powers = np.exp((scores - scores.max()) * self.temperature)
        return np.asarray(powers / powers.sum(), np.float32)

    def similarities(self, vector: Vector) -> Floats:
        """How alike the message is to each training example: 1 is the same, 0 nothing shared."""
        begin, end = self.starts[vector.ids], self.starts[vector.ids + 1]
        # As plain numbers: numpy's own are slow to slice with.
        spans = [slice(*bounds) for bounds in zip(begin.tolist(), end.tolist(), strict=True)]
        if not spans:
            return np.zeros(len(self.example_intents), np.float32)
        counts = end - begin
        rows = np.concatenate([self.examples[span] for span in spans])
        parts = np.concatenate([self.example_weights[span] for span in spans])
        parts = parts * np.repeat(vector.weights, counts)
        return np.bincount(rows, parts, minlength=len(self.example_intents)).astype(
            np.float32
        ) / np.float32(LENGTH)

    def save(self, folder: Path) -> None:
        """Write both files; the JSON carries the hash of the arrays."""
        folder.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(
            folder / ARRAYS,
            idf=self.idf,
            weights=self.weights,
            bias=self.bias,
            starts=self.starts,
            examples=self.examples,
            example_weights=self.example_weights,
            example_intents=self.example_intents,
        )
        content = {
            "format": FORMAT,
            "arrays": hashlib.sha256((folder / ARRAYS).read_bytes()).hexdigest(),
            "data": self.data_digest,
            "taught": self.taught,
            "sources": sources(),
            "intents": self.intents,
            "features": list(self.features),
            "temperature": self.temperature,
            "domain": self.domain,
            "bands": self.bands,
            "vocabulary": sorted(self.vocabulary),
            "synonyms": self.synonyms,
            "scores": self.scores,
        }
        lines = json.dumps(content, ensure_ascii=False, indent=0)
        (folder / TEXTS).write_text(lines, encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, *, taught: str | None = "") -> "Model":
        """Read both files; raises `BrokenModelError` when they do not belong together.

        `taught` is the hash of what it must have been taught besides the shipped examples (None:
        whatever it was).
        """
        try:
            content: dict[str, Any] = json.loads((folder / TEXTS).read_text(encoding="utf-8"))
            stored = (folder / ARRAYS).read_bytes()
        except (OSError, ValueError) as error:
            raise BrokenModelError(f"{folder}: {error}") from error
        if content.get("format") != FORMAT:
            raise BrokenModelError(f"{folder}: format {content.get('format')}, expected {FORMAT}")
        if content.get("sources") != sources():
            raise BrokenModelError(f"{folder}: learned from other rules or examples than these")
        if taught is not None and content["taught"] != taught:
            raise BrokenModelError(f"{folder}: was taught other things than these")
        if hashlib.sha256(stored).hexdigest() != content["arrays"]:
            raise BrokenModelError(f"{folder}: the arrays are not those that were stored")
        with np.load(io.BytesIO(stored), allow_pickle=False) as arrays:  # those just verified
            kept = {name: arrays[name] for name in arrays.files}
        return cls(
            intents=tuple(content["intents"]),
            features={name: i for i, name in enumerate(content["features"])},
            temperature=content["temperature"],
            domain=tuple(content["domain"]),
            bands=(content["bands"][0], content["bands"][1]),
            vocabulary=frozenset(content["vocabulary"]),
            synonyms=content["synonyms"],
            data_digest=content["data"],
            taught=content["taught"],
            scores=content["scores"],
            **kept,
        )


def sources() -> str:
    """A hash of the code and data that a model depends on: other ones need another model."""
    files = [*CODE.glob("*.py"), *(CODE / "data").glob("*.yml"), *(CODE / "data").glob("*.txt")]
    files += [*(CODE / "data" / "nlu").glob("*.yml"), *(CODE / "data" / "lay_names").glob("*.yml")]
    digest = hashlib.sha256()
    for file in sorted(files):
        digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()


def evidence(
    chances: Floats,
    outside: NDArray[np.bool_],
    seen: Seen,
    similar: Floats,
    example_outside: NDArray[np.bool_],
) -> Floats:
    """What speaks for and against a message being about public services; training weighs it."""
    chance = float(np.clip(chances[~outside].sum(), 1e-3, 1 - 1e-3))
    nearest_in = float(np.max(similar, where=~example_outside, initial=0.0))
    nearest_out = float(np.max(similar, where=example_outside, initial=0.0))
    return np.array(
        [np.log(chance / (1 - chance)), seen.domain, seen.known, nearest_in, nearest_out],
        np.float32,
    )
