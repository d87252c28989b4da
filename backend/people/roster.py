"""A roster between being sent and being applied.

Its rows are kept for a day; what they would change is worked out from the directory as it stands
whenever somebody looks, and applied only if it is still what they were shown.
"""

import json
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta

from pydantic import TypeAdapter
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from backend import audit, clock, jobs
from backend.accounts.roles import SignedIn
from backend.errors import Conflict, InvalidInput, NotFound
from backend.i18n import gettext as _
from backend.people import entries as rows
from backend.people import service as people
from backend.people import sheet
from backend.people.compare import Directory, Known, Line, Office, Plan, Standing, compare
from backend.people.duties import Duty
from backend.people.entries import Entry
from backend.people.models import Agency, Membership, Person, RosterDraft
from nlu.text import fold

KEPT = timedelta(days=1)
_ENTRIES = TypeAdapter(list[Entry])


@dataclass(frozen=True)
class Outcome:
    """What was done."""

    new: int = 0
    changed: int = 0
    left: int = 0
    opened: int = 0
    skipped: int = 0

    @property
    def total(self) -> int:
        """How many changes."""
        return self.new + self.changed + self.left + self.opened


def receive(
    session: Session,
    officer: SignedIn,
    data: bytes,
    name: str,
    *,
    since: date,
    agency_id: int | None = None,
    now: datetime,
) -> RosterDraft:
    """Read a file and keep its rows until they are applied or a day has passed."""
    today = clock.local(now).date()
    if not today - timedelta(days=366) <= since <= today + timedelta(days=62):
        raise InvalidInput("roster_day", _("Ngày áp dụng cần trong khoảng một năm trở lại đây."))
    scope = people.scope(session, officer, at=since)
    if agency_id is not None and scope is not None and agency_id not in scope:
        raise NotFound("no_agency", _("Không có cơ quan này."))
    read, encoding = rows.entries(sheet.read(data, name), today=today)
    if not read:
        raise InvalidInput("roster_empty", _("Tệp không có dòng nào dưới tiêu đề."))
    draft = RosterDraft(
        officer_id=officer.id, file_name=name[:200], encoding=encoding.value, since=since,
        agency_id=agency_id, entries=_ENTRIES.dump_json(read).decode(), created_at=now,
    )  # fmt: skip
    session.add(draft)
    session.flush()
    return draft


def draft(session: Session, officer: SignedIn, draft_id: int, *, now: datetime) -> RosterDraft:
    """A roster that this officer sent within the last day."""
    found = session.scalar(
        select(RosterDraft)
        .where(RosterDraft.id == draft_id, RosterDraft.officer_id == officer.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if found is None or found.created_at < now - KEPT:
        raise NotFound("no_draft", _("Bản xem trước đã hết hạn. Xin gửi lại tệp."))
    return found


def plan(session: Session, officer: SignedIn, draft: RosterDraft) -> Plan:
    """What it would change now."""
    directory = _directory(session, officer, since=draft.since, agency_id=draft.agency_id)
    return compare(_ENTRIES.validate_json(draft.entries), directory)


def outcome(draft: RosterDraft) -> Outcome:
    """What was done when it was applied."""
    return Outcome(**json.loads(draft.outcome or "{}"))


def apply(
    session: Session,
    officer: SignedIn,
    draft: RosterDraft,
    *,
    mark: str,
    opening: Collection[str] = (),
    leaving: Collection[int] = (),
    now: datetime,
) -> Outcome:
    """Do it all, or nothing; `mark` is that of the plan that the officer saw."""
    if draft.applied_at is not None:
        return outcome(draft)
    session.execute(select(Agency.id).order_by(Agency.id).with_for_update())  # one roster at a time
    wanted = plan(session, officer, draft)
    if wanted.mark != mark:
        message = _("Danh bạ vừa thay đổi. Xin xem lại bản xem trước mới rồi áp dụng.")
        raise Conflict("directory_changed", message)
    opened = _open(session, wanted, opening, since=draft.since)
    ready = [line for line in wanted.lines if not line.opens or line.opens in opened]
    new = [line for line in ready if line.standing is Standing.NEW]
    changed = [line for line in ready if line.standing is Standing.CHANGED]
    _add(session, new, opened, since=draft.since, now=now)
    _change(session, changed, opened, since=draft.since)
    gone = [known.person_id for known in wanted.left if known.person_id in leaving]
    for person_id in gone:
        people.leave(session, person_id, last_day=draft.since - timedelta(days=1))
    skipped = len(wanted.lines) - len(ready) + wanted.count(Standing.ERROR)
    done = Outcome(len(new), len(changed), len(gone), len(opened), skipped)
    draft.applied_at, draft.entries, draft.outcome = now, "[]", json.dumps(asdict(done))
    session.flush()
    audit.record(
        session, officer.id, "roster.applied", f"roster:{draft.id}", now=now,
        file=draft.file_name, since=draft.since, plan=mark, **asdict(done),
    )  # fmt: skip
    return done


def _open(session: Session, plan: Plan, wanted: Collection[str], *, since: date) -> dict[str, int]:
    return {
        opening.code: people.open_agency(session, opening.code, opening.name, since=since).id
        for opening in plan.openings
        if opening.code in wanted
    }


def _add(
    session: Session, lines: list[Line], opened: dict[str, int], *, since: date, now: datetime
) -> None:
    """Many at once: two statements, however many they are."""
    made = [
        Person(
            staff_code=line.entry.code, name=line.entry.name, name_folded=fold(line.entry.name),
            email=line.entry.email, phone=line.entry.phone, born_on=line.entry.born_on,
            citizen_digest=line.entry.citizen_digest or None, created_at=now,
        )
        for line in lines
    ]  # fmt: skip
    session.add_all(made)
    session.flush()
    session.add_all(
        Membership(
            person_id=person.id, agency_id=line.agency_id or opened[line.opens],
            position=line.entry.position, duty=(line.entry.duty or Duty.NONE).value,
            valid_from=since,
        )
        for person, line in zip(made, lines, strict=True)
    )  # fmt: skip
    session.flush()


def _change(session: Session, lines: list[Line], opened: dict[str, int], *, since: date) -> None:
    for line in lines:
        entry = line.entry
        person = session.get_one(Person, line.person_id)
        person.name, person.name_folded = entry.name, fold(entry.name)
        person.email = entry.email or person.email
        person.phone = entry.phone or person.phone
        person.born_on = entry.born_on or person.born_on
        person.citizen_digest = entry.citizen_digest or person.citizen_digest
        if line.moves:
            here = people.official(session, person.id, at=since)
            people.place(
                session, person.id, line.agency_id or opened[line.opens],
                position=entry.position or (here.position if here else ""),
                duty=entry.duty or (here.duty if here else Duty.NONE), since=since,
            )  # fmt: skip


def _directory(
    session: Session, officer: SignedIn, *, since: date, agency_id: int | None
) -> Directory:
    scope = people.scope(session, officer, at=since)
    newest: dict[int, date] = {}
    here: dict[int, Membership] = {}
    for place in session.scalars(select(Membership).order_by(Membership.valid_from)):
        newest[place.person_id] = place.valid_from
        if place.valid_from <= since and (place.valid_to is None or place.valid_to >= since):
            here[place.person_id] = place
    known = [_known(person, here.get(person.id), newest) for person in session.scalars(
        select(Person).order_by(Person.id)
    )]  # fmt: skip
    return Directory(
        known, _offices(session, since), since, scope, agency_id,
        may_open=scope is None and officer.may("people.change"),
    )  # fmt: skip


def _known(person: Person, place: Membership | None, newest: dict[int, date]) -> Known:
    return Known(
        person.id, person.staff_code, person.name, person.email, person.phone, person.born_on,
        person.citizen_digest, place.agency_id if place else None, place.position if place else "",
        Duty(place.duty) if place else Duty.NONE, newest.get(person.id),
    )  # fmt: skip


def _offices(session: Session, at: date) -> list[Office]:
    found = list(session.scalars(select(Agency).order_by(Agency.id)))
    names = {agency.id: agency.name for agency in found}
    return [
        Office(a.id, a.code, a.name, names[a.merged_into_id] if a.merged_into_id else "")
        if _is_over(a, at)
        else Office(a.id, a.code, a.name)
        for a in found
        if not _is_over(a, at) or a.merged_into_id
    ]


def _is_over(agency: Agency, at: date) -> bool:
    return agency.valid_to is not None and agency.valid_to < at


@jobs.job("people.forget_drafts")
def forget(session: Session) -> None:
    """What was sent and not applied holds personal data: it goes after a day."""
    session.execute(delete(RosterDraft).where(RosterDraft.created_at < clock.now() - KEPT))
