"""What a survey asks: three to six questions, of a course's own or the usual ones."""

from functools import cache
from typing import Annotated, Literal

import yaml
from pydantic import Field, TypeAdapter

from backend.config import ROOT
from lms.courses.content import Part

USUAL = ROOT / "lms" / "data" / "survey.yml"
FEWEST, MOST = 3, 6
TEXT = 300


class SurveyQuestion(Part):
    """`grade`: from 1 (not at all) to 5 (very much); `words`: whatever they like."""

    kind: Literal["grade", "words"]
    text: Annotated[str, Field(min_length=1, max_length=TEXT)]


Questions = Annotated[tuple[SurveyQuestion, ...], Field(min_length=FEWEST, max_length=MOST)]
QUESTIONS: TypeAdapter[tuple[SurveyQuestion, ...]] = TypeAdapter(Questions)


@cache
def usual() -> tuple[SurveyQuestion, ...]:
    """What courses ask whose trainers wrote no questions."""
    raw = yaml.safe_load(USUAL.read_text(encoding="utf-8"))
    return QUESTIONS.validate_python(raw["questions"])
