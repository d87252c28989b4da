"""The page on which a trainer sets the time at which a course opens."""

from datetime import datetime

from fastapi import Request, Response

from backend import clock, db, web
from backend.accounts.identity import StaffRoute
from backend.errors import AppError, InvalidInput
from backend.i18n import gettext as _
from backend.routing import Router
from backend.web import FormDep, text_of
from lms.authoring import openings
from lms.authoring import service as authoring
from lms.authoring.pages import HOME, Trainer

router = Router(prefix=HOME, route_class=StaffRoute, include_in_schema=False)


@router.get("/{code}/hen-gio")
def opening(request: Request, officer: Trainer, code: str) -> Response:
    """What is set, and a form for another time."""
    return _page(request, code)


@router.post("/{code}/hen-gio")
def plan(request: Request, officer: Trainer, code: str, form: FormDep) -> Response:
    """Open it at a set time, or not after all."""
    now, typed = clock.now(), text_of(form, "opens_at", limit=16)
    is_off = text_of(form, "viec", limit=10) == "thoi"
    try:
        with db.transaction() as session:
            if is_off:
                openings.cancel(session, officer, code, now=now)
            else:
                openings.plan(session, officer, code, at=_moment(typed), now=now)
    except AppError as refusal:
        return _page(request, code, typed=typed, refusal=refusal)
    words = _("Đã bỏ lịch phát hành.") if is_off else _("Đã hẹn giờ phát hành.")
    return web.redirect(f"{HOME}/{code}", flash=words)


def _page(
    request: Request, code: str, *, typed: str = "", refusal: AppError | None = None
) -> Response:
    with db.reading() as session:
        here = authoring.opened(session, code)
        return web.page(
            request, "lms/authoring/opening.html", here=here, typed=typed, refusal=refusal,
            opening=openings.latest(session, here.row.id),
            faults=authoring.faults(session, here), status=refusal.status if refusal else 200,
        )  # fmt: skip


def _moment(typed: str) -> datetime:
    try:
        return datetime.fromisoformat(typed).replace(tzinfo=clock.VIETNAM)
    except ValueError:
        raise InvalidInput("no_time", _("Xin chọn ngày giờ phát hành.")) from None
