"""Where the one-stop centre of a commune is, and what became of the communes before July 2025."""

import re
from collections.abc import Callable

from backend.places import service as places
from bot.dialogue.flows import help_menu
from bot.dialogue.turn import Behavior, Outcome, Turn
from nlu.text import fold

MOST_LISTED = 6
_ABOUT_PLACES = re.compile(
    r"\b(?:cu|moi|sap nhap|thuoc (?:xa|phuong|dau)|gom|ten gi|doi ten|gio thuoc|nay la)\b"
)


def answer(turn: Turn) -> Outcome | None:
    """A commune by name: its centre, what it became, what it was made of; None if unknown."""
    said = turn.understood.commune
    if not said:
        return None
    text = fold(turn.meaning.text)
    asks_of_old = bool(re.search(r"\b(?:cu|truoc)\b", text))
    centres = places.find(turn.session, f"{said} cu" if asks_of_old else said)
    became = places.became(turn.session, said)
    made_of = [] if asks_of_old else places.made_of(turn.session, said)
    if not (centres or became or made_of):
        return None
    context = {
        "centres": centres[:MOST_LISTED],
        "became": [row for row in became if not (made_of and row.new_folded == row.old_folded)],
        "made_of": made_of,
        "new_name": made_of[0].new_name if made_of else "",
        "centre": help_menu.centre(),
    }
    return Outcome(Behavior.SMALLTALK, "place", context, buttons=help_menu.ways_on())


def is_about_places(turn: Turn) -> bool:
    """Whether a commune is what the question is about, and not where a procedure is done."""
    if turn.meaning.intent in ("place_question", "hours"):
        return True
    return bool(_ABOUT_PLACES.search(fold(turn.meaning.text)))


intents: dict[str, Callable[[Turn], Outcome]] = {}
buttons: dict[str, Callable[[Turn, str], Outcome]] = {}
