"""Which flow answers a turn: the rules from top to bottom, first one that applies.

Where people talk the assistant is silent. What was pressed or sent comes before what was written;
safety before service; an open question before a new one; and what is left is a question about a
procedure.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import cache

from bot.dialogue import asides
from bot.dialogue.flows import (
    FLOWS,
    check_status,
    find_place,
    find_procedure,
    handover,
    help_menu,
    khmer,
    official,
    reminders,
    small_talk,
)
from bot.dialogue.labels import group
from bot.dialogue.turn import Behavior, Outcome, Turn
from nlu.text import fold
from nlu.types import Intent

# Answers that begin with condolences when the sentence tells of a death in the family.
CONDOLED = (Behavior.ANSWER, Behavior.CLARIFY)
# Fixed, checked answers that must win over any procedure a sentence happens to name.
SAFETY = (
    "self_harm", "emergency", "provocation", "injection", "scam", "insult", "denunciation",
)  # fmt: skip
# What is never answered as a procedure. These four are one decision: an insult taken for a
# provocation is refused all the same, so their chances add up.
REFUSED = ("self_harm", "provocation", "injection", "insult")
GUESS, SURE, CERTAIN = 0.4, 0.7, 0.9
# Chosen on `nlu/data/tests/development_*.yml`, lay names and the developed half of the shared
# questions. Whoever says (nearly) the very words of a procedure's name means the procedure.
# A word that alarms (`nlu/data/signals.yml`) makes less than half of that chance enough.
UNSAFE, ALARMED, FAR, FAR_IN_TALK, NAMED = 0.4, 0.1, 0.5, 0.1, 0.9
# A search that is this sure, of words that stand in a name, speaks for an honest question.
FOUND, FITTING = 0.97, 0.4
FEW_WORDS = 3
HARMLESS = 0.15  # the chance of a provocation below which such a search is trusted
ALARMS = frozenset(
    {
        "bribe", "forgery", "exact_forgery", "crime", "privacy", "politics", "slur", "sexual",
        "insult", "exact_insult", "injection", "self_harm",
    }
)  # fmt: skip


def choose(turn: Turn) -> Outcome:
    """What to say in this turn; condolences first where somebody has died."""
    outcomes = (rule(turn) for rule in RULES)
    outcome = next((o for o in outcomes if o is not None), None) or find_procedure.search(turn)
    if "bereaved" in turn.meaning.signals and outcome.behavior in CONDOLED:
        return replace(outcome, context={**outcome.context, "condolence": True})
    return outcome


def _pressed(turn: Turn) -> Outcome | None:
    return press(turn, turn.incoming.payload) if turn.incoming.payload else None


def press(turn: Turn, payload: str) -> Outcome:
    """What a button means; its payload is a verb and, after a colon, what it is about."""
    verb, _, rest = payload.partition(":")
    for flow in FLOWS.values():
        if verb in flow.buttons:
            return flow.buttons[verb](turn, rest)
    return help_menu.menu(turn)


def _opened_link(turn: Turn) -> Outcome | None:
    return check_status.open_link(turn) if turn.incoming.start else None


def _shared_contact(turn: Turn) -> Outcome | None:
    return check_status.open_contact(turn) if turn.incoming.contact else None


def _sent_file(turn: Turn) -> Outcome | None:
    if not turn.incoming.attachment or turn.incoming.text.strip():
        return None
    return help_menu.attachment(turn)


def _said_nothing(turn: Turn) -> Outcome | None:
    has_words = any(c.isalnum() for c in turn.incoming.text)
    return None if has_words else help_menu.nothing_said(turn)


def _typed_a_label(turn: Turn) -> Outcome | None:
    """Every button can be typed: its label as it stands, or its number."""
    said = fold(turn.incoming.text).strip(" .!?")
    for label, payload in turn.state.buttons:
        if said == fold(label).strip(" .!?") and payload:
            return press(turn, payload)
    if said.isdigit() and 0 < int(said) <= len(picks := _picks(turn)):
        return press(turn, picks[int(said) - 1])
    actions = _actions()
    verb = {"menu": "menu", "track": "track", "person": "person", "back": "back"}
    return press(turn, verb[actions[said]]) if actions.get(said) in verb else None


@cache
def _actions() -> dict[str, str]:
    """What buttons that are always the same do, by their folded labels."""
    return {fold(text): key for key, text in group("actions").items()}


def _picks(turn: Turn) -> list[str]:
    """Payloads of the buttons that stand for a numbered list: procedures, cases, dossiers."""
    return [
        payload
        for _, payload in turn.state.buttons
        if payload.startswith(("p:", "c:", "d:", "shut:"))
    ]


def _named_dossier(turn: Turn) -> Outcome | None:
    if turn.meaning.entity("dossier_code"):
        return check_status.typed_code(turn)
    if not turn.meaning.entity("procedure_code") and (slip := check_status.typed_badly(turn)):
        return slip
    if turn.meaning.entity("dossier_tail") and turn.meaning.intent == "track_dossier":
        return check_status.typed_tail(turn)
    return None


def _safety(turn: Turn) -> Outcome | None:
    intents = turn.meaning.intents
    if turn.meaning.chance(REFUSED) >= _enough(turn):
        worst = next(intent.name for intent in intents if intent.name in REFUSED)
        return small_talk.intents[worst](turn)
    if not intents or intents[0].name not in SAFETY or intents[0].confidence < SURE:
        return None
    return small_talk.intents[intents[0].name](turn)


def _named_place(turn: Turn) -> Outcome | None:
    return find_place.answer(turn) if find_place.is_about_places(turn) else None


def _enough(turn: Turn) -> float:
    """How likely a provocation must be; who names a procedure or is in a talk is trusted more."""
    if _is_named(turn) or _is_found(turn):
        return CERTAIN
    if turn.state.subject or turn.state.choices:
        return SURE
    return UNSAFE if ALARMS.isdisjoint(turn.meaning.signals) else ALARMED


def _named_procedure(turn: Turn) -> Outcome | None:
    code = turn.meaning.entity("procedure_code")
    return find_procedure.by_code(turn, code) if code else None


def _open_question(turn: Turn) -> Outcome | None:
    return find_procedure.resolve_choice(turn) if turn.state.choices else None


def _ordinal(turn: Turn) -> Outcome | None:
    """An ordinal that is nearly all of the message points at something said before."""
    is_short = len(turn.meaning.subject.split()) <= 1
    if turn.meaning.entity("ordinal") and turn.state.subjects and is_short:
        return find_procedure.ordinal(turn)
    return None


def _by_intent(turn: Turn) -> Outcome | None:
    """An intent with a flow of its own, unless the sentence clearly asks about a procedure."""
    first = turn.meaning.intents[0] if turn.meaning.intents else None
    if first is None:
        return None
    if first.name in find_procedure.intents:
        return find_procedure.intents[first.name](turn)
    for flow in FLOWS.values():
        if first.name in flow.intents and _is_sure(turn, first):
            return flow.intents[first.name](turn)
    return None


def _far_away(turn: Turn) -> Outcome | None:
    """What is hardly about public services is not answered, even if a name happens to fit."""
    if turn.meaning.in_domain >= _far(turn) or not turn.meaning.subject or _is_named(turn):
        return None
    if "bereaved" in turn.meaning.signals and turn.understood.hits:
        return None  # whoever tells us of a death is never turned away
    first = turn.meaning.intents[0]
    if first.name == "chitchat" and first.confidence >= GUESS:
        return small_talk.intents["chitchat"](turn)
    # In the middle of a talk, what is not understood is asked about rather than turned away.
    return help_menu.no_match(turn) if turn.state.subject else help_menu.out_of_scope(turn)


def _far(turn: Turn) -> float:
    """Below which chance of being about public services a message is kept out."""
    is_asked = turn.meaning.intent in ("ask_procedure", "out_of_scope", "nonsense")
    is_honest = turn.meaning.chance(REFUSED) < HARMLESS
    if is_asked and is_honest and (_is_found(turn) or find_procedure.goes_on(turn)):
        return 0.0
    return FAR_IN_TALK if turn.state.subject or turn.state.choices else FAR


def _is_found(turn: Turn) -> bool:
    """Whether the search is sure, and no word alarms."""
    first = next(iter(turn.understood.hits), None)
    if first is None or not ALARMS.isdisjoint(turn.meaning.signals):
        return False
    return first.probability >= FOUND and max(first.exact, FITTING * first.read) >= FITTING


def _is_named(turn: Turn) -> bool:
    """Whether the sentence is the name of what was found, and little else."""
    hits = turn.understood.hits
    return bool(hits) and hits[0].exact >= NAMED


def _is_sure(turn: Turn, intent: Intent) -> bool:
    """Small talk may be a guess where nothing else fits; against a procedure it must be certain."""
    if not turn.meaning.subject or turn.understood.decision.kind == "none":
        return intent.confidence >= GUESS
    return intent.confidence >= (CERTAIN if find_procedure.is_likely(turn) else SURE)


def _named_case(turn: Turn) -> Outcome | None:
    return find_procedure.resolve_case(turn) if turn.state.asks_case else None


def _asks_more(turn: Turn) -> Outcome | None:
    """ "Hồ sơ sao", "tiền?": a word or two, nothing but an aspect of what is being talked about."""
    is_more = turn.meaning.aspects and not turn.meaning.subject and not turn.state.choices
    if not is_more or not turn.state.subject or len(turn.incoming.text.split()) > FEW_WORDS:
        return None
    return find_procedure.follow_up(turn)


def _about_the_subject(turn: Turn) -> Outcome | None:
    return find_procedure.follow_up(turn) if turn.state.subject else None


RULES: tuple[Callable[[Turn], Outcome | None], ...] = (
    khmer.while_waiting,
    handover.hold,
    _pressed,
    reminders.answer,
    _opened_link,
    _shared_contact,
    _sent_file,
    khmer.answer,
    _said_nothing,
    _typed_a_label,
    official.answer,
    _named_dossier,
    _safety,
    _named_place,
    _named_procedure,
    _open_question,
    _named_case,
    asides.answer,
    _ordinal,
    _asks_more,
    _by_intent,
    _far_away,
    _about_the_subject,
)
