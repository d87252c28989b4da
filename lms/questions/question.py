"""What every question is: its words, how it is shown, read and marked.

A question is data (`type` chooses the class) and pure: it knows no table and no request. What a
learner sends is always form fields, `{"a": ["2"]}`, whether a page without scripts or the offline
queue sent it. Places in a shuffled list are what is sent, so that neither the page nor its fields
betray the order in which the author wrote the choices; `read` maps them back with the same seed.
"""

import hashlib
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]
Fields = Mapping[str, Sequence[str]]
Answer = Any
"""JSON: what is stored of an answer, in the author's order. None means: not answered."""


@dataclass(frozen=True)
class Shown:
    """What a learner may see before answering: never the key.

    `options` stand in the order of this seed; `items` are what each is to be chosen or ranked for.
    """

    options: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    unit: str = ""


class Question(BaseModel):
    """The part that all types share; each type adds its own and says how it is marked."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: str
    id: str = ""
    text: Text
    category: str = ""
    difficulty: Literal[1, 2, 3] = 1
    feedback: str = ""
    image: str = ""

    @classmethod
    @abstractmethod
    def typed(cls, fields: Fields) -> dict[str, Any]:
        """What an author typed into the form of this type, as data; perhaps not whole yet."""

    @abstractmethod
    def shown(self, seed: str) -> Shown:
        """What the page needs besides the text."""

    @abstractmethod
    def read(self, fields: Fields, seed: str) -> Answer:
        """The answer in what was sent; None where there is none, or none that makes sense."""

    @abstractmethod
    def write(self, answer: Answer, seed: str) -> dict[str, list[str]]:
        """The fields that `read` turns into this answer: what a reopened page shows as chosen."""

    @abstractmethod
    def grade(self, answer: Answer) -> float:
        """The share of the mark, from 0 to 1; an empty or damaged answer is worth 0."""

    @abstractmethod
    def key(self) -> Answer:
        """An answer that is fully right."""

    @abstractmethod
    def in_words(self, answer: Answer) -> tuple[str, ...]:
        """An answer as lines that a person can read."""

    def remarks(self, answer: Answer) -> tuple[str, ...]:
        """What the author says to whoever answered this; after the marks are out."""
        return (self.feedback,) if self.feedback else ()


def first(fields: Fields, name: str) -> str:
    """The text of a field, trimmed; empty where it was not sent."""
    return next(iter(fields.get(name, ())), "").strip()


def lines(fields: Fields, name: str) -> list[str]:
    """The lines of a field, without empty ones."""
    return [line.strip() for line in first(fields, name).splitlines() if line.strip()]


def order(count: int, seed: str) -> list[int]:
    """A shuffle of `range(count)` that is the same for the same seed, everywhere and for ever."""
    return sorted(
        range(count), key=lambda place: hashlib.sha256(f"{seed}:{place}".encode()).digest()
    )


def place_of(fields: Fields, name: str, count: int) -> int | None:
    """The place in a list of `count` that a field names."""
    for value in fields.get(name, ()):
        if value.isascii() and value.isdecimal() and int(value[:4]) < count:
            return int(value[:4])
    return None
