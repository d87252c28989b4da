"""Corrections by hand: somebody new, moved, corrected, gone; the limits of who may do which."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend import audit, clock
from backend.accounts.roles import SignedIn
from backend.errors import Conflict, Forbidden, InvalidInput
from backend.i18n import gettext as _
from backend.people import entries, officers, search
from backend.people import service as people
from backend.people.duties import Duty
from backend.people.entries import Refused
from backend.people.models import Agency, Membership, Person
from nlu.text import fold


@dataclass(frozen=True)
class Details:
    """What is known of a person, as it was typed."""

    name: str
    email: str = ""
    phone: str = ""


@dataclass(frozen=True)
class Place:
    """Where they work from a day on, as it was typed."""

    agency_id: int
    position: str
    duty: Duty
    since: date


def correct(
    session: Session, officer: SignedIn, person_id: int, details: Details, *, now: datetime
) -> Person:
    """A name or an address was wrong; here, unlike in a roster, empty means: there is none."""
    today = _day(now)
    person = search.person(session, officer, person_id, at=today)
    read = _read(details)
    told = vars(read).items()
    changed = [name for name, value in told if getattr(person, name) != value]
    person.name, person.name_folded = read.name, fold(read.name)
    person.email, person.phone = read.email, read.phone
    session.flush()
    officers.follow(session, at=today, now=now)
    if changed:
        _note(session, officer, "person.corrected", person_id, now=now, changed=changed)
    return person


def move(session: Session, officer: SignedIn, person_id: int, to: Place, *, now: datetime) -> None:
    """Another agency, position or duty from a day on; nothing that came later is overwritten."""
    search.person(session, officer, person_id, at=_day(now))
    _allow(session, officer, to, now=now)
    newest = session.scalar(
        select(func.max(Membership.valid_from)).where(Membership.person_id == person_id)
    )
    if newest is not None and newest > to.since:
        message = _("Đã có thay đổi từ ngày {day}. Xin chọn ngày đó hoặc sau đó.")
        raise Conflict("later_place", message.format(day=f"{newest:%d/%m/%Y}"))
    people.place(
        session, person_id, to.agency_id, position=to.position.strip()[:120], duty=to.duty,
        since=to.since,
    )  # fmt: skip
    officers.follow(session, at=_day(now), now=now)
    _note(session, officer, "person.moved", person_id, now=now, **_written(to))


def leave(
    session: Session, officer: SignedIn, person_id: int, *, last_day: date, now: datetime
) -> None:
    """Somebody's last day; from the day after, their account is closed."""
    search.person(session, officer, person_id, at=_day(now))
    if not people.leave(session, person_id, last_day=last_day):
        raise Conflict("left_already", _("Người này đã nghỉ từ trước ngày đó."))
    session.flush()
    officers.follow(session, at=_day(now), now=now)
    _note(session, officer, "person.left", person_id, now=now, last_day=last_day)


def add(
    session: Session,
    officer: SignedIn,
    code: str,
    details: Details,
    to: Place,
    *,
    now: datetime,
) -> Person:
    """Somebody who is not in the directory yet."""
    _allow(session, officer, to, now=now)
    read = _read(details)
    code = code.strip().replace(" ", "")
    if not code or len(code) > 40:
        raise InvalidInput("code_missing", _("Thiếu mã cán bộ."))
    taken = select(Person.id).where(func.lower(Person.staff_code) == code.lower())
    if session.scalar(taken) is not None:
        raise Conflict("code_taken", _("Mã cán bộ này đã có trong danh bạ."))
    person = people.add_person(
        session, code, read.name, email=read.email, phone=read.phone, now=now
    )
    people.place(
        session, person.id, to.agency_id, position=to.position.strip()[:120], duty=to.duty,
        since=to.since,
    )  # fmt: skip
    _note(session, officer, "person.added", person.id, now=now, **_written(to))
    return person


def open_agency(
    session: Session,
    officer: SignedIn,
    code: str,
    name: str,
    *,
    parent_id: int | None,
    since: date,
    now: datetime,
) -> Agency:
    """A new agency; only those who answer for all of them open one."""
    _answer_for_all(session, officer, at=since)
    if not code.strip() or len(code) > 40 or not name.strip() or len(name) > 200:
        raise InvalidInput("agency_unnamed", _("Cơ quan cần có mã và tên."))
    parent = session.get(Agency, parent_id) if parent_id else None
    made = people.open_agency(session, code, name, parent=parent, since=since)
    subject = f"agency:{made.id}"
    audit.record(
        session, officer.id, "agency.opened", subject, now=now, code=made.code, since=since
    )
    return made


def merge(
    session: Session, officer: SignedIn, gone_id: int, into_id: int, *, on: date, now: datetime
) -> int:
    """One agency becomes part of another; how many people move."""
    _answer_for_all(session, officer, at=on)
    gone, into = session.get(Agency, gone_id), session.get(Agency, into_id)
    if gone is None or into is None or gone.valid_to is not None or into.valid_to is not None:
        raise InvalidInput("agency_missing", _("Xin chọn hai cơ quan đang hoạt động."))
    if on <= gone.valid_from:
        raise InvalidInput("merge_day", _("Ngày nhập phải sau ngày cơ quan được mở."))
    moved = people.merge(session, gone, into, on=on)
    officers.follow(session, at=_day(now), now=now)
    audit.record(
        session, officer.id, "agency.merged", f"agency:{gone.id}", now=now,
        into=into.id, on=on, moved=moved,
    )  # fmt: skip
    return moved


def _note(
    session: Session,
    officer: SignedIn,
    action: str,
    person_id: int,
    *,
    now: datetime,
    **details: Any,
) -> None:
    """In the audit log people are numbers: what was changed is told, not what to."""
    audit.record(session, officer.id, action, f"person:{person_id}", now=now, **details)


def _written(place: Place) -> dict[str, Any]:
    return {"agency": place.agency_id, "duty": place.duty.value, "since": place.since}


def _allow(session: Session, officer: SignedIn, to: Place, *, now: datetime) -> None:
    today = _day(now)
    if not today - timedelta(days=3660) <= to.since <= today + timedelta(days=366):
        raise InvalidInput("place_day", _("Ngày áp dụng không hợp lý."))
    scope = people.scope(session, officer, at=today)
    known = {agency.id for agency in search.in_scope(session, scope, at=to.since)}
    if to.agency_id not in known:
        raise Forbidden("other_agency", _("Cơ quan ngoài phạm vi anh/chị phụ trách."))


def _answer_for_all(session: Session, officer: SignedIn, *, at: date) -> None:
    if people.scope(session, officer, at=at) is not None:
        raise Forbidden("not_all", _("Chỉ quản trị mở hoặc nhập cơ quan."))


def _read(details: Details) -> Details:
    try:
        return Details(
            entries.name_of(details.name), entries.email_of(details.email),
            entries.phone_of(details.phone),
        )  # fmt: skip
    except Refused as refusal:
        raise InvalidInput("details", str(refusal)) from refusal


def _day(now: datetime) -> date:
    return clock.local(now).date()
