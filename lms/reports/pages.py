"""The report of a period: agencies, then the names still missing; on screen, as xlsx, on paper."""

from typing import Annotated

from fastapi import Query, Request, Response
from sqlalchemy.orm import Session

from backend import clock, db, web
from backend.accounts.identity import OfficerDep, StaffRoute
from backend.accounts.roles import SignedIn
from backend.errors import Forbidden
from backend.i18n import gettext as _
from backend.people import service as people
from backend.people.duties import audience_names, duty_names
from backend.routing import Router
from backend.web import BEYOND_IDS, FormDep, RowId, text_of
from lms.assignments import service as assignments
from lms.assignments.models import Period
from lms.assignments.standing import Stand
from lms.reports import closing, paper, sheets
from lms.reports import report as reports
from lms.reports.report import MISSING, Report

router = Router(prefix="/dao-tao/bao-cao", route_class=StaffRoute, include_in_schema=False)

Reader = Annotated[SignedIn, OfficerDep("training.report")]
Keeper = Annotated[SignedIn, OfficerDep("training.assign")]
Chosen = Annotated[int, Query(alias="ky", ge=0, lt=BEYOND_IDS)]  # a period, or none
FRONT = "/dao-tao/bao-cao"


@router.get("")
def front(request: Request, officer: Reader, chosen: Chosen = 0) -> Response:
    """Agencies by requirements; the agency where most are missing first."""
    with db.reading() as session:
        known = assignments.periods(session)
        period = (
            assignments.period_of(session, chosen)
            if chosen
            else assignments.running(session, on=clock.today())
        )
        if period is None:
            return web.page(request, "lms/reports/none.html")
        report = _report(session, officer, period)
        return web.page(
            request, "lms/reports/matrix.html", report=report, found=reports.matrix(report),
            periods=known, audiences=audience_names(), stands=sheets.stand_names(),
            addenda=closing.addenda(session, period), mark=closing.mark(session, period),
            is_keeper=_keeps(officer), is_early=clock.today() < period.ends_on,
            is_untouched=period.closed_at is None or closing.is_untouched(period),
            sees_all=officer.may(people.EVERYWHERE),
        )  # fmt: skip


@router.get("/ky/{period_id}/co-quan/{agency_id}")
def agency(request: Request, officer: Reader, period_id: RowId, agency_id: RowId) -> Response:
    """One agency: how many stand where, each number leading to its names."""
    with db.reading() as session:
        report = _report(session, officer, assignments.period_of(session, period_id))
        rows = {row.agency_id: row for row in reports.matrix(report).rows}
        if agency_id not in rows:
            raise web.not_found()
        return web.page(
            request, "lms/reports/agency.html", report=report, row=rows[agency_id],
            stands=sheets.stand_names(), audiences=audience_names(),
        )  # fmt: skip


@router.get("/ky/{period_id}/co-quan/{agency_id}/{wanted_id}")
def names(
    request: Request, officer: Reader, period_id: RowId, agency_id: RowId, wanted_id: RowId,
    group: Annotated[str, Query(alias="nhom", max_length=20)] = "",
) -> Response:  # fmt: skip
    """Who they are: those still missing, or those who stand at `nhom`."""
    stands = {Stand(group)} if group in set(Stand) else MISSING
    with db.reading() as session:
        report = _report(session, officer, assignments.period_of(session, period_id))
        wanted = next((one for one in report.wanted if one.id == wanted_id), None)
        rows = {row.agency_id: row for row in reports.matrix(report).rows}
        if wanted is None or agency_id not in rows:
            raise web.not_found()
        return web.page(
            request, "lms/reports/names.html", report=report, wanted=wanted, group=group,
            lines=reports.names(report, wanted_id, agency_id, stands), row=rows[agency_id],
            duties=duty_names(), stands=sheets.stand_names(),
            may_excuse=officer.may("training.assign") and report.closed_at is None,
        )  # fmt: skip


@router.get("/ky/{period_id}/bao-cao.xlsx")
def workbook(officer: Reader, period_id: RowId) -> Response:
    """The whole report as xlsx."""
    with db.reading() as session:
        report = _report(session, officer, assignments.period_of(session, period_id))
    return download(sheets.xlsx(report), sheets.XLSX, f"bao-cao-ky-{period_id}.xlsx")


@router.get("/ky/{period_id}/bao-cao.pdf")
def printed(officer: Reader, period_id: RowId) -> Response:
    """The report on paper, for signature."""
    with db.reading() as session:
        period = assignments.period_of(session, period_id)
        report, mark = _report(session, officer, period), closing.mark(session, period)
    return download(
        paper.pdf(report, mark=mark), "application/pdf", f"bao-cao-ky-{period_id}.pdf", shown=True
    )


@router.post("/ky/{period_id}/chot")
def close(officer: Keeper, form: FormDep, period_id: RowId) -> Response:
    """Freeze it."""
    _require_keeper(officer)
    with db.transaction() as session:
        period = assignments.period_of(session, period_id)
        early = text_of(form, "ly_do", limit=300)
        closing.close(session, officer, period, early=early, now=clock.now())
    return web.redirect(f"{FRONT}?ky={period_id}", flash=_("Đã chốt kỳ báo cáo."))


@router.post("/ky/{period_id}/dinh-chinh")
def amend(officer: Keeper, form: FormDep, period_id: RowId) -> Response:
    """Add a correction beside it."""
    _require_keeper(officer)
    with db.transaction() as session:
        period = assignments.period_of(session, period_id)
        text = text_of(form, "noi_dung", limit=2000)
        closing.amend(session, officer, period, text, now=clock.now())
    return web.redirect(f"{FRONT}?ky={period_id}", flash=_("Đã ghi đính chính."))


def download(content: bytes, media_type: str, name: str, *, shown: bool = False) -> Response:
    """A file; `shown` in the browser where it can."""
    how = "inline" if shown else "attachment"
    headers = {"Content-Disposition": f'{how}; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, media_type=media_type, headers=headers)


def _report(session: Session, officer: SignedIn, period: Period) -> Report:
    today = clock.today()
    scope = people.scope(session, officer, at=today)
    return reports.of_period(session, period, on=today, within=scope)


def _keeps(officer: SignedIn) -> bool:
    """Whoever sees the whole province closes its periods."""
    return officer.may("training.assign") and officer.may(people.EVERYWHERE)


def _require_keeper(officer: SignedIn) -> None:
    if not _keeps(officer):
        raise Forbidden("not_allowed", _("Tài khoản này không có quyền làm việc đó."))
