"""One turn as flows see it, and what they answer with."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session

from bot.dialogue.state import State
from bot.messages import Button, Incoming
from bot.models import Conversation
from bot.photos import Sight
from nlu.search import Decision, Hit, Index
from nlu.types import Understanding


class Behavior(StrEnum):
    """What kind of answer a turn got; a fixed interface (`python -m bot ask`)."""

    ANSWER = "answer"
    CLARIFY = "clarify"
    OUT_OF_SCOPE = "out_of_scope"
    TRACK = "track"
    SMALLTALK = "smalltalk"
    HANDOVER = "handover"


@dataclass(frozen=True)
class Understood:
    """The message as understood outside the transaction: meaning, and which procedures it fits."""

    meaning: Understanding
    hits: tuple[Hit, ...]
    decision: Decision
    index: Index
    commune: str = ""  # the commune that the message names, folded
    sight: Sight | None = None  # what the photo shows, if there was one


@dataclass(frozen=True)
class Turn:
    """Everything a flow may look at; it changes nothing but `state` and what services store.

    `conversation` is None where the turn is stored nowhere (`python -m bot ask`, an answer that is
    suggested to an officer): then nobody may be called or told.
    """

    session: Session
    incoming: Incoming
    understood: Understood
    state: State
    now: datetime
    conversation: Conversation | None = None

    @property
    def meaning(self) -> Understanding:
        """The message, understood."""
        return self.understood.meaning

    @property
    def aspects(self) -> tuple[str, ...]:
        """The aspects this message asks about."""
        return tuple(aspect.value for aspect in self.meaning.aspects)


@dataclass(frozen=True)
class Outcome:
    """What to say: a reply template and its values, the buttons under it, and what it means.

    Without a template nothing is said: people are talking. `replaces` as in `Reply`; `status` only
    where the turn is not counted by its behaviour.
    """

    behavior: Behavior
    template: str
    context: dict[str, Any] = field(default_factory=dict)
    buttons: tuple[Button, ...] = ()
    codes: tuple[str, ...] = ()
    aspects: tuple[str, ...] = ()
    status: str = ""
    replaces: bool = False
