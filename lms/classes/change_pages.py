"""The trainer's pages for a class ahead: move it, cancel it, invite an agency to it."""

from typing import Annotated

from fastapi import Query, Request, Response

from backend import clock, db, web
from backend.accounts.identity import StaffRoute
from backend.errors import AppError
from backend.i18n import gettext as _
from backend.people import service as people
from backend.routing import Router
from backend.web import BEYOND_IDS, FormDep, RowId, text_of
from lms.classes import forms, invitations
from lms.classes import service as classes
from lms.classes.pages import HOME, Trainer

router = Router(prefix=HOME, route_class=StaffRoute, include_in_schema=False)


@router.get("/{token}/sua")
def edit(request: Request, officer: Trainer, token: str) -> Response:
    """Time, place, trainer and seats; below them, how to cancel."""
    return _edit(request, token)


@router.post("/{token}/sua")
def change(request: Request, officer: Trainer, form: FormDep, token: str) -> Response:
    """Keep what the form says; those concerned hear of another time or place."""
    try:
        with db.transaction() as session:
            meeting = classes.find(session, token, lock=True)
            is_told = invitations.change(
                session, officer, meeting, forms.setting(form), now=clock.now()
            )
    except AppError as refusal:
        typed = {name: text_of(form, name, limit=200) for name in form}
        return _edit(request, token, typed=typed, refusal=refusal)
    told = _("Đã đổi lịch. Hệ thống báo cho những người được mời và đã giữ chỗ.")
    return web.redirect(f"{HOME}/{token}", flash=told if is_told else _("Đã lưu."))


@router.post("/{token}/huy")
def cancel(request: Request, officer: Trainer, form: FormDep, token: str) -> Response:
    """It will not be held, and why."""
    try:
        with db.transaction() as session:
            meeting = classes.find(session, token, lock=True)
            reason = text_of(form, "reason", limit=300)
            invitations.cancel(session, officer, meeting, reason, now=clock.now())
    except AppError as refusal:
        return _edit(request, token, refusal=refusal)
    words = _("Đã huỷ lớp. Hệ thống báo lý do cho những người được mời và đã giữ chỗ.")
    return web.redirect(f"{HOME}/{token}", flash=words)


def _edit(
    request: Request, token: str, *, typed: dict[str, str] | None = None,
    refusal: AppError | None = None,
) -> Response:  # fmt: skip
    with db.reading() as session:
        meeting = classes.find(session, token)
        return web.page(
            request, "lms/classes/edit.html", status=refusal.status if refusal else 200,
            meeting=meeting, typed=typed or forms.typed(meeting.row), refusal=refusal,
            faults=refusal.fields if refusal else {},
        )  # fmt: skip


@router.get("/{token}/moi-du")
def choose(
    request: Request, officer: Trainer, token: str,
    agency_id: Annotated[int, Query(alias="co_quan", ge=0, lt=BEYOND_IDS)] = 0,
) -> Response:  # fmt: skip
    """Which agency; once one is chosen, how many people that would be."""
    today = clock.today()
    with db.reading() as session:
        meeting = classes.find(session, token)
        scope = people.scope(session, officer, at=today)
        agencies = [
            one
            for one in people.agencies(session, at=today)
            if scope is None or one.id in scope
        ]  # fmt: skip
        chosen = next((one for one in agencies if one.id == agency_id), None)
        return web.page(
            request, "lms/classes/invite.html", meeting=meeting, agencies=agencies, chosen=chosen,
            guests=invitations.guests(session, meeting, chosen.id) if chosen else None,
        )  # fmt: skip


@router.post("/{token}/moi-du/{agency_id}")
def invite(officer: Trainer, form: FormDep, token: str, agency_id: RowId) -> Response:
    """Invite the agency that was shown, with all below it."""
    with db.transaction() as session:
        meeting = classes.find(session, token, lock=True)
        scope = people.scope(session, officer, at=clock.today())
        if scope is not None and agency_id not in scope:
            raise web.not_found()
        count = invitations.invite(session, officer, meeting, agency_id, now=clock.now())
    words = _("Đã mời {count} người. Hệ thống đang gửi lời mời.").format(count=count)
    return web.redirect(f"{HOME}/{token}", flash=words)
