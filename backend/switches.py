"""Kill switches: what people may turn off while the product runs, and what citizens read then.

Every change is a row, so that who turned what off, when and why is never a question; the newest row
of a switch is how it stands.
"""

from datetime import datetime
from enum import StrEnum
from weakref import WeakKeyDictionary

from sqlalchemy import Boolean, Index, String, bindparam, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from backend import clock, db
from backend.db import Base, BigId, UtcDateTime

LOOK_SECONDS = 0.5  # how old the notice of a turn may be, where another process turned the switch


class Switch(StrEnum):
    """What can be turned off."""

    ANSWERS = "answers"  # the assistant's answers; messages are still kept, officers still write
    NOTIFICATIONS = "notifications"  # pushes; they wait, and go out of date as always


class SwitchChange(Base):
    """Somebody turned a switch; `notice` is what citizens read while it is off."""

    __tablename__ = "switch_changes"
    __table_args__ = (Index(None, "name", "id"),)

    id: Mapped[BigId]
    name: Mapped[str] = mapped_column(String(20))
    is_on: Mapped[bool] = mapped_column(Boolean)
    notice: Mapped[str] = mapped_column(String(500), default="")
    officer_id: Mapped[int]
    officer_name: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


_NEWEST = (
    select(SwitchChange)
    .where(SwitchChange.name == bindparam("switch"))
    .order_by(SwitchChange.id.desc())
    .limit(1)
)


def state(session: Session, switch: Switch) -> SwitchChange | None:
    """The last change; None where nobody ever touched it (then it is on)."""
    return session.scalar(_NEWEST, {"switch": switch.value})


def is_on(session: Session, switch: Switch) -> bool:
    """Whether it may be done."""
    last = state(session, switch)
    return last is None or last.is_on


def notice(session: Session, switch: Switch) -> str | None:
    """What to tell citizens while it is off; None while it is on."""
    last = state(session, switch)
    return None if last is None or last.is_on else last.notice


class Notices:
    """What citizens read, as a turn asks: looked up twice a second at most in each process."""

    def __init__(self) -> None:
        self._known: WeakKeyDictionary[db.Database, dict[Switch, tuple[float, str | None]]]
        self.forget()

    def lately(self, session: Session, switch: Switch) -> str | None:
        """`notice`, as it was half a second ago or later."""
        known, now = self._known.setdefault(db.database(), {}), clock.stopwatch()
        looked, text = known.get(switch, (-LOOK_SECONDS, None))
        if now - looked >= LOOK_SECONDS:
            text = notice(session, switch)
            known[switch] = now, text
        return text

    def forget(self) -> None:
        """Look again at the next turn: somebody of this process turned a switch."""
        self._known = WeakKeyDictionary()


notices = Notices()
