"""A statement that holds or does not."""

from typing import Any, Literal

from backend.i18n import gettext as _
from lms.questions.question import Answer, Fields, Question, Shown, first


class TrueFalse(Question):
    """Right or wrong; never shuffled: people expect “Đúng” first."""

    type: Literal["truefalse"] = "truefalse"
    right: bool

    @classmethod
    def typed(cls, fields: Fields) -> dict[str, Any]:
        """Field `right`: 1 or 0."""
        return {"right": {"1": True, "0": False}.get(first(fields, "right"))}

    def shown(self, seed: str) -> Shown:
        """Always the same two."""
        return Shown((_("Đúng"), _("Sai")))

    def read(self, fields: Fields, seed: str) -> Answer:
        """Field `a`: 0 for right, 1 for wrong."""
        return next((sent == "0" for sent in fields.get("a", ()) if sent in ("0", "1")), None)

    def write(self, answer: Answer, seed: str) -> dict[str, list[str]]:
        """The place of the choice."""
        return {} if answer is None else {"a": ["0" if answer else "1"]}

    def grade(self, answer: Answer) -> float:
        """All or nothing."""
        return float(answer is not None and answer == self.right)

    def key(self) -> Answer:
        """Whether the statement holds."""
        return self.right

    def in_words(self, answer: Answer) -> tuple[str, ...]:
        """The word on the button."""
        return () if answer is None else (self.shown("").options[0 if answer else 1],)
