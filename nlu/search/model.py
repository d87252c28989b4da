"""The values that go into and come out of the search for a procedure."""

from dataclasses import dataclass
from typing import Literal

SURE = 50.0  # the score of a procedure named by its code: nothing else comes near


@dataclass(frozen=True)
class Doc:
    """What the index knows of one procedure. Levels are commune, province, ministry or other."""

    code: str
    name: str
    lay_names: tuple[str, ...] = ()
    field: str = ""
    levels: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    results: tuple[str, ...] = ()
    cases: tuple[str, ...] = ()
    body: str = ""
    name_only: bool = False
    successor_of: tuple[str, ...] = ()


@dataclass(frozen=True)
class Hit:
    """A procedure that may be meant. `probability` is calibrated: how likely it is this one.

    How it was found: `covers` is the share of what was said that stands in one of its names,
    `exact` how far both cover each other, `read` how far the official wording of the aliases does,
    `near` how alike it is to what was talked about before (0 when the message stands alone),
    `alike` how near in meaning one of its names is to what was said.
    """

    code: str
    name: str
    score: float
    probability: float
    covers: float = 0.0
    exact: float = 0.0
    read: float = 0.0
    near: float = 0.0
    alike: float = 0.0


@dataclass(frozen=True)
class Decision:
    """Answer the first hit, ask which of the hits is meant, or admit that nothing fits.

    `difference` names what tells the choices apart (level, stage, foreign, applicant, subject), so
    that the question back can be about that and not about official titles. `also` is the second
    of two procedures that one message names; it stands second among the hits, too.
    """

    kind: Literal["answer", "clarify", "none"]
    hits: tuple[Hit, ...]
    difference: str = ""
    also: tuple[Hit, ...] = ()
