"""Words printed on a photo, where the optional reader `trueocr` is installed (extra `ocr`).

It reads on this machine alone. What it finds may be a letter off, so a code with a slip, or one
it was not sure of, is only ever asked back.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec

from PIL import Image

from nlu.extractors import find
from nlu.near_codes import near_code
from nlu.text import fold

SURE = 0.9  # of a line, by the reader's own measure; printed codes that it read right had 0.96
# Headings of identity cards, and how the lines for machines on their back begin. A receipt may
# name its owner's card, but has no such line.
CARD = re.compile(
    r"(the )?can cuoc( cong dan)?|(giay )?chung minh nhan dan|(citizen )?identity card|idvnm\w*.*"
)


@dataclass(frozen=True)
class Line:
    """One line of print; `confidence` from 0 to 1."""

    text: str
    confidence: float


@dataclass(frozen=True)
class Print:
    """What the words amount to: a card, a dossier's code, or neither."""

    is_card: bool = False
    code: str = ""
    is_sure: bool = False


Reader = Callable[[Image.Image], Iterable[Line]]


@cache
def reader() -> Reader | None:
    """The reader, loaded once (seconds, 250 MB of memory); None where it is not installed."""
    if find_spec("trueocr") is None:
        return None
    model = import_module("trueocr").load_model(threads=1)

    def read(picture: Image.Image) -> list[Line]:
        return [Line(line["text"], line["confidence"]) for line in model.predict(picture).lines]

    return read


def meant(lines: Iterable[Line]) -> Print:
    """A card first, wherever it says so; then a whole code; then one with a slip."""
    lines = list(lines)
    if any(CARD.fullmatch(fold(line.text).strip(" .:/")) for line in lines):
        return Print(is_card=True)
    for line in lines:
        for entity in find(line.text):
            if entity.kind == "dossier_code":
                return Print(code=entity.value, is_sure=line.confidence >= SURE)
    slips = (slip for line in lines if (slip := near_code(line.text)))
    return Print(code=next((slip.typed for slip in slips if slip.problem != "procedure"), ""))
