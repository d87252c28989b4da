"""Demo officers on duty and somebody who waits for them; again and again does no harm."""

from datetime import datetime
from pathlib import Path

import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend import clock
from backend.accounts import service as accounts
from backend.accounts.roles import Role, SignedIn
from bot.handover import bubbles, queue, routing
from bot.handover.models import CannedAnswer
from bot.handover.queue import About
from bot.handover.status import Reason
from bot.messages import Outgoing
from bot.models import Conversation


def seed(session: Session) -> None:
    """On duty for today, a few texts to answer with, and one citizen in the queue."""
    demo = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text(encoding="utf-8"))
    now = clock.now()
    _on_duty(session, demo["officers"], now)
    _canned(session, demo["canned"], now)
    conversation = _conversation(session, demo["chat"], demo["said"], now)
    if queue.open_of(session, conversation) is None:
        about = About(procedure_code=demo["subject"])
        queue.request(session, conversation, about, reason=Reason.ASKED, now=now)


def _on_duty(session: Session, logins: list[str], now: datetime) -> None:
    for row, _ in accounts.officers(session, now=now):
        if row.is_demo and row.login in logins:
            officer = SignedIn(row.id, row.login, row.name, Role(row.role), row.agency)
            routing.begin_duty(session, officer, now=now)


def _canned(session: Session, items: list[dict[str, str]], now: datetime) -> None:
    known = set(session.scalars(select(CannedAnswer.title)))
    for item in items:
        if item["title"] not in known:
            session.add(CannedAnswer(title=item["title"], body=item["body"], created_at=now))


def _conversation(
    session: Session, chat: str, said: list[dict[str, str]], now: datetime
) -> Conversation:
    known = session.scalar(
        select(Conversation).where(Conversation.channel == "web", Conversation.chat == chat)
    )
    if known is not None:
        return known
    conversation = Conversation(
        channel="web", chat=chat, state="{}", turns=0, started_at=now, last_at=now
    )
    session.add(conversation)
    session.flush()
    for line in said:
        for author, text in line.items():
            bubbles.put(session, conversation, Outgoing(text), author=author, now=now)
    return conversation
