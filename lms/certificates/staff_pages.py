"""Certificates for staff: find one, revoke it, issue it anew, take many away as a zip of PDFs."""

import io
import zipfile
from typing import Annotated

from fastapi import Query, Request, Response

from backend import clock, db, web
from backend.accounts.identity import OfficerDep, StaffRoute
from backend.accounts.roles import SignedIn
from backend.errors import InvalidInput
from backend.i18n import gettext as _
from backend.people import service as people
from backend.routing import Router
from backend.web import FormDep, text_of
from lms.certificates import service as certificates
from lms.certificates.pdf import pdf

router = Router(prefix="/dao-tao/chung-nhan", route_class=StaffRoute, include_in_schema=False)

Reader = Annotated[SignedIn, OfficerDep("training.report")]
Keeper = Annotated[SignedIn, OfficerDep("training.assign")]
FRONT = "/dao-tao/chung-nhan"
PAGE = 50
MOST_IN_ZIP = 300
"""A page takes typst some 0.1 s; a larger zip would hold a worker for too long."""


@router.get("")
def front(
    request: Request, officer: Reader, text: Annotated[str, Query(alias="tim", max_length=60)] = "",
    page: Annotated[int, Query(alias="trang", ge=1, le=10_000)] = 1,
) -> Response:  # fmt: skip
    """The newest first, or those of a name, a code or a course."""
    with db.reading() as session:
        scope = people.scope(session, officer, at=clock.today())
        rows, total = certificates.listed(
            session, text, within=scope, limit=PAGE, offset=(page - 1) * PAGE
        )
        return web.page(
            request, "lms/certificates/staff.html", rows=rows, total=total, text=text, page=page,
            pages=-(-total // PAGE), today=clock.today(), state=certificates.state,
            most=MOST_IN_ZIP, may_change=officer.may("training.assign"),
        )  # fmt: skip


@router.get("/tai-ve.zip")
def bundle(
    officer: Reader, text: Annotated[str, Query(alias="tim", max_length=60)] = ""
) -> Response:
    """Those that hold, as PDFs in one zip."""
    with db.reading() as session:
        scope = people.scope(session, officer, at=clock.today())
        rows, total = certificates.listed(
            session, text, within=scope, limit=MOST_IN_ZIP, offset=0, only_live=True
        )
        session.expunge_all()  # drawing them takes a while: not inside a view of the database
    if total > MOST_IN_ZIP:
        message = _("Có {total} chứng nhận; mỗi lần tải được {most}. Xin lọc hẹp hơn.")
        raise InvalidInput("too_many", message.format(total=total, most=MOST_IN_ZIP))
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:  # PDFs are compressed already
        for row in rows:
            archive.writestr(zipfile.ZipInfo(f"{row.code}.pdf"), pdf(row))
    headers = {"Content-Disposition": 'attachment; filename="chung-nhan.zip"'}
    return Response(made.getvalue(), media_type="application/zip", headers=headers)


@router.post("/{code}/thu-hoi")
def revoke(officer: Keeper, form: FormDep, code: str) -> Response:
    """It no longer holds; or, with `cap_lai`, another takes its place."""
    reason, now = text_of(form, "ly_do", limit=300), clock.now()
    with db.transaction() as session:
        scope = people.scope(session, officer, at=clock.today())
        row = certificates.find(session, code, lock=True)
        if scope is not None and row.agency_id not in scope:
            raise web.not_found()
        if text_of(form, "viec", limit=10) == "cap_lai":
            made = certificates.reissue(session, row, reason=reason, by=officer.id, now=now)
            said = _("Đã cấp lại, mã mới {code}.").format(code=made.code)
        else:
            certificates.revoke(session, row, reason=reason, by=officer.id, now=now)
            said = _("Đã thu hồi chứng nhận.")
    return web.redirect(FRONT, flash=said)
