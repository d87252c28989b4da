"""Bring steps into their order by giving each its number."""

from itertools import pairwise
from typing import Annotated, Any, Literal, Self

from annotated_types import Len
from pydantic import model_validator

from lms.questions.question import Answer, Fields, Question, Shown, Text, lines, order, place_of


class Ordering(Question):
    """`items` stand in the right order; the answer is the rank (from 0) given to each of them.

    A number is chosen beside each step: no dragging. Two steps may bear the same number while
    somebody is still thinking, so the answer need not be a permutation.
    """

    type: Literal["ordering"] = "ordering"
    items: Annotated[tuple[Text, ...], Len(2, 12)]

    @model_validator(mode="after")
    def items_differ(self) -> Self:
        """The same step twice could not be told apart."""
        if len(set(self.items)) < len(self.items):
            raise ValueError("items_repeat")
        return self

    @classmethod
    def typed(cls, fields: Fields) -> dict[str, Any]:
        """A line of `items` for each step, in the right order."""
        return {"items": lines(fields, "items")}

    def shown(self, seed: str) -> Shown:
        """The steps, shuffled; the numbers to choose from."""
        return Shown(
            options=tuple(str(number) for number in range(1, len(self.items) + 1)),
            items=tuple(self.items[i] for i in order(len(self.items), seed)),
        )

    def read(self, fields: Fields, seed: str) -> Answer:
        """Fields `a0`, `a1`…: the number given to the step shown at that place."""
        ranks: list[int | None] = [None] * len(self.items)
        for place, item in enumerate(order(len(self.items), seed)):
            ranks[item] = place_of(fields, f"a{place}", len(self.items))
        return ranks if any(rank is not None for rank in ranks) else None

    def write(self, answer: Answer, seed: str) -> dict[str, list[str]]:
        """The number of each step, at the place where it is shown."""
        if not answer:
            return {}
        places = enumerate(order(len(self.items), seed))
        return {f"a{at}": [str(answer[i])] for at, i in places if answer[i] is not None}

    def grade(self, answer: Answer) -> float:
        """The share of steps that are followed at once by the step that should follow."""
        if not answer or None in answer or len(set(answer)) < len(self.items):
            return 0.0
        follows = [after - before == 1 for before, after in pairwise(answer)]
        return follows.count(True) / (len(self.items) - 1)

    def key(self) -> Answer:
        """As written."""
        return list(range(len(self.items)))

    def in_words(self, answer: Answer) -> tuple[str, ...]:
        """The steps by the numbers given to them."""
        given = [(rank, item) for rank, item in zip(answer or (), self.items, strict=False)
                 if rank is not None]  # fmt: skip
        return tuple(f"{rank + 1}. {item}" for rank, item in sorted(given))
