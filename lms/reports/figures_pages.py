"""The plan's scoreboard, the ledger of hours, and how courses and questions do."""

from typing import Annotated

from fastapi import Query, Request, Response
from sqlalchemy.orm import Session

from backend import clock, db, web
from backend.i18n import day
from backend.i18n import gettext as _
from backend.people import service as people
from backend.web import RowId
from lms.assignments import service as assignments
from lms.assignments.models import Period
from lms.courses import service as courses
from lms.reports import ledger, plan, sheets, statistics
from lms.reports.pages import FRONT, Chosen, Reader, download, router

__all__ = ["FRONT", "router"]

PAGE = 100


@router.get("/ke-hoach")
def scoreboard(request: Request, officer: Reader, chosen: Chosen = 0) -> Response:
    """What the plan sets, and where it stands."""
    with db.reading() as session:
        period = _period(session, chosen)
        if period is None:
            return web.page(request, "lms/reports/none.html")
        scope = people.scope(session, officer, at=clock.today())
        return web.page(
            request, "lms/reports/plan.html", period=period, source=plan.plan().source,
            periods=assignments.periods(session), chosen_id=period.id,
            standings=plan.scoreboard(session, period, on=clock.today(), within=scope),
        )  # fmt: skip


@router.get("/gio-hoc")
def hours(
    request: Request, officer: Reader, chosen: Chosen = 0,
    page: Annotated[int, Query(alias="trang", ge=1, le=10_000)] = 1,
) -> Response:  # fmt: skip
    """Everybody's hours in a period."""
    with db.reading() as session:
        period = _period(session, chosen)
        if period is None:
            return web.page(request, "lms/reports/none.html")
        scope = people.scope(session, officer, at=clock.today())
        rows = ledger.accounts(session, period, on=clock.today(), within=scope)
        return web.page(
            request, "lms/reports/hours.html", period=period, page=page, total=len(rows),
            periods=assignments.periods(session), chosen_id=period.id,
            rows=rows[(page - 1) * PAGE : page * PAGE], pages=-(-len(rows) // PAGE),
        )  # fmt: skip


@router.get("/ky/{period_id}/gio-hoc.xlsx")
def hours_sheet(officer: Reader, period_id: RowId) -> Response:
    """The ledger as xlsx: a line for each course of each person."""
    with db.reading() as session:
        period = assignments.period_of(session, period_id)
        scope = people.scope(session, officer, at=clock.today())
        rows = [
            [one.agency, one.staff_code, one.name, entry.code, entry.title, entry.hours,
             day(entry.done_on), _("nơi khác") if entry.is_outside else _("hệ thống này")]
            for one in ledger.accounts(session, period, on=clock.today(), within=scope)
            for entry in one.entries
        ]  # fmt: skip
    heads = [_("Cơ quan"), _("Mã cán bộ"), _("Họ và tên"), _("Khoá"), _("Tên khoá"), _("Số tiết"),
             _("Ngày đạt"), _("Học tại")]  # fmt: skip
    content = sheets.table(_("Sổ giờ học"), heads, rows)
    return download(content, sheets.XLSX, f"gio-hoc-ky-{period_id}.xlsx")


@router.get("/khoa-hoc")
def course_figures(request: Request, officer: Reader) -> Response:
    """How courses do."""
    with db.reading() as session:
        return web.page(request, "lms/reports/courses.html", rows=statistics.courses(session))


@router.get("/khoa-hoc/{code}")
def item_figures(request: Request, officer: Reader, code: str) -> Response:
    """How the questions of a course do; those to look at first."""
    with db.reading() as session:
        row = courses.find(session, code)
        return web.page(
            request, "lms/reports/items.html", course=row, rows=statistics.items(session, code)
        )


def _period(session: Session, chosen: int) -> Period | None:
    if chosen:
        return assignments.period_of(session, chosen)
    return assignments.running(session, on=clock.today())
