"""Reminders: 30, 14, 7 and 1 days before a deadline, when it has passed, then every week.

Once they are overdue the coordinator of their agency is told as well: how many, never who (names
are on the page, behind the log-in). Every reminder is a row, so the same one is never sent twice,
however often the job runs; a day on which it did not run is made up for on the next.

A deadline may be the last day of its period, as most are, so what is overdue is still told for
`AFTERWARDS` once the period has ended: a reminder and three more, a week apart. Closing the report
ends it at once, since nothing can change it any more; so does, for each, having learnt after all
(the report no longer counts it) or having left.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend import clock, db, jobs
from backend.accounts import service as accounts
from backend.accounts.roles import Role
from backend.i18n import day
from backend.notifications import service as notifications
from backend.people import service as people
from lms.assignments import reach, standing
from lms.assignments import service as assignments
from lms.assignments.models import Period, Reminder, Requirement
from lms.assignments.standing import Stand

STAGES = (1, 7, 14, 30)
AFTERWARDS = timedelta(days=28)
COORDINATOR = "agency."


@dataclass(frozen=True)
class Sent:
    """One reminder as staff see it; `outcome` is empty where there was no way to tell them."""

    name: str
    agency: str
    course: str
    kind: str
    at: datetime
    outcome: str

    @property
    def is_for_coordinator(self) -> bool:
        """Whether it told a coordinator about others."""
        return self.kind.startswith(COORDINATOR)

    @property
    def is_late(self) -> bool:
        """Whether the deadline had passed."""
        return "late" in self.kind


def kind_on(deadline: date, today: date) -> str:
    """Which reminder is due on this day; empty more than 30 days before."""
    left = (deadline - today).days
    if left < 0:
        return f"late{(-left - 1) // 7}"
    stage = next((stage for stage in STAGES if left <= stage), None)
    return f"before{stage}" if stage else ""


@jobs.job("lms.remind")
def remind(session: Session) -> None:
    """Look who is to be reminded today: a job for each agency, so that none takes long."""
    today = clock.today()
    for period in assignments.periods(session):
        is_running = period.starts_on <= today <= period.ends_on + AFTERWARDS
        if period.closed_at is None and is_running:
            _of_period(session, period, today)


@jobs.job("lms.remind_agency")
def remind_agency(
    session: Session, wanted_id: int, agency_id: int, kind: str, persons: list[int]
) -> None:
    """Remind those who still have not, as of this moment."""
    now, wanted = clock.now(), assignments.requirement(session, wanted_id)
    period = assignments.period_of(session, wanted.period_id)
    if wanted.withdrawn_at is not None or period.closed_at is not None:
        return
    missing = _still_missing(session, wanted, period, persons, on=clock.today())
    facts = {"course": wanted.course_title, "deadline": day(wanted.deadline)}
    when = "late" if kind.startswith("late") else "before"
    _tell(session, wanted, kind, missing, "training_due", {**facts, "when": when}, now=now)
    if when == "late" and missing:
        heads = _coordinators(session, agency_id, on=clock.today())
        facts["count"] = str(len(missing))
        about = f"{COORDINATOR}{kind}.{agency_id}"
        _tell(session, wanted, about, heads, "training_missing", facts, now=now)


def latest(session: Session, *, on: date, within: Collection[int] | None, limit: int) -> list[Sent]:
    """The newest reminders of people whom a viewer may see."""
    here = people.directory(on).subquery()
    query = (
        select(Reminder, Requirement.course_title, here.c.name, here.c.agency)
        .join(Requirement, Requirement.id == Reminder.requirement_id)
        .join(here, here.c.person_id == Reminder.person_id)
        .order_by(Reminder.id.desc())
        .limit(limit)
    )
    if within is not None:
        query = query.where(here.c.agency_id.in_(within))
    rows = session.execute(query).all()
    keys = [_event(row.Reminder) for row in rows]
    outcomes = notifications.outcomes(session, keys)
    return [
        Sent(name, agency, course, row.kind, row.at, outcomes.get(key, ""))
        for key, (row, course, name, agency) in zip(keys, rows, strict=True)
    ]


def _of_period(session: Session, period: Period, today: date) -> None:
    everybody = standing.roster(session, period, on=today)
    for wanted in assignments.requirements(session, period.id):
        kind = kind_on(wanted.deadline, today)
        if not kind:
            continue
        told = set(
            session.scalars(
                select(Reminder.person_id).where(
                    Reminder.requirement_id == wanted.id, Reminder.kind == kind
                )
            )
        )
        agencies: dict[int, list[int]] = defaultdict(list)
        for line in standing.lines(session, wanted, period, everybody, on=today):
            if line.stand not in (Stand.DONE, Stand.EXCUSED) and line.person_id not in told:
                agencies[line.agency_id].append(line.person_id)
        for agency_id, persons in agencies.items():
            jobs.enqueue(
                session, "lms.remind_agency", lane=jobs.Lane.UPKEEP, wanted_id=wanted.id,
                dedupe=f"remind:{wanted.id}:{agency_id}:{kind}:{today}", agency_id=agency_id,
                kind=kind, persons=persons,
            )  # fmt: skip


def _still_missing(
    session: Session, wanted: Requirement, period: Period, persons: Sequence[int], *, on: date
) -> list[int]:
    """Those of them who still work somewhere, are not excused and have not learnt, even late."""
    done = standing.completed(session, wanted, period, persons, until=max(on, period.ends_on))
    excused, here = standing.excuses(session, wanted.id), people.directory(on).subquery()
    working = session.scalars(select(here.c.person_id).where(here.c.person_id.in_(persons)))
    return sorted(set(working) - done.keys() - excused.keys())


def _tell(
    session: Session, wanted: Requirement, kind: str, persons: Sequence[int], push: str,
    data: dict[str, str], *, now: datetime,
) -> None:  # fmt: skip
    """A row for each of them, and the news for those who can be reached."""
    about = kind.rpartition(".")[2] if kind.startswith(COORDINATOR) else "own"
    for person, there in zip(persons, reach.reachable(session, persons), strict=True):
        values = {
            "requirement_id": wanted.id, "person_id": person, "kind": kind, "at": now,
            "is_told": False,
        }  # fmt: skip
        unique = ("requirement_id", "person_id", "kind")
        stored = db.insert_once(session, Reminder, values, unique=unique)
        if stored is None:
            continue
        told = notifications.tell(
            session, [there], push, data=data,
            event=f"training:{wanted.id}:{kind}", topic=f"training:{wanted.id}:{about}", now=now,
        )  # fmt: skip
        session.get_one(Reminder, stored).is_told = bool(told)


def _coordinators(session: Session, agency_id: int, *, on: date) -> list[int]:
    """Those of the agency itself; where it has none, those of an agency above it."""
    here = people.directory(on).subquery()
    chosen = here.c.person_id.in_(accounts.people_with(session, Role.COORDINATOR))
    rows = session.execute(select(here.c.person_id, here.c.agency_id).where(chosen))
    places = {row.person_id: row.agency_id for row in rows}
    own = [person for person, place in places.items() if place == agency_id]
    higher = people.above(session, agency_id)
    return own or [person for person, place in places.items() if place in higher]


def _event(row: Reminder) -> str:
    return f"training:{row.requirement_id}:{row.kind}:{reach.key(row.person_id)}"
