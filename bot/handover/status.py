"""Where a hand-over stands, which moves are allowed, and the row that every move leaves."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from backend import live
from backend.accounts.roles import SignedIn
from backend.errors import Conflict
from backend.i18n import gettext as _
from bot.handover.models import Handover, HandoverEvent

INBOX = "inbox"


class Status(StrEnum):
    """Open while waiting, claimed or outside; `bot` and `closed` are ends."""

    WAITING = "waiting"
    CLAIMED = "claimed"
    OUTSIDE = "outside"  # a colleague answers in the channel's own console
    BOT = "bot"  # went back to the assistant
    CLOSED = "closed"


class Reason(StrEnum):
    """Why a person was wanted."""

    ASKED = "asked"
    MISSES = "misses"  # the assistant did not understand twice
    ANGER = "anger"
    COMPLAINT = "complaint"
    OFFICER = "officer"  # an officer stepped in
    OUTSIDE = "outside"
    KHMER = "khmer"  # wrote in Khmer: somebody who reads it


ENDS = frozenset({Status.BOT, Status.CLOSED})
# In these the assistant says nothing of its own.
WITH_PEOPLE = frozenset({Status.CLAIMED, Status.OUTSIDE})
MOVES: dict[Status, frozenset[Status]] = {
    Status.WAITING: frozenset({Status.WAITING, Status.CLAIMED, Status.OUTSIDE, *ENDS}),
    Status.CLAIMED: frozenset({Status.WAITING, Status.CLAIMED, *ENDS}),
    Status.OUTSIDE: frozenset({Status.CLAIMED, *ENDS}),
    Status.BOT: frozenset(),
    Status.CLOSED: frozenset(),
}


@dataclass(frozen=True)
class Actor:
    """Who does something: an officer, the citizen, or nobody but the clock."""

    kind: str
    officer_id: int | None = None
    name: str = ""

    @classmethod
    def of(cls, officer: SignedIn) -> "Actor":
        """An officer who is signed in."""
        return cls("officer", officer.id, officer.name)


CITIZEN = Actor("citizen")
SYSTEM = Actor("system")


def move(
    session: Session,
    talk: Handover,
    to: Status,
    kind: str,
    *,
    by: Actor,
    now: datetime,
    note: str = "",
) -> None:
    """Go there, if the table allows it, and write it down; whoever watches is told."""
    before = Status(talk.status)
    if to not in MOVES[before]:
        raise Conflict("not_now", _("Cuộc trò chuyện đã kết thúc hoặc đã chuyển sang người khác."))
    talk.status, talk.version = to.value, talk.version + 1
    if to in ENDS:
        talk.closed_at = now
    elif to is Status.WAITING:
        talk.officer_id, talk.officer_name, talk.claimed_at = None, "", None
        talk.officer_at = talk.warned_at = None
    record(session, talk, kind, by=by, now=now, note=note, before=before)


def record(
    session: Session,
    talk: Handover,
    kind: str,
    *,
    by: Actor,
    now: datetime,
    note: str = "",
    before: Status | None = None,
    is_news: bool = True,
) -> None:
    """Write a step down; without `before` it is one that moves nothing."""
    session.flush()
    session.add(
        HandoverEvent(
            handover_id=talk.id, at=now, kind=kind, note=note, actor=by.kind,
            from_status=(before or Status(talk.status)).value, to_status=talk.status,
            officer_id=by.officer_id, officer_name=by.name,
        )
    )  # fmt: skip
    session.flush()
    if is_news:
        announce(session, talk, kind)


def announce(session: Session, talk: Handover, kind: str) -> None:
    """Officers who have the inbox open look again; the citizen's page hears of bubbles only."""
    live.publish(session, INBOX, kind, str(talk.id))
