"""Send a roster, look at what it would change, apply it; and the workbook to fill in."""

import io
import math
from datetime import date
from typing import Annotated

import xlsxwriter  # type: ignore[import-untyped]  # has none
from fastapi import Request, Response
from starlette.datastructures import FormData, UploadFile

from backend import clock, db, web
from backend.accounts.identity import OfficerDep, StaffRoute
from backend.accounts.roles import SignedIn
from backend.errors import AppError, Conflict, InvalidInput
from backend.i18n import gettext as _
from backend.people import officers, roster, search
from backend.people import service as people
from backend.people.compare import Plan, Standing
from backend.people.duties import duty_names
from backend.routing import Router
from backend.web import FormDep, RowId, text_of

HOME = "/quan-tri/can-bo/nhap"
PAGE = 50
# A form brings at most so many ticks; whoever needs more applies twice.
MOST_TICKS = 90
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

router = Router(prefix=HOME, route_class=StaffRoute, include_in_schema=False)
Changer = Annotated[SignedIn, OfficerDep("people.change")]


@router.get("")
def ask(request: Request, officer: Changer) -> Response:
    """The form that takes a file."""
    return _ask(request, officer)


@router.post("")
def receive(request: Request, officer: Changer, form: FormDep) -> Response:
    """Read the file; nothing of the directory changes yet."""
    try:
        name, data = _file_of(form)
        chosen = text_of(form, "agency", limit=18)
        with db.transaction() as session:
            draft = roster.receive(
                session, officer, data, name,
                since=day_of(form, "since"), now=clock.now(),
                agency_id=int(chosen) if chosen.isdecimal() else None,
            )  # fmt: skip
    except AppError as refusal:
        return _ask(request, officer, refusal=refusal)
    return web.redirect(f"{HOME}/{draft.id}")


@router.get("/mau.xlsx")
def template(officer: Changer) -> Response:
    """A workbook with the headings, text cells and two invented rows."""
    headers = {"Content-Disposition": "attachment; filename=mau-danh-sach-can-bo.xlsx"}
    return Response(_template(), media_type=_XLSX, headers=headers)


@router.get("/{draft_id}")
def preview(
    request: Request, officer: Changer, draft_id: RowId, xem: str = "", trang: int = 1
) -> Response:
    """What it would change, row by row."""
    return _preview(request, officer, draft_id, shown=xem, page=trang)


@router.post("/{draft_id}")
def apply(request: Request, officer: Changer, draft_id: RowId, form: FormDep) -> Response:
    """Do it, if the directory still is what the officer saw."""
    try:
        with db.transaction() as session:
            draft = roster.draft(session, officer, draft_id, now=clock.now())
            done = roster.apply(
                session, officer, draft, mark=text_of(form, "mark", limit=40),
                opening={str(code) for code in form.getlist("open")},
                leaving={int(i) for i in map(str, form.getlist("leave")) if i.isdecimal()},
                now=clock.now(),
            )  # fmt: skip
            officers.follow(session, at=clock.today(), now=clock.now())
    except Conflict as refusal:
        return _preview(request, officer, draft_id, refusal=refusal)
    said = _("Đã cập nhật danh bạ: {total} thay đổi.").format(total=done.total)
    return web.redirect(f"{HOME}/{draft_id}", flash=said)


def day_of(form: FormData, name: str) -> date:
    """A date field; empty means today."""
    given = text_of(form, name, limit=10)
    try:
        return date.fromisoformat(given) if given else clock.today()
    except ValueError as error:
        message = _("Ngày chưa đúng. Xin chọn lại.")
        raise InvalidInput("day", message, fields={name: message}) from error


def _file_of(form: FormData) -> tuple[str, bytes]:
    """The name and the content of what was sent."""
    file = form.get("file")
    if not isinstance(file, UploadFile):
        raise _missing()
    with file.file as content:
        data = content.read()
    if not file.filename:
        raise _missing()
    return web.UNSTORABLE.sub("", file.filename), data


def _missing() -> InvalidInput:
    return InvalidInput("roster_missing", _("Xin chọn tệp danh sách (.xlsx hoặc .csv)."))


def _ask(request: Request, officer: SignedIn, *, refusal: AppError | None = None) -> Response:
    with db.reading() as session:
        scope = people.scope(session, officer, at=clock.today())
        return web.page(
            request, "people/roster.html", status=refusal.status if refusal else 200,
            refusal=refusal, agencies=search.in_scope(session, scope, at=clock.today()),
            today=clock.today(),
        )  # fmt: skip


def _preview(
    request: Request,
    officer: SignedIn,
    draft_id: int,
    *,
    shown: str = "",
    page: int = 1,
    refusal: AppError | None = None,
) -> Response:
    with db.reading() as session:
        draft = roster.draft(session, officer, draft_id, now=clock.now())
        if draft.applied_at is not None:
            done = roster.outcome(draft)
            return web.page(request, "people/roster_done.html", draft=draft, done=done)
        plan = roster.plan(session, officer, draft)
        standing = Standing(shown) if shown in set(Standing) else _most_pressing(plan)
        lines = [line for line in plan.lines if line.standing is standing]
        pages = max(1, math.ceil(len(lines) / PAGE))
        page = min(max(page, 1), pages)
        return web.page(
            request, "people/roster_preview.html", status=refusal.status if refusal else 200,
            draft=draft, plan=plan, shown=standing, page=page, pages=pages, refusal=refusal,
            lines=lines[(page - 1) * PAGE : page * PAGE], standings=_standings(),
            fields=_fields(), duties=duty_names(), most_ticks=MOST_TICKS, url=f"{HOME}/{draft_id}",
            doubts=sum(bool(line.doubts) for line in plan.lines),
        )  # fmt: skip


def _most_pressing(plan: Plan) -> Standing:
    order = (Standing.ERROR, Standing.CHANGED, Standing.NEW)
    return next((standing for standing in order if plan.count(standing)), Standing.UNCHANGED)


def _standings() -> dict[Standing, str]:
    return {
        Standing.ERROR: _("Có lỗi"),
        Standing.CHANGED: _("Thay đổi"),
        Standing.NEW: _("Mới"),
        Standing.UNCHANGED: _("Không đổi"),
    }


def _fields() -> dict[str, str]:
    return {
        "name": _("Họ và tên"), "agency": _("Cơ quan"), "position": _("Chức vụ"),
        "duty": _("Nhiệm vụ CNTT"), "born_on": _("Ngày sinh"), "email": _("Thư điện tử"),
        "phone": _("Điện thoại"), "citizen": _("Số CCCD"),
    }  # fmt: skip


def _template() -> bytes:
    headings = (
        _("Mã cán bộ"), _("Họ và tên"), _("Mã cơ quan"), _("Cơ quan"), _("Chức vụ"),
        _("Nhiệm vụ CNTT"), _("Ngày sinh"), _("Email"), _("Điện thoại"), _("Số CCCD"),
    )  # fmt: skip
    duties = ["lãnh đạo phụ trách", "chuyên trách", "kiêm nhiệm", "không"]  # read back as they are
    with io.BytesIO() as file:
        with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
            sheet = book.add_worksheet(_("Danh sách cán bộ")[:31])
            text, bold = book.add_format({"num_format": "@"}), book.add_format({"bold": True})
            sheet.set_column(0, len(headings) - 1, 22, text)  # text keeps the zeros
            sheet.write_row(0, 0, headings, bold)
            sheet.freeze_panes(1, 0)
            duty = {"validate": "list", "source": duties, "ignore_blank": True}
            sheet.data_validation(1, 5, 5000, 5, duty)
        return file.getvalue()
