"""Who works where on a given day, which agencies lie below which, and who may see whom.

Other packages store ids and snapshots, and join the SELECT that `directory` returns; they never
touch these tables.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from backend.accounts.roles import SignedIn
from backend.errors import Conflict, InvalidInput, NotFound
from backend.i18n import gettext as _
from backend.people.duties import Duty
from backend.people.models import Agency, Membership, Person
from nlu.text import fold

EVERYWHERE = "people.everywhere"


@dataclass(frozen=True)
class Official:
    """Somebody at their place on a day."""

    person_id: int
    name: str
    staff_code: str
    email: str
    agency_id: int
    agency: str
    position: str
    duty: Duty


def directory(at: date) -> Select[int, str, str, str, int, str, str, str]:
    """Everybody who works somewhere on this day.

    Columns: person_id, name, staff_code, email, agency_id, agency, position, duty.
    """
    return (
        select(
            Person.id.label("person_id"), Person.name.label("name"), Person.staff_code,
            Person.email, Agency.id.label("agency_id"), Agency.name.label("agency"),
            Membership.position, Membership.duty,
        )
        .join(Membership, Membership.person_id == Person.id)
        .join(Agency, Agency.id == Membership.agency_id)
        .where(
            Membership.valid_from <= at,
            Membership.valid_to.is_(None) | (Membership.valid_to >= at),
        )
    )  # fmt: skip


def official(session: Session, person_id: int, *, at: date) -> Official | None:
    """Where this person works on this day; None where they have left or not come yet."""
    row = session.execute(directory(at).where(Person.id == person_id)).first()
    if row is None:
        return None
    return Official(
        row.person_id, row.name, row.staff_code, row.email, row.agency_id, row.agency,
        row.position, Duty(row.duty),
    )  # fmt: skip


def name_of(session: Session, person_id: int) -> str:
    """What somebody is called, wherever they work or worked."""
    return session.get_one(Person, person_id).name


def agencies(session: Session, *, at: date) -> list[Agency]:
    """Every agency that exists on this day, by name."""
    exists = (Agency.valid_from <= at) & (Agency.valid_to.is_(None) | (Agency.valid_to >= at))
    return list(session.scalars(select(Agency).where(exists).order_by(Agency.name)))


def agency(session: Session, code: str) -> Agency:
    """One agency by its code."""
    found = session.scalar(select(Agency).where(Agency.code == code.strip()))
    if found is None:
        raise NotFound("no_agency", _("Không có cơ quan này."))
    return found


def below(session: Session, agency_id: int) -> set[int]:
    """The agency, all below it, and those that were merged into one of them: they are its past."""
    rows = session.execute(select(Agency.id, Agency.parent_id, Agency.merged_into_id)).all()
    found = {agency_id}
    while True:
        more = {i for i, parent, heir in rows if parent in found or heir in found} - found
        if not more:
            return found
        found |= more


def above(session: Session, agency_id: int) -> set[int]:
    """The agency and all whose `below` it is in."""
    rows = session.execute(select(Agency.id, Agency.parent_id, Agency.merged_into_id)).all()
    higher = {i: {parent, heir} - {None} for i, parent, heir in rows}
    found, new = {agency_id}, {agency_id}
    while new:
        new = {other for i in new for other in higher[i] if other is not None} - found
        found |= new
    return found


def scope(session: Session, officer: SignedIn, *, at: date) -> set[int] | None:
    """The agencies whose people this officer may see; None means all, the empty set nobody."""
    if officer.may(EVERYWHERE):
        return None
    here = official(session, officer.person_id, at=at) if officer.person_id else None
    return below(session, here.agency_id) if here else set()


def open_agency(
    session: Session, code: str, name: str, *, parent: Agency | None = None, since: date
) -> Agency:
    """A new agency."""
    code, name = code.strip(), " ".join(name.split())
    if not code or not name:
        raise InvalidInput("agency_unnamed", _("Cơ quan cần có mã và tên."))
    if session.scalar(select(Agency.id).where(Agency.code == code)) is not None:
        raise Conflict("agency_code_taken", _("Mã cơ quan này đã có."))
    made = Agency(
        code=code, name=name, name_folded=fold(name), valid_from=since,
        parent_id=parent.id if parent else None,
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def merge(session: Session, gone: Agency, into: Agency, *, on: date) -> int:
    """From this day `gone` is part of `into`: its people and what lies below it move; how many."""
    if gone.id == into.id or into.id in below(session, gone.id):
        raise Conflict("merge_circle", _("Không thể nhập một cơ quan vào chính nó."))
    gone.valid_to, gone.merged_into_id = on - timedelta(days=1), into.id
    for child in session.scalars(select(Agency).where(Agency.parent_id == gone.id)):
        child.parent_id = into.id
    moved = [
        (m.person_id, m.position, Duty(m.duty))
        for m in session.scalars(
            select(Membership).where(
                Membership.agency_id == gone.id,
                Membership.valid_to.is_(None) | (Membership.valid_to >= on),
            )
        )
    ]
    for person_id, position, duty in moved:
        place(session, person_id, into.id, position=position, duty=duty, since=on)
    session.flush()
    return len(moved)


def add_person(
    session: Session,
    staff_code: str,
    name: str,
    *,
    email: str = "",
    phone: str = "",
    born_on: date | None = None,
    citizen_digest: str | None = None,
    is_demo: bool = False,
    now: datetime,
) -> Person:
    """Somebody new, without a place yet."""
    name = " ".join(name.split())
    person = Person(
        staff_code=staff_code.strip(), name=name, name_folded=fold(name), email=email.strip(),
        phone=phone, born_on=born_on, citizen_digest=citizen_digest, is_demo=is_demo,
        created_at=now,
    )  # fmt: skip
    session.add(person)
    session.flush()
    return person


def place(
    session: Session, person_id: int, agency_id: int, *, position: str, duty: Duty, since: date
) -> Membership:
    """From this day the person works there; the place before ends the day before.

    A correction on the very first day of a place replaces it: it was never true.
    """
    for old in session.scalars(
        select(Membership).where(
            Membership.person_id == person_id,
            Membership.valid_to.is_(None) | (Membership.valid_to >= since),
        )
    ):
        if old.valid_from >= since:
            session.delete(old)
        else:
            old.valid_to = since - timedelta(days=1)
    session.flush()
    made = Membership(
        person_id=person_id, agency_id=agency_id, position=position, duty=duty.value,
        valid_from=since,
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def leave(session: Session, person_id: int, *, last_day: date) -> bool:
    """The person's last day of work; whether there was a place to leave."""
    open_places = session.scalars(
        select(Membership).where(
            Membership.person_id == person_id,
            Membership.valid_to.is_(None) | (Membership.valid_to > last_day),
        )
    ).all()
    for place_ in open_places:
        if place_.valid_from > last_day:
            session.delete(place_)
        else:
            place_.valid_to = last_day
    return bool(open_places)
