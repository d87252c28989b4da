"""Taking a quiz: begin, answer, hand in, see the result; with or without scripts."""

from datetime import datetime
from typing import Annotated

from fastapi import Request, Response
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session
from starlette.datastructures import FormData

from backend import clock, db, web
from backend.accounts.identity import StaffRoute, officer_in
from backend.i18n import gettext as _
from backend.routing import Router
from backend.web import FormDep
from lms.assignments import prerequisites
from lms.attempts import service as attempts
from lms.attempts.models import Attempt
from lms.attempts.service import Given, Saved
from lms.certificates import service as certificates
from lms.courses import loader
from lms.courses import service as courses
from lms.courses.service import Taking
from lms.study import sheet, shell
from lms.study.learner import LEARN, Learner, person_of

router = Router(prefix="/hoc", route_class=StaffRoute, include_in_schema=False)

MOST_ANSWERS = 200


class Sent(BaseModel):
    """One answer from the page's queue."""

    place: Annotated[int, Field(ge=0, le=MOST_ANSWERS)]
    fields: dict[str, Annotated[list[Annotated[str, Field(max_length=4000)]], Field(max_length=50)]]
    seq: Annotated[int, Field(ge=1, le=1_000_000_000)]
    given_at: datetime | None = None


class Batch(BaseModel):
    """Answers that wait on one device."""

    device: Annotated[str, Field(max_length=40)] = ""
    answers: Annotated[list[Sent], Field(max_length=MOST_ANSWERS)]


class Acknowledged(BaseModel):
    """What is stored by now: the newest `seq` of this device at each place that it sent.

    `overtaken`: places at which another device's answer stands, with its count; what this device
    sent there is not stored. `closed` when time is up.
    """

    saved: dict[int, int]
    overtaken: dict[int, int]
    closed: bool
    seconds_left: int | None


@router.post("/{code}/{key}/bai-lam")
def begin(officer: Learner, form: FormDep, code: str, key: str) -> Response:
    """Begin a quiz, or go on with the open one."""
    with db.transaction() as session:
        taking = courses.taking(session, person_of(officer), code, lock=True)
        lesson = taking.course.lesson(key)
        quiz = attempts.quiz_of(taking, lesson.quiz if lesson else "")
        if quiz.kind == "final":
            person = taking.enrolment.person_id
            prerequisites.require(session, person, taking.course, on=clock.today())
        attempt = attempts.start(session, taking, quiz.key, now=clock.now())
        certificates.settle(session, taking, now=clock.now())
    return web.redirect(f"/hoc/bai-lam/{attempt.token}")


@router.get("/bai-lam/{token}")
def show(request: Request, token: str) -> Response:
    """The sheet, or once it is handed in, the result."""
    now = clock.now()
    with db.reading() as session:
        person = person_of(officer_in(session, request, LEARN))
        attempt = attempts.of_person(session, token, person)
        taking = _taking(session, attempt)
        quiz = attempts.quiz_of(taking, attempt.quiz)
        lines = sheet.lines(session, attempt, quiz)
        has_pictures = any(line.item.banked.question.image for line in lines)
        course_id = taking.enrolment.course_id
        template = "lms/study/result.html" if attempt.submitted_at else "lms/study/sheet.html"
        return shell.page(
            request, template, attempt=attempt, quiz=quiz, taking=taking,
            lines=lines, seconds_left=sheet.seconds_left(attempt, now=now),
            lesson=next(one for one in taking.course.lessons() if one.quiz == quiz.key),
            standing=attempts.standing_of(session, taking),
            addresses=loader.addresses(session, course_id) if has_pictures else {},
            certificate=certificates.of_round(session, taking.enrolment.id),
            is_over=attempts.is_over(attempt, now=now),
        )  # fmt: skip


@router.post("/bai-lam/{token}/luu")
def save(request: Request, form: FormDep, token: str, batch: Batch) -> Acknowledged:
    """Store answers as the page's queue sends them; what is acknowledged is on disk."""
    now = clock.now()
    given = [
        Given(one.place, one.fields, one.seq, batch.device, one.given_at) for one in batch.answers
    ]

    def work(session: Session) -> Acknowledged:
        person = person_of(officer_in(session, request, LEARN))
        attempt = attempts.of_person(session, token, person, to="save")
        saved = attempts.save(session, attempt, given, now=now)
        left = sheet.seconds_left(attempt, now=now)
        return Acknowledged(
            saved=saved.seqs, overtaken=saved.overtaken, closed=saved.is_closed, seconds_left=left
        )

    return db.write(work)


@router.post("/bai-lam/{token}/nop-bai")
def hand_in(request: Request, form: FormDep, token: str) -> Response:
    """Hand in with what the form holds; without scripts the same form also just saves.

    A script (it sends its token as a header) has sent the answers before and needs no page back.
    """
    now = clock.now()
    only_saves = form.get("viec") == "luu"

    def work(session: Session) -> Saved:
        person = person_of(officer_in(session, request, LEARN))
        attempt = attempts.of_person(session, token, person, to="submit")
        saved = attempts.save(session, attempt, _changed(session, attempt, form), now=now)
        if not only_saves:
            taking = _taking(session, attempt)
            attempts.submit(session, attempt, attempts.quiz_of(taking, attempt.quiz), now=now)
            certificates.settle(session, taking, now=now)
        return saved

    saved = db.write(work)
    if only_saves:
        late = _("Bài đã nộp hoặc đã hết giờ: các câu vừa gửi không được nhận.")
        words = late if saved.is_closed else _("Đã lưu các câu trả lời.")
        return web.redirect(f"/hoc/bai-lam/{token}", flash=words)
    if "x-form-token" in request.headers:
        return Response(status_code=204)
    return web.redirect(f"/hoc/bai-lam/{token}")


def _changed(session: Session, attempt: Attempt, form: FormData) -> list[Given]:
    """Answers of the form that differ from what is saved, counted one up from there.

    A page with scripts has sent them already; then the form brings nothing new.
    """
    given: list[Given] = []
    if not any(name.startswith("p") and "." in name for name in form):
        return given
    for item in attempts.items(session, attempt):
        start = f"p{item.place}."
        fields: dict[str, list[str]] = {}
        for name, value in form.multi_items():
            if name.startswith(start) and isinstance(value, str):
                fields.setdefault(name.removeprefix(start), []).append(value)
        if fields and attempts.read(attempt, item.place, item.banked, fields) != item.answer:
            given.append(Given(item.place, fields, item.seq + 1))
    return given


def _taking(session: Session, attempt: Attempt) -> Taking:
    return courses.taking_of(session, attempt.enrolment_id)
