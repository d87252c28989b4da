"""What we sent on Zalo, so that an echo tells ours from a person's who answers in OA Manager.

A row is written before the message leaves. Its echo may come before Zalo's answer does, or instead
of it: then it brings the id, and whoever would send the same words again learns that they arrived.
"""

import hashlib
import re
from datetime import datetime, timedelta
from enum import Enum, auto

from sqlalchemy import Select, delete, select, update
from sqlalchemy.orm import Session

from backend import clock, jobs
from bot.zalo.models import ZaloLogin, ZaloSent

WAITS_FOR_ECHO = timedelta(hours=1)
IN_FLIGHT = timedelta(seconds=15)  # an answer that takes longer has failed
KEPT = timedelta(days=7)
TRACKING = re.compile(r"motcua-(\d{1,15})")


class Echo(Enum):
    """Whose message an echo is of; PERHAPS while one of ours is still on its way there."""

    OURS = auto()
    THEIRS = auto()
    PERHAPS = auto()


def start(session: Session, chat: str, text: str, *, now: datetime) -> tuple[int, str]:
    """The row of what is about to leave, and its id where the same words arrived already.

    Another try is another row: the first one may have left as well, and its echo be on the way.
    """
    arrived = (
        _same_words(chat, text)
        .where(ZaloSent.sent_at > now - WAITS_FOR_ECHO)
        .where(ZaloSent.is_noted.is_(False), ZaloSent.message_id.is_not(None))
    )
    row = session.scalars(arrived.order_by(ZaloSent.id).with_for_update()).first()
    if row is not None:
        _noted(session, row)
    else:
        row = ZaloSent(chat=chat, digest=_digest(chat, text), sent_at=now, is_noted=False)
        session.add(row)
        session.flush()
    return row.id, row.message_id or ""


def note(session: Session, row_id: int, message_id: str) -> None:
    """Zalo took it, under this id, which its echo may have brought to the row of an earlier try."""
    row = session.get(ZaloSent, row_id, with_for_update=True)
    if row is None:
        return
    known = select(ZaloSent.id).where(ZaloSent.message_id == message_id)
    if row.message_id is None and session.scalar(known) is None:
        row.message_id = message_id
    _noted(session, row)


def _noted(session: Session, row: ZaloSent) -> None:
    """With the tries before it: what arrives of them answers no later message of the same words."""
    session.execute(
        update(ZaloSent)
        .where(ZaloSent.chat == row.chat, ZaloSent.digest == row.digest)
        .where(ZaloSent.id <= row.id)
        .values(is_noted=True)
    )


def refused(session: Session, row_id: int) -> None:
    """It never arrived: no echo will come."""
    session.execute(delete(ZaloSent).where(ZaloSent.id == row_id, ZaloSent.message_id.is_(None)))


def judge(session: Session, chat: str, message_id: str, text: str, *, now: datetime) -> Echo:
    """Whose message this echo is of; one of ours whose answer was lost gets its id."""
    if _is_known(session, message_id):
        return Echo.OURS
    waiting = ZaloSent.message_id.is_(None)
    same = _same_words(chat, text).where(waiting, ZaloSent.sent_at > now - WAITS_FOR_ECHO)
    if row := session.scalars(same.order_by(ZaloSent.id).with_for_update()).first():
        row.message_id = message_id
        return Echo.OURS
    if _is_known(session, message_id):  # noted while we waited for its row's lock
        return Echo.OURS
    another = select(ZaloSent.id).where(
        ZaloSent.chat == chat, waiting, ZaloSent.sent_at > now - IN_FLIGHT
    )
    return Echo.THEIRS if session.scalar(another.limit(1)) is None else Echo.PERHAPS


def _is_known(session: Session, message_id: str) -> bool:
    known = select(ZaloSent.id).where(ZaloSent.message_id == message_id)
    return session.scalar(known.limit(1)) is not None


def delivered(session: Session, message_id: str, tracking_id: str, *, at: datetime) -> bool:
    """It reached the citizen's telephone; False where we know of no such message."""
    row = session.scalars(select(ZaloSent).where(ZaloSent.message_id == message_id)).first()
    if row is None and (number := TRACKING.fullmatch(tracking_id)):
        row = session.get(ZaloSent, int(number[1]))
        if row is not None:
            row.message_id = row.message_id or message_id
    if row is None:
        return False
    row.delivered_at = row.delivered_at or at
    return True


def tracking(row_id: int) -> str:
    """What a template message carries, so that its receipt finds the row."""
    return f"motcua-{row_id}"


@jobs.job("zalo.forget")
def forget(session: Session) -> None:
    """Echoes and receipts come within hours; a week is plenty."""
    now = clock.now()
    session.execute(delete(ZaloSent).where(ZaloSent.sent_at < now - KEPT))
    session.execute(delete(ZaloLogin).where(ZaloLogin.started_at < now - KEPT))


def _same_words(chat: str, text: str) -> Select[ZaloSent]:
    return select(ZaloSent).where(ZaloSent.chat == chat, ZaloSent.digest == _digest(chat, text))


def _digest(chat: str, text: str) -> str:
    """Zalo may trim what it echoes: white space does not count."""
    return hashlib.sha256(f"{chat}\0{' '.join(text.split())}".encode()).hexdigest()
