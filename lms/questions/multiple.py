"""Several right choices; a wrong one takes a right one back."""

from typing import Annotated, Any, Literal, Self

from annotated_types import Len
from pydantic import model_validator

from lms.questions import choices as written
from lms.questions.choices import Choice
from lms.questions.question import Answer, Fields, Question, Shown


class Multiple(Question):
    """At least one choice is right; the answer is the sorted list of the chosen ones' numbers."""

    type: Literal["multiple"] = "multiple"
    choices: Annotated[tuple[Choice, ...], Len(2, 12)]
    keeps_order: bool = False

    @model_validator(mode="after")
    def has_a_key(self) -> Self:
        """At least one right choice."""
        if not any(choice.right for choice in self.choices):
            raise ValueError("no_right")
        return self

    @classmethod
    def typed(cls, fields: Fields) -> dict[str, Any]:
        """The choices."""
        return written.typed(fields)

    def shown(self, seed: str) -> Shown:
        """The choices, shuffled unless they keep their order."""
        return Shown(tuple(self.choices[i].text for i in self._places(seed)))

    def read(self, fields: Fields, seed: str) -> Answer:
        """Field `a`, once for each choice."""
        places = self._places(seed)
        valid = {str(place): number for place, number in enumerate(places)}
        return sorted({valid[sent] for sent in fields.get("a", ()) if sent in valid}) or None

    def write(self, answer: Answer, seed: str) -> dict[str, list[str]]:
        """The places at which these choices stand."""
        places = self._places(seed)
        return {"a": [str(places.index(i)) for i in answer]} if answer else {}

    def grade(self, answer: Answer) -> float:
        """Right ones less wrong ones, as a share of the right ones, never below nothing."""
        right = set(self.key())
        chosen = set(answer or ())
        return max(len(chosen & right) - len(chosen - right), 0) / len(right)

    def key(self) -> Answer:
        """All right choices."""
        return [i for i, choice in enumerate(self.choices) if choice.right]

    def in_words(self, answer: Answer) -> tuple[str, ...]:
        """The texts of the choices."""
        return tuple(self.choices[i].text for i in answer or ())

    def remarks(self, answer: Answer) -> tuple[str, ...]:
        """What is said of each choice, then of the question."""
        own = [self.choices[i].feedback for i in answer or ()]
        return tuple(remark for remark in (*own, self.feedback) if remark)

    def _places(self, seed: str) -> list[int]:
        return written.arranged(self.choices, seed, keeps_order=self.keeps_order)
