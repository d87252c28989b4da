"""The survey of a course: answered by learners, written and read by trainers."""

from typing import Annotated, Any

from fastapi import Request, Response

from backend import db, web
from backend.accounts.identity import OfficerDep, StaffRoute
from backend.accounts.roles import SignedIn
from backend.errors import AppError
from backend.i18n import gettext as _
from backend.routing import Router
from backend.web import FormDep, text_of
from lms.courses import service as courses
from lms.reports import sheets
from lms.reports.pages import download
from lms.study import shell
from lms.study.learner import Learner, person_of
from lms.surveys import questions as surveying
from lms.surveys import service as surveys
from lms.surveys.service import Result

HOME = "/dao-tao/khao-sat"
ASKED = "/hoc/khao-sat"
router = Router(route_class=StaffRoute, include_in_schema=False)

Trainer = Annotated[SignedIn, OfficerDep("training.teach")]


@router.get(ASKED + "/{code}")
def ask(request: Request, officer: Learner, code: str) -> Response:
    """The questions, for whoever is through with the course."""
    return _ask(request, person_of(officer), code)


@router.post(ASKED + "/{code}")
def answer(request: Request, officer: Learner, form: FormDep, code: str) -> Response:
    """Store the answers, once."""
    person = person_of(officer)
    given = {
        place: text_of(form, f"c{place}", limit=surveys.LONGEST)
        for place in range(surveying.MOST)
    }  # fmt: skip
    try:
        with db.transaction() as session:
            surveys.answer(session, courses.taking(session, person, code), given)
    except AppError as refusal:
        return _ask(request, person, code, given=given, refusal=refusal)
    return web.redirect(f"/hoc/{code}", flash=_("Cảm ơn anh/chị đã góp ý."))


def _ask(
    request: Request, person: int, code: str, *, given: dict[int, str] | None = None,
    refusal: AppError | None = None,
) -> Response:  # fmt: skip
    with db.reading() as session:
        taking = courses.taking(session, person, code)
        return shell.page(
            request, "lms/surveys/ask.html", taking=taking, given=given or {}, refusal=refusal,
            questions=surveys.asked(session, taking.enrolment.course_id),
            has_answered=surveys.has_answered(session, taking.enrolment.id),
            longest=surveys.LONGEST, status=refusal.status if refusal else 200,
        )  # fmt: skip


@router.get(HOME)
def listed(request: Request, officer: Trainer) -> Response:
    """Courses, and how many answered."""
    with db.reading() as session:
        return web.page(request, "lms/surveys/list.html", rows=surveys.surveyed(session))


@router.get(HOME + "/{code}")
def results(request: Request, officer: Trainer, code: str) -> Response:
    """What was said, and what is asked."""
    return _results(request, code)


@router.post(HOME + "/{code}")
def define(request: Request, officer: Trainer, form: FormDep, code: str) -> Response:
    """Ask something else from now on."""
    typed = [
        {"kind": text_of(form, f"k{place}", limit=10), "text": text}
        for place in range(surveying.MOST)
        if (text := text_of(form, f"t{place}"))
    ]
    try:
        with db.transaction() as session:
            surveys.define(session, courses.find(session, code).id, typed)
    except AppError as refusal:
        return _results(request, code, typed=typed, refusal=refusal)
    return web.redirect(f"{HOME}/{code}", flash=_("Đã lưu câu hỏi khảo sát."))


def _results(
    request: Request, code: str, *, typed: list[dict[str, str]] | None = None,
    refusal: AppError | None = None,
) -> Response:  # fmt: skip
    with db.reading() as session:
        row = courses.find(session, code)
        questions = typed or [one.model_dump() for one in surveys.asked(session, row.id)]
        spare: list[dict[str, str]] = [{"kind": "words", "text": ""}]
        return web.page(
            request, "lms/surveys/results.html", row=row, enough=surveys.ENOUGH,
            results=surveys.results(session, row.id), answered=surveys.answered(session, row.id),
            questions=questions + spare * (surveying.MOST - len(questions)), refusal=refusal,
            longest=surveying.TEXT, status=refusal.status if refusal else 200,
        )  # fmt: skip


@router.get(HOME + "/{code}/ket-qua.xlsx")
def sheet(officer: Trainer, code: str) -> Response:
    """The results as xlsx: what the page shows and nothing more."""
    with db.reading() as session:
        found = surveys.results(session, courses.find(session, code).id)
    rows = [row for result in found for row in _rows(result)]
    heads = [_("Câu hỏi"), _("Trả lời"), _("Số người"), _("Điểm trung bình")]
    content = sheets.table(_("Khảo sát"), heads, rows)
    return download(content, sheets.XLSX, f"khao-sat-{code}.xlsx")


def _rows(result: Result) -> list[list[Any]]:
    if result.words:
        return [[result.question, words, 1, None] for words in result.words]
    mean = round(result.mean, 2)
    return [
        [result.question, grade, count, mean]
        for grade, count in zip(surveys.GRADES, result.counts, strict=True)
    ]
