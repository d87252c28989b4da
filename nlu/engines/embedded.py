"""The default engine: rules and a linear model in this process, a fraction of a millisecond each.

Needs numpy only. `EmbeddedEngine.load` reads a trained model; without one it learns from the
shipped examples, which takes a second or two.
"""

import time
from pathlib import Path

import numpy as np

from nlu import dataset, extractors, features, training
from nlu.model import OUTSIDE, BrokenModelError, Floats, Model, evidence
from nlu.types import Entity, Intent, Understanding

SHOWN = 5  # intents in a ranking
LONGEST = 2_000  # characters that are read; nobody asks more in one message


class EmbeddedEngine:
    """Understands messages with a model in memory."""

    name = "embedded"

    def __init__(self, model: Model) -> None:
        self.model = model
        self._outside = np.array([name in OUTSIDE for name in model.intents])
        self._example_outside = self._outside[model.example_intents]
        features.look("", model.vocabulary)  # read the rules now, not in the first citizen's turn
        names = [words.split() for words in model.synonyms]
        self._longest = max(map(len, names), default=0)
        self._first_words = {words[0] for words in names}

    @classmethod
    def load(cls, folder: Path | None = None) -> "EmbeddedEngine":
        """The model stored in `folder`; learned anew when there is none or it cannot be read."""
        if folder is not None:
            try:
                return cls(Model.load(folder))
            except BrokenModelError:
                pass
        return cls(training.train(dataset.training()))

    def parse(self, text: str) -> Understanding:
        """Understand one message."""
        started = time.perf_counter()
        seen = features.look(text[:LONGEST], self.model.vocabulary)
        looked = time.perf_counter()
        vector = self.model.vector(seen)
        chances = self.model.chances(vector)
        ranking = np.argsort(-chances)[:SHOWN]
        in_domain = self._in_domain(chances, seen, self.model.similarities(vector))
        done = time.perf_counter()
        return Understanding(
            text=seen.cleaned,
            folded=seen.folded,
            intents=tuple(Intent(self.model.intents[i], float(chances[i])) for i in ranking),
            aspects=seen.reading.aspects,
            entities=(*seen.entities, *self._agencies(seen)),
            subject=seen.reading.subject,
            in_domain=in_domain,
            band=self._band(float(chances.max())),
            signals=seen.signals,
            timings={"rules": (looked - started) * 1e3, "model": (done - looked) * 1e3},
        )

    def _in_domain(self, chances: Floats, seen: features.Seen, similar: Floats) -> float:
        measured = evidence(chances, self._outside, seen, similar, self._example_outside)
        bias, *weights = self.model.domain
        return float(1 / (1 + np.exp(-(bias + measured @ np.array(weights)))))

    def _band(self, confidence: float) -> str:
        act, ask = self.model.bands
        return "answer" if confidence >= act else "confirm" if confidence >= ask else "refuse"

    def _agencies(self, seen: features.Seen) -> list[Entity]:
        """Offices named in the message, the longest name first."""
        plain = extractors.aligned(seen.cleaned)
        places = list(features.WORD.finditer(plain))
        found: list[Entity] = []
        at = 0
        while at < len(places):
            longest = self._longest if places[at][0] in self._first_words else 0
            for size in range(min(longest, len(places) - at), 0, -1):
                last = places[at + size - 1]
                words = " ".join(place[0] for place in places[at : at + size])
                if words in self.model.synonyms:
                    meaning = self.model.synonyms[words]
                    found.append(Entity("agency", meaning, places[at].start(), last.end()))
                    at += size - 1
                    break
            at += 1
        return found
