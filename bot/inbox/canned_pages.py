"""Canned answers: see, add, delete."""

from typing import Annotated

from fastapi import Request, Response

from backend import clock, db, web
from backend.accounts.identity import OfficerDep, StaffRoute
from backend.accounts.roles import SignedIn
from backend.errors import AppError
from backend.i18n import gettext as _
from backend.routing import Router
from backend.web import FormDep, RowId, text_of
from bot.handover import words
from bot.inbox import canned

HERE = "/quan-tri/hoi-thoai/mau"
router = Router(prefix=HERE, route_class=StaffRoute, include_in_schema=False)

Answerer = Annotated[SignedIn, OfficerDep("handover.answer")]


@router.get("")
def listed(request: Request, officer: Answerer) -> Response:
    """One's own and everybody's."""
    return _page(request, officer)


@router.post("")
def add(request: Request, officer: Answerer, form: FormDep) -> Response:
    """A new one."""
    title, body = text_of(form, "title", limit=canned.LONGEST_TITLE), text_of(form, "body")
    is_shared = bool(text_of(form, "shared", limit=1)) and officer.may("handover.manage")
    try:
        with db.transaction() as session:
            canned.add(
                session, officer, title=title, body=body, is_shared=is_shared, now=clock.now()
            )
    except AppError as refusal:
        return _page(request, officer, refusal=refusal, form=(title, body))
    return web.redirect(HERE, flash=_("Đã lưu câu mẫu."))


@router.post("/{answer_id}/xoa")
def remove(officer: Answerer, answer_id: RowId, form: FormDep) -> Response:
    """Delete one."""
    with db.transaction() as session:
        canned.remove(session, officer, answer_id)
    return web.redirect(HERE, flash=_("Đã xóa câu mẫu."))


def _page(
    request: Request,
    officer: SignedIn,
    *,
    refusal: AppError | None = None,
    form: tuple[str, str] = ("", ""),
) -> Response:
    with db.reading() as session:
        return web.page(
            request, "inbox/canned.html", rows=canned.listed(session, officer), refusal=refusal,
            form=form, status=refusal.status if refusal else 200, variables=words.variables(),
        )  # fmt: skip
