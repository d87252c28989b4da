"""A message in Khmer: a short fixed card in Khmer, and a person who reads it.

Nobody here can vouch for Khmer words, so the card (`khmer.yml`) is shown only once somebody who can
has put their name and the date into it; until then the same is said in Vietnamese and English.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path

import yaml

from backend.i18n import phone
from bot.dialogue.flows import handover, help_menu
from bot.dialogue.turn import Outcome, Turn
from bot.handover import queue
from bot.handover.status import WITH_PEOPLE, Reason

FEWEST = 3


@dataclass(frozen=True)
class Card:
    """The text, and who says that it is right; empty where nobody has."""

    text: str
    reviewer: str
    reviewed_on: date | None

    @property
    def is_on(self) -> bool:
        """Whether it may be shown."""
        return bool(self.reviewer.strip() and self.reviewed_on and self.text.strip())


@cache
def card() -> Card:
    """What the data file holds."""
    held = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text(encoding="utf-8"))
    reviewed = held["reviewed_on"]
    return Card(
        held["text"] or "", held["reviewer"] or "", reviewed if isinstance(reviewed, date) else None
    )


def is_khmer(text: str) -> bool:
    """Whether most of the letters are Khmer."""
    khmer = sum("\u1780" <= c <= "\u17ff" for c in text)
    return khmer >= FEWEST and khmer * 2 > sum(c.isalpha() for c in text)


def answer(turn: Turn) -> Outcome | None:
    """The card, and the queue for somebody who reads Khmer; None for other messages."""
    if not is_khmer(turn.incoming.text):
        return None
    return _with_card(handover.person(turn, Reason.KHMER.value))


def while_waiting(turn: Turn) -> Outcome | None:
    """The same for whoever is with people already, who are told; where they talk, nothing is."""
    if turn.conversation is None or not is_khmer(turn.incoming.text):
        return None
    talk = queue.open_of(turn.session, turn.conversation)
    if talk is None or talk.reason == Reason.KHMER:
        return None
    queue.flag_khmer(turn.session, talk, now=turn.now)
    if talk.status in WITH_PEOPLE:
        return None
    queue.heard(turn.session, talk, phone="", now=turn.now)
    return _with_card(handover.waits(turn, talk))


def _with_card(queued: Outcome) -> Outcome:
    centre, held = help_menu.centre(), card()
    words = held.text.format(centre=centre["name"], phone=phone(centre["phone"])).strip()
    context = queued.context | {
        "centre": centre, "card": words if held.is_on else "", "then": f"bot/{queued.template}.txt",
    }  # fmt: skip
    return replace(queued, template="khmer", context=context)


intents: dict[str, Callable[[Turn], Outcome]] = {}
buttons: dict[str, Callable[[Turn, str], Outcome]] = {}
