"""Fixed, checked answers: courtesy, safety, complaints, and what is never answered."""

from collections.abc import Callable
from functools import partial

from bot.dialogue.flows import handover, help_menu, official
from bot.dialogue.turn import Behavior, Outcome, Turn
from bot.handover.status import Reason

# intent → (reply template, behaviour)
FIXED: dict[str, tuple[str, Behavior]] = {
    "thanks": ("thanks", Behavior.SMALLTALK),
    "bye": ("bye", Behavior.SMALLTALK),
    "affirm": ("affirm", Behavior.SMALLTALK),
    "deny": ("deny", Behavior.SMALLTALK),
    "who_are_you": ("who_are_you", Behavior.SMALLTALK),
    "feedback": ("feedback", Behavior.SMALLTALK),
    "appointment": ("appointment", Behavior.HANDOVER),
    "complaint": ("complaint", Behavior.HANDOVER),
    "denunciation": ("denunciation", Behavior.HANDOVER),
    "emergency": ("emergency", Behavior.HANDOVER),
    "self_harm": ("self_harm", Behavior.HANDOVER),
    "insult": ("insult", Behavior.SMALLTALK),
    "provocation": ("provocation", Behavior.OUT_OF_SCOPE),
    "injection": ("provocation", Behavior.OUT_OF_SCOPE),
    "chitchat": ("chitchat", Behavior.SMALLTALK),
}

# After these a person is offered; the legal way is in the text, and comes first.
OFFERED = {
    "insult": Reason.ANGER,
    "complaint": Reason.COMPLAINT,
    "denunciation": Reason.COMPLAINT,
}


def _say(intent: str, turn: Turn) -> Outcome:
    template, behavior = FIXED[intent]
    context = {"centre": help_menu.centre()}
    person = (handover.offer(OFFERED[intent]),) if intent in OFFERED else ()
    return Outcome(behavior, template, context, buttons=(*person, *help_menu.ways_on()))


intents: dict[str, Callable[[Turn], Outcome]] = {name: partial(_say, name) for name in FIXED}
intents["scam"] = official.doubted
buttons: dict[str, Callable[[Turn, str], Outcome]] = {}
