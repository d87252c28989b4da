"""Put the catalogue that the product ships into the database, where it changed."""

from collections.abc import Iterator
from pathlib import Path

from backend import clock, db
from backend.procedures import service as procedures
from backend.procedures.importers import Parsed, read
from backend.procedures.record import Record, Tier

DATA = Path(__file__).parent / "data"


def shipped() -> Iterator[Parsed]:
    """Every record of our own, file by file."""
    for path in sorted(DATA.glob("*.yml")):
        yield from read(path)


def load_shipped() -> int:
    """Store what changed and take away what is no longer shipped; how many rows changed."""
    parsed = list(shipped())
    codes = {p.found.code for p in parsed if isinstance(p.found, Record)}
    with db.transaction() as session:
        plan = procedures.plan(session, parsed)
        if plan.rejected:
            first = plan.rejected[0]
            raise ValueError(f"{first.origin}: {first.found}")
        changed = procedures.apply(session, plan, clock.now())
        return changed + procedures.withdraw(session, Tier.SHIPPED, keep=codes)
