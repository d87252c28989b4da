"""A few procedures of the shipped catalogue, or all: those take a second, once for a process."""

import functools
from collections.abc import Iterable

from backend import clock, db
from backend.procedures import service as procedures
from backend.procedures import shelf
from backend.procedures.importers import Parsed, read
from backend.procedures.loader import DATA, shipped
from bot.catalogue import catalogue

BIRTH, MARRIAGE, COPIES, RESIDENCE = "1.001193", "1.000894", "2.000815", "1.004194"


def load(*codes: str) -> None:
    """Put these, and only these, where pages and the assistant look."""
    _put([item for code in codes for item in read(DATA / f"{code}.yml")])


def load_all() -> None:
    """Put there whatever the product ships."""
    _put(_all_shipped())


@functools.cache
def _all_shipped() -> tuple[Parsed, ...]:
    return tuple(shipped())


def _put(parsed: Iterable[Parsed]) -> None:
    with db.transaction() as session:
        procedures.apply(session, procedures.plan(session, parsed), clock.now())
    catalogue.forget()
    catalogue.index()
    shelf.forget()
