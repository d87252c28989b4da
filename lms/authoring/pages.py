"""The trainer's desk: courses, their lessons, how they look, publishing."""

from collections import Counter
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy.orm import Session
from starlette.datastructures import FormData

from backend import clock, db, web
from backend.accounts.identity import OfficerDep, StaffRoute
from backend.accounts.roles import SignedIn
from backend.errors import AppError
from backend.i18n import gettext as _
from backend.people.duties import audience_names
from backend.routing import Router
from backend.web import FormDep, text_of
from lms.authoring import forms, openings, packages, uploads
from lms.authoring import outline as outlines
from lms.authoring import service as authoring
from lms.authoring.outline import Outline
from lms.courses import loader, markup

HOME = "/dao-tao/soan"
router = Router(prefix=HOME, route_class=StaffRoute, include_in_schema=False)

Trainer = Annotated[SignedIn, OfficerDep("training.teach")]


@router.get("")
def front(request: Request, officer: Trainer) -> Response:
    """Every course."""
    with db.reading() as session:
        return web.page(request, "lms/authoring/front.html", rows=authoring.listed(session))


@router.get("/moi")
def new(request: Request, officer: Trainer) -> Response:
    """The form for a new course."""
    return web.page(
        request, "lms/authoring/new.html", audiences=audience_names(), typed={},
        refusal=None,
    )  # fmt: skip


@router.post("/moi")
def create(request: Request, officer: Trainer, form: FormDep) -> Response:
    """Make it; on to its page."""
    outline = forms.new_outline(form)
    try:
        with db.transaction() as session:
            authoring.create(session, officer, outline, now=clock.now())
    except AppError as refusal:
        return web.page(
            request, "lms/authoring/new.html", status=refusal.status, audiences=audience_names(),
            typed=outline, refusal=refusal,
        )  # fmt: skip
    return web.redirect(f"{HOME}/{outline['code']}")


@router.post("/goi")
def take_in(officer: Trainer, form: FormDep) -> Response:
    """A course out of a zip."""
    data, _name = forms.sent(form, "goi")
    with db.transaction() as session:
        row = packages.unpacked(session, officer, data, now=clock.now())
    return web.redirect(f"{HOME}/{row.code}", flash=_("Đã nhập khoá học. Xin xem lại rồi mở."))


@router.get("/{code}")
def course(request: Request, officer: Trainer, code: str) -> Response:
    """A course: what it is about, its lessons, what is still missing."""
    return _course(request, code)


def _course(request: Request, code: str, *, refusal: AppError | None = None) -> Response:
    with db.reading() as session:
        here = authoring.opened(session, code)
        return web.page(
            request, "lms/authoring/course.html", status=refusal.status if refusal else 200,
            here=here, outline=here.outline, faults=authoring.faults(session, here),
            stock=authoring.stock(session, here), refusal=refusal, kinds=forms.kinds(),
            opening=openings.latest(session, here.row.id),
            audiences=audience_names(), legal_rows=forms.LEGAL,
            others=[row for row in authoring.listed(session) if row.code != here.row.code],
        )  # fmt: skip


@router.post("/{code}")
def about(request: Request, officer: Trainer, code: str, form: FormDep) -> Response:
    """Title, summary and the like."""
    return saved(
        request, officer, code, "", form, lambda outline: forms.about(form, outline),
        again=lambda refusal: _course(request, code, refusal=refusal), to=f"{HOME}/{code}",
    )  # fmt: skip


@router.post("/{code}/sap-xep")
def arrange(officer: Trainer, code: str, form: FormDep) -> Response:
    """Add, move or drop sections and lessons."""
    made: list[str] = []

    def work(outline: Outline) -> None:
        if text_of(form, "viec", limit=20) == "them-bai":
            made.append(_add_lesson(form, outline))
        else:
            _rearrange(form, outline)

    with db.transaction() as session:
        authoring.change(session, officer, code, work, part="~", now=clock.now())
    return web.redirect(f"{HOME}/{code}/bai/{made[0]}" if made else f"{HOME}/{code}")


def _add_lesson(form: FormData, outline: Outline) -> str:
    asked = text_of(form, "kind", limit=10)
    kind = asked if asked in forms.kinds() else "text"
    title = text_of(form, "title", limit=200) or forms.kinds()[kind]
    return outlines.add_lesson(outline, forms.whole(form, "phan", 0, 99, 0), title, kind)


def _rearrange(form: FormData, outline: Outline) -> None:
    key, title = text_of(form, "bai", limit=40), text_of(form, "title", limit=200)
    place = forms.whole(form, "phan", 0, 99, 0)
    steps: dict[str, Callable[[], None]] = {
        "them-phan": lambda: outlines.add_section(outline, title),
        "doi-ten": lambda: outlines.rename_section(outline, place, title),
        "phan-len": lambda: outlines.move_section(outline, place, -1),
        "phan-xuong": lambda: outlines.move_section(outline, place, +1),
        "xoa-phan": lambda: outlines.drop_section(outline, place),
        "len": lambda: outlines.move_lesson(outline, key, -1),
        "xuong": lambda: outlines.move_lesson(outline, key, +1),
        "xoa-bai": lambda: outlines.drop_lesson(outline, key),
    }
    if step := steps.get(text_of(form, "viec", limit=20)):
        step()


@router.get("/{code}/bai/{key}")
def lesson(request: Request, officer: Trainer, code: str, key: str) -> Response:
    """A lesson, to be written."""
    with db.reading() as session:
        return _lesson(request, session, code, key)


@router.post("/{code}/bai/{key}")
def write(request: Request, officer: Trainer, code: str, key: str, form: FormDep) -> Response:
    """Save the lesson; a script does so while it is typed."""

    def again(refusal: AppError) -> Response:
        with db.reading() as session:
            typed = authoring.opened(session, code).outline
            forms.lesson(form, typed, key)
            return _lesson(request, session, code, key, typed=typed, refusal=refusal)

    return saved(
        request, officer, code, key, form, lambda outline: forms.lesson(form, outline, key),
        again=again, to=f"{HOME}/{code}/bai/{key}",
    )  # fmt: skip


@router.post("/{code}/bai/{key}/xem")
def preview(request: Request, officer: Trainer, code: str, key: str, form: FormDep) -> Response:
    """How what is typed will look; nothing is stored."""
    with db.reading() as session:
        here = authoring.opened(session, code)
        files = loader.addresses(session, here.row.id)
    body = markup.html(text_of(form, "body", limit=100_000), files)
    return web.page(
        request, "lms/authoring/look.html", fragment="lms/authoring/_body.html", body=body,
        one={**outlines.lesson(here.outline, key)}, code=code, before=None, after=None,
        items=(), addresses=files, title=text_of(form, "title", limit=200) or code,
    )  # fmt: skip


@router.post("/{code}/tep")
def upload(officer: Trainer, code: str, form: FormDep) -> Response:
    """A picture, document, video or captions for the course's lessons and questions."""
    data, name = forms.sent(form, "tep")
    stored = uploads.checked(data, name)
    with db.transaction() as session:
        here = authoring.opened(session, code)
        loader.add_file(session, here.row.id, stored, data)
    if question := text_of(form, "cau", limit=40):
        words = _("Đã tải lên {name}. Xin chọn hình này cho câu hỏi.").format(name=stored)
        return web.redirect(f"{HOME}/{code}/cau-hoi/{question}", flash=words)
    key = text_of(form, "bai", limit=40)
    words = _("Đã tải lên. Muốn hiện hình trong bài, xin gõ: ![mô tả hình]({name})")
    return web.redirect(f"{HOME}/{code}/bai/{key}", flash=words.format(name=stored))


@router.get("/{code}/xem/{key}")
def look(request: Request, officer: Trainer, code: str, key: str) -> Response:
    """A lesson as a learner will see it."""
    with db.reading() as session:
        here = authoring.opened(session, code)
        one = outlines.lesson(here.outline, key)
        files = loader.addresses(session, here.row.id)
        keys = [each["key"] for each in outlines.lessons(here.outline)]
        at = keys.index(key)
        stock = authoring.stock(session, here) if one["kind"] == "quiz" else {}
        return web.page(
            request, "lms/authoring/look.html", title=one["title"], one=one, code=code,
            body=markup.html(one.get("body", ""), files), addresses=files,
            rules=outlines.quiz(here.outline, one["quiz"]) if one.get("quiz") else None,
            items=[_item(place, question) for place, question in enumerate(stock.values())],
            before=keys[at - 1] if at else None, after=keys[at + 1] if at + 1 < len(keys) else None,
        )  # fmt: skip


@router.post("/{code}/mo")
def publish(request: Request, officer: Trainer, code: str, form: FormDep) -> Response:
    """Open it to learners, or say what is missing."""
    try:
        with db.transaction() as session:
            authoring.publish(session, officer, code, now=clock.now())
    except AppError as refusal:
        return _course(request, code, refusal=refusal)
    return web.redirect(f"{HOME}/{code}", flash=_("Đã mở khoá học. Người học thấy ngay."))


@router.post("/{code}/nhan-ban")
def duplicate(request: Request, officer: Trainer, code: str, form: FormDep) -> Response:
    """The same under another code."""
    new_code, title = text_of(form, "code", limit=20).upper(), text_of(form, "title", limit=200)
    try:
        with db.transaction() as session:
            authoring.duplicate(session, officer, code, new_code, title, now=clock.now())
    except AppError as refusal:
        return _course(request, code, refusal=refusal)
    return web.redirect(f"{HOME}/{new_code}", flash=_("Đã nhân bản khoá học."))


@router.get("/{code}/goi.zip")
def package(officer: Trainer, code: str) -> Response:
    """The course as one zip."""
    with db.reading() as session:
        data = packages.packed(session, authoring.opened(session, code))
    headers = {"Content-Disposition": f'attachment; filename="{code}.zip"'}
    return Response(data, media_type="application/zip", headers=headers)


def _lesson(
    request: Request, session: Session, code: str, key: str, *, typed: Outline | None = None,
    refusal: AppError | None = None,
) -> Response:  # fmt: skip
    here = authoring.opened(session, code)
    outline = typed or here.outline
    one = outlines.lesson(outline, key)
    stock = authoring.stock(session, here)
    counts: dict[str, Counter[int]] = {}  # of each category: by difficulty, and at 0 in all
    for question in stock.values():
        counts.setdefault(question.category, Counter()).update([0, question.difficulty])
    return web.page(
        request, "lms/authoring/lesson.html", status=refusal.status if refusal else 200,
        here=here, one=one, code=code, refusal=refusal, kinds=forms.kinds(), counts=counts,
        draw_levels=forms.draw_levels(),
        rules=outlines.quiz(outline, one["quiz"]) if one.get("quiz") else None,
        theirs=outlines.lesson(here.outline, key) if refusal else None,
        seen=here.saves.get(key, 0), files=loader.addresses(session, here.row.id),
    )  # fmt: skip


def saved(
    request: Request, officer: SignedIn, code: str, part: str, form: Any, work: Any, *,
    again: Any, to: str,
) -> Response:  # fmt: skip
    """Save a part; scripts get the new count, people the page, both the reason of a refusal."""
    is_script = "application/json" in request.headers.get("accept", "")
    try:
        with db.transaction() as session:
            count = authoring.change(
                session, officer, code, work, part=part, now=clock.now(),
                seen=forms.whole(form, "luot", 0, 10**9, 0),
            )  # fmt: skip
    except AppError as refusal:
        if is_script:
            return JSONResponse({"message": refusal.message}, status_code=refusal.status)
        answer: Response = again(refusal)
        return answer
    return JSONResponse({"luot": count}) if is_script else web.redirect(to, flash=_("Đã lưu."))


def _item(place: int, question: Any) -> dict[str, Any]:
    """A question as the sheet of an attempt shows it, unanswered."""
    return {
        "place": place,
        "question": question,
        "shown": question.shown("xem"),
        "chosen": {},
        "seq": 0,
    }
