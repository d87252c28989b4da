"""A choice with its own remark, as single and multiple choice questions have them."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict

from lms.questions.question import Fields, Text, first, order

MOST = 12
_OF_OTHERS = re.compile(
    r"(?:phương án|đáp án|lựa chọn|trường hợp|ý|câu|điều|nội dung)(?: \S+)?(?: ở| nêu| kể)? trên\b"
    r"|(?:tất cả|cả)\b.*\b(?:trên|đều (?:đúng|sai|được|không))\b"
    r"|không (?:có )?(?:phương án|đáp án|lựa chọn|ý|câu) nào\b"
    r"|^(?:chỉ |gồm |cả |câu |ý |đáp án |phương án )*[a-h]"
    r"(?:\s*[,;&+]\s*|\s+(?:và|hoặc)\s+)[a-h]\b",
    re.IGNORECASE,
)


class Choice(BaseModel):
    """One thing to choose; `feedback` is said to whoever chose it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: Text
    right: bool = False
    feedback: str = ""


def speak_of_each_other(texts: Iterable[str]) -> bool:
    """Whether a choice makes sense only where its author put it: “Cả A và B”, “Tất cả ý trên”."""
    return any(_OF_OTHERS.search(" ".join(text.split())) for text in texts)


def arranged(choices: Sequence[Choice], seed: str, *, keeps_order: bool) -> list[int]:
    """The choices' numbers in the order in which this seed shows them."""
    return list(range(len(choices))) if keeps_order else order(len(choices), seed)


def typed(fields: Fields) -> dict[str, Any]:
    """The choices of a form; they stay in order where the author says so or their words need it."""
    choices = typed_choices(fields)
    keeps = "keeps_order" in fields or speak_of_each_other(one["text"] for one in choices)
    return {"choices": choices, "keeps_order": keeps}


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
