"""Reports as xlsx: counts by agency, and every name; the same report is the same file."""

import io
from collections.abc import Sequence
from datetime import UTC, datetime, time
from typing import Any

import xlsxwriter  # type: ignore[import-untyped]  # no stubs exist
from xlsxwriter.format import Format  # type: ignore[import-untyped]  # as above
from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]  # as above

from backend import clock
from backend.i18n import day
from backend.i18n import gettext as _
from backend.people.duties import duty_names
from lms.assignments.standing import Stand
from lms.reports import report as reports
from lms.reports.report import Counts, Report

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# What people typed stays text: nothing of it becomes a formula, a link or a number.
SAFE = {
    "in_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
    "strings_to_numbers": False, "nan_inf_to_errors": True,
}  # fmt: skip


def stand_names() -> dict[Stand, str]:
    """How sheets and pages call the stands."""
    return {
        Stand.DONE: _("Đã đạt"),
        Stand.GOING_ON: _("Đang học"),
        Stand.NOT_BEGUN: _("Chưa học"),
        Stand.OVERDUE: _("Quá hạn"),
        Stand.EXCUSED: _("Được miễn"),
    }


def xlsx(report: Report) -> bytes:
    """Sheet one: agency by requirement; sheet two: everybody."""
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made, SAFE)
    stamp = report.closed_at or datetime.combine(report.on, time(), clock.VIETNAM)
    book.set_properties({"created": stamp.astimezone(UTC).replace(tzinfo=None)})
    bold, share = book.add_format({"bold": True}), book.add_format({"num_format": "0.0%"})
    _counts(book.add_worksheet(_("Tổng hợp")), report, bold, share)
    _names(book.add_worksheet(_("Danh sách")), report, bold)
    book.close()
    return made.getvalue()


def table(title: str, heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> bytes:
    """Any table of text and numbers."""
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made, SAFE)
    sheet = book.add_worksheet(title[:31])
    _head(sheet, 0, heads, book.add_format({"bold": True}))
    for number, row in enumerate(rows, start=1):
        _row(sheet, number, row)
    book.close()
    return made.getvalue()


def _counts(sheet: Worksheet, report: Report, bold: Format, share: Format) -> None:
    sheet.write_string(0, 0, _title(report), bold)
    if report.digest:
        sheet.write_string(1, 0, _("Đã chốt, mã SHA-256: {digest}").format(digest=report.digest))
    heads = [_("Cơ quan"), _("Khoá"), _("Hạn"), _("Phải học"), *stand_names().values(),
             _("Tỷ lệ đạt"), _("Chỉ tiêu")]  # fmt: skip
    _head(sheet, 3, heads, bold)
    at = 4
    found = reports.matrix(report)
    for wanted in report.wanted:
        _count_row(sheet, at, _("Toàn bộ"), wanted, found.totals[wanted.id], share)
        at += 1
    for row in found.rows:
        for wanted in report.wanted:
            if wanted.id in row.cells:
                _count_row(sheet, at, row.name, wanted, row.cells[wanted.id], share)
                at += 1
    sheet.freeze_panes(4, 1)


def _count_row(
    sheet: Worksheet, at: int, name: str, wanted: reports.Wanted, counts: Counts, share: Format
) -> None:
    shown = [name, f"{wanted.course_code} {wanted.course_title}", day(wanted.deadline)]
    _row(sheet, at, [*shown, counts.must, *(counts.of(stand) for stand in stand_names())])
    if counts.share is not None:
        sheet.write_number(at, 9, counts.share, share)
    sheet.write_number(at, 10, wanted.target, share)


def _names(sheet: Worksheet, report: Report, bold: Format) -> None:
    heads = [_("Khoá"), _("Cơ quan"), _("Mã cán bộ"), _("Họ và tên"), _("Chức vụ"),
             _("Nhiệm vụ CNTT"), _("Tình trạng"), _("Ngày đạt"), _("Lý do miễn")]  # fmt: skip
    _head(sheet, 0, heads, bold)
    stands, duties, at = stand_names(), duty_names(), 1
    for wanted in report.wanted:
        for line in sorted(report.lines[wanted.id], key=lambda line: (line.agency, line.name)):
            done = day(line.done_on) if line.done_on else ""
            _row(sheet, at, [
                wanted.course_code, line.agency, line.staff_code, line.name, line.position,
                duties[line.duty], stands[line.stand], done, line.reason,
            ])  # fmt: skip
            at += 1
    sheet.freeze_panes(1, 0)


def _head(sheet: Worksheet, at: int, heads: Sequence[str], bold: Format) -> None:
    for column, head in enumerate(heads):
        sheet.write_string(at, column, head, bold)
    sheet.set_column(0, len(heads) - 1, 16)
    sheet.set_column(0, 1, 32)


def _row(sheet: Worksheet, at: int, values: Sequence[Any]) -> None:
    for column, value in enumerate(values):
        if isinstance(value, str):
            sheet.write_string(at, column, value)
        elif value is not None:
            sheet.write_number(at, column, value)


def _title(report: Report) -> str:
    return _("Kết quả đào tạo kỳ {period}, tính đến {when}").format(
        period=report.period, when=day(report.on)
    )
