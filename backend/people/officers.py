"""Accounts of those in the directory: opened in bulk, kept up with it, closed when people leave."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from backend import clock, jobs
from backend.accounts import links
from backend.accounts import service as accounts
from backend.accounts.links import Purpose
from backend.accounts.roles import Role
from backend.people import service as people

_LONGEST_LOGIN = 60


@dataclass(frozen=True)
class Opened:
    """How many accounts were opened, whose mailbox is unknown, and the links that were made."""

    links: tuple[int, ...] = ()
    without_mailbox: int = 0


def without_account(session: Session, agencies: Collection[int] | None, *, at: date) -> int:
    """How many of these agencies' people have no open account."""
    there = {one.person_id for one in accounts.linked(session) if not one.is_disabled}
    rows = session.execute(people.directory(at))
    return sum(
        row.person_id not in there and (agencies is None or row.agency_id in agencies)
        for row in rows
    )


def open_accounts(
    session: Session,
    agencies: Collection[int] | None,
    *,
    person_id: int | None = None,
    at: date,
    by: int | None = None,
    now: datetime,
) -> Opened:
    """An account and an invitation for everybody there (or this one) who has none.

    The log-in is the mailbox, or the staff code where two share one.
    """
    known = {one.person_id: one for one in accounts.linked(session)}
    rows = [
        row for row in session.execute(people.directory(at)).all()
        if (agencies is None or row.agency_id in agencies)
        and (person_id is None or row.person_id == person_id)
    ]  # fmt: skip
    shared = Counter(row.email for row in session.execute(people.directory(at)))
    taken, made, without = accounts.logins(session), [], 0
    for row in rows:
        account = known.get(row.person_id)
        if account is not None and not account.is_disabled:
            continue
        if not row.email:
            without += 1
            continue
        if account is not None:
            accounts.reopen(session, account.id, by=by, now=now)
            made.append(links.make(session, account.id, Purpose.INVITE, now=now))
            continue
        is_own = shared[row.email] == 1 and len(row.email) <= _LONGEST_LOGIN
        login = row.email if is_own and row.email not in taken else row.staff_code.lower()
        if login in taken:
            without += 1
            continue
        officer = accounts.create(
            session, login, name=row.name, role=Role.OFFICIAL, password="", agency=row.agency,
            email=row.email, person_id=row.person_id, by=by, now=now,
        )  # fmt: skip
        taken.add(officer.login)
        made.append(links.make(session, officer.id, Purpose.INVITE, now=now))
    return Opened(tuple(made), without)


def invite_again(session: Session, person_id: int, *, now: datetime) -> int | None:
    """A new invitation in place of the one that was lost; None where there is no open account."""
    for one in accounts.linked(session):
        if one.person_id == person_id and not one.is_disabled and one.email:
            return links.make(session, one.id, Purpose.INVITE, now=now)
    return None


def follow(session: Session, *, at: date, now: datetime) -> int:
    """Accounts say what the directory says; those of people who left are closed; how many."""
    here = {row.person_id: row for row in session.execute(people.directory(at))}
    closed = 0
    for one in accounts.linked(session):
        row = here.get(one.person_id)
        if row is None:
            if not one.is_disabled:
                accounts.disable(session, one.id, now=now)
                closed += 1
        elif (one.name, one.email, one.agency) != (row.name, row.email.lower(), row.agency):
            accounts.keep_up(session, one.id, name=row.name, email=row.email, agency=row.agency)
    return closed


@jobs.job("people.follow")
def follow_daily(session: Session) -> None:
    """Somebody whose last day was yesterday signs in no more."""
    follow(session, at=clock.today(), now=clock.now())


def account(session: Session, person_id: int) -> accounts.Linked | None:
    """Somebody's account."""
    return next((one for one in accounts.linked(session) if one.person_id == person_id), None)
