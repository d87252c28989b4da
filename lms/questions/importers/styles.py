"""How letters of a Word file look, after styles: set off, in which font, in which list."""

from dataclasses import dataclass, replace
from typing import Any

from docx.oxml.ns import qn

from backend.people.legacy_text import Encoding
from lms.questions.importers.lines import BOLD, COLOUR, HIGHLIGHT, UNDERLINE

_PLAIN_COLOURS = frozenset({"auto", "000000", "FFFFFF", "262626", "1F1F1F", "333333", "0D0D0D"})
_PLAIN_FILLS = frozenset({"auto", "FFFFFF", "none", ""})


@dataclass(frozen=True)
class Look:
    """What a run or a style says of its letters; None where it says nothing."""

    bold: bool | None = None
    underline: bool | None = None
    colour: bool | None = None
    highlight: bool | None = None
    font: str | None = None

    def over(self, below: "Look") -> "Look":
        """This look, where it says nothing the one below."""
        names = ("bold", "underline", "colour", "highlight", "font")
        said = {name: getattr(self, name) for name in names}
        return replace(below, **{name: value for name, value in said.items() if value is not None})

    @property
    def marks(self) -> int:
        """The marks of a `Line`."""
        kinds = ((self.bold, BOLD), (self.underline, UNDERLINE), (self.colour, COLOUR),
                 (self.highlight, HIGHLIGHT))  # fmt: skip
        return sum(kind for is_on, kind in kinds if is_on)

    @property
    def encoding(self) -> Encoding:
        """What the name of its font says about how letters are stored."""
        font = (self.font or "").casefold()
        if font.startswith(".vn"):
            return Encoding.TCVN3
        return Encoding.VNI if font.startswith(("vni-", "vni ")) else Encoding.UNICODE

    @property
    def is_capital(self) -> bool:
        """.VnTimeH and its kin show small letters as capitals."""
        return self.encoding is Encoding.TCVN3 and (self.font or "").endswith("H")


@dataclass(frozen=True)
class Style:
    """A style with everything it inherits."""

    look: Look
    list_id: str = ""
    level: int = 0


class Styles:
    """The styles of a document by id, each resolved once."""

    def __init__(self, element: Any) -> None:
        found = [] if element is None else element.findall(qn("w:style"))
        self._raw = {one.get(qn("w:styleId"), ""): one for one in found}
        self._known: dict[str, Style] = {}
        defaults = (
            None if element is None else element.find(f".//{qn('w:rPrDefault')}/{qn('w:rPr')}")
        )
        self.default = look_of(defaults)
        normal = next((i for i, one in self._raw.items() if one.get(qn("w:default")) == "1"
                       and one.get(qn("w:type")) == "paragraph"), "")  # fmt: skip
        self.normal = normal

    def get(self, style_id: str, depth: int = 0) -> Style:
        """The style of this id, with what it is based on."""
        if style_id in self._known:
            return self._known[style_id]
        raw = self._raw.get(style_id)
        if raw is None or depth > 20:
            return Style(Look())
        based = raw.find(qn("w:basedOn"))
        below = Style(Look()) if based is None else self.get(based.get(qn("w:val"), ""), depth + 1)
        list_id, level = list_of(raw.find(qn("w:pPr")))
        made = Style(
            look_of(raw.find(qn("w:rPr"))).over(below.look), list_id or below.list_id,
            level if list_id else below.level,
        )  # fmt: skip
        self._known[style_id] = made
        return made


def look_of(properties: Any) -> Look:
    """What `w:rPr` says."""
    if properties is None:
        return Look()
    underline, colour = _value(properties, "w:u"), _value(properties, "w:color")
    fill = _value(properties, "w:highlight")
    shade = properties.find(qn("w:shd"))
    if fill is None and shade is not None:
        fill = shade.get(qn("w:fill"), "auto")
    fonts = properties.find(qn("w:rFonts"))
    font = None if fonts is None else fonts.get(qn("w:ascii")) or fonts.get(qn("w:hAnsi"))
    return Look(
        bold=_switch(properties, "w:b"),
        underline=None if underline is None else underline not in ("none", "0"),
        colour=None
        if colour is None
        else colour.upper() not in {c.upper() for c in _PLAIN_COLOURS},
        highlight=None if fill is None else fill not in _PLAIN_FILLS,
        font=font,
    )


def list_of(properties: Any) -> tuple[str, int]:
    """The list and level that `w:pPr` puts a paragraph into; list "0" takes it out of any."""
    numbering = None if properties is None else properties.find(qn("w:numPr"))
    if numbering is None:
        return "", 0
    level = _value(numbering, "w:ilvl") or "0"
    return _value(numbering, "w:numId") or "", int(level) if level.isdecimal() else 0


def _value(parent: Any, name: str) -> str | None:
    child = parent.find(qn(name))
    return None if child is None else str(child.get(qn("w:val"), "1"))


def _switch(parent: Any, name: str) -> bool | None:
    value = _value(parent, name)
    return None if value is None else value not in ("0", "false", "off", "none")
