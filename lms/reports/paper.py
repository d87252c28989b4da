"""A period's report on paper, for signature; the same report is the same file, byte for byte."""

import json
from datetime import UTC, datetime, time
from pathlib import Path

import typst

from backend.config import settings
from backend.i18n import day, moment, number
from backend.i18n import gettext as _
from backend.people.duties import audience_names
from lms.reports import report as reports
from lms.reports.report import Counts, Report

LAYOUT = Path(__file__).with_name("report.typ")


def pdf(report: Report, *, mark: str = "") -> bytes:
    """Tagged PDF; `mark` is the audit log's digest of the closing."""
    found = reports.matrix(report)
    groups = audience_names()
    legend = [
        _("{code}: {title}. {audience}. Hạn {when}, chỉ tiêu {target} %.").format(
            code=one.course_code, title=one.course_title, audience=groups[one.audience],
            when=day(one.deadline), target=number(round(one.target * 100)),
        )
        for one in report.wanted
    ]  # fmt: skip
    content = {
        "issuer": settings().training_body,
        "title": _("Kết quả đào tạo: {period}").format(period=report.period),
        "when": _when(report),
        "legend": [*legend, _("Mỗi ô: số người đã đạt trên số người phải học, và tỷ lệ.")],
        "heads": [_("Cơ quan"), *(one.course_code for one in report.wanted), _("Còn thiếu")],
        "total": [
            _("Toàn bộ"), *(_cell(found.totals[one.id]) for one in report.wanted),
            number(found.total.missing),
        ],
        "rows": [
            [row.name, *(_cell(row.cells.get(one.id)) for one in report.wanted),
             number(row.total.missing)]
            for row in sorted(found.rows, key=lambda row: row.name)
        ],
        "mark": _mark(report, mark),
        "words": {
            "maker": _("Người lập biểu"), "signs": _("(ký, ghi rõ họ tên)"),
            "date": _("Ngày … tháng … năm …"), "head": _("Thủ trưởng cơ quan"),
            "stamps": _("(ký, ghi rõ họ tên, đóng dấu)"),
        },
    }  # fmt: skip
    stamp = report.closed_at or datetime.combine(report.on, time(), UTC)
    return typst.compile(
        LAYOUT, format="pdf", ignore_system_fonts=True, timestamp=stamp,
        sys_inputs={"data": json.dumps(content, ensure_ascii=False)}, pdf_standards=["ua-1"],
    )  # fmt: skip


def _cell(counts: Counts | None) -> str:
    if counts is None or counts.share is None:
        return "–"
    share = number(int(counts.share * 100 + 1e-9))  # 99.6 % are not all of them
    return f"{number(counts.done)}/{number(counts.must)} ({share} %)"


def _when(report: Report) -> str:
    days = _("Kỳ từ {start} đến {end}").format(start=day(report.starts_on), end=day(report.ends_on))
    if report.closed_at is None:
        return days + _("; số liệu ngày {when}, chưa chốt").format(when=day(report.on))
    return days + _("; chốt lúc {when}, người chốt: {name}").format(
        when=moment(report.closed_at), name=report.closed_by
    )


def _mark(report: Report, mark: str) -> str:
    if not report.digest:
        return _("Bản in từ số liệu đang cập nhật")
    return _("Số liệu SHA-256 {digest}… · nhật ký {mark}…").format(
        digest=report.digest[:24], mark=mark[:24]
    )
