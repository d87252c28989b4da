"""The conversations the assistant can hold. To add one: a file here, a line below.

A flow says which `intents` it answers and which button verbs (`buttons`) are its own.
"""

from collections.abc import Callable, Mapping
from typing import Protocol

from bot.dialogue.flows import (
    check_status,
    find_place,
    find_procedure,
    handover,
    help_menu,
    khmer,
    official,
    reminders,
    small_talk,
    thumbs,
)
from bot.dialogue.turn import Outcome, Turn


class Flow(Protocol):
    """A module of this folder."""

    @property
    def intents(self) -> Mapping[str, Callable[[Turn], Outcome]]:
        """Intent → what answers it."""

    @property
    def buttons(self) -> Mapping[str, Callable[[Turn, str], Outcome]]:
        """Verb of a button's payload → what answers it, given the rest of the payload."""


FLOWS: dict[str, Flow] = {
    "check_status": check_status,
    "find_place": find_place,
    "find_procedure": find_procedure,
    "handover": handover,
    "help_menu": help_menu,
    "khmer": khmer,
    "official": official,
    "reminders": reminders,
    "small_talk": small_talk,
    "thumbs": thumbs,
}
