"""A question on its way in: what was understood, what was not, and where it stands in the file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from backend.i18n import gettext as _
from lms import questions
from lms.questions import Question
from lms.questions.choices import speak_of_each_other


@dataclass(frozen=True)
class Draft:
    """`question` is None where something is missing; `raw` is what there is of it by then.

    `picture` names a picture of the import, which becomes the question's image.
    """

    question: Question | None
    warnings: tuple[str, ...]
    where: str
    text: str
    raw: Mapping[str, Any] = field(default_factory=dict)
    picture: str = ""

    @property
    def lacks_only_its_key(self) -> bool:
        """Whether saying which choices are right would make it a question."""
        return self.question is None and len(self.raw.get("choices", ())) > 1


@dataclass(frozen=True)
class Import:
    """A file that was read: its questions, its pictures by name, what is to be said of it all."""

    drafts: tuple[Draft, ...]
    pictures: Mapping[str, bytes] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def made(
    raw: Mapping[str, Any], *, where: str, warnings: tuple[str, ...] = (), picture: str = ""
) -> Draft:
    """The draft of this data; what is wrong with it becomes a warning."""
    text = str(raw.get("text", ""))
    if speak_of_each_other(choice["text"] for choice in raw.get("choices", ())):
        raw = {**raw, "keeps_order": True}
    try:
        question: Question | None = questions.parse(raw)
    except ValidationError as error:
        question = None
        warnings = (*warnings, *(_in_words(str(one["msg"])) for one in error.errors()[:1]))
    except ValueError:
        question = None
    return Draft(question, tuple(dict.fromkeys(warnings)), where, text, raw, picture)


def keyed(draft: Draft, letters: str) -> Draft:
    """The draft with the choices right that these letters name."""
    choices = [
        {**choice, "right": chr(ord("A") + i) in letters.upper()}
        for i, choice in enumerate(draft.raw.get("choices", ()))
    ]
    right = sum(choice["right"] for choice in choices)
    kind = "multiple" if right > 1 else "single"
    raw = {**draft.raw, "type": kind, "choices": choices}
    return made(raw, where=draft.where, picture=draft.picture)


def _in_words(message: str) -> str:
    """What pydantic says, for a trainer."""
    words = {
        "one_right": _("Chưa tìm thấy đáp án đúng."),
        "no_right": _("Chưa tìm thấy đáp án đúng."),
        "items_repeat": _("Có hai ý giống nhau."),
        "at least 2 items": _("Cần ít nhất hai phương án."),
        "at most": _("Có quá nhiều phương án, hoặc nội dung quá dài."),
        "at least 1 character": _("Nội dung câu hỏi hoặc một phương án còn trống."),
    }
    known = (said for mark, said in words.items() if mark in message)
    return next(known, _("Chưa đủ nội dung để thành một câu hỏi."))
