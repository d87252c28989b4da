"""Find the partner of each item, from a list that may hold more than are needed."""

from typing import Annotated, Any, Literal, Self

from annotated_types import Len
from pydantic import BaseModel, ConfigDict, model_validator

from lms.questions.question import (
    Answer,
    Fields,
    Question,
    Shown,
    Text,
    first,
    lines,
    order,
    place_of,
)


class Pair(BaseModel):
    """An item and its partner."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    left: Text
    right: Text


class Matching(Question):
    """The answer has, for each item, the number of the partner chosen (None: none yet).

    A list to choose from stands beside each item: no dragging.
    """

    type: Literal["matching"] = "matching"
    pairs: Annotated[tuple[Pair, ...], Len(2, 12)]
    distractors: Annotated[tuple[Text, ...], Len(0, 6)] = ()

    @model_validator(mode="after")
    def items_differ(self) -> Self:
        """The same item twice could not be told apart."""
        if len({pair.left for pair in self.pairs}) < len(self.pairs):
            raise ValueError("items_repeat")
        return self

    @classmethod
    def typed(cls, fields: Fields) -> dict[str, Any]:
        """Fields `l0`, `r0`…: an item, its partner; a line of `more` for each partner of none."""
        rows = [(first(fields, f"l{n}"), first(fields, f"r{n}")) for n in range(12)]
        pairs = [{"left": left, "right": right} for left, right in rows if left or right]
        return {"pairs": pairs, "distractors": lines(fields, "more")}

    @property
    def partners(self) -> tuple[str, ...]:
        """Everything to choose from, each text once."""
        return tuple(dict.fromkeys((*(pair.right for pair in self.pairs), *self.distractors)))

    def shown(self, seed: str) -> Shown:
        """The items as written, the partners shuffled."""
        partners = self.partners
        return Shown(
            options=tuple(partners[i] for i in order(len(partners), seed)),
            items=tuple(pair.left for pair in self.pairs),
        )

    def read(self, fields: Fields, seed: str) -> Answer:
        """Fields `a0`, `a1`…: the place of the partner of each item."""
        places = order(len(self.partners), seed)
        sent = [place_of(fields, f"a{i}", len(places)) for i in range(len(self.pairs))]
        chosen = [None if place is None else places[place] for place in sent]
        return chosen if any(number is not None for number in chosen) else None

    def write(self, answer: Answer, seed: str) -> dict[str, list[str]]:
        """The place of each partner."""
        places = order(len(self.partners), seed)
        numbered = enumerate(answer or ())
        return {f"a{i}": [str(places.index(chosen))] for i, chosen in numbered if chosen in places}

    def grade(self, answer: Answer) -> float:
        """The share of items with the right partner."""
        if not answer:
            return 0.0
        hits = [given == right for given, right in zip(answer, self.key(), strict=False)]
        return hits.count(True) / len(self.pairs)

    def key(self) -> Answer:
        """Each item's partner."""
        partners = self.partners
        return [partners.index(pair.right) for pair in self.pairs]

    def in_words(self, answer: Answer) -> tuple[str, ...]:
        """“Item → partner” lines."""
        chosen = zip(self.pairs, answer or (), strict=False)
        return tuple(
            f"{pair.left} → {self.partners[number]}"
            for pair, number in chosen
            if number is not None
        )
