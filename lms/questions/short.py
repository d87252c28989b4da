"""A word or two, typed."""

import unicodedata
from typing import Annotated, Any, Literal

from annotated_types import Len

from lms.questions.question import Answer, Fields, Question, Shown, Text, lines
from nlu.text import fold

LONGEST = 200


class Short(Question):
    """Any of `accepts` is right; case and spaces never matter, accents only where `accents`."""

    type: Literal["short"] = "short"
    accepts: Annotated[tuple[Text, ...], Len(1, 20)]
    accents: bool = False

    @classmethod
    def typed(cls, fields: Fields) -> dict[str, Any]:
        """A line of `accepts` for each answer that is right."""
        return {"accepts": lines(fields, "accepts"), "accents": "accents" in fields}

    def shown(self, seed: str) -> Shown:
        """Nothing but a field to type in."""
        return Shown()

    def read(self, fields: Fields, seed: str) -> Answer:
        """Field `a`."""
        typed = next(iter(fields.get("a", ())), "")
        return " ".join(unicodedata.normalize("NFC", typed).split())[:LONGEST] or None

    def write(self, answer: Answer, seed: str) -> dict[str, list[str]]:
        """What was typed."""
        return {"a": [answer]} if answer else {}

    def grade(self, answer: Answer) -> float:
        """All or nothing."""
        return float(bool(answer) and self._plain(answer) in map(self._plain, self.accepts))

    def key(self) -> Answer:
        """The first that is accepted."""
        return self.accepts[0]

    def in_words(self, answer: Answer) -> tuple[str, ...]:
        """What was typed."""
        return (answer,) if answer else ()

    def _plain(self, text: str) -> str:
        joined = " ".join(unicodedata.normalize("NFC", text).casefold().split()).strip(" .")
        return joined if self.accents else fold(joined)
