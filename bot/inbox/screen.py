"""One conversation with everything beside it, as an officer needs it to answer."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend import jobs
from backend.accounts.roles import SignedIn
from backend.config import settings
from backend.dossiers import service as dossiers
from backend.dossiers.standing import Standing
from backend.jobs import Job
from backend.notifications import chats
from backend.notifications.chats import ChatRef
from backend.procedures import service as procedures
from bot.channels import CHANNELS
from bot.dialogue import answers, state
from bot.dialogue.labels import label
from bot.handover import bubbles, desk, routing
from bot.handover.models import CannedAnswer, Handover, HandoverEvent
from bot.handover.status import Actor, Status, record
from bot.inbox import canned, voices
from bot.models import Conversation, Message

MOST_BUBBLES = 120
VIEWED_AGAIN = timedelta(hours=1)


@runtime_checkable
class HasWindow(Protocol):
    """A channel that takes free answers only for a while after the citizen's last message."""

    def window(self, session: Session, chat: str) -> str:
        """What an officer must know before writing ("còn 5 giờ"); empty: nothing."""
        ...


@dataclass(frozen=True)
class Bubble:
    """One bubble of the transcript."""

    author: str  # citizen | bot | officer
    name: str
    text: str
    at: datetime
    voice: int = 0  # the number under which its sound can be had
    is_photo: bool = False  # what it showed is kept nowhere
    is_lost: bool = False  # an officer's words that did not arrive, as far as we know


@dataclass(frozen=True)
class Screen:
    """What the page shows; dossiers only if this chat proved them and the officer may see any."""

    talk: Handover
    conversation: Conversation
    bubbles: Sequence[Bubble]
    events: Sequence[HandoverEvent]
    dossiers: Sequence[Standing]
    procedures: Sequence[tuple[str, str]]
    canned: Sequence[CannedAnswer]
    units: Sequence[str]
    window: str
    is_reachable: bool

    def is_mine(self, officer: SignedIn) -> bool:
        """Whether this officer is the one who answers now."""
        return self.talk.status == Status.CLAIMED and self.talk.officer_id == officer.id

    @property
    def is_waiting(self) -> bool:
        """Whether it can be claimed."""
        return self.talk.status in (Status.WAITING, Status.OUTSIDE)


def look(session: Session, officer: SignedIn, talk_id: int, *, now: datetime) -> Screen:
    """Everything about one; that it was looked at is written down, once an hour."""
    talk, conversation = desk.held(session, officer, talk_id, locked=False)
    chat = ChatRef(conversation.channel, conversation.chat)
    events = session.scalars(
        select(HandoverEvent).where(HandoverEvent.handover_id == talk.id).order_by(HandoverEvent.id)
    ).all()
    _viewed(session, officer, talk, events, now)
    subjects = list(reversed(state.parse(conversation.state).subjects))
    names = procedures.names(session, subjects) if subjects else {}
    return Screen(
        talk=talk,
        conversation=conversation,
        bubbles=transcript(session, talk),
        events=[event for event in events if event.kind != "viewed"],
        dossiers=dossiers.known(session, chat) if officer.may("dossiers.view") else (),
        procedures=[(code, answers.title(names[code])) for code in subjects if code in names],
        canned=canned.listed(session, officer),
        units=routing.units(session, now=now),
        window=_window(session, conversation),
        is_reachable=chats.is_reachable(session, chat),
    )


def transcript(session: Session, talk: Handover) -> list[Bubble]:
    """The latest of the conversation; what follows the hand-over's end is not theirs to read."""
    query = select(Message).where(Message.conversation_id == talk.conversation_id)
    if talk.closed_at is not None:
        query = query.where(Message.at <= talk.closed_at)
    rows = session.scalars(query.order_by(Message.id.desc()).limit(MOST_BUBBLES)).all()
    photo = label("said", "photo")
    lost = _lost(session, session.get_one(Conversation, talk.conversation_id))
    return [
        Bubble(
            row.author, bubbles.officer_of(row), row.text, row.at,
            is_photo=row.author == "citizen" and row.text == photo,
            voice=row.id if voices.handle_of(row) else 0,
            is_lost=row.author == "officer" and row.id in lost,
        )
        for row in reversed(rows)
    ]  # fmt: skip


def _lost(session: Session, conversation: Conversation) -> frozenset[int]:
    """Bubbles whose sending was given up, until somebody has them sent again."""
    given_up = select(Job.payload).where(
        Job.status.in_((jobs.Status.DEAD, jobs.Status.UNKNOWN)), Job.name == "bot.send",
        Job.key == f"out:{conversation.channel}:{conversation.chat}",
    )  # fmt: skip
    return frozenset(json.loads(payload).get("says", 0) for payload in session.scalars(given_up))


def values(screen: Screen, officer: SignedIn) -> dict[str, str]:
    """What the variables of canned answers stand for here."""
    return {
        "ma_ho_so": screen.dossiers[0].code if len(screen.dossiers) == 1 else "",
        "thu_tuc": screen.procedures[0][1] if screen.procedures else "",
        "can_bo": officer.name,
        "don_vi": officer.agency,
        "dien_thoai": settings().hotline,
    }


def _viewed(
    session: Session,
    officer: SignedIn,
    talk: Handover,
    events: Sequence[HandoverEvent],
    now: datetime,
) -> None:
    lately = (e for e in events if e.kind == "viewed" and e.at > now - VIEWED_AGAIN)
    if officer.id not in {event.officer_id for event in lately}:
        record(session, talk, "viewed", by=Actor.of(officer), now=now, is_news=False)


def _window(session: Session, conversation: Conversation) -> str:
    channel: object = CHANNELS[conversation.channel]
    if isinstance(channel, HasWindow):
        return channel.window(session, conversation.chat)
    return ""
