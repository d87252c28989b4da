"""Invented rosters for the tests of people."""

import io
from datetime import date
from typing import Any

import xlsxwriter  # type: ignore[import-untyped]  # no stubs exist

from backend.accounts.roles import Role, SignedIn

ADMIN = SignedIn(1, "an", "An", Role.ADMINISTRATOR)
HEADINGS = ["STT", "Mã cán bộ", "Họ và tên (*)", "Mã cơ quan", "Cơ quan", "Chức vụ",
            "Nhiệm vụ CNTT", "Ngày sinh", "Email", "Điện thoại", "Số CCCD"]  # fmt: skip
BINH = [1, "0007", "Nguyễn Văn Bình", "SKHCN", "Sở Khoa học và Công nghệ", "Chuyên viên",
        "chuyên trách", "05/03/1985", "binh@camau.gov.vn", "0912 000 111",
        "096085001234"]  # fmt: skip
HA = [2, "0008", "Lê Thị Hà", "SKHCN", "", "", "", date(1990, 12, 31), "", 912000222, 96190001111]


def workbook(*rows: list[Any]) -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"default_date_format": "dd/mm/yyyy"}) as book:
        page = book.add_worksheet()
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                if isinstance(cell, date):
                    page.write_datetime(number, column, cell)
                else:
                    page.write(number, column, cell)
    return file.getvalue()
