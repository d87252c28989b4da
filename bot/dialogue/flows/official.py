"""Safe against impostors: whether a message is the province's, and by which ways it speaks.

What is asked about is recognised by fixed patterns (`official.yml`), not by likeness: a forwarded
swindle is written so as to look like a real message. Whatever was shown to us counts as `reported`,
so that staff find it on their page.
"""

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import yaml

from backend import official
from backend.config import settings
from bot.dialogue.flows import help_menu
from bot.dialogue.labels import label
from bot.dialogue.turn import Behavior, Outcome, Turn
from bot.learning.models import Status
from bot.messages import Button
from nlu.text import fold

ENOUGH = 2  # marks of a swindle in a message that nobody said was forwarded
PAGE = "/kenh-chinh-thuc"
DOMAINS = (
    "com|net|org|vn|vip|xyz|top|cc|info|online|site|shop|app|me|link|click|live|pro|asia|icu|ly"
)
LINK = re.compile(
    rf"(?:https?://|www\.)\S+|(?<![@\w.-])[\w-]+(?:\.[\w-]+)*\.(?:{DOMAINS})\b(?:/\S*)?",
    re.IGNORECASE,
)


@cache
def _patterns(name: str) -> tuple[re.Pattern[str], ...]:
    text = Path(__file__).with_suffix(".yml").read_text(encoding="utf-8")
    return tuple(re.compile(rf"\b(?:{pattern})\b") for pattern in yaml.safe_load(text)[name])


def answer(turn: Turn) -> Outcome | None:
    """What is said to a swindle, a doubt, or a question for the official ways; None: neither."""
    text = turn.incoming.text
    folded = fold(text)
    if turn.incoming.forwarded and (_alarms(folded) or _strange_link(text)):
        return doubted(turn)
    if _alarms(folded) + 2 * _strange_link(text) > ENOUGH:
        return doubted(turn)
    if any(pattern.search(folded) for pattern in _patterns("asks_whether")):
        return doubted(turn) if turn.incoming.forwarded or _alarms(folded) else _asked(turn)
    is_procedure = turn.understood.decision.kind == "answer"
    if not is_procedure and any(p.search(folded) for p in _patterns("asks_ways")):
        return listed(turn)
    return None


def doubted(turn: Turn) -> Outcome:
    """How to know an impostor; staff will see what was shown to us."""
    return _said(turn, "impostor", status=Status.REPORTED)


def listed(turn: Turn, _: str = "") -> Outcome:
    """The official ways."""
    return _said(turn, "official")


def _asked(turn: Turn) -> Outcome:
    """ "Is this yours?", but what was not shown."""
    return _said(turn, "is_it_ours", status=Status.REPORTED)


def _said(turn: Turn, template: str, *, status: str = "") -> Outcome:
    context = {"ways": official.ways(), "centre": help_menu.centre(), "page": PAGE}
    buttons = (Button(label("actions", "person"), "person"), *help_menu.ways_on())
    if template != "official":
        buttons = (Button(label("actions", "official"), "official"), *buttons)
    return Outcome(Behavior.SMALLTALK, template, context, buttons=buttons, status=status)


def _alarms(folded: str) -> int:
    return sum(bool(pattern.search(folded)) for pattern in _patterns("alarms"))


def _strange_link(text: str) -> bool:
    """A link to anywhere but us and the state."""
    own = urlsplit(settings().base_url).hostname or ""
    for found in LINK.finditer(text):
        address = found[0] if "://" in found[0] else f"//{found[0]}"
        try:
            host = (urlsplit(address).hostname or "").rstrip(".")
        except ValueError:
            return True
        if host != own and not host.endswith(".gov.vn"):
            return True
    return False


intents: dict[str, Callable[[Turn], Outcome]] = {}  # "scam" is said by `small_talk`, for safety
buttons: dict[str, Callable[[Turn, str], Outcome]] = {"official": listed}
