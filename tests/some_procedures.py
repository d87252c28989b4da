"""A few procedures of the shipped catalogue: reading all of them takes a second for every test."""

from backend import clock, db
from backend.procedures import service as procedures
from backend.procedures import shelf
from backend.procedures.importers import read
from backend.procedures.loader import DATA
from bot.catalogue import catalogue

BIRTH, MARRIAGE, COPIES, RESIDENCE = "1.001193", "1.000894", "2.000815", "1.004194"


def load(*codes: str) -> None:
    """Put these, and only these, where pages and the assistant look."""
    parsed = [item for code in codes for item in read(DATA / f"{code}.yml")]
    with db.transaction() as session:
        procedures.apply(session, procedures.plan(session, parsed), clock.now())
    catalogue.forget()
    catalogue.index()
    shelf.forget()
