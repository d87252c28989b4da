"""Questions beside a record's facts: what no record tells, and how two procedures differ.

Both stay with what is being talked about, and neither adds a word to what the records say.
"""

import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from backend.procedures.record import Record
from bot.catalogue import catalogue
from bot.dialogue import answers
from bot.dialogue.flows import find_procedure, help_menu
from bot.dialogue.labels import label
from bot.dialogue.turn import Behavior, Outcome, Turn
from bot.messages import Button
from nlu import aspects
from nlu.text import normalise

PATTERNS = Path(__file__).with_name("asides.yml")
LEFT = 2  # more words beside the pattern make it a question of its own
SURE = 0.5
# What is asked, and the word that a record would hold if it told something about it.
UNTOLD = {"penalty": "phạt", "share": "m2", "money": "đồng", "months": "thời gian hưởng"}


def answer(turn: Turn) -> Outcome | None:
    """What is asked beside the facts of the present subject, or None if nothing such is."""
    if turn.state.choices:
        return None
    line = aspects.clauses(normalise(turn.meaning.text))
    if _patterns()["compare"].search(line):
        return _compared(turn)
    if not turn.state.subject:
        return None
    asked = next((name for name in UNTOLD if _is_all(_patterns()[name], line)), "")
    return _untold(turn, asked) if asked else None


def _is_all(pattern: re.Pattern[str], line: str) -> bool:
    """Whether the pattern and a word or two are all of the message."""
    return pattern.search(line) is not None and len(pattern.sub("", line).split()) <= LEFT


def _untold(turn: Turn, asked: str) -> Outcome | None:
    """The record is silent: say so, and who knows."""
    found = catalogue.resolve(turn.session, turn.state.subject)
    if found is None:
        return None
    if UNTOLD[asked] in _prose(found.record):
        return find_procedure.answer(turn, found.record.code, ["conditions", "steps"])
    title = answers.title(found.record.name)
    context = {"asked": asked, "title": title, "centre": help_menu.centre()}
    context["url"] = answers.page_url(found.record.code)
    code = found.record.code
    told = ("conditions", "legal_basis")
    ways = tuple(Button(label("aspects", one), f"a:{one}:{code}") for one in told)
    return Outcome(Behavior.ANSWER, "untold", context, buttons=ways, codes=(code,))


def _prose(record: Record) -> str:
    """What a record says in sentences, where an amount or a fine might stand."""
    said = [*record.conditions, *record.results, *(step.text for step in record.steps)]
    return " ".join(said).lower()


def _compared(turn: Turn) -> Outcome | None:
    """Two procedures side by side: what both records say they are, cost and take."""
    codes = _two(turn)
    found = [catalogue.resolve(turn.session, code) for code in codes]
    views: list[dict[str, Any]] = [answers.view(one.record) for one in found if one]
    if len(views) < 2:
        return None
    first, other = (view["code"] for view in views)
    turn.state.talk_about(other, [])
    turn.state.talk_about(first, [])
    buttons = tuple(
        Button(find_procedure.button_text(view["title"]), f"p:{view['code']}") for view in views
    )
    others = (hit.code for hit in turn.understood.hits)
    shown = tuple(dict.fromkeys([first, other, *others]))[:10]
    return Outcome(Behavior.ANSWER, "compare", {"views": views}, buttons=buttons, codes=shown)


def _two(turn: Turn) -> tuple[str, ...]:
    """Both named in this message, or the present subject and the one named now."""
    decision, hits = turn.understood.decision, turn.understood.hits
    if decision.also:
        return tuple(hit.code for hit in decision.hits[:2])
    current = turn.state.subject
    others = [hit.code for hit in hits if hit.code != current]
    if not current or not others or hits[0].probability < SURE:
        return ()
    return current, others[0]


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    content = yaml.safe_load(PATTERNS.read_text(encoding="utf-8"))
    named = {**content["untold"], "compare": content["compare"]}
    return {name: aspects.compiled(patterns) for name, patterns in named.items()}
