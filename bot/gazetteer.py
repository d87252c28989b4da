"""Which communes a message names: the names that were imported, kept for a minute."""

import re
import threading

from backend import clock, db
from backend.places import service as places
from nlu.text import words

KEPT_SECONDS = 60.0
LONGEST = 4  # words in a commune's name
_KIND = re.compile(r"^(?:xa|phuong|tran|khu)$")


class Gazetteer:
    """The names of one process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._names: frozenset[str] = frozenset()
        self._known: tuple[int, float] = (0, -KEPT_SECONDS)

    def commune(self, text: str) -> str:
        """The commune that a message names after its kind ("xã Vĩnh Mỹ A"), as it was said."""
        said = words(text)
        if not any(_KIND.match(word) for word in said):
            return ""
        known = self._fresh()
        for at, word in enumerate(said):
            if not _KIND.match(word):
                continue
            for size in range(LONGEST, 0, -1):
                name = " ".join(said[at + 1 : at + 1 + size])
                if name in known:
                    return f"{_kind(said, at)} {name}"
        return ""

    def forget(self) -> None:
        """Look again at the next message (tests)."""
        self._known = (0, -KEPT_SECONDS)

    def _fresh(self) -> frozenset[str]:
        database, now = id(db.database()), clock.stopwatch()
        with self._lock:
            if self._known[0] != database or now - self._known[1] > KEPT_SECONDS:
                with db.reading() as session:
                    self._names = places.names(session)
                self._known = (database, now)
            return self._names


def _kind(said: list[str], at: int) -> str:
    """ "thị trấn" and "đặc khu" are two words."""
    return f"{said[at - 1]} {said[at]}" if said[at] in ("tran", "khu") and at else said[at]


gazetteer = Gazetteer()
