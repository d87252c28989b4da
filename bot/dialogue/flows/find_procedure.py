"""Answer a question about a procedure, or ask back which one is meant."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from backend.procedures import service as procedures
from backend.procedures.record import Record
from bot.catalogue import catalogue
from bot.dialogue import answers, namesakes
from bot.dialogue.flows import help_menu
from bot.dialogue.labels import group, label
from bot.dialogue.turn import Behavior, Outcome, Turn
from bot.messages import Button
from nlu.search import Hit
from nlu.search.decide import stages
from nlu.search.talk import KIN, is_plain
from nlu.search.words import lexicon, words

MOST_CHOICES = 4
LABEL_LENGTH = 44
LIKELY = 0.5
SURE = 0.9
BRIEF = 5  # words of a message that only names another matter
WHOLE = 0.8  # of a message's words must stand in the name of a sibling to mean that one
# "Thôi, ly hôn": what was asked before is dropped, and the message stands alone.
TURNED_AWAY = re.compile(
    r"\W*(?:(?:à|ờ|mà|ủa) )?(?:thôi|không|hổng|ko|hông)\s*[,.;:]", re.IGNORECASE
)
PREFERRED_BUTTONS = ("documents", "fees", "time", "place", "steps", "online")


def is_likely(turn: Turn) -> bool:
    """Whether the sentence probably names a procedure."""
    hits = turn.understood.hits
    return bool(turn.meaning.subject) and bool(hits) and hits[0].probability >= LIKELY


def search(turn: Turn) -> Outcome:
    """A question with a subject of its own: answer, ask back, or say that nothing fits."""
    decision = turn.understood.decision
    aspects = turn.aspects or _still_asked(turn)
    if decision.kind == "answer":
        others = (*decision.also, *turn.understood.hits)
        outcome = answer(turn, decision.hits[0].code, aspects, others=others)
        # "Khai tử với xóa thường trú": the second wish is a tap away.
        also = tuple(Button(button_text(hit.name), f"p:{hit.code}") for hit in decision.also[:2])
        return replace(outcome, buttons=(*also, *outcome.buttons))
    if decision.kind == "clarify":
        return clarify(turn, decision.hits, decision.difference, aspects)
    return _nothing_found(turn)


def answer(
    turn: Turn,
    code: str,
    aspects: Sequence[str],
    *,
    others: Sequence[Hit] = (),
    short: bool = False,
) -> Outcome:
    """Tell what the record says about these aspects (about the main ones, if none was named)."""
    resolved = catalogue.resolve(turn.session, code)
    if resolved is None:
        return help_menu.no_match(turn)
    record = resolved.record
    turn.state.talk_about(record.code, aspects)
    turn.state.case = answers.named_case(record, turn.meaning.text) or turn.state.case
    codes = list(dict.fromkeys([resolved.asked_code, record.code, *(hit.code for hit in others)]))
    view = answers.view(record, note=resolved.note, case=turn.state.case)
    wants_papers = not aspects or "documents" in aspects
    turn.state.asks_case = bool(view["open_cases"]) and wants_papers
    context: dict[str, Any]
    if record.is_name_only:
        template, context, buttons = _name_only(turn, record, aspects)
    else:
        template = "answer_short" if short else "answer"
        of_district = "place" in aspects and turn.meaning.entity("agency") == "district"
        context = {"aspects": list(aspects), "overview": answers.OVERVIEW}
        context["of_district"] = of_district
        buttons = _more(record, aspects, turn.state.case)
    return Outcome(
        Behavior.ANSWER,
        template,
        {"view": view, **context},
        buttons=buttons,
        codes=tuple(codes[:10]),
        aspects=tuple(aspects),
    )


def _name_only(
    turn: Turn, record: Record, aspects: Sequence[str]
) -> tuple[str, dict[str, Any], tuple[Button, ...]]:
    """Nothing but the name is known; a namesake with content is a tap away."""
    context: dict[str, Any] = {"centre": help_menu.centre(), "namesake": None}
    namesake = namesakes.with_content(turn, record)
    if namesake is None:
        return "name_only", context, _leave(turn)
    context["namesake"] = {"title": answers.title(namesake.name), "code": namesake.code}
    payload = f"a:{aspects[0]}:{namesake.code}" if len(aspects) == 1 else f"p:{namesake.code}"
    return "name_only", context, (Button(button_text(namesake.name), payload), *_leave(turn))


def clarify(turn: Turn, hits: Sequence[Hit], difference: str, aspects: Sequence[str]) -> Outcome:
    """Ask which of two to four procedures is meant."""
    shown = list(hits)[:MOST_CHOICES]
    turn.state.ask_which([h.code for h in shown], turn.meaning.text, aspects)
    choices = [
        {
            "title": answers.title(hit.name),
            "level": _levels(turn, hit.code) if difference == "level" else "",
        }
        for hit in shown
    ]
    buttons = [
        Button(f"{n}. {button_text(hit.name)}", f"p:{hit.code}") for n, hit in enumerate(shown, 1)
    ]
    codes = dict.fromkeys([*(h.code for h in shown), *(h.code for h in turn.understood.hits)])
    return Outcome(
        Behavior.CLARIFY,
        "clarify",
        {
            "choices": choices,
            "difference": difference,
            "stages": [label("stages", stage) for stage in stages(shown)],
        },
        buttons=(*buttons, Button(label("actions", "none_of_these"), "none")),
        codes=tuple(codes)[:10],
        aspects=tuple(aspects),
    )


def resolve_choice(turn: Turn) -> Outcome | None:
    """While a question back is open: an ordinal, or a few words that fit one choice best."""
    state, meaning = turn.state, turn.meaning
    if (ordinal := meaning.entity("ordinal")) and len(turn.incoming.text) < 40:
        chosen = _by_ordinal(ordinal, state.choices)
        if chosen:
            return answer(turn, chosen, turn.aspects or state.aspects)
    if not meaning.subject:
        return _likeliest_choice(turn) if meaning.aspects else None
    if TURNED_AWAY.match(meaning.text):
        return None
    hits = turn.understood.hits
    if hits and hits[0].code in state.choices and is_plain(hits):
        return answer(turn, hits[0].code, turn.aspects or state.aspects, others=hits)
    question = f"{state.question} {meaning.text}"
    told = turn.understood.index.compare(question, tuple(state.choices))
    if told and (sibling := _fits_better(turn, question, told[0])) is not None:
        return answer(turn, sibling.code, turn.aspects or state.aspects, others=told)
    top_is_choice = bool(hits) and hits[0].code in state.choices
    is_meant = top_is_choice or not is_plain(hits) or _is_vague(turn)
    if told and told[0].probability >= LIKELY and is_meant:
        return answer(turn, told[0].code, turn.aspects or state.aspects, others=told)
    return None


def _fits_better(turn: Turn, question: str, told: Hit) -> Hit | None:
    """ "Gia hạn á", after being asked whether to register or to leave: what was not offered."""
    first = next(iter(turn.understood.index.search(question, limit=1)), None)
    if first is None or first.code in turn.state.choices or first.probability < SURE:
        return None
    return first if first.covers > told.covers else None


def resolve_case(turn: Turn) -> Outcome | None:
    """ "Cha mẹ chưa đăng ký kết hôn": the situation we asked for, in the citizen's own words."""
    resolved = catalogue.resolve(turn.session, turn.state.subject)
    key = answers.named_case(resolved.record, turn.meaning.text) if resolved else ""
    if not key or turn.aspects:
        return None
    turn.state.case = key
    return answer(turn, turn.state.subject, ["documents"])


def _likeliest_choice(turn: Turn) -> Outcome:
    """ "Làm ở đâu vậy?" while a question is open: about the likeliest, the others a tap away."""
    first, *others = turn.state.choices
    outcome = answer(turn, first, turn.aspects)
    names = procedures.names(turn.session, others)
    buttons = tuple(
        Button(button_text(names[code]), f"p:{code}") for code in others if code in names
    )
    return replace(outcome, buttons=(*buttons, *outcome.buttons))


def follow_up(turn: Turn) -> Outcome | None:
    """ "Thế còn phí?", "ra giấy mất bao lâu": a question that names nothing else is about the
    present subject; one that names something vaguely is, if the subject is among what it fits.
    """
    current, meaning = turn.state.subject, turn.meaning
    if (sibling := _sibling(turn)) is not None:
        return answer(turn, sibling.code, turn.aspects, others=turn.understood.hits)
    if meaning.aspects and (not meaning.subject or _names_nothing_else(turn)):
        return answer(turn, current, turn.aspects)
    related = _related(turn)
    if related is not None:
        return answer(turn, related.code, turn.aspects, others=turn.understood.hits)
    return answer(turn, current, turn.aspects) if meaning.aspects and _is_vague(turn) else None


def inherit(turn: Turn) -> Outcome:
    """ "Còn kết hôn?": a new subject with the aspects of the question before."""
    aspects = turn.aspects or tuple(turn.state.aspects)
    decision = turn.understood.decision
    if (sibling := _sibling(turn)) is not None:
        return answer(turn, sibling.code, aspects, others=turn.understood.hits)
    if turn.state.subject and (not turn.meaning.subject or decision.kind == "none"):
        return answer(turn, turn.state.subject, aspects)
    related = _related(turn)
    if related is not None:
        return answer(turn, related.code, aspects, others=turn.understood.hits)
    if turn.state.subject and _is_vague(turn):
        return answer(turn, turn.state.subject, aspects)
    if decision.kind == "answer":
        return answer(turn, decision.hits[0].code, aspects, others=turn.understood.hits)
    if decision.kind == "clarify":
        return clarify(turn, decision.hits, decision.difference, aspects)
    return _nothing_found(turn)


def _nothing_found(turn: Turn) -> Outcome:
    """ "Khi nào có kết quả" out of the blue: of what? Else nothing fits."""
    if turn.meaning.subject or not turn.meaning.aspects or turn.state.subject:
        return help_menu.no_match(turn)
    return Outcome(Behavior.CLARIFY, "which_matter", buttons=help_menu.ways_on())


def _sibling(turn: Turn) -> Hit | None:
    """ "Thôi làm thì sao" after being a mediator: small words, but the very ones of a sibling."""
    is_open = turn.aspects in ((), ("steps",), ("documents", "steps"))
    if turn.meaning.subject or not turn.state.subject or not is_open:
        return None
    context = (turn.state.subject,)
    hits = turn.understood.index.search(turn.meaning.text, context=context, limit=1)
    if not hits or hits[0].code == turn.state.subject:
        return None
    first = hits[0]
    is_meant = first.near >= KIN and first.covers >= WHOLE and first.probability >= LIKELY
    return first if is_meant else None


def goes_on(turn: Turn) -> bool:
    """Whether a message probably means the present subject or one that is like it."""
    first = next(iter(turn.understood.hits), None)
    return first is not None and first.near >= KIN and first.probability >= LIKELY


def _still_asked(turn: Turn) -> tuple[str, ...]:
    """ "Còn kết hôn?" asks about another matter what was asked about the one before."""
    said = words(turn.meaning.text)
    goes_on = turn.state.subject and len(said) <= BRIEF and lexicon().goes_on(said)
    return tuple(turn.state.aspects) if goes_on else ()


def _names_nothing_else(turn: Turn) -> bool:
    """Whether what was found is nothing, vague, or the present subject itself."""
    decision = turn.understood.decision
    if decision.kind == "none":
        return True
    codes = [hit.code for hit in decision.hits]
    return decision.kind == "clarify" and turn.state.subject in codes


def _is_vague(turn: Turn) -> bool:
    """ "Hết hạn thì sao": one word of weight, which fits many matters and names none."""
    lex = lexicon()
    content = lex.query(turn.meaning.text, turn.meaning.subject).content
    return turn.understood.decision.kind == "clarify" and len(content) <= 1


def _related(turn: Turn) -> Hit | None:
    """ "Gia hạn thì sao": of several that fit, the only one that is near the present subject."""
    decision = turn.understood.decision
    if decision.kind != "clarify" or not turn.state.subject:
        return None
    near = [hit for hit in decision.hits if hit.near >= KIN]
    return near[0] if len(near) == 1 else None


def shorter(turn: Turn) -> Outcome:
    """The last answer again, in fewer words."""
    if not turn.state.subject:
        return help_menu.menu(turn)
    return answer(turn, turn.state.subject, turn.aspects or turn.state.aspects, short=True)


def source(turn: Turn) -> Outcome:
    """ "Cho mình nguồn": the legal texts of the present subject."""
    if not turn.state.subject:
        return search(turn)
    return answer(turn, turn.state.subject, ["legal_basis"])


def back(turn: Turn, _: str = "") -> Outcome:
    """Return to the procedure before this one."""
    code = turn.state.previous or turn.state.subject
    if not code:
        return search(turn)
    return answer(turn, code, turn.aspects or turn.state.aspects)


def by_code(turn: Turn, code: str) -> Outcome:
    """The citizen knows the procedure's code."""
    return answer(turn, code, turn.aspects)


def ordinal(turn: Turn) -> Outcome:
    """ "Cái đầu tiên, nộp ở đâu": one of the subjects talked about, in the order they came."""
    chosen = _by_ordinal(turn.meaning.entity("ordinal") or "", turn.state.subjects)
    if chosen:
        return answer(turn, chosen, turn.aspects or turn.state.aspects)
    return inherit(turn) if turn.state.subject else search(turn)


def _press_procedure(turn: Turn, code: str) -> Outcome:
    aspects = turn.state.aspects if code in turn.state.choices else []
    return answer(turn, code, aspects)


def _press_aspect(turn: Turn, rest: str) -> Outcome:
    aspect, _, code = rest.partition(":")
    code = code or turn.state.subject
    if aspect not in group("aspects") or not code:
        return help_menu.menu(turn)
    return answer(turn, code, [aspect])


def _press_case(turn: Turn, rest: str) -> Outcome:
    key, _, code = rest.partition(":")
    turn.state.talk_about(code or turn.state.subject, [])
    turn.state.case = key
    return answer(turn, code or turn.state.subject, ["documents"])


def _press_none(turn: Turn, _: str) -> Outcome:
    turn.state.choices = []
    return help_menu.none_of_these(turn)


def _by_ordinal(ordinal: str, choices: Sequence[str]) -> str | None:
    number = len(choices) if ordinal == "last" else int(ordinal) if ordinal.isdigit() else 0
    return choices[number - 1] if 1 <= number <= len(choices) else None


def _more(record: Record, asked: Sequence[str], case: str) -> tuple[Button, ...]:
    """The cases to choose from, if papers differ by case; then what else can be asked."""
    cases = () if case else answers.cases_to_ask(record)
    wants_papers = not asked or "documents" in asked
    others = [a for a in PREFERRED_BUTTONS if a not in asked]
    if not asked:
        others = ["steps", "conditions", "online", "legal_basis"]
    picks = [
        Button(button_text(one.name), f"c:{one.key}:{record.code}"[:64])
        for one in cases[:MOST_CHOICES]
        if wants_papers
    ]
    buttons = [Button(label("aspects", a), f"a:{a}:{record.code}") for a in others]
    full = Button(label("actions", "full_page"), url=answers.page_url(record.code))
    return (*picks, *buttons[: 2 if picks else 4], full)


def _leave(turn: Turn) -> tuple[Button, ...]:
    buttons = [Button(label("actions", "menu"), "menu")]
    if turn.state.previous:
        buttons.insert(0, Button(label("actions", "back"), "back"))
    return tuple(buttons)


def _levels(turn: Turn, code: str) -> str:
    resolved = catalogue.resolve(turn.session, code)
    return answers.levels(resolved.record) if resolved else ""


def button_text(name: str) -> str:
    """A procedure's name as it fits on a button."""
    text = answers.title(name)
    if len(text) <= LABEL_LENGTH:
        return text
    return text[:LABEL_LENGTH].rsplit(" ", 1)[0].rstrip(",;") + "…"


intents: dict[str, Callable[[Turn], Outcome]] = {
    "correction": inherit,
    "follow_up": inherit,
    "shorter": shorter,
    "back": back,
    "source": source,
    "choice": ordinal,
}
buttons: dict[str, Callable[[Turn, str], Outcome]] = {
    "p": _press_procedure,
    "a": _press_aspect,
    "c": _press_case,
    "none": _press_none,
    "back": back,
}
