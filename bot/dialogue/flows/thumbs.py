"""Whether an answer helped: two buttons under it, and a kind word for either."""

from collections.abc import Callable
from dataclasses import replace

from bot.dialogue.flows import help_menu
from bot.dialogue.labels import label
from bot.dialogue.state import State
from bot.dialogue.turn import Behavior, Outcome, Turn
from bot.learning import answers
from bot.messages import Button, Reply


def offered(reply: Reply, state: State, number: int) -> Reply:
    """The reply with thumbs under it, if it is an answer; `number` is that of the turn."""
    if reply.behavior != Behavior.ANSWER or not reply.messages:
        return reply
    thumbs = (
        Button(label("actions", "thumb_up"), f"up:{number}", optional=True),
        Button(label("actions", "thumb_down"), f"down:{number}", optional=True),
    )
    state.buttons += [[button.label, button.payload] for button in thumbs]
    *before, last = reply.messages
    return replace(reply, messages=(*before, replace(last, buttons=(*last.buttons, *thumbs))))


def _up(turn: Turn, number: str) -> Outcome:
    return _rated(turn, number, answers.UP, "rated_up", ())


def _down(turn: Turn, number: str) -> Outcome:
    person = Button(label("actions", "person"), "person")
    menu = Button(label("actions", "menu"), "menu")
    return _rated(turn, number, answers.DOWN, "rated_down", (person, menu))


def _rated(
    turn: Turn, number: str, thumb: int, template: str, buttons: tuple[Button, ...]
) -> Outcome:
    """A number that names no answer of this chat is thanked for all the same, and counted not."""
    if number.isascii() and number.isdigit() and len(number) < 9:
        chat = turn.incoming
        answers.rate(turn.session, chat.channel, chat.chat, int(number), thumb, now=turn.now)
    return Outcome(Behavior.SMALLTALK, template, {"centre": help_menu.centre()}, buttons=buttons)


intents: dict[str, Callable[[Turn], Outcome]] = {}
buttons: dict[str, Callable[[Turn, str], Outcome]] = {"up": _up, "down": _down}
