"""Training deadlines in a chat: linked with an official's own code, stopped with two words.

The code comes from the learner's page (`/hoc/nhac-han`). On Telegram its link brings it; elsewhere
it is typed. Nothing here says whose code it was: whoever holds the chat knows, nobody else should.
"""

import re
from collections.abc import Callable

from backend.notifications import follow
from backend.notifications.chats import ChatRef
from bot.dialogue.flows import help_menu
from bot.dialogue.turn import Behavior, Outcome, Turn
from nlu.text import fold

TYPED = re.compile(r"nhac(?: han)?[\s:.-]+([a-z0-9]{4}[ -]?[a-z0-9]{4})\W*")
STOPS = frozenset({"dung nhac", "ngung nhac", "thoi nhac", "dung nhac han"})
# A browser's tab is not where anybody would be reached.
APPS = frozenset({"telegram", "zalo_oa", "zalo_bot", "console"})


def answer(turn: Turn) -> Outcome | None:
    """What a code, or the wish to stop, is answered with; None where it is neither."""
    said = fold(turn.incoming.text).strip()
    if said.strip(" .!") in STOPS:
        return _stopped(turn)
    if turn.incoming.start.startswith(follow.START):
        return _linked(turn, turn.incoming.start.removeprefix(follow.START))
    typed = TYPED.fullmatch(said)
    return _linked(turn, typed[1]) if typed else None


def _linked(turn: Turn, code: str) -> Outcome:
    if turn.incoming.channel not in APPS:
        return _said("reminders/not_here")
    chat = ChatRef(turn.incoming.channel, turn.incoming.chat)
    is_linked = turn.conversation is not None and follow.link(
        turn.session, chat, code.replace("-", ""), now=turn.now
    )
    return _said("reminders/linked" if is_linked else "reminders/no_such_code")


def _stopped(turn: Turn) -> Outcome:
    chat = ChatRef(turn.incoming.channel, turn.incoming.chat)
    had_any = turn.conversation is not None and follow.unlink_chat(turn.session, chat)
    return _said("reminders/stopped" if had_any else "reminders/none_here")


def _said(template: str) -> Outcome:
    return Outcome(Behavior.SMALLTALK, template, buttons=help_menu.ways_on())


intents: dict[str, Callable[[Turn], Outcome]] = {}
buttons: dict[str, Callable[[Turn, str], Outcome]] = {}
