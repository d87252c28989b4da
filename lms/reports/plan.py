"""The plan's scoreboard: what the plan sets (lms/data/plan.yml), and where it stands in a period.

A target counts whoever is of its audience on the day of the report and completed one of its courses
in the period; it asks no requirement to be set first. Whoever is excused counts as missing here:
the plan knows no excuses.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from backend.people import service as people
from backend.people.duties import AUDIENCES
from lms.assignments.models import Period
from lms.reports import ledger

FILE = Path(__file__).parent.parent / "data" / "plan.yml"


class Source(BaseModel):
    """Where a target comes from, and whether anybody compared it with the original."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str
    verified: bool
    note: str = ""


class Target(BaseModel):
    """One percentage of the plan."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: str
    title: str
    audience: str
    courses: tuple[str, ...]
    share: float = Field(gt=0, le=1)
    source: Source | None = None


class Plan(BaseModel):
    """The file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: Source
    targets: tuple[Target, ...]


@dataclass
class Place:
    """How far one agency, or everybody, is."""

    name: str
    must: int = 0
    done: int = 0

    @property
    def share(self) -> float | None:
        """Part that is done; None where nobody must."""
        return self.done / self.must if self.must else None


@dataclass(frozen=True)
class Standing:
    """One target, everywhere and by agency."""

    target: Target
    source: Source
    whole: Place
    agencies: list[Place] = field(default_factory=list)


@cache
def plan() -> Plan:
    """The plan as it is written down."""
    return Plan.model_validate(yaml.safe_load(FILE.read_text(encoding="utf-8")))


def scoreboard(
    session: Session, period: Period, *, on: date, within: Collection[int] | None = None
) -> list[Standing]:
    """Every target with where it stands; the agency furthest from it first."""
    day = min(on, period.ends_on)
    everybody = session.execute(people.directory(day)).all()
    done = ledger.completed_courses(session, period, until=day)
    found = []
    for target in plan().targets:
        duties = {duty.value for duty in AUDIENCES[target.audience]}
        whole, places = Place(""), dict[int, Place]()
        for person, _name, _code, _email, agency_id, agency, _position, duty in everybody:
            if duty not in duties or (within is not None and agency_id not in within):
                continue
            is_done = not done.get(person, frozenset()).isdisjoint(target.courses)
            for place in (whole, places.setdefault(agency_id, Place(agency))):
                place.must += 1
                place.done += is_done
        ordered = sorted(places.values(), key=lambda one: (one.share or 0, one.name))
        found.append(Standing(target, target.source or plan().source, whole, ordered))
    return found
