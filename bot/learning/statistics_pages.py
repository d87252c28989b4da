"""The figures on one page, with charts that the server draws, and as files."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Request, Response

from backend import clock, db, web
from backend.accounts.identity import OfficerDep, StaffRoute
from backend.accounts.roles import SignedIn
from backend.i18n import gettext as _
from backend.routing import Router
from bot.learning import charts, sheets, statistics
from bot.learning.models import Status
from bot.learning.sheets import Row, Table
from bot.learning.statistics import MOST_DAYS, QUESTIONS, Figures

router = Router(prefix="/quan-tri/thong-ke", route_class=StaffRoute, include_in_schema=False)

Viewer = Annotated[SignedIn, OfficerDep("learning.statistics")]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
USUAL_DAYS = 30


@router.get("")
def shown(request: Request, officer: Viewer, tu: str = "", den: str = "") -> Response:
    """The page."""
    first, last = _span(tu, den)
    figures = _figures(first, last)
    columns = [day.counts for day in figures.days]
    topics = [{"up": topic.up, "down": topic.down} for topic in figures.topics]
    return web.page(
        request, "learning/statistics.html", figures=figures, first=first, last=last,
        chart=charts.stacked(columns, QUESTIONS), thumbs=charts.stacked(topics, ("up", "down")),
        statuses=QUESTIONS, words=_words(), kept_days=7,
        query=urlencode({"tu": first.isoformat(), "den": last.isoformat()}),
    )  # fmt: skip


@router.get("/tep.csv")
def as_csv(officer: Viewer, tu: str = "", den: str = "") -> Response:
    """The tables, for any program."""
    first, last = _span(tu, den)
    content = sheets.as_csv(_tables(_figures(first, last)))
    return _file(content, "text/csv; charset=utf-8", f"thong-ke-{first}-{last}.csv")


@router.get("/tep.xlsx")
def as_xlsx(officer: Viewer, tu: str = "", den: str = "") -> Response:
    """The tables as a workbook."""
    first, last = _span(tu, den)
    content = sheets.as_xlsx(_tables(_figures(first, last)))
    return _file(content, XLSX, f"thong-ke-{first}-{last}.xlsx")


def _file(content: bytes, kind: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, media_type=kind, headers=headers)


def _figures(first: date, last: date) -> Figures:
    with db.reading() as session:
        return statistics.figures(session, first, last)


def _span(tu: str, den: str) -> tuple[date, date]:
    """The days asked for: the last thirty unless they make sense, three months at most."""
    last = min(_day(den) or clock.today(), clock.today())
    first = _day(tu) or last - timedelta(days=USUAL_DAYS - 1)
    return min(max(first, last - timedelta(days=MOST_DAYS - 1)), last), last


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _words() -> dict[str, str]:
    return {
        Status.ANSWERED: _("Đã trả lời"),
        Status.CLARIFIED: _("Đã hỏi lại"),
        Status.NO_CONTENT: _("Chưa có nội dung"),
        Status.OUT_OF_SCOPE: _("Ngoài phạm vi"),
        Status.HANDED_OVER: _("Chuyển cán bộ"),
        Status.ERROR: _("Lỗi hệ thống"),
    }


def _tables(figures: Figures) -> Sequence[Table]:
    words = _words()
    days: list[Row] = [
        (day.day.isoformat(), *(day.counts.get(status, 0) for status in QUESTIONS))
        for day in figures.days
    ]
    topics: list[Row] = [(t.code, t.name, t.answers, t.up, t.down) for t in figures.topics]
    sent: list[Row] = [
        (d.channel, d.sent, d.dead, d.unknown, d.waiting) for d in figures.deliveries
    ]
    totals: list[Row] = [
        (_("Số câu hỏi"), figures.questions),
        (_("Tỷ lệ không phải chuyển cán bộ"), figures.deflection),
        (_("Tỷ lệ hỏi lại trong 24 giờ"), figures.repeat_share),
        (_("Lượt hữu ích"), figures.up),
        (_("Lượt chưa hữu ích"), figures.down),
    ]
    return (
        Table(_("Tổng"), (_("Chỉ số"), _("Giá trị")), totals),
        Table(_("Theo ngày"), (_("Ngày"), *(words[s] for s in QUESTIONS)), days),
        Table(
            _("Thủ tục"),
            (_("Mã"), _("Tên"), _("Lượt trả lời"), _("Hữu ích"), _("Chưa hữu ích")),
            topics,
        ),
        Table(
            _("Gửi tin"),
            (_("Kênh"), _("Đã gửi"), _("Không gửi được"), _("Không rõ"), _("Đang chờ")),
            sent,
        ),
    )
