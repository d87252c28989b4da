"""How fast may be sent, counted for all processes together.

A `flow` is what shares one capacity (a bot, an Official Account). For each flow, and for each chat
in it, one row holds a clock that runs ahead by a message's worth with every message; it is moved in
the transaction that claims the message. Replies may let a flow's clock run ahead by a burst; pushes
only take what replies leave. A row that is held lets nothing through until then.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import String, delete, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from backend import db
from backend.db import Base, UtcDateTime

NONE = timedelta(0)
BURST = timedelta(seconds=0.2)  # replies may be that far ahead of a flow's pace at no cost
AHEAD = timedelta(seconds=0.25)  # pushes are claimed for this long in advance, and wait their turn
LONGEST_NAP = timedelta(seconds=0.5)
CHAT_GAP = timedelta(seconds=1)
FORGOTTEN_AFTER = timedelta(minutes=1)


@dataclass(frozen=True)
class Rate:
    """What a flow takes: so many a second in all, and to one chat a burst, then one a second.

    0 where it does not mind.
    """

    per_second: float = 0
    burst: int = 0

    @property
    def gap(self) -> timedelta:
        """A message's worth of the flow's time."""
        return timedelta(seconds=1 / self.per_second) if self.per_second else NONE


RATES: dict[str, Rate] = {}


class Pace(Base):
    """The clock of a flow (`telegram`) or of a chat in it (`telegram:1001`)."""

    __tablename__ = "paces"

    name: Mapped[str] = mapped_column(String(130), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    held_until: Mapped[datetime | None] = mapped_column(UtcDateTime)


@dataclass(frozen=True)
class Wish:
    """A message that would like to go."""

    job: int
    flow: str
    chat: str
    is_reply: bool


@dataclass(frozen=True)
class Room:
    """How many replies and pushes a flow has room for now."""

    replies: int
    pushes: int


def rooms(session: Session, now: datetime, *, most: int) -> dict[str, Room]:
    """What each flow has room for, without taking any of it."""
    paced = [flow for flow, rate in RATES.items() if rate.per_second]
    rows = {row.name: row for row in session.scalars(select(Pace).where(Pace.name.in_(paced)))}
    found = {"": Room(most, most)}
    for flow, rate in RATES.items():
        row = rows.get(flow)
        if row and row.held_until and row.held_until > now:
            found[flow] = Room(0, 0)
        else:
            ahead = max(row.at - now, NONE) if row else NONE
            left = (AHEAD - ahead) / rate.gap if rate.per_second else most
            found[flow] = Room(most, max(0, min(most, math.ceil(left))))
    return found


def admit(session: Session, wishes: Sequence[Wish], now: datetime) -> dict[int, timedelta]:
    """How long each has to wait, in order; counted unless that is longer than `LONGEST_NAP`."""
    clocks = _locked(session, wishes, now)
    waits: dict[int, timedelta] = {}
    for wish in wishes:
        rate = RATES.get(wish.flow, Rate())
        flow, chat = clocks.get(wish.flow), clocks.get(f"{wish.flow}:{wish.chat}")
        waits[wish.job] = wait = max(
            _wait(flow, now, BURST if wish.is_reply else NONE),
            _wait(chat, now, CHAT_GAP * (rate.burst - 1)),
        )
        if wait <= LONGEST_NAP:
            for row, gap in ((flow, rate.gap), (chat, CHAT_GAP)):
                if row is not None:
                    row.at = max(row.at, now) + gap
    session.flush()
    return waits


def hold(session: Session, flow: str, chat: str, until: datetime, *, now: datetime) -> None:
    """The channel told us to wait: this chat, or the whole flow where `chat` is empty.

    A second chat that is told so while the first one waits means the whole flow too: what a flow
    is refused for as a whole is told to whoever is next.
    """
    names = [flow]
    if chat:
        names = [f"{flow}:{chat}"]
        others = select(Pace.name).where(
            Pace.name.startswith(f"{flow}:", autoescape=True), Pace.name != names[0],
            Pace.held_until > now,
        )  # fmt: skip
        if session.scalar(others.limit(1)):
            names.append(flow)
    for row in _rows(session, names, now):
        row.held_until = max(until, row.held_until or until)
    session.flush()


def forget(session: Session, *, now: datetime) -> None:
    """Drop the clocks that hold up nobody any more."""
    session.execute(
        delete(Pace)
        .where(Pace.at < now - FORGOTTEN_AFTER)
        .where(or_(Pace.held_until.is_(None), Pace.held_until < now))
    )


def _locked(session: Session, wishes: Sequence[Wish], now: datetime) -> Mapping[str, Pace]:
    """The clocks that these messages move. Flows first, so that two processes never cross."""
    names: set[str] = set()
    for wish in wishes:
        rate = RATES.get(wish.flow, Rate())
        names |= {wish.flow} if rate.per_second else set()
        names |= {f"{wish.flow}:{wish.chat}"} if rate.burst else set()
    return {row.name: row for row in _rows(session, names, now)}


def _rows(session: Session, names: Collection[str], now: datetime) -> list[Pace]:
    """These rows, made where they are new, locked in one order for everybody."""
    if not names:
        return []
    # ':' sorts after no flow's name: a flow comes before its chats.
    wanted = sorted(names)
    query = select(Pace).where(Pace.name.in_(wanted)).order_by(Pace.name).with_for_update()
    found = list(session.scalars(query.execution_options(populate_existing=True)))
    missing = set(wanted) - {row.name for row in found}
    if missing:
        for name in sorted(missing):
            values = {"name": name, "at": now, "held_until": None}
            db.insert_once(session, Pace, values, unique=("name",))
        found = list(session.scalars(query.execution_options(populate_existing=True)))
    return found


def _wait(row: Pace | None, now: datetime, tolerance: timedelta) -> timedelta:
    if row is None:
        return NONE
    held = row.held_until - now if row.held_until else NONE
    return max(row.at - now - tolerance, held, NONE)
