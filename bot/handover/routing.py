"""Whose queue a conversation joins, and who is on duty.

A commune and a field lead to a unit: by the rows of `handover_routes`, the most exact first, else
to the agency that is named after the commune. Where nobody of that unit is on duty, and where no
unit is known, it is the provincial queue, which everybody on duty sees.
"""

from datetime import datetime, time, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from backend import audit, clock
from backend.accounts import service as accounts
from backend.accounts.roles import SignedIn
from backend.errors import InvalidInput
from backend.i18n import gettext as _
from backend.procedures import service as procedures
from bot.handover.models import Duty, HandoverRoute, KhmerReader
from nlu.text import fold

PROVINCE = ""


def route(
    session: Session, *, procedure_code: str, commune: str, now: datetime, in_khmer: bool = False
) -> tuple[str, str]:
    """The unit whose queue it joins now, and the unit it belongs to.

    What is written in Khmer stays there only while somebody there reads it; everybody, and so
    every reader of Khmer, sees the provincial queue.
    """
    wanted = _unit(session, procedure_code, commune, now)
    stays = is_staffed(session, wanted, now=now, in_khmer=in_khmer)
    return (wanted if stays else PROVINCE), wanted


def is_staffed(session: Session, unit: str, *, now: datetime, in_khmer: bool = False) -> bool:
    """Whether anybody who sees this queue (and reads Khmer) is on duty."""
    query = select(func.count()).select_from(Duty).where(Duty.until > now)
    if unit != PROVINCE:
        query = query.where(Duty.unit == unit)
    if in_khmer:
        query = query.join(KhmerReader, KhmerReader.officer_id == Duty.officer_id)
    return bool(session.scalar(query))


def on_duty_until(session: Session, officer: SignedIn, *, now: datetime) -> datetime | None:
    """Until when this officer answers chats; None where not now."""
    return session.scalar(select(Duty.until).where(Duty.officer_id == officer.id, Duty.until > now))


def begin_duty(session: Session, officer: SignedIn, *, now: datetime) -> None:
    """From now until midnight: whoever forgets to leave is not on duty tomorrow."""
    tomorrow = clock.local(now).date() + timedelta(days=1)
    until = datetime.combine(tomorrow, time(), clock.VIETNAM)
    session.merge(Duty(officer_id=officer.id, unit=officer.agency, until=until))
    session.flush()


def end_duty(session: Session, officer: SignedIn) -> None:
    """No more new chats for this officer; those that were claimed stay."""
    session.execute(delete(Duty).where(Duty.officer_id == officer.id))


def routes(session: Session) -> list[HandoverRoute]:
    """Every rule, as it is shown."""
    order = (HandoverRoute.commune_folded, HandoverRoute.field_folded)
    return list(session.scalars(select(HandoverRoute).order_by(*order)))


def add_route(
    session: Session,
    officer: SignedIn,
    *,
    commune: str,
    field: str,
    unit: str,
    now: datetime,
) -> None:
    """This commune, this field, or this field in this commune goes to that unit from now on."""
    said = {"commune_folded": fold(commune.strip()), "field_folded": fold(field.strip())}
    fields = {}
    if not any(said.values()):
        fields["commune"] = _("Xin ghi xã, phường hoặc lĩnh vực.")
    if not unit:
        fields["unit"] = _("Xin chọn đơn vị.")
    if fields:
        raise InvalidInput("route", next(iter(fields.values())), fields=fields)
    row = session.scalar(select(HandoverRoute).filter_by(**said).with_for_update())
    if row is not None and row.unit == unit:
        return
    before = row.unit if row else None
    if row is None:
        row = HandoverRoute(**said, unit=unit)
        session.add(row)
    row.unit = unit
    session.flush()
    audit.record(
        session, officer.id, "handover.route_set", f"route:{row.id}", now=now,
        commune=row.commune_folded, field=row.field_folded, before=before, after=unit,
    )  # fmt: skip


def remove_route(session: Session, officer: SignedIn, route_id: int, *, now: datetime) -> None:
    """That rule holds no more."""
    row = session.get(HandoverRoute, route_id, with_for_update=True)
    if row is None:
        return
    session.delete(row)
    session.flush()
    audit.record(
        session, officer.id, "handover.route_removed", f"route:{route_id}", now=now,
        commune=row.commune_folded, field=row.field_folded, before=row.unit,
    )  # fmt: skip


def units(session: Session, *, now: datetime) -> list[str]:
    """Every agency somebody of which could answer."""
    rows = accounts.officers(session, now=now)
    return sorted({row.agency for row, _ in rows if row.agency and row.disabled_at is None})


def _unit(session: Session, procedure_code: str, commune: str, now: datetime) -> str:
    record = procedures.get(session, procedure_code) if procedure_code else None
    field = fold(record.field) if record else ""
    routes = session.scalars(
        select(HandoverRoute).where(
            HandoverRoute.commune_folded.in_((commune, "")),
            HandoverRoute.field_folded.in_((field, "")),
        )
    ).all()
    exact = [row for row in routes if row.commune_folded or row.field_folded]
    if exact:
        best = max(exact, key=lambda row: (bool(row.commune_folded), bool(row.field_folded)))
        return best.unit
    named = [u for u in units(session, now=now) if commune and fold(u).endswith(commune)]
    return named[0] if named else PROVINCE
