"""The learner's pages: what there is to learn, one course, one lesson."""

from collections.abc import Callable
from typing import Any

from fastapi import Request, Response

from backend import clock, db, web
from backend.accounts.identity import StaffRoute
from backend.people.duties import audience_names
from backend.routing import Router
from backend.web import FormDep, text_of
from lms.assignments import prerequisites
from lms.assignments import service as assignments
from lms.attempts import service as attempts
from lms.certificates import service as certificates
from lms.courses import loader, markup, progress
from lms.courses import service as courses
from lms.courses.content import Course, Lesson
from lms.courses.service import Taking
from lms.study import sheet, shell
from lms.study.learner import Learner, person_of
from lms.study.overview import overview
from lms.study.takeaway import takeaway

router = Router(prefix="/hoc", route_class=StaffRoute, include_in_schema=False)


@router.get("")
def mine(request: Request, officer: Learner) -> Response:
    """What I am learning, what I should, and everything there is."""
    with db.reading() as session:
        person = person_of(officer)
        return shell.page(
            request, "lms/study/front.html", rows=overview(session, person),
            duties=assignments.duties_of(session, person, on=clock.today()),
            certificates=certificates.of_person(session, person), audiences=audience_names(),
            today=clock.today(), state=certificates.state,
        )  # fmt: skip


@router.get("/{code}")
def course(request: Request, officer: Learner, code: str) -> Response:
    """A course: what it gives, what it rests on, its lessons, how far I am."""
    with db.reading() as session:
        row, person = courses.find(session, code), person_of(officer)
        if row.status == "draft":  # its trainer is still writing it
            raise web.not_found()
        last = courses.latest(session, person, row.id)
        taking = Taking(last, courses.taught(session, last.version_id), row.code) if last else None
        taught = taking.course if taking else courses.published(session, row)
        return shell.page(
            request, "lms/study/course.html", row=row, taking=taking, course=taught,
            needed=prerequisites.of_person(session, person, taught, on=clock.today()),
            standing=attempts.standing_of(session, taking) if taking else None,
            spent=progress.spent(session, taking.enrolment.id) if taking else {},
            certificate=certificates.of_round(session, taking.enrolment.id) if taking else None,
            audiences=audience_names(),
            takeaway=takeaway(session, taking, str(last.version_id)) if taking and last else None,
        )  # fmt: skip


@router.post("/{code}")
def begin(officer: Learner, form: FormDep, code: str) -> Response:
    """Begin the course, or a new round of it, at its first lesson."""
    person = person_of(officer)
    with db.transaction() as session:
        courses.enrol(session, person, code, now=clock.now())
        taking = courses.taking(session, person, code)
        if not taking.course.completion.final:
            prerequisites.require(session, person, taking.course, on=clock.today())
    return web.redirect(f"/hoc/{code}/{next(taking.course.lessons()).key}")


@router.get("/{code}/{key}")
def lesson(request: Request, officer: Learner, code: str, key: str) -> Response:
    """A lesson; whoever opens it the first time has opened it, which is all that is stored.

    A device that takes the course away (`X-Download`) opens nothing.
    """
    person = person_of(officer)
    if "x-download" in request.headers:
        with db.reading() as session:
            return _shown(request, **_lesson(session, person, code, key, look=progress.peek))
    with db.transaction() as session:
        context = _lesson(session, person, code, key, look=progress.open_lesson)
    return _shown(request, **context)


@router.post("/{code}/{key}/hoan-thanh")
def finish(request: Request, officer: Learner, form: FormDep, code: str, key: str) -> Response:
    """The lesson is done; on to the next one, or back to the course after the last.

    A script (it sends its token as a header) has counted the time; without one it counts here.
    """
    with db.transaction() as session:
        taking = courses.taking(session, person_of(officer), code, lock=True)
        is_watched = "x-form-token" in request.headers
        progress.finish_lesson(session, taking, key, is_watched=is_watched, now=clock.now())
        certificates.settle(session, taking, now=clock.now())
    following = _neighbour(taking.course, key, +1)
    return web.redirect(f"/hoc/{code}/{following.key}" if following else f"/hoc/{code}")


@router.post("/{code}/{key}/thoi-gian")
def spend(officer: Learner, form: FormDep, code: str, key: str) -> dict[str, int]:
    """Seconds that the page was being read; the same `seq` twice counts once.

    The answer's `seq` is the newest by now: a device that sees a greater one than its own was
    overtaken by another.
    """
    numbers = {name: _number(text_of(form, name, limit=9)) for name in ("giay", "seq", "vi_tri")}
    with db.transaction() as session:
        taking = courses.taking(session, person_of(officer), code, lock=True)
        progress.add_time(
            session, taking, key, numbers["giay"], seq=numbers["seq"], place=numbers["vi_tri"],
            now=clock.now(),
        )  # fmt: skip
        row = progress.peek(session, taking, key, now=clock.now())
        certificates.settle(session, taking, now=clock.now())
    return {"seconds": row.seconds, "seq": row.seq}


def _lesson(
    session: Any, person: int, code: str, key: str, *, look: Callable[..., Any]
) -> dict[str, Any]:
    taking = courses.taking(session, person, code)
    found = taking.course.lesson(key)
    if found is None:
        raise web.not_found()
    files = loader.newest_files(session, taking.enrolment.course_id)
    addresses = {file.name: file.address for file in files}
    context = {
        "taking": taking,
        "course": taking.course,
        "lesson": found,
        "seen": look(session, taking, key, now=clock.now()),
        "body": markup.html(found.body, addresses),
        "addresses": addresses,
        "paths": {file.name: file.path for file in files},
        "before": _neighbour(taking.course, key, -1),
        "after": _neighbour(taking.course, key, +1),
        "standing": attempts.standing_of(session, taking),
    }
    if found.kind == "quiz":
        context |= sheet.cover(session, taking, found.quiz, on=clock.today())
    return context


def _shown(request: Request, **context: Any) -> Response:
    return shell.page(request, "lms/study/lesson.html", **context)


def _neighbour(course: Course, key: str, step: int) -> Lesson | None:
    keys = list(course.lessons())
    at = next(i for i, one in enumerate(keys) if one.key == key) + step
    return keys[at] if 0 <= at < len(keys) else None


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() else 0
