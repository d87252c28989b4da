"""Certificates from elsewhere: the learner's page, and the one of those who decide."""

from typing import Annotated

from fastapi import Request, Response
from starlette.datastructures import UploadFile

from backend import clock, db, web
from backend.accounts.identity import OfficerDep, StaffRoute
from backend.accounts.roles import SignedIn
from backend.errors import AppError, Forbidden
from backend.i18n import gettext as _
from backend.people import service as people
from backend.routing import Router
from backend.web import FormDep, RowId, text_of
from lms.assignments import outside
from lms.assignments.forms import as_typed, day_of, optional_day_of
from lms.assignments.outside import Claim
from lms.courses import service as courses

learner = Router(prefix="/hoc/chung-nhan-ngoai", route_class=StaffRoute, include_in_schema=False)
staff = Router(prefix="/dao-tao/chung-nhan-ngoai", route_class=StaffRoute, include_in_schema=False)
BODIES = {"/hoc/chung-nhan-ngoai": outside.LARGEST + 64 * 1024}  # the form around the file

Learner = Annotated[SignedIn, OfficerDep("training.learn")]
Keeper = Annotated[SignedIn, OfficerDep("training.assign")]


@learner.get("")
def mine(request: Request, officer: Learner) -> Response:
    """What I handed in, and a form for another."""
    return _mine(request, officer)


@learner.post("")
def send(request: Request, officer: Learner, form: FormDep) -> Response:
    """Hand one in with its evidence."""
    try:
        claim = Claim(
            text_of(form, "khoa", limit=20), text_of(form, "noi_cap", limit=200),
            text_of(form, "so", limit=80), day_of(form, "ngay_cap"),
            optional_day_of(form, "het_han"),
        )  # fmt: skip
        evidence = _evidence(form)
        with db.transaction() as session:
            outside.send(session, _person(officer), claim, evidence, now=clock.now())
    except AppError as refusal:
        return _mine(request, officer, typed=as_typed(form), refusal=refusal)
    return web.redirect(
        "/hoc/chung-nhan-ngoai", flash=_("Đã gửi. Khi được xét, kết quả hiện ở trang này.")
    )


@staff.get("")
def waiting(request: Request, officer: Keeper) -> Response:
    """What awaits a decision."""
    with db.reading() as session:
        scope = people.scope(session, officer, at=clock.today())
        rows = outside.waiting(session, on=clock.today(), within=scope)
        return web.page(request, "lms/assignments/outside_waiting.html", rows=rows)


@staff.get("/{certificate_id}/minh-chung")
def evidence_of(officer: Keeper, certificate_id: RowId) -> Response:
    """The evidence, as a download that can run nothing here."""
    with db.reading() as session:
        scope = people.scope(session, officer, at=clock.today())
        row = outside.find(session, certificate_id, on=clock.today(), within=scope)
        name = f"minh-chung-{row.id}.{outside.ENDINGS[row.media_type]}"
        return Response(
            row.evidence,
            media_type=row.media_type,
            headers={
                "Content-Disposition": f'attachment; filename="{name}"',
                "Content-Security-Policy": "default-src 'none'; sandbox",
                "X-Content-Type-Options": "nosniff",
                "Cache-Control": "no-store",
            },
        )


@staff.post("/{certificate_id}")
def decide(officer: Keeper, form: FormDep, certificate_id: RowId) -> Response:
    """Accept or refuse; nobody decides on their own."""
    is_accepted = text_of(form, "quyet_dinh", limit=10) == "nhan"
    with db.transaction() as session:
        scope = people.scope(session, officer, at=clock.today())
        row = outside.find(session, certificate_id, on=clock.today(), within=scope, lock=True)
        if row.person_id == officer.person_id:
            raise Forbidden("own_certificate", _("Chứng nhận của mình phải do người khác xét."))
        outside.decide(
            session, row, accept=is_accepted, remark=text_of(form, "ly_do", limit=300),
            by=officer.id, now=clock.now(),
        )  # fmt: skip
    said = _("Đã chấp nhận.") if is_accepted else _("Đã ghi không chấp nhận.")
    return web.redirect("/dao-tao/chung-nhan-ngoai", flash=said)


def _mine(
    request: Request, officer: SignedIn, *, typed: dict[str, str] | None = None,
    refusal: AppError | None = None,
) -> Response:  # fmt: skip
    person = _person(officer)
    with db.reading() as session:
        known = courses.courses(session)
        return web.page(
            request, "lms/assignments/outside_mine.html", status=refusal.status if refusal else 200,
            rows=outside.of_person(session, person), courses=known, refusal=refusal,
            titles={row.code: row.title for row in known}, typed=typed or {},
            faults=refusal.fields if refusal else {},
        )  # fmt: skip


def _evidence(form: FormDep) -> bytes:
    file = form.get("tep")
    if not isinstance(file, UploadFile) or not file.size:
        return b""
    with file.file as opened:
        return opened.read(outside.LARGEST + 1)


def _person(officer: SignedIn) -> int:
    if officer.person_id is None:
        raise Forbidden("no_person", _("Tài khoản này chưa gắn với ai trong danh sách cán bộ."))
    return officer.person_id
