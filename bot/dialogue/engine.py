"""One turn, top to bottom: the file to read first.

handle      = understand, then respond in a transaction; whatever breaks becomes an apology
understand  outside any transaction: clean, guard, parse, search
respond     inside one: load and lock the conversation, choose a flow, store the turn
"""

from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from backend import clock, db, log, metrics, switches
from backend.errors import AppError
from backend.ids import reference
from backend.switches import Switch
from bot import language, photos, replies
from bot.catalogue import catalogue
from bot.dialogue import policy, state
from bot.dialogue.flows import handover, help_menu, thumbs
from bot.dialogue.labels import group, label
from bot.dialogue.state import State
from bot.dialogue.turn import Behavior, Outcome, Turn, Understood
from bot.gazetteer import gazetteer
from bot.handover import outside, queue
from bot.handover.status import WITH_PEOPLE
from bot.learning import answers as outcomes
from bot.learning.models import Status
from bot.messages import Incoming, Reply
from bot.models import Conversation
from bot.photos import Sight
from nlu import denied
from nlu.extractors import mask
from nlu.search import decide, wishes

logger = log.get(__name__)

MOST_CHARACTERS = 4000
STATUS = {
    Behavior.ANSWER: Status.ANSWERED, Behavior.TRACK: Status.ANSWERED,
    Behavior.CLARIFY: Status.CLARIFIED, Behavior.OUT_OF_SCOPE: Status.OUT_OF_SCOPE,
    Behavior.SMALLTALK: Status.SMALL_TALK, Behavior.HANDOVER: Status.HANDED_OVER,
}  # fmt: skip
# People are talking: the assistant says nothing, and no answer is counted.
SILENCE = Reply(messages=(), behavior=Behavior.HANDOVER.value)
# A public service, but the catalogue has nothing to answer from.
NO_CONTENT = frozenset({"no_match", "none_of_these", "name_only"})


def wake() -> None:
    """Load the engine and the search index before anybody waits for them."""
    try:
        make_sense("xin chào", State())
    except Exception:
        logger.exception("engine.wake_failed")


def is_awake() -> bool:
    """Whether they are: the index is what is loaded last."""
    return catalogue.is_ready


def handle(incoming: Incoming, sight: Sight | None = None) -> Reply:
    """Answer one message; a bug becomes a stored apology with a reference code."""
    started = clock.stopwatch()
    try:
        understood = understand(incoming, sight)
        with db.transaction() as session:
            reply = respond(session, incoming, understood)
    except AppError as refusal:
        logger.info("turn.refused", channel=incoming.channel, code=refusal.code)
        raise
    except Exception as bug:
        code = reference()
        logger.exception("turn.failed", reference=code, channel=incoming.channel, exc_info=bug)
        with db.transaction() as session:
            reply = apologise(session, incoming, code)
    metrics.TURN_SECONDS.observe(clock.stopwatch() - started)
    return reply


def understand(incoming: Incoming, sight: Sight | None = None) -> Understood:
    """What the message means and which procedures it fits; opens only short reads."""
    with db.reading() as session:
        remembered = state.peek(session, incoming)
    meant = make_sense(photos.applied(incoming, sight).text, remembered)
    return replace(meant, sight=sight)


def make_sense(text: str, remembered: State) -> Understood:
    """The same for a conversation that is remembered elsewhere."""
    meaning = language.engine().parse(denied.left_out(text[:MOST_CHARACTERS]))
    index = catalogue.index()
    hits = tuple(
        index.search(meaning.text, subject=meaning.subject, context=tuple(remembered.subjects))
        if meaning.subject
        else ()
    )
    decision = decide(
        hits,
        meaning.text,
        subject=meaning.subject,
        in_domain=meaning.in_domain,
        also=wishes(index, meaning.text) if meaning.subject else (),
    )
    return Understood(meaning, hits, decision, index, gazetteer.commune(meaning.text))


def respond(session: Session, incoming: Incoming, understood: Understood) -> Reply:
    """The answer, stored with the turn; the same message twice gets the same answer."""
    now = clock.now()
    incoming = photos.applied(incoming, understood.sight)
    conversation = state.load(session, incoming, now=now)
    if repeat := state.repeated(session, conversation, incoming.external_id):
        return repeat
    if incoming.by_staff:
        written = incoming.text or label("said", "attachment")
        once = incoming.external_id
        outside.noted(session, conversation, written, external_id=once, now=now)
        return SILENCE
    remembered = state.parse(conversation.state)
    # What a photo stood for is not what was said: the transcript names the photo.
    read = understood.sight is not None and not incoming.attachment
    said = label("said", "photo") if read else _kept(incoming, remembered)
    reply = converse(session, incoming, understood, remembered, conversation)
    reply = thumbs.offered(reply, remembered, conversation.turns + 1)
    question = state.save(
        session, conversation, remembered, reply,
        said=said, external_id=incoming.external_id, now=now,
        file=_for_people(session, conversation, incoming),
    )  # fmt: skip
    outcomes.record(
        session, question, incoming, reply, meaning=understood.meaning, **language.present()
    )
    metrics.TURNS.labels(reply.behavior).inc()
    return reply


def converse(
    session: Session,
    incoming: Incoming,
    understood: Understood,
    remembered: State,
    conversation: Conversation | None = None,
) -> Reply:
    """Choose what to say and say it; changes `remembered`, stores no turn.

    Without the (locked) conversation nothing else is stored either: nobody is called.
    """
    remembered.commune = understood.commune or remembered.commune
    turn = Turn(session, incoming, understood, remembered, clock.now(), conversation)
    if len(incoming.text) > MOST_CHARACTERS:
        too_long = Outcome(Behavior.SMALLTALK, "too_long", {"most": MOST_CHARACTERS})
        return _say(handover.hold(turn) or too_long, remembered)
    if notice := switches.notices.lately(session, Switch.ANSWERS):
        off = Outcome(Behavior.HANDOVER, "switched_off", {"notice": notice})
        return _say(handover.hold(turn) or off, remembered)
    return _say(policy.choose(turn), remembered)


def apologise(session: Session, incoming: Incoming, code: str) -> Reply:
    """Say that something broke, under which code it can be found, and whom to call."""
    now = clock.now()
    conversation = state.load(session, incoming, now=now)
    if repeat := state.repeated(session, conversation, incoming.external_id):
        return repeat
    remembered = state.parse(conversation.state)
    context: dict[str, Any] = {"code": code, "centre": help_menu.centre()}
    said = _kept(incoming, remembered)
    said_sorry = Outcome(Behavior.HANDOVER, "apology", context)
    reply = replace(_say(said_sorry, remembered), status=Status.ERROR)
    talk = queue.open_of(session, conversation)
    if talk is not None and talk.status in WITH_PEOPLE:
        reply = SILENCE  # an officer reads what was said
    question = state.save(
        session, conversation, remembered, reply,
        said=said, external_id=incoming.external_id, now=now,
    )  # fmt: skip
    outcomes.record(session, question, incoming, reply, meaning=None, **language.present())
    return reply


def _say(outcome: Outcome, remembered: State) -> Reply:
    if not outcome.template:
        return SILENCE
    remembered.buttons = [[b.label, b.payload] for b in outcome.buttons if b.payload]
    return Reply(
        messages=replies.bubbles(outcome.template, outcome.context, outcome.buttons),
        behavior=outcome.behavior.value,
        codes=outcome.codes,
        aspects=outcome.aspects,
        status=outcome.status or _status(outcome),
        replaces=outcome.replaces,
    )


def _status(outcome: Outcome) -> Status:
    return Status.NO_CONTENT if outcome.template in NO_CONTENT else STATUS[outcome.behavior]


def _for_people(session: Session, conversation: Conversation, incoming: Incoming) -> str:
    """The handle of a voice note, where an officer has the talk or will have it."""
    is_heard = incoming.attachment == "voice" and queue.open_of(session, conversation)
    return incoming.file if is_heard else ""


def _kept(incoming: Incoming, remembered: State) -> str:
    """What the transcript keeps: personal numbers masked, links, contacts and files only named."""
    if incoming.payload:
        labels = {payload: text for text, payload in remembered.buttons}
        return labels.get(incoming.payload, mask(incoming.payload))
    if incoming.text.strip():
        return mask(incoming.text)[:MOST_CHARACTERS]
    kind = "link" if incoming.start else "contact" if incoming.contact else incoming.attachment
    return group("said").get(kind) or label("said", "attachment")
