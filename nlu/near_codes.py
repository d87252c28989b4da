"""Codes with a slip in them: what was probably meant, and what is wrong with it.

Nothing is corrected: the citizen is told which part to look at again.
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

from nlu.text import fold

Problem = Literal["agency", "date", "sequence", "procedure"]

# An agency, something like a date, perhaps something like a number: H12-26O1O5-00l
_DOSSIER = re.compile(
    r"(?<![\w.])(?P<agency>[a-z]\d{1,3}(?:\.\d{1,3}){0,3}|\d{3}(?:\.\d{2}){2}\.[a-z]\d{1,2})"
    r"\s*[-_/ ]\s*(?P<date>[0-9o]{5,7})(?:\s*[-_/ ]\s*(?P<sequence>[0-9a-z]{1,8}))?(?![\w])"
)
_AGENCY = re.compile(r"^[a-z]\d{2}(?:\.\d{1,3}){0,3}$|^\d{3}\.\d{2}\.\d{2}\.[a-z]\d{2}$")
_PROCEDURE = re.compile(
    r"(?<![\w.])\d[.,]\d{3,8}[a-z]?(?![\w.])|(?<![\w.])\d[.,]\d{2,5}[a-z](?!\w)"
)


@dataclass(frozen=True)
class NearCode:
    """What was typed, and the part that cannot be right."""

    typed: str
    problem: Problem


def near_code(text: str) -> NearCode | None:
    """The first thing that looks like a code and is none; None where there is no such thing."""
    folded = fold(text)
    if match := _DOSSIER.search(folded):
        return NearCode(match[0].strip().upper(), _problem(match))
    match = _PROCEDURE.search(folded)
    if match and not re.fullmatch(r"\d\.\d{6}|\d[.,]\d{3}", match[0]):
        return NearCode(match[0], "procedure")
    return None


def _problem(match: "re.Match[str]") -> Problem:
    if not _AGENCY.match(match["agency"]):
        return "agency"
    if not _is_date(match["date"]):
        return "date"
    return "sequence"


def _is_date(digits: str) -> bool:
    digits = digits.replace("o", "0")
    if len(digits) != 6:
        return False
    try:
        date(2000 + int(digits[:2]), int(digits[2:4]), int(digits[4:]))
    except ValueError:
        return False
    return True
