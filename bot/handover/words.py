"""What the citizen is told when people come and go, and what officers' texts are checked for."""

import re
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy.orm import Session

from backend import workdays
from backend.accounts.roles import SignedIn
from backend.config import settings
from backend.render import render
from bot.handover import bubbles, queue
from bot.handover.models import Handover
from bot.messages import Button
from bot.models import Conversation

_BLANK = re.compile(r"\[[^\[\]\n]{1,40}\]")


@cache
def _labels() -> dict[str, Any]:
    text = Path(__file__).with_name("words.yml").read_text(encoding="utf-8")
    labels: dict[str, Any] = yaml.safe_load(text)
    return labels


def label(name: str) -> str:
    """The words on a button."""
    return str(_labels()["buttons"][name])


def commands() -> frozenset[str]:
    """What is typed, folded, to leave the queue or an officer."""
    return frozenset(_labels()["to_the_machine"])


def marks() -> list[str]:
    """The marks of a rating in words, from 1 to 5."""
    return list(_labels()["marks"])


def wishes() -> dict[str, str]:
    """When a call may suit: payload and words."""
    return dict(_labels()["wishes"])


def blank(variable: str) -> str:
    """What stands in a canned answer where a value is missing."""
    return f"[{_labels()['variables'][variable]}]"


def variables() -> dict[str, str]:
    """The variables of canned answers and what each stands for."""
    return dict(_labels()["variables"])


def blanks(text: str) -> list[str]:
    """Places in a text that a canned answer could not fill and nobody filled since."""
    ours = {blank(name) for name in variables()}
    return [found for found in _BLANK.findall(text) if found in ours]


def officer_says(name: str, text: str) -> str:
    """An officer's answer as it is sent: whoever reads it sees that a person wrote it."""
    return render("handover/officer_says.txt", name=name, text=text).strip()


def machine_button() -> Button:
    """Back to the assistant."""
    return Button(label("machine"), "machine")


def callback_button() -> Button:
    """Leave a number instead of waiting."""
    return Button(label("callback"), "callback")


def waiting_buttons() -> tuple[Button, ...]:
    """What whoever waits can do instead."""
    return (machine_button(), callback_button())


def centre() -> dict[str, Any]:
    """Whom to call instead."""
    own = settings()
    return {
        "name": own.centre_name, "address": own.centre_address, "hours": own.centre_hours,
        "phone": own.hotline,
    }  # fmt: skip


def opening(now: datetime) -> datetime:
    """When people answer next; this very moment where they do now."""
    return workdays.snap(now, workdays.spans(settings().office_hours))


def waiting_context(session: Session, talk: Handover, *, now: datetime) -> dict[str, Any]:
    """The values of every text for somebody who waits."""
    place = queue.place(session, talk, now=now)
    unit = talk.unit or settings().centre_name
    return {"place": place, "unit": unit, "centre": centre(), "opens": opening(now)}


def tell_waiting(
    session: Session, talk: Handover, conversation: Conversation, template: str, *, now: datetime
) -> None:
    """The conversation is in a queue again, and where there."""
    context = waiting_context(session, talk, now=now)
    bubbles.tell(session, conversation, template, context, now=now, buttons=waiting_buttons())


def tell_joined(
    session: Session, conversation: Conversation, officer: SignedIn, *, now: datetime
) -> None:
    """An officer is here."""
    context = {"name": officer.name, "agency": officer.agency}
    buttons = (machine_button(),)
    bubbles.tell(session, conversation, "handover/joined", context, now=now, buttons=buttons)


def tell_back(session: Session, conversation: Conversation, *, now: datetime) -> None:
    """The assistant answers again."""
    bubbles.tell(session, conversation, "handover/back", {}, now=now)


def tell_unanswered(session: Session, conversation: Conversation, *, now: datetime) -> None:
    """Office hours ended before anybody came: an apology and the offer of a call."""
    context = {"opens": opening(now), "centre": centre()}
    buttons = (callback_button(),)
    bubbles.tell(session, conversation, "handover/unanswered", context, now=now, buttons=buttons)


def tell_idle(session: Session, conversation: Conversation, *, now: datetime) -> None:
    """Still there? Otherwise it will be closed."""
    context = {"minutes": settings().handover_idle_minutes}
    bubbles.tell(session, conversation, "handover/idle", context, now=now)


def tell_closed(
    session: Session, talk: Handover, conversation: Conversation, template: str, *, now: datetime
) -> None:
    """It is over, and how was it? An answer may be a button, its words or a number."""
    buttons = [Button(words, f"rate:{mark}") for mark, words in enumerate(marks(), 1)]
    bubbles.tell(session, conversation, template, {}, now=now, buttons=buttons)
    talk.closed_turn = conversation.turns
