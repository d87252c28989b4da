"""The words of a message as they stand, each with what was meant by it; knows nothing of Rasa.

One written word stays one token, with the offsets it has in the message. Its text is what was
meant, without accents, and may be several syllables: "bn" → "bao nhieu", "dangky" → "dang ky".
"""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

from nlu import text

# A letter or digit with whatever hangs on it: accents typed apart (NFD), invisible joiners.
WRITTEN = re.compile(r"(?:[^\W_][\u0300-\u036f\u200b-\u200d\u00ad\u2060\ufeff]*)+")


@dataclass(frozen=True)
class Word:
    """`message[start:end]` as it was written; `meant` is folded and never empty."""

    meant: str
    start: int
    end: int


def read(message: str) -> "list[Word]":
    """The words of a message, in order."""
    places = list(WRITTEN.finditer(message))
    written = [" ".join(text.words(text.clean(place[0]))) for place in places]
    meant = aligned(written, text.tokens(message))
    return [
        Word(said or as_typed or place[0], place.start(), place.end())
        for said, as_typed, place in zip(meant, written, places, strict=True)
    ]


def aligned(written: "list[str]", meant: "list[str]") -> "list[str]":
    """What each written word became; words that cannot be told apart stay as they were written."""
    became = list(written)
    changes = SequenceMatcher(None, written, meant, autojunk=False).get_opcodes()
    for change, start, end, first, last in changes:
        if change == "replace" and end - start == last - first:
            became[start:end] = meant[first:last]
        elif change == "replace" and end - start == 1:
            became[start] = " ".join(meant[first:last])
        elif change == "replace":
            became[start:end] = [" ".join(text.tokens(word)) or word for word in written[start:end]]
    return became
