"""Which column of a roster is which, however its heading is written."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from backend.errors import InvalidInput
from backend.i18n import gettext as _
from backend.people.legacy_text import Encoding, mend
from backend.people.sheet import Cell
from nlu.text import fold

# Headings as people write them: without accents, signs and what stands in brackets.
HEADINGS: Mapping[str, tuple[str, ...]] = {
    "code": (
        "ma can bo", "ma cb", "ma cbccvc", "ma cong chuc", "ma vien chuc", "ma nhan vien", "ma nv",
        "so hieu", "so hieu cbcc", "so hieu can bo", "ma so can bo",
    ),
    "name": ("ho va ten", "ho ten", "ho ten can bo", "ten can bo", "ho va ten can bo"),
    "family": ("ho dem", "ho va ten dem", "ho lot", "ho va chu dem", "ho"),
    "given": ("ten",),
    "agency": (
        "co quan", "don vi", "co quan don vi", "ten co quan", "ten don vi", "don vi cong tac",
        "co quan cong tac", "noi cong tac",
    ),
    "agency_code": (
        "ma co quan", "ma don vi", "ma dinh danh co quan", "ma dinh danh don vi",
        "ma co quan don vi",
    ),
    "position": ("chuc vu", "chuc danh", "chuc vu chuc danh", "vi tri viec lam", "vi tri"),
    "duty": (
        "nhiem vu cntt", "phu trach cntt", "vai tro cntt", "cntt", "nhiem vu cong nghe thong tin",
        "phan cong cntt",
    ),
    "born": ("ngay sinh", "ngay thang nam sinh", "nam sinh", "sinh ngay"),
    "email": (
        "email", "e mail", "thu dien tu", "dia chi email", "email cong vu", "thu cong vu",
        "hop thu cong vu", "thu dien tu cong vu", "hop thu dien tu",
    ),
    "phone": (
        "dien thoai", "so dien thoai", "sdt", "di dong", "dtdd", "dien thoai di dong",
        "so di dong", "dt",
    ),
    "citizen": (
        "so cccd", "cccd", "so can cuoc", "so can cuoc cong dan", "can cuoc cong dan", "can cuoc",
        "so dinh danh ca nhan", "so dinh danh", "so cccd cmnd", "so cmnd cccd", "cccd cmnd",
        "cmnd cccd",
    ),
}  # fmt: skip
_MEANING = {heading: column for column, headings in HEADINGS.items() for heading in headings}
_BRACKETS = re.compile(r"\([^)]*\)|\[[^\]]*\]")
_SEARCHED = 15


@dataclass(frozen=True)
class Table:
    """The rows below the headings, with the number that each has in the file."""

    columns: Mapping[str, int]
    rows: Sequence[tuple[int, list[Cell]]]


def meaning(heading: str) -> str | None:
    """Which column a heading stands for."""
    words = re.findall(r"[a-z0-9]+", fold(_BRACKETS.sub(" ", heading)))
    return _MEANING.get(" ".join(words))


def table(rows: Sequence[list[Cell]], encoding: Encoding) -> Table:
    """Find the headings (rosters begin with titles) and give what stands below them."""
    for number, row in enumerate(rows[:_SEARCHED]):
        columns: dict[str, int] = {}
        for position, cell in enumerate(row):
            if isinstance(cell, str) and (column := meaning(mend(cell, encoding))):
                columns.setdefault(column, position)
        if _is_enough(columns):
            below = enumerate(rows[number + 1 :], start=number + 2)
            return Table(columns, [(i, row) for i, row in below if _has_words(row)])
    raise InvalidInput(
        "roster_no_headings",
        _("Không thấy dòng tiêu đề. Cần ít nhất hai cột “Mã cán bộ” và “Họ và tên”."),
    )


def _is_enough(columns: Mapping[str, int]) -> bool:
    named = "name" in columns or ("family" in columns and "given" in columns)
    return named and ("code" in columns or "citizen" in columns)


def _has_words(row: Sequence[Cell]) -> bool:
    return any(str(cell).strip() for cell in row)
