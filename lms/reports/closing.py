"""Close a period: its report is frozen for ever, and what comes later is an addendum."""

import hashlib
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend import audit, clock
from backend.accounts.roles import SignedIn
from backend.errors import Conflict, InvalidInput
from backend.i18n import day
from backend.i18n import gettext as _
from lms.assignments.models import Addendum, Period
from lms.reports import report as reports


def close(
    session: Session, officer: SignedIn, period: Period, *, early: str = "", now: datetime
) -> None:
    """Freeze the report of everybody; before the last day only with the reason (`early`)."""
    session.refresh(period, with_for_update=True)
    if period.closed_at is not None:
        raise Conflict("period_closed", _("Kỳ báo cáo này đã chốt."))
    today = clock.local(now).date()
    if today < period.ends_on and not early.strip():
        message = _("Kỳ này đến hết {when}. Muốn chốt sớm, xin ghi lý do.")
        raise InvalidInput("too_early", message.format(when=day(period.ends_on)))
    found = reports.of_period(session, period, on=today)
    period.frozen = reports.freeze(replace(found, closed_at=now, closed_by=officer.name))
    period.digest = hashlib.sha256(period.frozen.encode()).hexdigest()
    period.closed_at, period.closed_by = now, officer.id
    session.flush()
    audit.record(
        session, officer.id, "period.closed", _subject(period), digest=period.digest,
        early=early.strip(), now=now,
    )  # fmt: skip


def amend(session: Session, officer: SignedIn, period: Period, text: str, *, now: datetime) -> None:
    """A correction to a closed report, beside it."""
    if period.closed_at is None:
        raise Conflict("period_open", _("Kỳ báo cáo này chưa chốt, số liệu vẫn đang cập nhật."))
    if not text.strip():
        raise InvalidInput("addendum_empty", _("Xin ghi nội dung đính chính."))
    made = Addendum(
        period_id=period.id, text=text.strip(), at=now, by=officer.id, by_name=officer.name
    )
    session.add(made)
    session.flush()
    audit.record(session, officer.id, "period.amended", _subject(period), text=made.text, now=now)


def addenda(session: Session, period: Period) -> list[Addendum]:
    """The corrections, oldest first."""
    query = select(Addendum).where(Addendum.period_id == period.id).order_by(Addendum.id)
    return list(session.scalars(query))


def mark(session: Session, period: Period) -> str:
    """The audit log's digest of the closing, printed so that the log can be checked against it."""
    closings = [one for one in audit.of(session, _subject(period)) if one.action == "period.closed"]
    return closings[0].digest if closings else ""


def is_untouched(period: Period) -> bool:
    """Whether what was frozen still is what was hashed."""
    return hashlib.sha256(period.frozen.encode()).hexdigest() == period.digest


def _subject(period: Period) -> str:
    return f"period:{period.id}"
