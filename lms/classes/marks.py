"""What is shown in class to prove who is there: a picture to scan, six digits for whoever cannot.

Both change every `STEP` and hold until the end of the step after their own: a photograph sent to a
friend is worthless within a minute. They are computed from the class and the time, so that nothing
is stored and every process shows the same.
"""

import hashlib
from datetime import datetime, timedelta
from enum import StrEnum

from backend import security

STEP = timedelta(seconds=30)
# Twelve letters of the signature: they live for a minute, and tries are counted.
LENGTH = 12
# Whoever opened the page in time may read it in peace before they press its button.
PATIENCE = timedelta(minutes=5)


class Proof(StrEnum):
    """What a mark is worth."""

    HOLDS = "holds"
    LATE = "late"
    WRONG = "wrong"


def mark(token: str, now: datetime) -> str:
    """For the picture's address."""
    return _mark(token, _step(now))


def digits(token: str, now: datetime) -> str:
    """For whoever types."""
    return _digits(token, _step(now))


def seconds_left(now: datetime) -> int:
    """Until the next picture."""
    length = int(STEP.total_seconds())
    return length - int(now.timestamp()) % length


def judge(token: str, shown: str, *, opened_at: datetime, now: datetime) -> Proof:
    """Whether `shown` (a mark or its digits) holds now, held earlier in this roll-call, or never.

    One that comes late proves that somebody saw it, not who or when they looked.
    """
    spelled = "".join(shown.split())
    make = _digits if spelled.isdigit() else _mark
    newest, oldest = _step(now), _step(opened_at)
    for step in range(newest, oldest - 1, -1):
        if security.same(make(token, step), spelled):
            return Proof.HOLDS if step >= newest - 1 else Proof.LATE
    return Proof.WRONG


def opened(token: str, person_id: int, now: datetime) -> str:
    """When this person opened the page, signed: good for them and this class only."""
    return security.sign("class-opened", f"{token} {person_id} {int(now.timestamp())}")


def opened_at(token: str, person_id: int, signed: str, now: datetime) -> datetime:
    """The moment at which their mark is judged: when they opened the page, else `now`."""
    said = (security.unsign("class-opened", signed) or "").rpartition(" ")
    if said[0] != f"{token} {person_id}":
        return now
    then = datetime.fromtimestamp(int(said[2]), now.tzinfo)
    return then if now - then <= PATIENCE else now


def _step(moment: datetime) -> int:
    return int(moment.timestamp() // STEP.total_seconds())


def _mark(token: str, step: int) -> str:
    return security.sign("class", f"{token} {step}").rpartition(".")[2][:LENGTH]


def _digits(token: str, step: int) -> str:
    drawn = hashlib.sha256(security.sign("class-digits", f"{token} {step}").encode()).digest()
    return f"{int.from_bytes(drawn[:8]) % 1_000_000:06d}"
