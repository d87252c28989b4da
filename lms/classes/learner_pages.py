"""The learner's pages: which classes there are for a lesson, a seat in one, "I am here"."""

from fastapi import Request, Response

from backend import clock, db, web
from backend.accounts.identity import StaffRoute
from backend.errors import AppError
from backend.i18n import gettext as _
from backend.people import service as people
from backend.routing import Router
from backend.web import FormDep, text_of
from lms.classes import attendance, marks
from lms.classes import service as classes
from lms.classes.attendance import Answer
from lms.classes.offers import offers
from lms.classes.pages import SCAN
from lms.courses import service as courses
from lms.study import shell
from lms.study.learner import Learner, person_of

router = Router(route_class=StaffRoute, include_in_schema=False)
LESSON = "/hoc/lop"


@router.get(LESSON + "/{code}/{key}")
def ahead(request: Request, officer: Learner, code: str, key: str) -> Response:
    """The classes of a lesson that are still to come."""
    return _ahead(request, person_of(officer), code, key)


def _ahead(
    request: Request, person: int, code: str, key: str, *, refusal: AppError | None = None
) -> Response:
    with db.reading() as session:
        taking = courses.taking(session, person, code)
        lesson = taking.course.lesson(key)
        if lesson is None or lesson.kind != "class":
            raise web.not_found()
        return shell.page(
            request, "lms/classes/ahead.html", code=code, lesson=lesson, refusal=refusal,
            status=refusal.status if refusal else 200,
            rows=offers(session, taking.enrolment.course_id, key, person, now=clock.now()),
        )  # fmt: skip


@router.post(LESSON + "/{code}/{key}")
def book(request: Request, officer: Learner, form: FormDep, code: str, key: str) -> Response:
    """Take a seat, or give it back."""
    person = person_of(officer)
    leaves = text_of(form, "viec", limit=10) == "thoi"
    try:
        with db.transaction() as session:
            meeting = classes.find(session, text_of(form, "lop", limit=40), lock=True)
            if leaves:
                attendance.leave(session, meeting, person)
            else:
                attendance.book(session, meeting, person, now=clock.now())
    except AppError as refusal:
        return _ahead(request, person, code, key, refusal=refusal)
    words = _("Đã thôi đăng ký.") if leaves else _("Đã giữ chỗ cho anh/chị.")
    return web.redirect(f"{LESSON}/{code}/{key}", flash=words)


@router.get(SCAN + "/{token}/{mark}")
def scanned(request: Request, officer: Learner, token: str, mark: str) -> Response:
    """What a telephone opens after the scan: one button to press.

    Nothing is noted yet: previews of links and browsers that fetch ahead open pages too.
    """
    return _here(request, officer, token, mark=mark)


@router.get(SCAN + "/{token}")
def asked(request: Request, officer: Learner, token: str) -> Response:
    """Where the six digits are typed; for whoever was found present, when that was."""
    return _here(request, officer, token)


@router.post(SCAN + "/{token}")
def present(request: Request, officer: Learner, form: FormDep, token: str) -> Response:
    """ "I am here", with the mark that was scanned or the six digits from the wall."""
    person, now = person_of(officer), clock.now()
    seen_at = marks.opened_at(token, person, text_of(form, "mo_luc", limit=200), now)
    with db.transaction() as session:
        meeting = classes.find(session, token, lock=True)
        shown = text_of(form, "ma_so", limit=12)
        answer = attendance.show(session, meeting, person, shown, seen_at=seen_at, now=now)
    if answer is Answer.PRESENT:
        return web.redirect(f"{SCAN}/{token}")
    return _here(request, officer, token, answer=answer)


def _here(
    request: Request, officer: Learner, token: str, *, mark: str = "", answer: Answer | None = None
) -> Response:
    """The page of the roll-call: who, which class, and what they may do or are told."""
    person, now = person_of(officer), clock.now()
    with db.reading() as session:
        meeting = classes.find(session, token)
        seen = attendance.look(session, meeting, person)
        told = answer or (seen if isinstance(seen, Answer) else None)
        return shell.page(
            request, "lms/classes/here.html", meeting=meeting, answer=told and told.value,
            mark=mark, opened=marks.opened(token, person, now),
            who=people.official(session, person, at=clock.local(now).date()),
            seat=attendance.seat_of(session, meeting, person),
        )  # fmt: skip
