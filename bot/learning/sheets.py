"""The figures as files for a spreadsheet: CSV, and one workbook with a sheet a table.

A cell never begins a formula: whoever chose a procedure's name must not run anything on the
computer of whoever opens the file.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

Cell = str | int | float | None
Row = Sequence[Cell]
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")


@dataclass(frozen=True)
class Table:
    """A name, headings, and rows."""

    name: str
    headings: Sequence[str]
    rows: Iterable[Row]


def as_csv(tables: Sequence[Table]) -> bytes:
    """The tables one below the other; with the mark that makes Excel read UTF-8."""
    text = io.StringIO()
    writer = csv.writer(text)
    for number, table in enumerate(tables):
        if number:
            writer.writerow([])
        writer.writerow([harmless(table.name)])
        writer.writerow([harmless(heading) for heading in table.headings])
        writer.writerows([harmless(cell) for cell in row] for row in table.rows)
    return text.getvalue().encode("utf-8-sig")


def as_xlsx(tables: Sequence[Table]) -> bytes:
    """One workbook; headings are bold and stay in view."""
    book = Workbook(write_only=True)
    for table in tables:
        sheet = book.create_sheet(table.name[:31])
        sheet.freeze_panes = "A2"
        headings = []
        for heading in table.headings:
            cell = WriteOnlyCell(sheet, harmless(heading))
            cell.font = Font(bold=True)
            headings.append(cell)
        sheet.append(headings)
        for row in table.rows:
            sheet.append([harmless(cell) for cell in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def harmless(cell: Cell) -> Cell:
    """Text that would be read as a formula gets an apostrophe before it."""
    if isinstance(cell, str) and cell.startswith(FORMULA):
        return f"'{cell}"
    return cell
