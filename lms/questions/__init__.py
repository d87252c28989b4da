"""Every type of question. To add one: a file here, a template of its name, a line below."""

from collections.abc import Mapping
from typing import Any

from lms.questions.matching import Matching
from lms.questions.multiple import Multiple
from lms.questions.numeric import Numeric
from lms.questions.ordering import Ordering
from lms.questions.question import Question
from lms.questions.short import Short
from lms.questions.single import Single
from lms.questions.truefalse import TrueFalse

__all__ = ["QUESTIONS", "Question", "parse"]

QUESTIONS: dict[str, type[Question]] = {
    "single": Single,
    "multiple": Multiple,
    "truefalse": TrueFalse,
    "matching": Matching,
    "ordering": Ordering,
    "short": Short,
    "numeric": Numeric,
}


def parse(raw: Mapping[str, Any]) -> Question:
    """A question from its data; a `ValueError` (pydantic's, mostly) says what is wrong."""
    if (kind := raw.get("type")) not in QUESTIONS:
        raise ValueError(f"no such type of question: {kind}")
    return QUESTIONS[str(kind)].model_validate(raw)
