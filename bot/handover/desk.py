"""What officers do with conversations: claim, answer, note, pass on, give back, close.

`held` is their only way from a number to a hand-over: it takes the conversation's row first, as the
assistant does, so that neither speaks while the other decides.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts.roles import Role, SignedIn
from backend.config import settings
from backend.errors import Conflict, InvalidInput, NotFound
from backend.i18n import gettext as _
from backend.i18n import hour
from bot.handover import bubbles, words
from bot.handover.models import Handover
from bot.handover.routing import PROVINCE
from bot.handover.status import ENDS, Actor, Reason, Status, announce, move, record
from bot.messages import Outgoing
from bot.models import Conversation

LONGEST = 4000  # characters, as for citizens; channels split what is longer than they take


def sees(officer: SignedIn, talk: Handover) -> bool:
    """Own conversations, those of the own unit and of the provincial queue; heads see all."""
    if officer.role is Role.HEAD or talk.officer_id == officer.id:
        return True
    return officer.agency in (talk.unit, talk.wanted_unit) or talk.unit == PROVINCE


def held(
    session: Session, officer: SignedIn, talk_id: int, *, locked: bool = True
) -> tuple[Handover, Conversation]:
    """The hand-over and its conversation, if this officer may see them."""
    query = (
        select(Conversation)
        .join(Handover, Handover.conversation_id == Conversation.id)
        .where(Handover.id == talk_id)
    )
    if locked:
        query = query.with_for_update(of=Conversation)
    conversation = session.scalar(query)
    talk = session.get(Handover, talk_id, populate_existing=True) if conversation else None
    if conversation is None or talk is None or not sees(officer, talk):
        raise NotFound("handover_not_found", _("Không có cuộc trò chuyện này."))
    return talk, conversation


def claim(
    session: Session, officer: SignedIn, talk_id: int, *, version: int, now: datetime
) -> None:
    """Take it from the queue; of two at once one wins, and the other is told who."""
    talk, conversation = held(session, officer, talk_id)
    if talk.status not in (Status.WAITING, Status.OUTSIDE):
        raise _gone(officer, talk)
    if talk.version != version:
        raise Conflict("changed", _("Cuộc trò chuyện vừa thay đổi. Xin xem lại rồi nhận."))
    _take(session, officer, talk, conversation, "claimed", now=now)


def step_in(
    session: Session, officer: SignedIn, conversation_id: int, *, now: datetime
) -> Handover:
    """Take a conversation from the assistant, without anybody having asked."""
    conversation = session.scalar(
        select(Conversation).where(Conversation.id == conversation_id).with_for_update()
    )
    if conversation is None or conversation.ended_at is not None:
        raise NotFound("handover_not_found", _("Không có cuộc trò chuyện này."))
    other = session.scalar(
        select(Handover).where(
            Handover.conversation_id == conversation_id, Handover.closed_at.is_(None)
        )
    )
    if other is not None:
        raise _gone(officer, other)
    talk = Handover(
        conversation_id=conversation.id, status=Status.WAITING.value, unit=officer.agency,
        wanted_unit=officer.agency, reason=Reason.OFFICER.value, version=1,
        opened_at=now, queued_at=now, citizen_at=now,
    )  # fmt: skip
    session.add(talk)
    session.flush()
    record(session, talk, "stepped_in", by=Actor.of(officer), now=now, before=Status.BOT)
    _take(session, officer, talk, conversation, "claimed", now=now)
    return talk


def say(
    session: Session, officer: SignedIn, talk_id: int, text: str, *, once: str, now: datetime
) -> None:
    """Answer the citizen; the same form sent twice says it once."""
    talk, conversation = held(session, officer, talk_id)
    _only_mine(officer, talk)
    if not text:
        raise _refused(_("Anh/chị chưa viết nội dung."))
    if len(text) > LONGEST:
        raise _refused(_("Tin nhắn dài quá {most} ký tự.").format(most=LONGEST))
    if left := words.blanks(text):
        message = _("Còn chỗ chưa điền: {blanks}").format(blanks=", ".join(left))
        raise _refused(message)
    is_new = bubbles.put(
        session, conversation, Outgoing(text), author="officer", name=officer.name, now=now,
        external_id=f"officer:{once}"[:120],
    )  # fmt: skip
    if is_new:
        talk.officer_at, talk.warned_at = now, None
        announce(session, talk, "answered")


def note(session: Session, officer: SignedIn, talk_id: int, text: str, *, now: datetime) -> None:
    """A word for colleagues; the citizen never sees it."""
    talk, _conversation = held(session, officer, talk_id)
    if not text:
        raise _refused(_("Anh/chị chưa viết nội dung."))
    record(session, talk, "note", by=Actor.of(officer), now=now, note=text[:LONGEST])


def give_back(session: Session, officer: SignedIn, talk_id: int, *, now: datetime) -> None:
    """Into the queue again, for a colleague."""
    talk, conversation = held(session, officer, talk_id)
    _only_mine(officer, talk)
    move(session, talk, Status.WAITING, "returned", by=Actor.of(officer), now=now)
    words.tell_waiting(session, talk, conversation, "handover/returned", now=now)


def transfer(
    session: Session, officer: SignedIn, talk_id: int, unit: str, why: str, *, now: datetime
) -> None:
    """Into the queue of another unit ("": the provincial one); the place in the queue is kept."""
    talk, conversation = held(session, officer, talk_id)
    if talk.status == Status.CLAIMED:
        _only_mine(officer, talk)
    elif talk.status != Status.WAITING:
        raise _gone(officer, talk)
    if unit == talk.unit:
        raise _refused(_("Cuộc trò chuyện đang ở đơn vị này."))
    talk.unit = talk.wanted_unit = unit
    where = unit or settings().centre_name
    note = f"{where}: {why}" if why else where
    move(session, talk, Status.WAITING, "transferred", by=Actor.of(officer), now=now, note=note)
    words.tell_waiting(session, talk, conversation, "handover/transferred", now=now)


def to_assistant(session: Session, officer: SignedIn, talk_id: int, *, now: datetime) -> None:
    """Nothing more for people to do: the assistant answers from here on."""
    talk, conversation = held(session, officer, talk_id)
    if talk.status != Status.OUTSIDE:
        _only_mine(officer, talk)
    move(session, talk, Status.BOT, "to_bot", by=Actor.of(officer), now=now)
    words.tell_back(session, conversation, now=now)


def close(session: Session, officer: SignedIn, talk_id: int, why: str, *, now: datetime) -> None:
    """Finished; the citizen is asked how it was."""
    talk, conversation = held(session, officer, talk_id)
    if talk.status != Status.WAITING:
        _only_mine(officer, talk)
    move(session, talk, Status.CLOSED, "closed", by=Actor.of(officer), now=now, note=why)
    words.tell_closed(session, talk, conversation, "handover/closed", now=now)


def _take(
    session: Session,
    officer: SignedIn,
    talk: Handover,
    conversation: Conversation,
    kind: str,
    *,
    now: datetime,
) -> None:
    move(session, talk, Status.CLAIMED, kind, by=Actor.of(officer), now=now)
    talk.officer_id, talk.officer_name, talk.claimed_at = officer.id, officer.name, now
    talk.officer_at = talk.warned_at = None
    words.tell_joined(session, conversation, officer, now=now)


def _only_mine(officer: SignedIn, talk: Handover) -> None:
    if talk.status == Status.WAITING:
        raise Conflict("unclaimed", _("Xin nhận cuộc trò chuyện trước khi trả lời."))
    if talk.status != Status.CLAIMED or talk.officer_id != officer.id:
        raise _gone(officer, talk)


def _gone(officer: SignedIn, talk: Handover) -> Conflict:
    """Why it cannot be had: who has it, or since when it is over."""
    if talk.status in ENDS:
        at = hour(talk.closed_at) if talk.closed_at else ""
        return Conflict("over", _("Cuộc trò chuyện đã kết thúc lúc {at}.").format(at=at))
    if talk.officer_id == officer.id:
        return Conflict("yours", _("Anh/chị đã nhận cuộc trò chuyện này rồi."))
    if talk.officer_name:
        message = _("{name} đã nhận cuộc trò chuyện này.").format(name=talk.officer_name)
        return Conflict("taken", message)
    return Conflict("not_now", _("Cuộc trò chuyện đang chờ hoặc có người trả lời ở nơi khác."))


def _refused(message: str) -> InvalidInput:
    return InvalidInput("message_refused", message, fields={"text": message})
