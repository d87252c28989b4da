"""Finding people and agencies for the staff pages; each query knows how far the officer sees."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.accounts.roles import SignedIn
from backend.errors import NotFound
from backend.i18n import gettext as _
from backend.people import service as people
from backend.people.duties import Duty
from backend.people.models import Agency, Membership, Person
from nlu.text import fold

PAGE = 30


@dataclass(frozen=True)
class Filter:
    """What the list is narrowed to."""

    words: str = ""
    agency_id: int | None = None
    duty: Duty | None = None


@dataclass(frozen=True)
class Branch:
    """An agency in its place in the tree, and how many work in it."""

    agency: Agency
    people: int
    below: Sequence["Branch"]


@dataclass(frozen=True)
class Stay:
    """One line of somebody's history."""

    agency: str
    position: str
    duty: str
    valid_from: date
    valid_to: date | None


def found(
    session: Session, scope: Collection[int] | None, wanted: Filter, *, page: int, at: date
) -> tuple[Sequence[Any], int]:
    """Rows of the directory, by name, and how many there are in all."""
    query = people.directory(at).where(Person.name_folded.is_not(None))
    if scope is not None:
        query = query.where(Agency.id.in_(scope))
    if wanted.agency_id is not None:
        query = query.where(Agency.id.in_(people.below(session, wanted.agency_id)))
    if wanted.duty is not None:
        query = query.where(Membership.duty == wanted.duty.value)
    for word in fold(wanted.words).split():
        query = query.where(
            Person.name_folded.contains(word, autoescape=True)
            | func.lower(Person.staff_code).contains(word, autoescape=True)
            | Person.email.contains(word, autoescape=True)
        )
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    ordered = query.order_by(Person.name_folded, Person.id)
    return session.execute(ordered.limit(PAGE).offset((page - 1) * PAGE)).all(), total


def person(session: Session, officer: SignedIn, person_id: int, *, at: date) -> Person:
    """Somebody this officer may see: who works, or worked last, in one of their agencies."""
    found = session.get(Person, person_id)
    scope = people.scope(session, officer, at=at)
    last = session.scalar(
        select(Membership.agency_id)
        .where(Membership.person_id == person_id)
        .order_by(Membership.valid_from.desc())
        .limit(1)
    )
    if found is None or (scope is not None and last not in scope):
        raise NotFound("no_person", _("Không có cán bộ này trong phạm vi anh/chị phụ trách."))
    return found


def history(session: Session, person_id: int) -> list[Stay]:
    """Where somebody has been, newest first."""
    rows = session.execute(
        select(
            Agency.name, Membership.position, Membership.duty, Membership.valid_from,
            Membership.valid_to,
        )
        .join(Agency, Agency.id == Membership.agency_id)
        .where(Membership.person_id == person_id)
        .order_by(Membership.valid_from.desc())
    )  # fmt: skip
    return [Stay(*row) for row in rows]


def in_scope(session: Session, scope: Collection[int] | None, *, at: date) -> list[Agency]:
    """The agencies of that day that an officer may see, by name."""
    return [
        agency for agency in people.agencies(session, at=at)
        if scope is None or agency.id in scope
    ]  # fmt: skip


def tree(session: Session, scope: Collection[int] | None, *, at: date) -> list[Branch]:
    """The agencies one below the other; where the scope begins, a tree begins."""
    here = in_scope(session, scope, at=at)
    counted = people.directory(at).subquery()
    per_agency = select(counted.c.agency_id, func.count().label("people")).group_by(
        counted.c.agency_id
    )
    counts = {row.agency_id: row.people for row in session.execute(per_agency)}
    ids = {agency.id for agency in here}
    children: dict[int | None, list[Agency]] = {}
    for agency in here:
        parent = agency.parent_id if agency.parent_id in ids else None
        children.setdefault(parent, []).append(agency)

    def branches(parent: int | None) -> list[Branch]:
        return [
            Branch(agency, counts.get(agency.id, 0), branches(agency.id))
            for agency in children.get(parent, ())
        ]

    return branches(None)
