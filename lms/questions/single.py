"""One right choice among several."""

from typing import Annotated, Any, Literal, Self

from annotated_types import Len
from pydantic import model_validator

from lms.questions import choices as written
from lms.questions.choices import Choice
from lms.questions.question import Answer, Fields, Question, Shown, place_of


class Single(Question):
    """Exactly one choice is right; the answer is its number in the author's order."""

    type: Literal["single"] = "single"
    choices: Annotated[tuple[Choice, ...], Len(2, 12)]
    keeps_order: bool = False

    @model_validator(mode="after")
    def has_one_key(self) -> Self:
        """One right choice, neither none nor two."""
        if sum(choice.right for choice in self.choices) != 1:
            raise ValueError("one_right")
        return self

    @classmethod
    def typed(cls, fields: Fields) -> dict[str, Any]:
        """The choices."""
        return written.typed(fields)

    def shown(self, seed: str) -> Shown:
        """The choices, shuffled unless they keep their order."""
        return Shown(tuple(self.choices[i].text for i in self._places(seed)))

    def read(self, fields: Fields, seed: str) -> Answer:
        """Field `a`: the place of the choice."""
        place = place_of(fields, "a", len(self.choices))
        return None if place is None else self._places(seed)[place]

    def write(self, answer: Answer, seed: str) -> dict[str, list[str]]:
        """The place at which this choice stands."""
        places = self._places(seed)
        return {"a": [str(places.index(answer))]} if answer in places else {}

    def grade(self, answer: Answer) -> float:
        """All or nothing."""
        return float(answer is not None and answer == self.key())

    def key(self) -> Answer:
        """The right choice."""
        return next(i for i, choice in enumerate(self.choices) if choice.right)

    def in_words(self, answer: Answer) -> tuple[str, ...]:
        """The text of the choice."""
        return (self.choices[answer].text,) if answer in range(len(self.choices)) else ()

    def remarks(self, answer: Answer) -> tuple[str, ...]:
        """What is said of this choice, then of the question."""
        own = self.choices[answer].feedback if answer in range(len(self.choices)) else ""
        return tuple(remark for remark in (own, self.feedback) if remark)

    def _places(self, seed: str) -> list[int]:
        return written.arranged(self.choices, seed, keeps_order=self.keeps_order)
