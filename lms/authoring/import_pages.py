"""Questions from files: upload, look at each, keep; and a test from a Word file in three steps."""

import re

from fastapi import Request, Response
from starlette.datastructures import FormData

from backend import clock, db, web
from backend.accounts.identity import StaffRoute
from backend.errors import AppError
from backend.i18n import gettext as _
from backend.people.duties import audience_names
from backend.routing import Router
from backend.web import FormDep, text_of
from lms.authoring import forms, intake, packages
from lms.authoring import outline as outlines
from lms.authoring import service as authoring
from lms.authoring.pages import HOME, Trainer

router = Router(prefix=HOME, route_class=StaffRoute, include_in_schema=False)
MB = 1024 * 1024
# Papers with pictures, files of lessons and whole courses are longer than what other forms send.
BODIES = {
    f"{HOME}/nhanh": 12 * MB, f"{HOME}/{{code}}/nhap": 12 * MB, f"{HOME}/{{code}}/tep": 62 * MB,
    f"{HOME}/goi": packages.MOST_BYTES + MB,
}  # fmt: skip


@router.get("/nhanh")
def quick(request: Request, officer: Trainer) -> Response:
    """A test from a Word file: one form."""
    return web.page(
        request, "lms/authoring/quick.html", audiences=audience_names(), typed={}, refusal=None,
        pasted="",
    )  # fmt: skip


@router.post("/nhanh")
def quick_read(request: Request, officer: Trainer, form: FormDep) -> Response:
    """Read the file and make a course of one test around it; nobody sees it yet."""
    outline = forms.new_outline(form)
    data, name = forms.sent(form, "tep")
    try:
        read, label = intake.read(data, name, text_of(form, "text", limit=200_000))
        key = outlines.add_lesson(outline, 0, outline["title"], "quiz", 15)
        rules = outlines.quiz(outline, key)
        rules["pass_mark"] = forms.whole(form, "pass_mark", 1, 100, 80) / 100
        rules["minutes"] = forms.whole(form, "quiz_minutes", 0, 600, 0)
        outline["completion"] = {"time_share": 0, "practice": True, "final": True}
        with db.transaction() as session:
            row = authoring.create(session, officer, outline, now=clock.now())
            token = intake.hold(
                session, officer, row, read, label, is_quick=True, now=clock.now()
            )  # fmt: skip
    except AppError as refusal:
        return web.page(
            request, "lms/authoring/quick.html", status=refusal.status,
            audiences=audience_names(), typed=outline, refusal=refusal,
            pasted=text_of(form, "text", limit=200_000),
        )  # fmt: skip
    return web.redirect(f"{HOME}/{row.code}/nhap/{token}")


@router.get("/{code}/nhap")
def choose(request: Request, officer: Trainer, code: str) -> Response:
    """Choose a file, or paste."""
    with db.reading() as session:
        here = authoring.opened(session, code)
        return web.page(request, "lms/authoring/import.html", here=here, pasted="", refusal=None)


@router.post("/{code}/nhap")
def read(request: Request, officer: Trainer, code: str, form: FormDep) -> Response:
    """Read it and show what was found."""
    data, name = forms.sent(form, "tep")
    pasted = text_of(form, "text", limit=200_000)
    try:
        found, label = intake.read(data, name, pasted)
        with db.transaction() as session:
            here = authoring.opened(session, code)
            token = intake.hold(session, officer, here.row, found, label, now=clock.now())
    except AppError as refusal:
        with db.reading() as session:
            here = authoring.opened(session, code)
            return web.page(
                request, "lms/authoring/import.html", status=refusal.status, here=here,
                pasted=pasted, refusal=refusal,
            )  # fmt: skip
    return web.redirect(f"{HOME}/{code}/nhap/{token}")


@router.get("/{code}/nhap/{token}")
def show(request: Request, officer: Trainer, code: str, token: str) -> Response:
    """Each question with its key and its warnings."""
    return _show(request, code, token)


def _show(request: Request, code: str, token: str, *, refusal: AppError | None = None) -> Response:
    with db.reading() as session:
        row = intake.held(session, code, token)
        here = authoring.opened(session, code)
        found = intake.drafts(row)
        return web.page(
            request, "lms/authoring/preview.html", status=refusal.status if refusal else 200,
            row=row, here=here, drafts=found, pictures=intake.pictures(row), refusal=refusal,
            ready=sum(1 for one in found if one.question), notes=intake.notes(row),
            unsaid=sum(1 for one in found if "difficulty" not in one.raw),
            levels=forms.difficulties(),
        )  # fmt: skip


@router.post("/{code}/nhap/{token}")
def keep(request: Request, officer: Trainer, code: str, token: str, form: FormDep) -> Response:
    """Put what was kept into the bank; and open the course where that was asked for."""
    publishes = form.get("viec") == "mo"
    now = clock.now()
    try:
        with db.transaction() as session:
            row = intake.held(session, code, token, lock=True)
            count = intake.apply(
                session, code, row, without=_without(form), letters=_letters(form),
                difficulty=forms.whole(form, "do_kho", 1, 3, 1), now=now,
            )  # fmt: skip
            if publishes:
                authoring.publish(session, officer, code, now=now)
    except AppError as refusal:
        return _show(request, code, token, refusal=refusal)
    words = _("Đã đưa {count} câu vào ngân hàng.").format(count=count)
    opened = _("Đã mở bài kiểm tra với {count} câu. Người học thấy ngay.").format(count=count)
    to = f"{HOME}/{code}" if publishes else f"{HOME}/{code}/cau-hoi"
    return web.redirect(to, flash=opened if publishes else words)


def _without(form: FormData) -> set[int]:
    return {int(v) for v in form.getlist("bo") if isinstance(v, str) and v[:5].isdecimal()}


def _letters(form: FormData) -> dict[int, str]:
    """Keys that the trainer chose: fields `dap_an3` with “B” or “AC”."""
    found = {}
    for name in form:
        if match := re.fullmatch(r"dap_an(\d{1,4})", name):
            found[int(match[1])] = re.sub(r"[^A-L]", "", text_of(form, name, limit=20).upper())
    return found
