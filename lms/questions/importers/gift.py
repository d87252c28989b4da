"""Reads Moodle's GIFT: a question, its answers in braces, a blank line."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

import nh3

from backend.errors import InvalidInput
from backend.i18n import gettext as _
from backend.people.legacy_text import decoded
from lms.questions.importers.draft import Draft, Import, made

MOST_QUESTIONS = 2_000
# Escaped signs hide in the private use area while the rest is read.
_ESCAPED = {sign: chr(0xE000 + number) for number, sign in enumerate("~=#{}:\\")}
_PLAIN = str.maketrans({hidden: sign for sign, hidden in _ESCAPED.items()})
_ESCAPE = re.compile(r"\\([~=#{}:\\n])")
_ANSWER = re.compile(r"([=~])([^=~]*)")
_WEIGHT = re.compile(r"\s*%(-?\d+(?:\.\d+)?)%")
_FORMAT = re.compile(r"\s*\[(?:html|moodle|plain|markdown)\]", re.IGNORECASE)
_TRUTH = re.compile(r"\s*(TRUE|FALSE|T|F)\s*(?:#|$)", re.IGNORECASE)
_NAMED = re.compile(r"\s*::(.*?)::", re.DOTALL)
_LEFT_OVER = frozenset({"", '"', '";', ";"})


@dataclass(frozen=True)
class _Answer:
    is_right: bool
    weight: Decimal | None
    text: str
    feedback: str


def read(data: bytes, name: str = "") -> Import:
    """The questions of a GIFT file in whatever encoding it came."""
    text = _ESCAPE.sub(lambda m: "\n" if m[1] == "n" else _ESCAPED[m[1]], decoded(data))
    category, found = "", []
    for line, block in _blocks(text.replace("\r\n", "\n").replace("\r", "\n")):
        if block.startswith("$CATEGORY:"):
            category = _clean(block.partition(":")[2].strip().rpartition("/")[2])[:60]
        elif "{" in block:
            found.append(_draft(block, category, _("dòng {number}").format(number=line)))
    if not found:
        raise InvalidInput("nothing_found", _("Không thấy câu hỏi GIFT nào trong tệp."))
    return Import(tuple(found[:MOST_QUESTIONS]))


def _blocks(text: str) -> Iterator[tuple[int, str]]:
    """Questions with the line they begin at; a blank line inside of braces ends nothing."""
    block: list[str] = []
    start, depth = 1, 0
    for number, line in enumerate(text.split("\n"), start=1):
        if line.lstrip().startswith("//"):
            continue
        if line.startswith("$CATEGORY:"):
            yield number, line
            continue
        if not line.strip() and depth <= 0:
            if block:
                yield start, "\n".join(block)
            block = []
            continue
        start = start if block else number
        block.append(line)
        depth = depth * bool(block[1:]) + line.count("{") - line.count("}")
    if block:
        yield start, "\n".join(block)


def _draft(block: str, category: str, where: str) -> Draft:
    if title := _NAMED.match(block):
        block = block[title.end() :]
    before, _brace, rest = block.partition("{")
    answers, _brace, after = rest.rpartition("}") if "}" in rest else (rest, "", "")
    after = "" if after.strip() in _LEFT_OVER else after
    is_html = "[html]" in before.casefold()
    blank = " _____ " if after else ""
    text = _clean(before + blank + after, is_html=is_html)
    answers, general = (answers.partition("####")[::2]) if "####" in answers else (answers, "")
    warnings: list[str] = []
    raw = {"text": text, "category": category, "feedback": _clean(general)}
    raw |= _read(answers, warnings, is_html=is_html)
    return made(raw, where=where, warnings=tuple(warnings))


def _read(answers: str, warnings: list[str], *, is_html: bool) -> dict[str, Any]:
    if not answers.strip():
        warnings.append(_("Câu tự luận: máy không chấm được nên không nhập."))
        return {}
    if truth := _TRUTH.match(answers):
        remarks = [_clean(part) for part in answers.split("#")[1:] if part.strip()]
        own = {"feedback": " ".join(remarks)} if remarks else {}
        return {"type": "truefalse", "right": truth[1][0] in "Tt", **own}
    if answers.lstrip().startswith("#"):
        return _numeric(answers.lstrip()[1:], warnings)
    given = [_answer(match, is_html=is_html) for match in _ANSWER.finditer(answers)]
    if given and all(" ->" in one.text or one.text.startswith("->") for one in given):
        return _matching(given)
    if any(not one.is_right or one.weight not in (None, Decimal(100)) for one in given) and not all(
        one.is_right for one in given
    ):
        return _choices(given, warnings)
    return _short(given, warnings)


def _answer(match: "re.Match[str]", *, is_html: bool) -> _Answer:
    body = match[2]
    weight = _WEIGHT.match(body)
    text, _hash, feedback = (body[weight.end() :] if weight else body).partition("#")
    # A trailing arrow keeps its place: "= -> Chat" has nothing before it.
    sides = [_clean(side, is_html=is_html) for side in text.split("->")]
    return _Answer(
        match[1] == "=", Decimal(weight[1]) if weight else None,
        " -> ".join(sides).strip() if len(sides) > 1 else sides[0], _clean(feedback),
    )  # fmt: skip


def _matching(given: list[_Answer]) -> dict[str, Any]:
    sides = [[side.strip() for side in one.text.split("->", 1)] for one in given]
    return {
        "type": "matching",
        "pairs": [{"left": left, "right": right} for left, right in sides if left],
        "distractors": [right for left, right in sides if not left and right],
    }


def _choices(given: list[_Answer], warnings: list[str]) -> dict[str, Any]:
    """One right choice, or several where shares of the mark say so."""
    by_share = not any(one.is_right for one in given)
    right = [one.is_right or bool(one.weight and one.weight > 0) for one in given]
    if not by_share:
        right = [one.is_right for one in given]
        if any(one.weight and 0 < one.weight < 100 for one in given if not one.is_right):
            warnings.append(_("Phương án được tính một phần điểm nay tính là sai."))
    return {
        "type": "multiple" if sum(right) > 1 else "single",
        "choices": [
            {"text": one.text, "right": is_right, "feedback": one.feedback}
            for one, is_right in zip(given, right, strict=True)
        ],
    }


def _short(given: list[_Answer], warnings: list[str]) -> dict[str, Any]:
    whole = [one for one in given if one.weight in (None, Decimal(100))]
    usable = [one.text for one in whole if one.text and "*" not in one.text]
    if len(usable) < len([one for one in given if one.weight != 0]):
        warnings.append(_("Đáp án được một phần điểm hoặc có dấu * không được nhập."))
    feedback = next((one.feedback for one in whole if one.feedback), "")
    own = {"feedback": feedback} if feedback else {}
    return {"type": "short", "accepts": usable, **own}


def _numeric(text: str, warnings: list[str]) -> dict[str, Any]:
    """“3:2”, “1..5”, or several with their shares; the first whole one counts."""
    given = [part.strip() for part in re.split(r"[=~]", text) if part.strip()]
    for part in given:
        weight = _WEIGHT.match(part)
        if weight and Decimal(weight[1]) != 100:
            continue
        number = (part[weight.end() :] if weight else part).partition("#")[0].strip()
        try:
            value, tolerance = _range(number)
        except InvalidOperation:
            continue
        if sum("#" not in one[:1] for one in given) > 1:
            warnings.append(_("Chỉ nhập đáp số được trọn điểm."))
        return {"type": "numeric", "value": str(value), "tolerance": str(tolerance)}
    return {"type": "numeric"}


def _range(number: str) -> tuple[Decimal, Decimal]:
    if ".." in number:
        low, high = (Decimal(side.strip()) for side in number.split("..", 1))
        return (low + high) / 2, abs(high - low) / 2
    value, _colon, tolerance = number.partition(":")
    return Decimal(value.strip()), abs(Decimal(tolerance.strip() or 0))


def _clean(text: str, *, is_html: bool = False) -> str:
    """Without format marks and tags; escaped signs come back."""
    own = _FORMAT.match(text)
    is_html = is_html or bool(own and "html" in own[0].casefold())
    text = _FORMAT.sub("", text, count=1) if own else text
    text = text.translate(_PLAIN)
    if is_html:
        text = re.sub(r"(?i)<br\s*/?>|</p>|</li>", "\n", text)
        text = html.unescape(nh3.clean(text, tags=set()))
    return "\n".join(line.strip() for line in text.strip().splitlines() if line.strip())
