"""Nothing is invented: every number of an answer stands in the field that was asked about.

Papers, agencies and sentences come whole from the record, possibly shortened at the end; numbers
are what hurts when wrong, so each is looked up in the field (and only there), the code, the source
and the address of the full page.
"""

import re
from collections.abc import Iterator
from itertools import islice

import pytest

from backend.procedures import wording
from backend.procedures.importers import read
from backend.procedures.loader import shipped
from backend.procedures.record import Record
from bot import replies
from bot.dialogue import answers
from nlu.types import Aspect

NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
FIELDS = {
    Aspect.DOCUMENTS: {"documents", "cases"}, Aspect.FEES: {"fees", "cases"},
    Aspect.TIME: {"deadlines", "cases"}, Aspect.PLACE: {"receiving", "agencies", "channels"},
    Aspect.CONDITIONS: {"conditions"}, Aspect.STEPS: {"steps", "cases"},
    Aspect.LEGAL_BASIS: {"legal_basis"}, Aspect.ONLINE: {"online", "channels"},
    Aspect.FORM: {"documents"}, Aspect.RESULT: {"results"},
}  # fmt: skip
ALWAYS = {"code", "name", "sources"}
# Ours, and in these places only: how many lines more, and the numbers of a list to choose from.
COUNTED = re.compile(r"^Còn \d+ .*$|^\d\. (?=\w)", re.MULTILINE)


def records() -> Iterator[Record]:
    for parsed in shipped():
        assert isinstance(parsed.found, Record), parsed
        yield wording.presentable(parsed.found)


OURS = {record.code: record for record in records()}


def whole(number: str) -> float | None:
    """What a written number means: 50.000 is fifty thousand, 1,5 one and a half."""
    bare = re.sub(r"[.,](?=\d{3}(?:\D|$))", "", number).replace(",", ".")
    return float(bare) if bare.count(".") < 2 else None


def parts(number: str) -> set[float]:
    """The runs of digits in it, for dates and article numbers."""
    return {float(digits) for digits in re.findall(r"\d+", number)}


def is_grouped(number: str) -> bool:
    """Written as an amount, 50.000: no part of it may come from elsewhere."""
    return bool(re.fullmatch(r"\d{1,3}(?:[.,]\d{3})+", number))


def invented(record: Record, aspect: Aspect) -> set[str]:
    """Numbers in the answer about one aspect that its fields do not contain."""
    context = {
        "view": answers.view(record), "aspects": [aspect.value], "overview": answers.OVERVIEW,
        "also": [],
    }  # fmt: skip
    said = "\n".join(m.text for m in replies.bubbles("answer", context, ()))
    said = COUNTED.sub("", said.replace(answers.page_url(record.code), ""))
    source = NUMBER.findall(record.model_dump_json(include=FIELDS[aspect] | ALWAYS))
    wholes, pieces = set(map(whole, source)), set().union(*map(parts, source))
    return {
        number
        for number in NUMBER.findall(said)
        if whole(number) not in wholes and (is_grouped(number) or not parts(number) <= pieces)
    }


@pytest.mark.parametrize("code", sorted(OURS))
def test_every_number_of_every_answer_stands_in_the_field_asked_about(code: str) -> None:
    for aspect in Aspect:
        assert invented(OURS[code], aspect) == set(), aspect


@pytest.mark.slow
def test_the_same_for_three_hundred_imported_procedures(shared) -> None:
    parsed = islice(read(shared / "procedures" / "national.jsonl.gz"), 0, None, 9)
    found = [wording.presentable(p.found) for p in parsed if isinstance(p.found, Record)]
    assert len(found) >= 300
    wrong = {(r.code, a.value): n for r in found for a in Aspect if (n := invented(r, a))}
    assert wrong == {}
