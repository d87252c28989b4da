"""Who does the work: handlers by the name of a row, and what they may answer."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session

from backend.jobs.rows import Status

MAX_ATTEMPTS = 8


class Resend(StrEnum):
    """What to do with a send that may have happened."""

    ALWAYS = "always"  # an answer: twice is harmless
    ONCE = "once"  # a status push
    NEVER = "never"  # a code, a payment


@dataclass(frozen=True)
class Claimed:
    """A row that this process holds the lease of, to be run after `wait` seconds.

    `may_repeat`: an earlier try may have arrived.
    """

    id: int
    name: str
    key: str | None
    payload: dict[str, Any]
    attempts: int
    may_repeat: bool = False
    lane: int = 0
    wait: float = 0.0


class Later(Exception):  # noqa: N818 (it is not an error)
    """Raised by a handler: not now, try again in `seconds`; does not count as a failure."""

    def __init__(self, seconds: float, why: str = "") -> None:
        super().__init__(why)
        self.seconds = seconds


class GiveUp(Exception):  # noqa: N818
    """Raised by a handler: will never work; the row is kept, dead, for people to look at."""


class Unknown(Exception):  # noqa: N818
    """Raised by a `@send`: the call broke after the request left; it may have arrived."""


Ended = Callable[[Session, dict[str, Any], Status, str], None]
"""`ended(session, payload, status, why)`, in the transaction that ends a row, however it ends."""


@dataclass(frozen=True)
class Handler:
    """What is known about a job name. `prepare` runs before, and outside, a job's transaction."""

    name: str
    run: Callable[..., Any]
    is_send: bool
    prepare: Callable[[dict[str, Any]], Any] | None = None
    resend: Resend = Resend.ALWAYS
    max_attempts: int = MAX_ATTEMPTS
    failed: Callable[[Session, dict[str, Any], str], None] | None = None
    ended: Ended | None = None


HANDLERS: dict[str, Handler] = {}


def job(
    name: str,
    *,
    prepare: Callable[[dict[str, Any]], Any] | None = None,
    max_attempts: int = MAX_ATTEMPTS,
    failed: Callable[[Session, dict[str, Any], str], None] | None = None,
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register `run(session, **payload)` (with `prepared=` where there is a `prepare`).

    `failed(session, payload, reference)` is called in a transaction of its own after the last try.
    """

    def register(run: Callable[..., None]) -> Callable[..., None]:
        HANDLERS[name] = Handler(
            name, run, is_send=False, prepare=prepare, max_attempts=max_attempts, failed=failed
        )
        return run

    return register


def send(
    name: str,
    *,
    resend: Resend = Resend.ALWAYS,
    max_attempts: int = MAX_ATTEMPTS,
    ended: Ended | None = None,
) -> Callable[[Callable[..., Awaitable[None]]], Callable[..., Awaitable[None]]]:
    """Register `async run(claimed: Claimed)`; see the module's docstring."""

    def register(run: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
        HANDLERS[name] = Handler(
            name, run, is_send=True, resend=resend, max_attempts=max_attempts, ended=ended
        )
        return run

    return register
