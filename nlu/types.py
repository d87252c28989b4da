"""What understanding a message means: the values that every engine returns and the bot reads."""

from collections.abc import Collection
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


class Aspect(StrEnum):
    """What is asked about a procedure. A bare subject has none."""

    DOCUMENTS = "documents"
    FEES = "fees"
    TIME = "time"
    PLACE = "place"
    CONDITIONS = "conditions"
    STEPS = "steps"
    LEGAL_BASIS = "legal_basis"
    ONLINE = "online"
    FORM = "form"
    RESULT = "result"


@dataclass(frozen=True)
class Entity:
    """A thing named in the text: `kind`, the normalised `value`, and where it stood.

    Kinds: dossier_code, dossier_tail, procedure_code, phone, identity_number, ordinal (from 1,
    "-1" is the last), date (ISO; "--09-20" without a year), money (đồng), agency.
    """

    kind: str
    value: str
    start: int
    end: int


@dataclass(frozen=True)
class Intent:
    """An intent's name and its calibrated probability in [0, 1]."""

    name: str
    confidence: float


@dataclass(frozen=True)
class Understanding:
    """One message, understood. `text` is cleaned (NFC, masked); `folded` has no accents.

    `subject` is the part of the message that names a procedure (aspect words, greetings and
    fillers taken away), folded; empty when the message names none ("thế còn phí?").
    `in_domain` is how likely (0 to 1) the message concerns public services at all. `band` says
    what the first intent's confidence allows: "answer", "confirm" (ask first) or "refuse".
    `signals` are the names from `data/signals.yml` whose words were met ("bereaved").
    """

    text: str
    folded: str
    intents: tuple[Intent, ...]
    aspects: tuple[Aspect, ...] = ()
    entities: tuple[Entity, ...] = ()
    subject: str = ""
    in_domain: float = 1.0
    band: str = "answer"
    signals: tuple[str, ...] = ()
    timings: dict[str, float] = field(default_factory=dict)

    @property
    def intent(self) -> str:
        """The likeliest intent's name."""
        return self.intents[0].name if self.intents else "ask_procedure"

    def chance(self, names: Collection[str]) -> float:
        """How likely one of these intents is meant: they compete with each other for nothing."""
        return sum(intent.confidence for intent in self.intents if intent.name in names)

    def entity(self, kind: str) -> str | None:
        """The first entity of a kind, if any."""
        return next((e.value for e in self.entities if e.kind == kind), None)


class Engine(Protocol):
    """Understands messages. `parse` raises for no text and touches neither disk nor net."""

    def parse(self, text: str) -> Understanding:
        """Understand one message."""
        ...
