"""The officers' desk: find a dossier, see it, move it, ask for papers, print its receipt."""

import math
from datetime import datetime, time
from typing import Annotated
from urllib.parse import urlencode

import segno
from fastapi import Request, Response

from backend import clock, db, web, workdays
from backend.accounts.identity import OfficerDep, StaffRoute
from backend.accounts.roles import SignedIn
from backend.dossiers import desk, proofs
from backend.dossiers.status import Status
from backend.errors import AppError, InvalidInput
from backend.i18n import gettext as _
from backend.routing import Router
from backend.web import FormDep, text_of

router = Router(prefix="/quan-tri/ho-so", route_class=StaffRoute, include_in_schema=False)

Viewer = Annotated[SignedIn, OfficerDep("dossiers.view")]
Changer = Annotated[SignedIn, OfficerDep("dossiers.change")]
Reviewer = Annotated[SignedIn, OfficerDep("dossiers.review")]


@router.get("")
def listed(
    request: Request,
    officer: Viewer,
    trang_thai: str = "",
    qua_han: str = "",
    bat_thuong: str = "",
    ma: str = "",
    trang: int = 1,
) -> Response:
    """The dossiers, what is due first."""
    status = Status(trang_thai) if trang_thai in set(Status) else None
    page = min(max(trang, 1), 10_000)
    wanted = desk.Filter(status, bool(qua_han), bool(bat_thuong), ma[:60])
    query = {"trang_thai": status or "", "qua_han": qua_han, "bat_thuong": bat_thuong, "ma": ma}
    with db.reading() as session:
        rows, total = desk.listed(session, officer, wanted, page=page, now=clock.now())
        return web.page(
            request, "dossiers/desk.html", rows=rows, total=total, page=page, wanted=wanted,
            pages=math.ceil(total / desk.PAGE), statuses=list(Status), now=clock.now(),
            Status=Status,
            url=f"/quan-tri/ho-so?{urlencode({k: v for k, v in query.items() if v})}&trang=",
        )  # fmt: skip


@router.get("/{code}")
def details(request: Request, officer: Viewer, code: str) -> Response:
    """One dossier; the look is written down."""
    return _details(request, officer, code)


@router.post("/{code}/trang-thai")
def change_status(request: Request, officer: Changer, code: str, form: FormDep) -> Response:
    """Move it."""
    chosen, note = text_of(form, "to", limit=20), text_of(form, "note", limit=2000)
    try:
        if chosen not in set(Status):
            message = _("Xin chọn trạng thái mới.")
            raise InvalidInput("status_missing", message, fields={"to": message})
        with db.transaction() as session:
            dossier = desk.change_status(
                session, officer, code, to=Status(chosen), note=note, now=clock.now()
            )
    except AppError as refusal:
        return _details(request, officer, code, refusal=refusal, form=("status", chosen, note))
    return _done(dossier.code, _("Đã chuyển trạng thái hồ sơ."))


@router.post("/{code}/bo-sung")
def request_supplement(request: Request, officer: Changer, code: str, form: FormDep) -> Response:
    """Ask for papers, one a line."""
    text, day = text_of(form, "missing"), text_of(form, "new_due", limit=10)
    missing = [line.strip() for line in text.splitlines() if line.strip()]
    try:
        with db.transaction() as session:
            dossier = desk.request_supplement(
                session, officer, code, missing=missing, new_due_at=_end_of(day), now=clock.now()
            )
    except AppError as refusal:
        return _details(request, officer, code, refusal=refusal, form=("supplement", text, day))
    return _done(dossier.code, _("Đã gửi yêu cầu bổ sung giấy tờ."))


@router.post("/{code}/xem-xet")
def review(officer: Reviewer, code: str, form: FormDep) -> Response:
    """An unusual move has been looked into."""
    with db.transaction() as session:
        dossier = desk.review(
            session, officer, code, note=text_of(form, "note", limit=2000), now=clock.now()
        )
    return _done(dossier.code, _("Đã ghi nhận việc xem xét."))


@router.post("/{code}/bien-nhan")
def reissue_receipt(officer: Changer, code: str, form: FormDep) -> Response:
    """A new receipt; the old one opens nothing any more."""
    with db.transaction() as session:
        dossier = desk.reissue_receipt(session, officer, code, now=clock.now())
    return web.redirect(
        f"/quan-tri/ho-so/{dossier.code}/bien-nhan",
        flash=_("Đã cấp biên nhận mới. Mã QR trên biên nhận cũ không còn mở được hồ sơ."),
    )


@router.get("/{code}/bien-nhan")
def receipt(request: Request, officer: Changer, code: str) -> Response:
    """The receipt, to be printed and given to the citizen."""
    with db.transaction() as session:
        dossier = desk.look(session, officer, code, now=clock.now()).dossier
    url = proofs.tracking_url(dossier.code, dossier.receipt_serial)
    telegram = proofs.telegram_url(dossier.code, dossier.receipt_serial)
    return web.page(
        request, "dossiers/receipt.html", dossier=dossier, url=url, drawing=_drawn(url),
        telegram=telegram, telegram_drawing=_drawn(telegram) if telegram else "",
    )  # fmt: skip


def _drawn(url: str) -> str:
    return segno.make_qr(url, error="m").svg_inline(
        scale=5, border=4, omitsize=False, dark="#000", light="#fff"
    )


def _details(
    request: Request,
    officer: SignedIn,
    code: str,
    *,
    refusal: AppError | None = None,
    form: tuple[str, str, str] = ("", "", ""),
) -> Response:
    with db.transaction() as session:
        shown = desk.look(session, officer, code, now=clock.now())
    return web.page(
        request, "dossiers/details.html", status=refusal.status if refusal else 200, on=shown,
        refusal=refusal, form=form, now=clock.now(), Status=Status,
    )  # fmt: skip


def _end_of(day: str) -> datetime | None:
    """The end of office hours on that day, as a date field sends it; None where it is empty."""
    if not day:
        return None
    try:
        date = datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=clock.VIETNAM).date()
    except ValueError as error:
        message = _("Ngày hẹn mới chưa đúng.")
        raise InvalidInput("bad_date", message, fields={"new_due": message}) from error
    closes: time = workdays.AFTERNOON[1]
    return datetime.combine(date, closes, clock.VIETNAM)


def _done(code: str, words: str) -> Response:
    return web.redirect(f"/quan-tri/ho-so/{code}", flash=words)
