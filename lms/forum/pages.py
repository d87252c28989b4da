"""Questions under a lesson, for learners; the list of them, for trainers."""

from typing import Annotated

from fastapi import Query, Request, Response

from backend import clock, db, web
from backend.accounts.identity import OfficerDep, StaffRoute
from backend.accounts.roles import SignedIn
from backend.errors import AppError
from backend.i18n import gettext as _
from backend.routing import Router
from backend.web import FormDep, text_of
from lms.courses import service as courses
from lms.forum import service as forum
from lms.study import shell
from lms.study.learner import Learner, person_of

HOME = "/dao-tao/hoi-dap"
UNDER = "/hoc/hoi-dap"
PAGE = 30
router = Router(route_class=StaffRoute, include_in_schema=False)

Trainer = Annotated[SignedIn, OfficerDep("training.teach")]


@router.get(UNDER + "/{code}/{key}")
def under(request: Request, officer: Learner, code: str, key: str) -> Response:
    """What was asked under this lesson, and a form to ask."""
    return _under(request, person_of(officer), code, key)


@router.post(UNDER + "/{code}/{key}")
def ask(request: Request, officer: Learner, form: FormDep, code: str, key: str) -> Response:
    """Ask."""
    person, text = person_of(officer), text_of(form, "cau_hoi", limit=forum.LONGEST)
    try:
        with db.transaction() as session:
            taking = courses.taking(session, person, code)
            forum.ask(session, taking, key, text, now=clock.now())
    except AppError as refusal:
        return _under(request, person, code, key, typed=text, refusal=refusal)
    return web.redirect(
        f"{UNDER}/{code}/{key}", flash=_("Đã gửi câu hỏi. Giảng viên trả lời thì anh/chị được báo.")
    )


def _under(
    request: Request, person: int, code: str, key: str, *, typed: str = "",
    refusal: AppError | None = None,
) -> Response:  # fmt: skip
    with db.reading() as session:
        taking = courses.taking(session, person, code)
        lesson = taking.course.lesson(key)
        if lesson is None:
            raise web.not_found()
        return shell.page(
            request, "lms/forum/under.html", code=code, lesson=lesson, person=person, typed=typed,
            rows=forum.under(session, taking, key), refusal=refusal, longest=forum.LONGEST,
            status=refusal.status if refusal else 200,
        )  # fmt: skip


@router.get(HOME)
def listed(
    request: Request, officer: Trainer,
    page: Annotated[int, Query(alias="trang", ge=1, le=10_000)] = 1,
) -> Response:  # fmt: skip
    """Those that wait, then those that were answered."""
    return _listed(request, page)


def _listed(request: Request, page: int = 1, *, refusal: AppError | None = None) -> Response:
    with db.reading() as session:
        rows, total = forum.answered(session, limit=PAGE, offset=(page - 1) * PAGE)
        return web.page(
            request, "lms/forum/list.html", waiting=forum.waiting(session), rows=rows, page=page,
            pages=-(-total // PAGE), total=total, refusal=refusal, longest=forum.LONGEST,
            status=refusal.status if refusal else 200,
        )  # fmt: skip


@router.post(HOME + "/{token}")
def answer(request: Request, officer: Trainer, form: FormDep, token: str) -> Response:
    """Answer one, for everybody or for whoever asked alone."""
    text = text_of(form, "tra_loi", limit=forum.LONGEST)
    try:
        with db.transaction() as session:
            forum.answer(session, officer, token, text, is_hidden="rieng" in form, now=clock.now())
    except AppError as refusal:
        return _listed(request, refusal=refusal)
    return web.redirect(HOME, flash=_("Đã trả lời."))
