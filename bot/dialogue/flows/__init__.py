"""The conversations the assistant can hold. To add one: a file here, a line below.

A flow says which `intents` it answers and which button verbs (`buttons`) are its own.
"""

from collections.abc import Callable, Mapping
from typing import Protocol

from bot.dialogue.flows import check_status, find_procedure, help_menu, small_talk
from bot.dialogue.turn import Outcome, Turn


class Flow(Protocol):
    """A module of this folder."""

    intents: Mapping[str, Callable[[Turn], Outcome]]
    buttons: Mapping[str, Callable[[Turn, str], Outcome]]


FLOWS: dict[str, Flow] = {
    "check_status": check_status,
    "find_procedure": find_procedure,
    "help_menu": help_menu,
    "small_talk": small_talk,
}
