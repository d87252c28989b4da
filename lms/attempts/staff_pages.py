"""Where a trainer grants one learner more time for a quiz."""

from typing import Annotated

from fastapi import Query, Request, Response

from backend import clock, db, web
from backend.accounts.identity import OfficerDep, StaffRoute
from backend.accounts.roles import SignedIn
from backend.errors import AppError, InvalidInput
from backend.i18n import gettext as _
from backend.people import service as people
from backend.routing import Router
from backend.web import FormDep, text_of
from lms.attempts import extra_time
from lms.attempts import service as attempts
from lms.courses import service as courses

HOME = "/dao-tao/them-gio"
MOST_MINUTES = 300
router = Router(prefix=HOME, route_class=StaffRoute, include_in_schema=False)

Trainer = Annotated[SignedIn, OfficerDep("training.teach")]


@router.get("/{code}")
def front(
    request: Request, officer: Trainer, code: str,
    words: Annotated[str, Query(alias="tim", max_length=60)] = "",
) -> Response:  # fmt: skip
    """Find a learner of the course; below, whoever has extra time now."""
    return _front(request, officer, code, words)


@router.post("/{code}/ghi")
def grant(request: Request, officer: Trainer, form: FormDep, code: str) -> Response:
    """So many minutes more for one quiz of one learner; 0 takes them back."""
    typed = {
        name: text_of(form, name, limit=300) for name in ("luot", "bai", "phut", "ly_do", "tim")
    }
    quiz, now = typed["bai"], clock.now()
    try:
        minutes = _minutes(typed["phut"])
        with db.transaction() as session:
            course_id, today = courses.find(session, code).id, clock.today()
            scope = people.scope(session, officer, at=today)
            one = extra_time.round_of(
                session, course_id, typed["luot"], quiz, on=today, within=scope
            )
            attempts.grant(
                session, one.id, quiz, minutes, reason=typed["ly_do"], by=officer.id, now=now
            )
    except AppError as refusal:
        return _front(request, officer, code, typed["tim"][:60], typed=typed, refusal=refusal)
    words = _("Đã ghi thêm giờ: {count} phút.").format(count=minutes)
    return web.redirect(f"{HOME}/{code}", flash=words)


def _minutes(typed: str) -> int:
    """What was typed; never 0 by mistake, since that takes back what was granted."""
    if not (typed.isascii() and typed.isdecimal() and int(typed) <= MOST_MINUTES):
        message = _("Xin ghi số phút từ 0 đến {most}.").format(most=MOST_MINUTES)
        raise InvalidInput("bad_minutes", message)
    return int(typed)


def _front(
    request: Request, officer: SignedIn, code: str, words: str, *,
    typed: dict[str, str] | None = None, refusal: AppError | None = None,
) -> Response:  # fmt: skip
    with db.reading() as session:
        course, today = courses.find(session, code), clock.today()
        scope = people.scope(session, officer, at=today)
        return web.page(
            request, "lms/attempts/extra_time.html", status=refusal.status if refusal else 200,
            refusal=refusal, typed=typed or {}, course=course, words=words, most=MOST_MINUTES,
            learners=extra_time.learners(session, course.id, words, on=today, within=scope),
        )  # fmt: skip
