"""The ten national statuses of a dossier, and which may follow which.

       ┌─ rejected                       ┌─► supplement ─┐
registered ─► accepted ─► processing ────┼─► payment ────┼─► processing ─► done ─► returned
                                         └─► stopped ────┘
From everywhere before `done` the citizen may withdraw. The words for people are in statuses.yml.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import cache

import yaml

from backend import i18n
from backend.config import ROOT
from backend.errors import Conflict
from backend.i18n import gettext as _


class Status(StrEnum):
    """Where a dossier stands; the order is that of the national numbers, 1 to 10."""

    REGISTERED = "registered"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    PROCESSING = "processing"
    SUPPLEMENT = "supplement"
    PAYMENT = "payment"
    WITHDRAWN = "withdrawn"
    STOPPED = "stopped"
    DONE = "done"
    RETURNED = "returned"

    @property
    def number(self) -> int:
        """The national number."""
        return _NUMBERS[self]

    @property
    def runs(self) -> bool:
        """Whether the office's time runs."""
        return self not in CLOCK_STOPPED and self not in HANDLED

    @property
    def words(self) -> "Words":
        """What it is called and means, in the language in use."""
        return _words(i18n.locale())[self]


_NUMBERS = {status: number for number, status in enumerate(Status, start=1)}
_BY_NUMBER = {number: status for status, number in _NUMBERS.items()}

CLOCK_STOPPED = frozenset({Status.SUPPLEMENT, Status.PAYMENT, Status.STOPPED})
TERMINAL = frozenset({Status.REJECTED, Status.WITHDRAWN, Status.RETURNED})
HANDLED = frozenset({Status.DONE, Status.RETURNED, Status.WITHDRAWN, Status.REJECTED})

MOVES: dict[Status, frozenset[Status]] = {
    Status.REGISTERED: frozenset(
        {Status.ACCEPTED, Status.REJECTED, Status.SUPPLEMENT, Status.PAYMENT, Status.WITHDRAWN}
    ),
    Status.ACCEPTED: frozenset(
        {Status.PROCESSING, Status.SUPPLEMENT, Status.PAYMENT, Status.WITHDRAWN, Status.STOPPED}
    ),
    Status.REJECTED: frozenset(),
    Status.PROCESSING: frozenset(
        {Status.SUPPLEMENT, Status.PAYMENT, Status.WITHDRAWN, Status.STOPPED, Status.DONE}
    ),
    Status.SUPPLEMENT: frozenset(
        {Status.ACCEPTED, Status.REJECTED, Status.PROCESSING, Status.WITHDRAWN, Status.STOPPED}
    ),
    Status.PAYMENT: frozenset(
        {Status.ACCEPTED, Status.PROCESSING, Status.WITHDRAWN, Status.STOPPED, Status.DONE}
    ),
    Status.WITHDRAWN: frozenset(),
    Status.STOPPED: frozenset({Status.PROCESSING, Status.WITHDRAWN}),
    Status.DONE: frozenset({Status.PAYMENT, Status.RETURNED}),
    Status.RETURNED: frozenset(),
}


@dataclass(frozen=True)
class Words:
    """A status in plain language: its name, what it means, who must act now, what comes next."""

    label: str
    plain: str
    who: str
    next: str


def of_number(number: int) -> Status | None:
    """The status with this national number."""
    return _BY_NUMBER.get(number)


def can_move(current: Status, to: Status) -> bool:
    """Whether the table allows it."""
    return to in MOVES[current]


def check(current: Status, to: Status) -> None:
    """Refuse a move that the table does not have."""
    if not can_move(current, to):
        message = _("Hồ sơ đang ở trạng thái “{current}” nên không chuyển sang “{to}” được.")
        raise Conflict(
            "move_not_allowed", message.format(current=current.words.label, to=to.words.label)
        )


@cache
def _words(locale: str) -> dict[Status, Words]:
    text = (ROOT / "backend/dossiers/statuses.yml").read_text(encoding="utf-8")
    entries = yaml.safe_load(text)
    return {status: Words(**entries[status.value][locale]) for status in Status}
