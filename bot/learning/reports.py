"""Messages that may come from impostors, as citizens showed them to the assistant."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.learning.models import Answer, Status
from bot.models import Message

SHOWN_DAYS = 30
MOST = 100


@dataclass(frozen=True)
class Report:
    """What was shown to us, personal numbers masked."""

    at: datetime
    channel: str
    text: str


def latest(session: Session, *, now: datetime) -> list[Report]:
    """Those of the last month, newest first."""
    query = (
        select(Answer.at, Answer.channel, Message.text)
        .join(Message, Message.id == Answer.message_id)
        .where(Answer.status == Status.REPORTED, Answer.at > now - timedelta(days=SHOWN_DAYS))
        .order_by(Answer.at.desc(), Answer.id.desc())
        .limit(MOST)
    )
    return [Report(at, channel, text) for at, channel, text in session.execute(query)]
