"""The menu, the honest "I do not know", and what to do with things that are not text."""

import math
from collections.abc import Callable
from typing import Any

from backend.config import settings
from backend.procedures import service as procedures
from bot.dialogue import answers
from bot.dialogue.labels import group, label, popular
from bot.dialogue.turn import Behavior, Outcome, Turn
from bot.messages import Button
from bot.photos import Kind

SURE = 0.7  # that a message is about something else
MOST_BUTTONS = 4
MISSES = 2


def centre() -> dict[str, Any]:
    """Whom to ask when the assistant does not know: the provincial centre of the settings."""
    own = settings()
    return {
        "name": own.centre_name, "address": own.centre_address, "hours": own.centre_hours,
        "phone": own.hotline,
    }  # fmt: skip


def menu(turn: Turn, page: str = "") -> Outcome:
    """What can be asked here; further pages take the place of the one before."""
    number = int(page) if page.isdecimal() and len(page) < 4 else 0
    buttons = _popular(turn, number)
    return Outcome(Behavior.SMALLTALK, "menu", _context(), buttons=buttons, replaces=bool(page))


def greet(turn: Turn) -> Outcome:
    """Who we are and what we can do; shorter the second time."""
    template = "greeting_again" if turn.state.greeted else "greeting"
    turn.state.greeted = True
    return Outcome(Behavior.SMALLTALK, template, _context(), buttons=_popular(turn))


def no_match(turn: Turn) -> Outcome:
    """Nothing fits: say so, offer the menu and people."""
    turn.state.misses += 1
    if turn.state.subject and turn.state.misses == 1 and not _is_outside(turn):
        return _unclear(turn)
    in_domain = turn.meaning.in_domain >= 0.5 and not _is_outside(turn)
    template = "no_match" if in_domain else "out_of_scope"
    return Outcome(Behavior.OUT_OF_SCOPE, template, _context(), buttons=_after_miss(turn))


def out_of_scope(turn: Turn) -> Outcome:
    """Not a public service at all."""
    return Outcome(Behavior.OUT_OF_SCOPE, "out_of_scope", _context(), buttons=ways_on())


def none_of_these(turn: Turn) -> Outcome:
    """None of the offered procedures was meant."""
    turn.state.misses += 1
    return Outcome(Behavior.OUT_OF_SCOPE, "none_of_these", _context(), buttons=_after_miss(turn))


def nothing_said(turn: Turn) -> Outcome:
    """An empty message or only emoji."""
    return Outcome(Behavior.SMALLTALK, "nothing_said", _context(), buttons=_popular(turn))


def attachment(turn: Turn) -> Outcome:
    """A photo, a voice note, a file: ask kindly for text; nothing of it is kept.

    A photo with a code of ours on it does not come here: it is what the code stands for.
    """
    if sight := turn.understood.sight:
        template, context = f"photo/{sight.kind.value}", _context() | {"code": sight.value}
        buttons = ways_on()
        if sight.kind is Kind.UNSURE:
            buttons = (Button(label("actions", "this_code"), f"code:{sight.value}"), *buttons)
        return Outcome(Behavior.SMALLTALK, template, context, buttons=buttons)
    kind = turn.incoming.attachment
    own = ("photo", "voice", "unsupported")  # unsupported: withheld from us, to protect somebody
    template = kind if kind in own else "attachment"
    return Outcome(Behavior.SMALLTALK, template, _context(), buttons=ways_on())


def contacts(turn: Turn) -> Outcome:
    """Address and hours of the centre."""
    return Outcome(Behavior.SMALLTALK, "contacts", _context(), buttons=ways_on())


def _unclear(turn: Turn) -> Outcome:
    """ "Trễ hơn 1 năm rồi": said of the present subject, but not what is asked about it."""
    code = turn.state.subject
    names = procedures.names(turn.session, [code])
    aspects = [Button(text, f"a:{aspect}:{code}") for aspect, text in group("aspects").items()]
    return Outcome(
        Behavior.CLARIFY,
        "unclear",
        _context() | {"title": answers.title(names.get(code, ""))},
        buttons=(*aspects[:MOST_BUTTONS], Button(label("actions", "person"), "person")),
        codes=(code,),
    )


def _is_outside(turn: Turn) -> bool:
    first = next(iter(turn.meaning.intents), None)
    outside = ("out_of_scope", "nonsense", "chitchat")
    return first is not None and first.name in outside and first.confidence >= SURE


def _context() -> dict[str, Any]:
    return {"centre": centre(), "province": settings().province_name}


def ways_on() -> tuple[Button, ...]:
    """Where to go when an answer leads nowhere else."""
    return (
        Button(label("actions", "menu"), "menu"),
        Button(label("actions", "track"), "track"),
    )


def _after_miss(turn: Turn) -> tuple[Button, ...]:
    """Not understood twice: a person is offered."""
    if turn.state.misses < MISSES:
        return ways_on()
    return (Button(label("actions", "person"), "person:misses"), *ways_on())


def _popular(turn: Turn, page: int = 0) -> tuple[Button, ...]:
    names = procedures.names(turn.session, popular())
    buttons = [Button(_label(names[code]), f"p:{code}") for code in popular() if code in names]
    pages = max(1, math.ceil(len(buttons) / MOST_BUTTONS))
    first = page % pages * MOST_BUTTONS
    more = Button(label("actions", "more"), f"menu:{(page + 1) % pages}", optional=True)
    return (
        *buttons[first : first + MOST_BUTTONS],
        *((more,) if pages > 1 else ()),
        Button(label("actions", "track"), "track"),
    )


def _label(name: str) -> str:
    return answers.shorten(answers.title(name), 48)


intents: dict[str, Callable[[Turn], Outcome]] = {
    "greet": greet,
    "help": menu,
    "place_question": contacts,
    "hours": contacts,
    "out_of_scope": out_of_scope,
    "nonsense": out_of_scope,
    "cancel": menu,
}
buttons: dict[str, Callable[[Turn, str], Outcome]] = {"menu": menu}
