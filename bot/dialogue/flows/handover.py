"""A person instead of the assistant: into the queue, silence while people talk, calls, ratings.

`hold` comes before every rule that answers. It runs in the transaction that writes the reply, under
the conversation's lock, so an officer who claims at the same moment comes before or after, never
between. A turn that is stored nowhere (`turn.conversation` is None) reaches nobody, and only says
whom to call.
"""

from collections.abc import Callable

from bot.dialogue.flows import help_menu
from bot.dialogue.turn import Behavior, Outcome, Turn
from bot.handover import callbacks, contact, queue, ratings, routing, words
from bot.handover.models import Handover
from bot.handover.queue import About
from bot.handover.status import WITH_PEOPLE, Reason
from bot.messages import Button
from bot.models import Conversation
from nlu.extractors import mask
from nlu.text import fold

SILENT = Outcome(Behavior.HANDOVER, "")
STILL_WAITING = "handover/still_waiting"
# Whoever waits for a person still gets these answers at once.
URGENT = frozenset({"self_harm", "emergency"})
CERTAIN = 0.7
# A form of our own that is open while somebody waits for an officer.
OWN_VERBS = ("callback", "calltime", "nocall")
LONGEST_WISH = 120
FEWEST_DIGITS = 5


def hold(turn: Turn) -> Outcome | None:
    """What is said (or not) because people are, were or will be talking; None: the assistant."""
    if turn.conversation is None:
        return None
    talk = queue.open_of(turn.session, turn.conversation)
    if talk is None:
        return _rated(turn, turn.conversation) or _awaited(turn, turn.conversation)
    if _wants_machine(turn):
        turn.state.awaits = ""
        queue.leave(turn.session, talk, now=turn.now)
        return Outcome(Behavior.SMALLTALK, "handover/left", buttons=help_menu.ways_on())
    if talk.status in WITH_PEOPLE:
        queue.heard(turn.session, talk, phone=_phone(turn), now=turn.now)
        return SILENT
    return _while_waiting(turn, turn.conversation, talk)


def person(turn: Turn, why: str = "") -> Outcome:
    """The citizen wants a person: into the queue, or, after hours, the offer of a call."""
    if turn.conversation is None:
        return Outcome(Behavior.HANDOVER, "person", _context(), buttons=help_menu.ways_on())
    reason = Reason(why) if why in set(Reason) else Reason.ASKED
    is_shut = words.opening(turn.now) > turn.now
    is_shut = is_shut and not routing.is_staffed(turn.session, routing.PROVINCE, now=turn.now)
    # What is in Khmer the assistant cannot answer either: it waits in the queue for the morning.
    if is_shut and reason is not Reason.KHMER:
        context = _context() | {"opens": words.opening(turn.now)}
        buttons = (words.callback_button(), *help_menu.ways_on())
        return Outcome(Behavior.HANDOVER, "handover/closed_now", context, buttons=buttons)
    talk = queue.request(turn.session, turn.conversation, _about(turn), reason=reason, now=turn.now)
    return waits(turn, talk, "handover/queued_shut" if is_shut else "handover/queued")


def ask_phone(turn: Turn, _: str = "") -> Outcome:
    """A number to call back, typed or shared."""
    turn.state.awaits = "phone"
    buttons = (
        Button(words.label("share_phone"), contact=True),
        Button(words.label("no_callback"), "nocall"),
    )
    return Outcome(Behavior.HANDOVER, "handover/ask_phone", buttons=buttons)


def no_callback(turn: Turn, _: str = "") -> Outcome:
    """Rather not."""
    turn.state.awaits = ""
    return Outcome(Behavior.SMALLTALK, "handover/no_callback", buttons=help_menu.ways_on())


def call_time(turn: Turn, wish: str) -> Outcome:
    """When the call suits, by a button or in the citizen's words."""
    turn.state.awaits = ""
    call = callbacks.waiting_for(turn.session, turn.conversation) if turn.conversation else None
    if call is None:
        return help_menu.menu(turn)
    call.wish = words.wishes().get(wish, mask(wish))[:LONGEST_WISH]
    context = {"wish": call.wish, "due": call.due_at}
    return Outcome(Behavior.HANDOVER, "handover/wish_noted", context, buttons=help_menu.ways_on())


def back(turn: Turn, _: str = "") -> Outcome:
    """The button of a talk that is over already."""
    return Outcome(Behavior.SMALLTALK, "handover/left", buttons=help_menu.ways_on())


def rate(turn: Turn, mark: str) -> Outcome:
    """A mark by button."""
    if turn.conversation is None or mark not in {str(number) for number in ratings.MARKS}:
        return help_menu.menu(turn)
    return _rate(turn, turn.conversation, int(mark))


def ask_comment(turn: Turn, _: str = "") -> Outcome:
    """A word about it; only whoever asks for it is taken at their next word."""
    turn.state.awaits = "comment"
    buttons = (Button(words.label("machine"), "machine"),)
    return Outcome(Behavior.SMALLTALK, "handover/ask_comment", buttons=buttons)


def waits(turn: Turn, talk: Handover, template: str = STILL_WAITING) -> Outcome:
    """Where they stand in the queue, and what they can do instead."""
    context = words.waiting_context(turn.session, talk, now=turn.now)
    return Outcome(Behavior.HANDOVER, template, context, buttons=words.waiting_buttons())


def offer(reason: Reason) -> Button:
    """The button that offers a person, and remembers why it was offered."""
    return Button(words.label("person"), f"person:{reason.value}")


def _wants_machine(turn: Turn) -> bool:
    if turn.incoming.payload:
        return turn.incoming.payload == "machine"
    return fold(turn.incoming.text).strip(" .!") in words.commands()


def _while_waiting(turn: Turn, conversation: Conversation, talk: Handover) -> Outcome | None:
    verb = turn.incoming.payload.partition(":")[0]
    if verb in OWN_VERBS:
        return None
    if _is_urgent(turn):
        queue.heard(turn.session, talk, phone="", now=turn.now)
        return None
    if outcome := _awaited(turn, conversation):
        return outcome
    queue.heard(turn.session, talk, phone=_phone(turn), now=turn.now)
    return waits(turn, talk)


def _is_urgent(turn: Turn) -> bool:
    return turn.meaning.intent in URGENT and turn.meaning.intents[0].confidence >= CERTAIN


def _awaited(turn: Turn, conversation: Conversation) -> Outcome | None:
    """The answer to a question of this flow, if it is one; else the question is dropped."""
    asked, turn.state.awaits = turn.state.awaits, ""
    if not asked or turn.incoming.payload or turn.incoming.start:
        return None
    return _ANSWERED[asked](turn, conversation) if asked in _ANSWERED else None


def _phone_given(turn: Turn, conversation: Conversation) -> Outcome | None:
    phone = _phone(turn)
    if phone:
        call = callbacks.promise(turn.session, conversation, phone, _about(turn), now=turn.now)
        turn.state.awaits = "time"
        buttons = tuple(Button(said, f"calltime:{key}") for key, said in words.wishes().items())
        context = {"phone": phone, "due": call.due_at}
        return Outcome(Behavior.HANDOVER, "handover/callback_noted", context, buttons=buttons)
    if sum(c.isdigit() for c in turn.incoming.text) < FEWEST_DIGITS:
        return None  # not a try at a number: something else is asked
    outcome = ask_phone(turn)
    return Outcome(Behavior.HANDOVER, "handover/phone_unclear", buttons=outcome.buttons)


def _time_given(turn: Turn, _: Conversation) -> Outcome | None:
    """Short and about no procedure: it is when the call suits."""
    said = turn.incoming.text.strip()
    is_question = turn.understood.decision.kind == "answer" and not any(map(str.isdigit, said))
    if not said or len(said) > LONGEST_WISH or is_question:
        return None
    offered = {fold(label): key for key, label in words.wishes().items()}
    return call_time(turn, offered.get(fold(said), said))


def _comment_given(turn: Turn, conversation: Conversation) -> Outcome | None:
    talk = ratings.last_closed(turn.session, conversation, now=turn.now)
    if talk is None or not turn.incoming.text.strip():
        return None
    ratings.comment(turn.session, talk, mask(turn.incoming.text), now=turn.now)
    return Outcome(Behavior.SMALLTALK, "handover/commented", buttons=help_menu.ways_on())


def _rated(turn: Turn, conversation: Conversation) -> Outcome | None:
    """A mark from the channel's own form, or a bare number where it was just asked for."""
    if turn.incoming.rating in ratings.MARKS:
        return _rate(turn, conversation, turn.incoming.rating)
    said = fold(turn.incoming.text).strip(" .!")
    in_words = {fold(mark): str(number) for number, mark in enumerate(words.marks(), 1)}
    said = in_words.get(said, said)
    if turn.incoming.payload or said not in {str(number) for number in ratings.MARKS}:
        return None
    talk = ratings.last_closed(turn.session, conversation, now=turn.now)
    if talk is None or not ratings.is_asked(talk, conversation):
        return None
    return _rate(turn, conversation, int(said))


def _rate(turn: Turn, conversation: Conversation, mark: int) -> Outcome:
    talk = ratings.last_closed(turn.session, conversation, now=turn.now)
    if talk is None:
        return Outcome(Behavior.SMALLTALK, "handover/rating_too_late", buttons=help_menu.ways_on())
    ratings.rate(turn.session, talk, mark, now=turn.now)
    if turn.incoming.rating and turn.incoming.text.strip():
        ratings.comment(turn.session, talk, mask(turn.incoming.text), now=turn.now)
    buttons = (Button(words.label("comment"), "comment"), *help_menu.ways_on())
    return Outcome(Behavior.SMALLTALK, "handover/rated", {"mark": mark}, buttons=buttons)


def _phone(turn: Turn) -> str:
    """A telephone number that was shared or written; it proves nothing, it is only called."""
    given = turn.incoming.contact or contact.written(turn.incoming)
    return given.phone[:20] if given else ""


def _about(turn: Turn) -> About:
    return About(turn.state.subject, turn.state.commune)


def _context() -> dict[str, object]:
    return {"centre": words.centre()}


_ANSWERED: dict[str, Callable[[Turn, Conversation], Outcome | None]] = {
    "phone": _phone_given,
    "time": _time_given,
    "comment": _comment_given,
}
intents: dict[str, Callable[[Turn], Outcome]] = {"person_wanted": person}
buttons: dict[str, Callable[[Turn, str], Outcome]] = {
    "person": person,
    "machine": back,
    "callback": ask_phone,
    "nocall": no_callback,
    "calltime": call_time,
    "rate": rate,
    "comment": ask_comment,
}
