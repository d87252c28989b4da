"""How far a stated probability can be believed: bins, the usual error, a drawing."""

from collections.abc import Sequence
from dataclasses import dataclass

from nlu.evaluate import wilson

BINS = 10
SIDE, MARGIN = 280, 48  # pixels of the drawing
INK, PALE, POINT = "#1f2937", "#9ca3af", "#0b57d0"

Stated = tuple[float, bool]  # how sure it was, and whether it was right


@dataclass(frozen=True)
class Bin:
    """Answers that were about equally sure."""

    stated: float
    right: int
    total: int

    @property
    def true(self) -> float:
        """The share that was right."""
        return self.right / self.total


def bins(pairs: Sequence[Stated]) -> list[Bin]:
    """Tenths of the scale, those without answers left out."""
    sorted_in: list[list[Stated]] = [[] for _ in range(BINS)]
    for chance, right in pairs:
        sorted_in[min(int(chance * BINS), BINS - 1)].append((chance, right))
    return [
        Bin(sum(chance for chance, _ in group) / len(group), sum(r for _, r in group), len(group))
        for group in sorted_in
        if group
    ]


def expected_error(pairs: Sequence[Stated]) -> float:
    """How far the stated probability is from the true share, on average over all answers."""
    return sum(b.total * abs(b.stated - b.true) for b in bins(pairs)) / max(len(pairs), 1)


def bars(pairs: Sequence[Stated]) -> list[str]:
    """The bins as lines of text."""
    return [
        f"  said {b.stated:.2f}  right {b.true:.2f}  "
        f"{'█' * round(20 * b.true):<20} {b.right}/{b.total}"
        for b in bins(pairs)
    ]


def drawing(pairs: Sequence[Stated], title: str) -> str:
    """The bins as an SVG: stated to the right, true upwards, with 95 % intervals."""
    size, end = SIDE + 2 * MARGIN, SIDE + MARGIN
    middle = size // 2
    parts = [
        f"""\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" role="img"
 font-family="sans-serif" font-size="11" fill="{INK}">
<title>{title}</title>
<rect width="{size}" height="{size}" fill="white"/>
<path d="M{MARGIN} {MARGIN}V{end}H{end}M{MARGIN} {end}L{end} {MARGIN}" fill="none" stroke="{PALE}"/>
<g text-anchor="middle">
<text x="{middle}" y="20">{title}</text>
<text x="{middle}" y="{size - 8}">stated probability</text>
<text x="14" y="{middle}" transform="rotate(-90 14 {middle})">share that was right</text>
</g>"""
    ]
    for tenth in (0, 0.5, 1):
        parts.append(f'<text x="{_x(tenth)}" y="{end + 16}" text-anchor="middle">{tenth}</text>')
        parts.append(f'<text x="{MARGIN - 8}" y="{_y(tenth)}" text-anchor="end">{tenth}</text>')
    for b in bins(pairs):
        low, high = wilson(b.right, b.total)
        parts.append(f'<path d="M{_x(b.stated)} {_y(low)}V{_y(high)}" stroke="{POINT}"/>')
        parts.append(
            f'<circle cx="{_x(b.stated)}" cy="{_y(b.true)}" r="4" fill="{POINT}">'
            f"<title>{b.right}/{b.total}</title></circle>"
        )
    return "\n".join([*parts, "</svg>"]) + "\n"


def _x(share: float) -> str:
    return f"{MARGIN + SIDE * share:.1f}"


def _y(share: float) -> str:
    return f"{MARGIN + SIDE * (1 - share):.1f}"
