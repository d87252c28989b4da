"""Which unit answers for which commune and field, and who reads Khmer: see, add, delete."""

from typing import Annotated

from fastapi import Request, Response

from backend import clock, db, web
from backend.accounts.identity import OfficerDep, StaffRoute
from backend.accounts.roles import SignedIn
from backend.errors import AppError
from backend.i18n import gettext as _
from backend.routing import Router
from backend.web import FormDep, RowId, text_of
from bot.handover import readers, routing, words

HERE = "/quan-tri/hoi-thoai/tuyen"
router = Router(prefix=HERE, route_class=StaffRoute, include_in_schema=False)

Manager = Annotated[SignedIn, OfficerDep("handover.manage")]


@router.get("")
def listed(request: Request, officer: Manager) -> Response:
    """Every rule."""
    return _page(request)


@router.post("")
def add(request: Request, officer: Manager, form: FormDep) -> Response:
    """A new rule; one for the same commune and field is replaced."""
    commune, field = text_of(form, "commune", limit=100), text_of(form, "field", limit=200)
    unit = text_of(form, "unit", limit=200)
    try:
        with db.transaction() as session:
            routing.add_route(
                session, officer, commune=commune, field=field, unit=unit, now=clock.now()
            )
    except AppError as refusal:
        return _page(request, refusal=refusal, form=(commune, field, unit))
    return web.redirect(HERE, flash=_("Đã lưu."))


@router.post("/{route_id}/xoa")
def remove(officer: Manager, route_id: RowId, form: FormDep) -> Response:
    """Delete a rule."""
    with db.transaction() as session:
        routing.remove_route(session, officer, route_id, now=clock.now())
    return web.redirect(HERE, flash=_("Đã xóa."))


@router.post("/khmer")
def add_reader(request: Request, officer: Manager, form: FormDep) -> Response:
    """One more who reads Khmer."""
    chosen = text_of(form, "officer", limit=18)
    try:
        with db.transaction() as session:
            reader = int(chosen) if chosen.isdecimal() else 0
            readers.add(session, officer, reader, now=clock.now())
    except AppError as refusal:
        return _page(request, refusal=refusal)
    return web.redirect(f"{HERE}#khmer", flash=_("Đã lưu."))


@router.post("/khmer/{officer_id}/xoa")
def remove_reader(officer: Manager, officer_id: RowId, form: FormDep) -> Response:
    """Not any more."""
    with db.transaction() as session:
        readers.remove(session, officer, officer_id, now=clock.now())
    return web.redirect(f"{HERE}#khmer", flash=_("Đã xóa."))


def _page(
    request: Request, *, refusal: AppError | None = None, form: tuple[str, str, str] = ("", "", "")
) -> Response:
    now = clock.now()
    with db.reading() as session:
        return web.page(
            request, "inbox/routes.html", rows=routing.routes(session), refusal=refusal, form=form,
            units=routing.units(session, now=now), readers=readers.listed(session, now=now),
            others=readers.others(session, now=now), province=words.centre()["name"],
            status=refusal.status if refusal else 200,
        )  # fmt: skip
