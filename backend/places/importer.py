"""Read lists of places from Excel or CSV, as offices keep them.

The columns may stand in any order under Vietnamese or English headings, accents or not; rows above
the headings are skipped. A list is of centres (commune, address, hours, telephone) or of communes
(old and new).
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from nlu.text import fold

# Folded headings; a column belongs to the first field that it names.
_CENTRE_COLUMNS = {
    "commune": ("xa", "xa phuong", "xa, phuong", "xa/phuong", "ten xa", "don vi hanh chinh",
                "don vi", "dia ban", "phuong xa", "commune"),
    "name": ("ten", "ten trung tam", "trung tam", "noi tiep nhan", "name"),
    "address": ("dia chi", "address"),
    "hours": ("gio lam viec", "thoi gian lam viec", "gio", "hours"),
    "phone": ("dien thoai", "so dien thoai", "sdt", "hotline", "phone"),
    "note": ("ghi chu", "note"),
}  # fmt: skip
_COMMUNE_COLUMNS = {
    "old_name": ("old_ward", "xa cu", "don vi cu", "xa, phuong cu"),
    "new_name": ("new_ward", "xa moi", "don vi moi", "xa, phuong moi"),
    "old_province": ("old_province", "tinh cu"),
    "old_district": ("old_district", "huyen cu"),
    "new_province": ("new_province", "tinh moi"),
    "kind": ("kind", "loai"),
}
_LOOKED_AT = 15  # rows among which the headings are searched

DEFAULT_NAME = "Trung tâm Phục vụ hành chính công {commune}"


class Unreadable(Exception):  # noqa: N818 (told to whoever imports)
    """The file as a whole cannot be taken, and why."""


@dataclass(frozen=True)
class Row:
    """One row by field name; `origin` says where it stood."""

    origin: str
    values: dict[str, str]


@dataclass(frozen=True)
class Sheet:
    """A list of centres or of communes; rejected rows come with the reason."""

    kind: str  # "centres" | "communes"
    rows: list[Row]
    rejected: list[tuple[str, str]]


def read(path: Path) -> Sheet:
    """The list in a file."""
    cells = list(_cells(path))
    for number, headings in enumerate(cells[:_LOOKED_AT]):
        for kind, columns, needed in (
            ("communes", _COMMUNE_COLUMNS, ("old_name", "new_name")),
            ("centres", _CENTRE_COLUMNS, ("commune",)),
        ):
            places = _columns(headings, columns)
            if all(field in places for field in needed):
                return _sheet(path.name, kind, needed, places, cells[number + 1 :], number + 2)
    raise Unreadable("Không tìm thấy hàng tiêu đề có cột xã/phường (hoặc xã cũ và xã mới).")


def _sheet(
    name: str,
    kind: str,
    needed: tuple[str, ...],
    places: dict[str, int],
    cells: list[list[str]],
    first: int,
) -> Sheet:
    sheet = Sheet(kind, [], [])
    for number, row in enumerate(cells, first):
        origin = f"{name}:{number}"
        values = {f: row[at] if at < len(row) else "" for f, at in places.items()}
        if not any(values.values()):
            continue
        missing = [field for field in needed if not values[field]]
        if missing:
            sheet.rejected.append((origin, "Thiếu tên xã, phường."))
        elif kind == "centres" and not (values.get("address") or values.get("phone")):
            sheet.rejected.append((origin, "Không có địa chỉ và điện thoại."))
        else:
            sheet.rows.append(Row(origin, values))
    return sheet


def _columns(headings: list[str], columns: dict[str, tuple[str, ...]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for at, heading in enumerate(headings):
        plain = fold(heading).strip(" *:")
        for field, names in columns.items():
            if field not in found and plain in names:
                found[field] = at
                break
    return found


def _cells(path: Path) -> Iterator[list[str]]:
    try:
        if path.suffix.lower() in {".xlsx", ".xlsm"}:
            yield from _excel(path)
        else:
            text = path.read_text(encoding="utf-8-sig")
            separator = max(",;\t", key=text.split("\n", 1)[0].count)
            for row in csv.reader(io.StringIO(text), delimiter=separator):
                yield [_text(value) for value in row]
    except (OSError, UnicodeDecodeError, BadZipFile, KeyError) as error:
        raise Unreadable(f"Không đọc được tệp: {error}") from error


def _excel(path: Path) -> Iterator[list[str]]:
    # Every process has this module, and few ever read a sheet: openpyxl takes a tenth of a second.
    from openpyxl import load_workbook  # noqa: PLC0415 (see above)
    from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415

    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except InvalidFileException as error:
        raise Unreadable(f"Không đọc được tệp: {error}") from error
    try:
        for row in book.worksheets[0].iter_rows(values_only=True):
            yield [_text(value) for value in row]
    finally:
        book.close()


def _text(value: Any) -> str:
    """A cell as text; Excel makes a number of a telephone without its leading zero."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return " ".join(str(value).split()) if value is not None else ""
