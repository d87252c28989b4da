"""Promised calls: a telephone number, when it suits, and until when we call."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

from backend import live, workdays
from backend.accounts.roles import Role, SignedIn
from backend.config import settings
from backend.errors import Conflict, NotFound
from backend.i18n import gettext as _
from bot.handover import queue, routing
from bot.handover.models import Callback, Handover
from bot.handover.queue import About
from bot.handover.status import INBOX
from bot.models import Conversation

NUMBER_KEPT = timedelta(days=30)
MOST_LISTED = 100


def promise(
    session: Session, conversation: Conversation, phone: str, about: About, *, now: datetime
) -> Callback:
    """Call by the end of the next working day; a number given again replaces the first."""
    call, talk = waiting_for(session, conversation), queue.open_of(session, conversation)
    if call is None:
        hours = workdays.spans(settings().office_hours)
        _now, unit = routing.route(
            session, procedure_code=about.procedure_code, commune=about.commune, now=now
        )
        call = Callback(
            conversation_id=conversation.id, procedure_code=about.procedure_code, unit=unit,
            promised_at=now, due_at=workdays.end_of_next_workday(now, hours),
            reason=talk.reason if talk else "",
        )  # fmt: skip
        session.add(call)
    call.phone = phone
    session.flush()
    live.publish(session, INBOX, "callback", str(call.id))
    return call


def waiting_for(session: Session, conversation: Conversation) -> Callback | None:
    """The call that this conversation waits for."""
    return session.scalar(
        select(Callback).where(
            Callback.conversation_id == conversation.id, Callback.done_at.is_(None)
        )
    )


def listed(session: Session, officer: SignedIn) -> list[tuple[Callback, Conversation]]:
    """Calls still to be made that this officer may see, the most urgent first."""
    rows = session.execute(
        select(Callback, Conversation)
        .join(Conversation, Conversation.id == Callback.conversation_id)
        .where(Callback.done_at.is_(None), _seen_by(officer))
        .order_by(Callback.due_at, Callback.id)
        .limit(MOST_LISTED)
    )
    return [(call, conversation) for call, conversation in rows]


def done(session: Session, officer: SignedIn, call_id: int, result: str, *, now: datetime) -> None:
    """The call was made; `result` says how it went."""
    call = session.scalar(
        select(Callback).where(Callback.id == call_id, _seen_by(officer)).with_for_update()
    )
    if call is None:
        raise NotFound("callback_not_found", _("Không có cuộc hẹn gọi lại này."))
    if call.done_at is not None:
        message = _("{name} đã gọi cuộc này rồi.").format(name=call.done_by)
        raise Conflict("callback_done", message)
    call.done_at, call.done_by, call.result = now, officer.name, result
    live.publish(session, INBOX, "callback", str(call.id))


def forget_numbers(session: Session, *, now: datetime) -> None:
    """A month after it was of use, a number is nobody's business any more."""
    before = now - NUMBER_KEPT
    session.execute(update(Callback).where(Callback.done_at < before).values(phone=""))
    session.execute(update(Handover).where(Handover.closed_at < before).values(phone=""))


def _seen_by(officer: SignedIn) -> ColumnElement[bool]:
    everything = Callback.id.is_not(None)
    own = or_(Callback.unit == officer.agency, Callback.unit == routing.PROVINCE)
    return everything if officer.role is Role.HEAD else own
