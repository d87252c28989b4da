"""A period's report: requirements, everybody's stand with each, and the counts by agency.

A live one is computed when it is asked for; that of a closed period is read back from what was
frozen then. Both are the same `Report`, so pages, xlsx and PDF cannot tell them apart.
"""

import json
from collections import Counter
from collections.abc import Collection
from dataclasses import asdict, dataclass, field
from datetime import date, datetime

from sqlalchemy.orm import Session

from lms.assignments import service as assignments
from lms.assignments import standing
from lms.assignments.models import Period
from lms.assignments.standing import Line, Stand

MISSING = frozenset({Stand.NOT_BEGUN, Stand.GOING_ON, Stand.OVERDUE})


@dataclass(frozen=True)
class Wanted:
    """A requirement as it was on the day of the report."""

    id: int
    course_code: str
    course_title: str
    audience: str
    deadline: date
    target: float


@dataclass(slots=True)
class Counts:
    """How many stand where; whoever is excused is out of the denominator."""

    done: int = 0
    going_on: int = 0
    not_begun: int = 0
    overdue: int = 0
    excused: int = 0

    @property
    def must(self) -> int:
        """The denominator."""
        return self.done + self.going_on + self.not_begun + self.overdue

    @property
    def missing(self) -> int:
        """Who must and has not."""
        return self.must - self.done

    @property
    def share(self) -> float | None:
        """Part that is done; None where nobody must."""
        return self.done / self.must if self.must else None

    def add(self, stand: Stand, number: int) -> None:
        """So many more stand there."""
        setattr(self, stand.value, self.of(stand) + number)

    def of(self, stand: Stand) -> int:
        """How many stand there."""
        return int(getattr(self, stand.value))


@dataclass(frozen=True)
class Report:
    """Everything that is known of a period on a day, for whoever may see these agencies."""

    period_id: int
    period: str
    starts_on: date
    ends_on: date
    on: date
    wanted: tuple[Wanted, ...]
    lines: dict[int, list[Line]]
    closed_at: datetime | None = None
    closed_by: str = ""
    digest: str = ""


@dataclass
class AgencyRow:
    """One agency's counts, by the id of the requirement."""

    agency_id: int
    name: str
    cells: dict[int, Counts] = field(default_factory=dict)
    total: Counts = field(default_factory=Counts)


@dataclass(frozen=True)
class Matrix:
    """Agencies by requirements; `totals` by requirement."""

    rows: list[AgencyRow]
    totals: dict[int, Counts]
    total: Counts


def of_period(
    session: Session, period: Period, *, on: date, within: Collection[int] | None = None
) -> Report:
    """The period's report: as it stands on this day, or as it was closed."""
    if period.closed_at is not None:
        return thaw(period, within=within)
    everybody = standing.roster(session, period, on=on)
    asked = assignments.requirements(session, period.id)
    return Report(
        period.id, period.name, period.starts_on, period.ends_on, on,
        tuple(
            Wanted(r.id, r.course_code, r.course_title, r.audience, r.deadline, r.target)
            for r in asked
        ),
        {r.id: standing.lines(session, r, period, everybody, on=on, within=within) for r in asked},
    )  # fmt: skip


def matrix(report: Report) -> Matrix:
    """The counts: the agency with most people missing first, then by name."""
    rows: dict[int, AgencyRow] = {}
    totals = {wanted.id: Counts() for wanted in report.wanted}
    for wanted in report.wanted:
        lines = report.lines[wanted.id]
        places = {line.agency_id: line.agency for line in lines}
        for (agency_id, stand), number in Counter((li.agency_id, li.stand) for li in lines).items():
            row = rows.setdefault(agency_id, AgencyRow(agency_id, places[agency_id]))
            cell = row.cells.setdefault(wanted.id, Counts())
            for counts in (cell, row.total, totals[wanted.id]):
                counts.add(stand, number)
    total = Counts()
    for one in totals.values():
        for stand in Stand:
            total.add(stand, one.of(stand))
    ordered = sorted(rows.values(), key=lambda row: (-row.total.missing, row.name))
    return Matrix(ordered, totals, total)


def names(report: Report, wanted_id: int, agency_id: int, stands: Collection[Stand]) -> list[Line]:
    """People of one agency who stand there, by name."""
    chosen = [
        line for line in report.lines.get(wanted_id, ())
        if line.agency_id == agency_id and line.stand in stands
    ]  # fmt: skip
    return sorted(chosen, key=lambda line: line.name.split()[::-1])


def freeze(report: Report) -> str:
    """The whole report as text; the same report is the same text."""
    content = {
        "period": report.period, "starts_on": report.starts_on, "ends_on": report.ends_on,
        "on": report.on, "closed_at": report.closed_at, "closed_by": report.closed_by,
        "wanted": [asdict(one) for one in report.wanted],
        "lines": {str(key): lines for key, lines in report.lines.items()},
    }  # fmt: skip
    return json.dumps(content, ensure_ascii=False, default=_iso, separators=(",", ":"))


def thaw(period: Period, *, within: Collection[int] | None = None) -> Report:
    """What was frozen, or the part of it that whoever asks may see."""
    content = json.loads(period.frozen)
    wanted = tuple(
        Wanted(**{**one, "deadline": date.fromisoformat(one["deadline"])})
        for one in content["wanted"]
    )
    return Report(
        period.id, content["period"], date.fromisoformat(content["starts_on"]),
        date.fromisoformat(content["ends_on"]), date.fromisoformat(content["on"]), wanted,
        {
            int(key): [_line(raw) for raw in lines if within is None or raw[3] in within]
            for key, lines in content["lines"].items()
        },
        datetime.fromisoformat(content["closed_at"]), content["closed_by"], period.digest,
    )  # fmt: skip


def _line(raw: list[object]) -> Line:
    line = Line(*raw)  # type: ignore[arg-type]  # exactly what `freeze` wrote
    done = date.fromisoformat(str(line.done_on)) if line.done_on else None
    return line._replace(stand=Stand(line.stand), done_on=done)


def _iso(value: object) -> str:
    if isinstance(value, date | datetime):
        return value.isoformat()
    raise TypeError(type(value))
