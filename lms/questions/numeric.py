"""A number, typed the Vietnamese way or the other."""

import re
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field

from lms.questions.question import Answer, Fields, Question, Shown, first

_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?", re.ASCII)
_GROUPED = re.compile(
    r"[+-]?\d{1,3}(?:\.\d{3})+(?:,\d+)?|[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?", re.ASCII
)
LONGEST = 40


class Numeric(Question):
    """Right within `tolerance` of `value`; “1.200” and “1,200” are twelve hundred, “1,5” is 1.5."""

    type: Literal["numeric"] = "numeric"
    value: Decimal
    tolerance: Annotated[Decimal, Field(ge=0)] = Decimal(0)
    unit: str = ""

    @classmethod
    def typed(cls, fields: Fields) -> dict[str, Any]:
        """Numbers with a decimal comma; dots between groups of three digits are for the eye."""
        value, tolerance = first(fields, "value"), first(fields, "tolerance") or "0"
        return {
            "value": _meant(value), "tolerance": _meant(tolerance), "unit": first(fields, "unit"),
        }  # fmt: skip

    def shown(self, seed: str) -> Shown:
        """A field to type in, and the unit behind it."""
        return Shown(unit=self.unit)

    def read(self, fields: Fields, seed: str) -> Answer:
        """Field `a`, as typed: what it means is decided when it is marked."""
        return next(iter(fields.get("a", ())), "").strip()[:LONGEST] or None

    def write(self, answer: Answer, seed: str) -> dict[str, list[str]]:
        """What was typed."""
        return {"a": [answer]} if answer else {}

    def grade(self, answer: Answer) -> float:
        """All or nothing."""
        return float(any(abs(n - self.value) <= self.tolerance for n in readings(answer or "")))

    def key(self) -> Answer:
        """The number, with a decimal comma."""
        return format(self.value, "f").replace(".", ",")

    def in_words(self, answer: Answer) -> tuple[str, ...]:
        """What was typed, with the unit."""
        return (f"{answer} {self.unit}".strip(),) if answer else ()


def _meant(typed: str) -> str:
    """An author means one number: “1.500” is 1500 and “0,125” an eighth."""
    text = typed.replace(" ", "")
    if "," in text:
        return text.replace(".", "").replace(",", ".")
    return text.replace(".", "") if re.fullmatch(r"[+-]?[1-9]\d{0,2}(\.\d{3})+", text) else text


def readings(typed: str) -> list[Decimal]:
    """The numbers that may be meant: “1.500” is 1500 to us and 1.5 to a program.

    Both are accepted: marks are for what people know, not for how they type it.
    """
    text = typed.replace("\u00a0", "").replace(" ", "").replace("\u2212", "-")
    found = []
    if _GROUPED.fullmatch(text):
        decimal = max(text.rfind(","), text.rfind(".")) if "," in text and "." in text else -1
        whole, rest = (text[:decimal], text[decimal + 1 :]) if decimal >= 0 else (text, "")
        found.append(Decimal(re.sub(r"[.,]", "", whole) + (f".{rest}" if rest else "")))
    plain = text.replace(",", ".")
    if _NUMBER.fullmatch(plain):
        found.append(Decimal(plain))
    return found
