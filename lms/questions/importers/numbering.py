"""Word's automatic numbers: the label that a paragraph bears on paper but not in its text."""

import re
from dataclasses import dataclass, field
from typing import Any

from docx.oxml.ns import qn

from lms.questions.importers.lines import Numbered

_ROMAN = ((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))
_KINDS: dict[str, Numbered] = {
    "decimal": "number", "decimalZero": "number", "upperLetter": "letter", "lowerLetter": "letter",
    "bullet": "bullet", "upperRoman": "number", "lowerRoman": "number",
}  # fmt: skip


@dataclass
class _Level:
    kind: str
    pattern: str
    start: int


@dataclass
class Numbering:
    """The lists of a document; `label` is to be asked once for each paragraph, in their order."""

    levels: dict[str, dict[int, _Level]] = field(default_factory=dict)
    lists: dict[str, str] = field(default_factory=dict)
    restarts: dict[str, dict[int, int]] = field(default_factory=dict)
    _counts: dict[str, dict[int, int]] = field(default_factory=dict)
    _begun: set[tuple[str, int]] = field(default_factory=set)

    def label(self, list_id: str, level: int) -> tuple[str, Numbered]:
        """What stands before the next paragraph of this list, and what kind of sign it is."""
        abstract = self.lists.get(list_id)
        here = self.levels.get(abstract or "", {}).get(level)
        if abstract is None or here is None or here.kind == "none":
            return "", ""
        counts = self._counts.setdefault(abstract, {})
        restart = self.restarts.get(list_id, {}).get(level)
        if restart is not None and (list_id, level) not in self._begun:
            counts[level] = restart
        else:
            counts[level] = counts.get(level, here.start - 1) + 1
        self._begun.add((list_id, level))
        for deeper in [one for one in counts if one > level]:
            del counts[deeper]
        if here.kind == "bullet":
            return "•", "bullet"
        label = re.sub(
            r"%(\d)", lambda found: self._shown(abstract, int(found[1]) - 1), here.pattern
        )
        return label, _KINDS.get(here.kind, "number")

    def _shown(self, abstract: str, level: int) -> str:
        here = self.levels[abstract].get(level)
        if here is None:
            return ""
        return _formatted(self._counts[abstract].get(level, here.start), here.kind)


def read(element: Any) -> Numbering:
    """The lists of `numbering.xml`."""
    found = Numbering()
    if element is None:
        return found
    for abstract in element.findall(qn("w:abstractNum")):
        levels = {
            int(one.get(qn("w:ilvl"), 0)): _level(one) for one in abstract.findall(qn("w:lvl"))
        }
        found.levels[abstract.get(qn("w:abstractNumId"), "")] = levels
    for one in element.findall(qn("w:num")):
        list_id, abstract = one.get(qn("w:numId"), ""), one.find(qn("w:abstractNumId"))
        found.lists[list_id] = "" if abstract is None else abstract.get(qn("w:val"), "")
        for override in one.findall(qn("w:lvlOverride")):
            start = override.find(qn("w:startOverride"))
            if start is not None:
                restarts = found.restarts.setdefault(list_id, {})
                restarts[int(override.get(qn("w:ilvl"), 0))] = int(start.get(qn("w:val"), 1))
    return found


def _level(element: Any) -> _Level:
    def value(name: str, default: str) -> str:
        child = element.find(qn(name))
        return default if child is None else str(child.get(qn("w:val"), default))

    return _Level(value("w:numFmt", "decimal"), value("w:lvlText", ""), int(value("w:start", "1")))


def _formatted(number: int, kind: str) -> str:
    if kind in ("upperLetter", "lowerLetter"):
        letter = chr(ord("a") + (number - 1) % 26)
        return letter.upper() if kind == "upperLetter" else letter
    if kind in ("upperRoman", "lowerRoman"):
        shown, left = "", min(number, 399)
        for value, sign in _ROMAN:
            shown += sign * (left // value)
            left %= value
        return shown.upper() if kind == "upperRoman" else shown
    return str(number)
