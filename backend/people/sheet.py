"""Rows out of an .xlsx or .csv that somebody sent, without trusting it.

A workbook is a zip: what it would unpack to, and the last cell that it names, are measured before
the parser sees it, since a few kilobytes can stand for gigabytes of zeros or of empty cells.
"""

import csv
import io
import re
import zipfile
import zlib
from datetime import date, datetime, time, timedelta

import python_calamine

from backend.errors import InvalidInput
from backend.i18n import gettext as _
from backend.people.legacy_text import decoded

Cell = str | int | float | bool | date | datetime | time | timedelta

MOST_ROWS = 20_000
MOST_COLUMNS = 100
MOST_BYTES = 64 * 1024 * 1024
MOST_MEMBERS = 500
# What `zipfile` raises at what is broken; RuntimeError: with a password, or packed unknowably.
NOT_A_ZIP = (zipfile.BadZipFile, zlib.error, RuntimeError, OSError, EOFError)
_CELL_REFERENCE = re.compile(rb"<(?:\w+:)?c\s[^>]*?\br\s*=\s*[\"']\s*([A-Za-z]{1,3})(\d{1,9})")
_CHUNK = 1024 * 1024
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"


def read(data: bytes, name: str) -> list[list[Cell]]:
    """The rows of the first sheet, or of the text file; refusals say what to do."""
    if not data:
        raise _refused(_("Tệp trống. Xin chọn lại tệp danh sách."))
    if data.startswith(_OLD_EXCEL):
        raise _refused(_("Tệp .xls cũ hoặc có mật khẩu: mở bằng Excel, lưu thành .xlsx rồi gửi."))
    if data.startswith(b"PK"):
        return _workbook(data)
    if name.lower().endswith((".xlsx", ".xls", ".ods", ".docx", ".pdf")):
        raise _refused(_("Tệp không phải bảng Excel hợp lệ. Xin lưu lại thành .xlsx rồi gửi."))
    return _text(data)


def _workbook(data: bytes) -> list[list[Cell]]:
    _measure(data)
    try:
        with python_calamine.load_workbook(io.BytesIO(data)) as book:
            names = [
                sheet.name for sheet in book.sheets_metadata
                if sheet.visible is python_calamine.SheetVisibleEnum.Visible
            ]  # fmt: skip
            if not names:
                raise _refused(_("Tệp Excel không có trang tính nào."))
            rows = book.get_sheet_by_name(names[0]).to_python(skip_empty_area=False)
    except (python_calamine.CalamineError, ValueError, OSError) as error:
        raise _unreadable() from error
    return [list(row) for row in rows]


def _measure(data: bytes) -> None:
    """Refuse what would not fit, by unpacking it once, piece by piece, into nothing."""
    left = MOST_BYTES
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as box:
            members = box.infolist()
            if len(members) > MOST_MEMBERS or sum(m.file_size for m in members) > left:
                raise _too_large()
            if "xl/workbook.xml" not in box.namelist():
                raise _unreadable()
            for member in members:
                left -= _measured(box, member, left)
    except NOT_A_ZIP as error:
        raise _unreadable() from error


def _measured(box: zipfile.ZipFile, member: zipfile.ZipInfo, left: int) -> int:
    size, tail = 0, b""
    is_sheet = member.filename.lower().endswith(".xml")
    with box.open(member) as file:
        while piece := file.read(_CHUNK):
            size += len(piece)
            if size > left:
                raise _too_large()
            if is_sheet:
                if b"\0" in piece:  # UTF-16: no program writes it, and it hides its cells from us
                    raise _unreadable()
                _check_references(tail + piece)
                tail = piece[-200:]
    return size


def _check_references(xml: bytes) -> None:
    for letters, digits in _CELL_REFERENCE.findall(xml):
        column = 0
        for letter in letters.upper():
            column = column * 26 + letter - 64
        if int(digits) > MOST_ROWS + 100 or column > MOST_COLUMNS:
            raise _refused(
                _("Bảng quá rộng hoặc quá dài. Xin xóa các hàng, cột trống thừa rồi lưu lại.")
            )


def _text(data: bytes) -> list[list[Cell]]:
    text = decoded(data).replace("\0", "")
    first = text.partition("\n")[0]
    separator = max(";,\t|", key=first.count)
    try:
        rows: list[list[Cell]] = []
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
            rows.append(list(row[: MOST_COLUMNS + 1]))
            if len(rows) > MOST_ROWS + 100:
                raise _too_large()
    except csv.Error as error:
        raise _unreadable() from error
    return rows


def _refused(message: str) -> InvalidInput:
    return InvalidInput("roster_unreadable", message)


def _too_large() -> InvalidInput:
    message = _("Tệp quá lớn. Mỗi lần nhập tối đa {rows} người; xin chia thành nhiều tệp.")
    return _refused(message.format(rows=MOST_ROWS))


def _unreadable() -> InvalidInput:
    return _refused(_("Không đọc được tệp. Xin mở bằng Excel, lưu lại thành .xlsx rồi gửi."))
