"""Bars as numbers for an SVG that the server draws; a table with the same figures stands beside."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 640, 180
GAP = 0.2  # of a column's width


@dataclass(frozen=True)
class Bar:
    """One rectangle; `kind` is its class, so that style sheets colour it."""

    x: float
    y: float
    width: float
    height: float
    kind: str


@dataclass(frozen=True)
class Chart:
    """Stacked columns in a box of `WIDTH` by `HEIGHT`, and the number at its top."""

    bars: tuple[Bar, ...]
    top: int
    width: int = WIDTH
    height: int = HEIGHT


def stacked(columns: Sequence[Mapping[str, int]], kinds: Sequence[str]) -> Chart:
    """A column an entry, the kinds one upon the other in their order."""
    top = max((sum(column.get(kind, 0) for kind in kinds) for column in columns), default=0)
    step = WIDTH / max(len(columns), 1)
    bars = []
    for number, column in enumerate(columns):
        base = float(HEIGHT)
        for kind in kinds:
            height = HEIGHT * column.get(kind, 0) / max(top, 1)
            if height:
                base -= height
                bars.append(_bar(number * step, base, step, height, kind))
    return Chart(tuple(bars), top)


def _bar(x: float, y: float, step: float, height: float, kind: str) -> Bar:
    left, width = x + step * GAP / 2, step * (1 - GAP)
    return Bar(round(left, 2), round(y, 2), round(width, 2), round(height, 2), kind)
