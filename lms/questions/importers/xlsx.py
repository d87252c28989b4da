"""Reads questions from .xlsx: a row each, columns by their headings."""

from datetime import datetime

from backend.errors import InvalidInput
from backend.i18n import gettext as _
from backend.people import legacy_text, sheet
from backend.people.sheet import Cell
from lms.questions.importers import archives, judge, table
from lms.questions.importers.draft import Import
from lms.questions.importers.lines import tidy

MOST_ROWS = 2_000
_HEADINGS_WITHIN = 10


def read(data: bytes, name: str = "") -> Import:
    """The questions of the first sheet; refusals say which headings are wanted."""
    if data.startswith(b"PK"):
        archives.contents(data)
    rows = [[_words(cell) for cell in row] for row in sheet.read(data, name or "x.xlsx")]
    encoding = legacy_text.detect(cell for row in rows[:500] for cell in row)
    rows = [[legacy_text.mend(cell, encoding) for cell in row] for row in rows]
    for at, row in enumerate(rows[:_HEADINGS_WITHIN]):
        if columns := table.columns(row):
            wanted = rows[at + 1 : at + 1 + MOST_ROWS]
            found = judge.judged(table.read(wanted, columns, first=at + 2))
            if found:
                return Import(tuple(found))
    raise InvalidInput("nothing_found", _(
        "Không thấy câu hỏi nào. Hàng đầu của bảng cần có các cột: Câu hỏi, A, B, C, D, Đáp án; "
        "có thể thêm Giải thích, Chủ đề, Độ khó."
    ))  # fmt: skip


def _words(cell: Cell) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, bool):
        return "Đúng" if cell else "Sai"
    if isinstance(cell, datetime):
        return cell.strftime("%d/%m/%Y")
    return tidy(str(cell)).strip()
