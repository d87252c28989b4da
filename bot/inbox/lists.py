"""What an officer has before them: who waits, who is theirs, what was closed, who talks to the
assistant just now.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, func, or_, select, true
from sqlalchemy.orm import Session

from backend.accounts.roles import Role, SignedIn
from backend.procedures import service as procedures
from bot.dialogue import answers
from bot.handover.models import Handover
from bot.handover.routing import PROVINCE
from bot.handover.status import Status
from bot.models import Conversation, Message

CLOSED_SHOWN = timedelta(days=7)
BOT_SHOWN = timedelta(hours=2)
MOST = 200
MOST_CLOSED = 50
LAST_WORDS = 140


class Tab(StrEnum):
    """The lists; the value stands in the address."""

    NEW = "moi"
    MINE = "cua-toi"
    CITIZEN = "cho-dan"
    OTHERS = "dong-nghiep"
    CALLS = "goi-lai"
    CLOSED = "da-dong"
    BOT = "voi-may"


@dataclass(frozen=True)
class Line:
    """One conversation in a list."""

    talk: Handover
    conversation: Conversation
    subject: str  # the procedure's name, where one was talked about
    last_words: str


@dataclass(frozen=True)
class WithBot:
    """A conversation that the assistant holds."""

    conversation: Conversation
    last_words: str


def open_lines(session: Session, officer: SignedIn) -> dict[Tab, list[Line]]:
    """Everything open that this officer may see, by list, longest waiting first."""
    query = _talks(officer).where(Handover.closed_at.is_(None))
    lines = _lines(session, query.order_by(Handover.queued_at, Handover.id).limit(MOST))
    lists: dict[Tab, list[Line]] = {tab: [] for tab in (Tab.NEW, Tab.MINE, Tab.CITIZEN, Tab.OTHERS)}
    for line in lines:
        lists[tab_of(officer, line.talk)].append(line)
    return lists


def tab_of(officer: SignedIn, talk: Handover) -> Tab:
    """The list that an open hand-over belongs to for this officer."""
    if talk.status == Status.WAITING:
        return Tab.NEW
    if talk.officer_id != officer.id:
        return Tab.OTHERS
    answered = talk.officer_at is not None and talk.officer_at >= talk.citizen_at
    return Tab.CITIZEN if answered else Tab.MINE


def closed_lines(session: Session, officer: SignedIn, *, now: datetime) -> list[Line]:
    """What ended lately, the latest first."""
    query = _talks(officer).where(Handover.closed_at > now - CLOSED_SHOWN)
    return _lines(session, query.order_by(Handover.closed_at.desc()).limit(MOST_CLOSED))


def with_bot(session: Session, *, now: datetime) -> list[WithBot]:
    """Who talks to the assistant just now, for whoever would step in."""
    is_open = (
        select(Handover.id)
        .where(Handover.conversation_id == Conversation.id, Handover.closed_at.is_(None))
        .exists()
    )
    query = (
        select(Conversation)
        .where(Conversation.last_at > now - BOT_SHOWN, Conversation.turns > 0)
        .where(Conversation.ended_at.is_(None), ~is_open)
        .order_by(Conversation.last_at.desc())
        .limit(MOST_CLOSED)
    )
    rows = session.scalars(query).all()
    words = _last_words(session, [row.id for row in rows])
    return [WithBot(row, words.get(row.id, "")) for row in rows]


def _talks(officer: SignedIn) -> Select[Handover, Conversation]:
    return (
        select(Handover, Conversation)
        .join(Conversation, Conversation.id == Handover.conversation_id)
        .where(_seen_by(officer))
    )


def _seen_by(officer: SignedIn) -> ColumnElement[bool]:
    """The same rule as `desk.sees`, for lists."""
    if officer.role is Role.HEAD:
        return true()
    units = (officer.agency, PROVINCE)
    return or_(
        Handover.officer_id == officer.id,
        Handover.unit.in_(units),
        Handover.wanted_unit == officer.agency,
    )


def _lines(session: Session, query: Select[Handover, Conversation]) -> list[Line]:
    rows = [(talk, conversation) for talk, conversation in session.execute(query)]
    words = _last_words(session, [conversation.id for _, conversation in rows])
    codes = sorted({talk.procedure_code for talk, _ in rows if talk.procedure_code})
    names = procedures.names(session, codes) if codes else {}
    return [
        Line(talk, row, answers.title(names.get(talk.procedure_code, "")), words.get(row.id, ""))
        for talk, row in rows
    ]


def _last_words(session: Session, conversations: Sequence[int]) -> dict[int, str]:
    """What each citizen wrote last."""
    if not conversations:
        return {}
    latest = (
        select(func.max(Message.id))
        .where(Message.conversation_id.in_(conversations), Message.author == "citizen")
        .group_by(Message.conversation_id)
    )
    rows = session.scalars(select(Message).where(Message.id.in_(latest)))
    return {row.conversation_id: row.text[:LAST_WORDS] for row in rows}
