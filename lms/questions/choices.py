"""A choice with its own remark, as single and multiple choice questions have them."""

from typing import Any

from pydantic import BaseModel, ConfigDict

from lms.questions.question import Fields, Text, first

MOST = 12


class Choice(BaseModel):
    """One thing to choose; `feedback` is said to whoever chose it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: Text
    right: bool = False
    feedback: str = ""


def typed_choices(fields: Fields) -> list[dict[str, Any]]:
    """Fields `c0`, `c1`… with their remarks `f0`…; `right` holds the numbers of the right ones."""
    right = set(fields.get("right", ()))
    rows = [
        {
            "text": first(fields, f"c{n}"),
            "right": str(n) in right,
            "feedback": first(fields, f"f{n}"),
        }
        for n in range(MOST)
    ]
    return [row for row in rows if row["text"]]
