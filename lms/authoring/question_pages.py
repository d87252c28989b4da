"""The bank on the desk: find, write and try a question."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import Query, Request, Response
from sqlalchemy.orm import Session
from starlette.datastructures import FormData

from backend import clock, db, web
from backend.accounts.identity import StaffRoute
from backend.errors import AppError
from backend.i18n import gettext as _
from backend.routing import Router
from backend.web import FormDep, text_of
from lms.authoring import forms
from lms.authoring import question_drafts as drafts
from lms.authoring import service as authoring
from lms.authoring.outline import Outline
from lms.authoring.pages import HOME, Trainer, saved
from lms.courses import loader
from lms.questions import QUESTIONS, Question
from nlu.text import fold

router = Router(prefix=HOME, route_class=StaffRoute, include_in_schema=False)
PAGE = 20
SPARE = 2
"""Empty lines that a form offers beyond those that are filled."""
SEED = "xem"
Level = Annotated[int, Query(alias="muc", ge=0, le=3)]


@router.get("/{code}/cau-hoi")
def bank(
    request: Request, officer: Trainer, code: str,
    text: Annotated[str, Query(alias="q", max_length=100)] = "",
    category: Annotated[str | None, Query(alias="chu_de", max_length=60)] = None,
    level: Level = 0, page: Annotated[int, Query(alias="trang", ge=1, le=10_000)] = 1,
) -> Response:  # fmt: skip
    """The course's questions with their keys; those that were asked for."""
    with db.reading() as session:
        here = authoring.opened(session, code)
        stock = authoring.stock(session, here)
        fitting = _fitting(stock, text, "*" if category is None else category, level)
        return web.page(
            request, "lms/authoring/bank.html", here=here, all=len(stock), found=len(fitting),
            rows=fitting[(page - 1) * PAGE : page * PAGE], page=page,
            pages=-(-len(fitting) // PAGE), categories=categories(stock),
            asked={"q": text, "chu_de": "*" if category is None else category, "muc": level},
            waiting=drafts.waiting(here.outline), unfinished=drafts.unfinished(here.outline),
            removed=here.outline.get("removed", ()), kinds=kinds(), levels=forms.difficulties(),
            addresses=loader.addresses(session, here.row.id),
        )  # fmt: skip


@router.post("/{code}/cau-hoi/bo-ra")
def leave_out(officer: Trainer, code: str, form: FormDep) -> Response:
    """Leave a question out, or take them all back; what is published changes when published."""
    key = text_of(form, "cau", limit=40)

    def work(outline: Outline) -> None:
        removed = set(outline.get("removed", ())) | {key} if key else set()
        outline["removed"] = sorted(removed)

    with db.transaction() as session:
        authoring.change(session, officer, code, work, part="~", now=clock.now())
    words = _("Đã bỏ câu hỏi. Mở lại khoá học thì người học mới thấy thay đổi.")
    return web.redirect(f"{HOME}/{code}/cau-hoi", flash=words if key else _("Đã lấy lại."))


@router.post("/{code}/cau-hoi/do-kho")
def set_difficulty(officer: Trainer, code: str, form: FormDep) -> Response:
    """Give all questions that were found one difficulty; learners see it once published."""
    wanted, old = forms.whole(form, "do_kho", 1, 3, 1), forms.whole(form, "muc", 0, 3, 0)
    text, category = text_of(form, "q", limit=100), text_of(form, "chu_de", limit=60)
    with db.transaction() as session:
        stock = authoring.stock(session, authoring.opened(session, code, lock=True))
        changed = {
            key: {**one.model_dump(mode="json"), "difficulty": wanted}
            for key, one in _fitting(stock, text, category, old) if one.difficulty != wanted
        }  # fmt: skip

        def work(outline: Outline) -> None:
            outline.setdefault("questions", {}).update(changed)

        authoring.change(session, officer, code, work, part="~", now=clock.now())
    words = _(
        "Đã đổi độ khó của {count} câu. Mở lại khoá học thì việc rút câu mới theo độ khó này."
    )
    return web.redirect(f"{HOME}/{code}/cau-hoi", flash=words.format(count=len(changed)))


@router.post("/{code}/cau-hoi/moi")
def begin(officer: Trainer, code: str, form: FormDep) -> Response:
    """An empty question, to be written."""
    made: list[str] = []
    with db.transaction() as session:

        def work(outline: Outline) -> None:
            made.append(drafts.begin(session, code, outline, text_of(form, "loai", limit=12)))

        authoring.change(session, officer, code, work, part="~", now=clock.now())
    return web.redirect(f"{HOME}/{code}/cau-hoi/{made[0]}")


@router.get("/{code}/cau-hoi/{key}")
def question(request: Request, officer: Trainer, code: str, key: str) -> Response:
    """A question, to be written."""
    with db.reading() as session:
        return _editor(request, session, code, key)


@router.post("/{code}/cau-hoi/{key}")
def write(request: Request, officer: Trainer, code: str, key: str, form: FormDep) -> Response:
    """Save it as it is, finished or not; a script does so while it is typed."""
    fields = _fields(form)
    with db.reading() as session:
        raw = drafts.found(session, code, authoring.opened(session, code).outline, key)

    def again(refusal: AppError) -> Response:
        with db.reading() as session:
            typed = drafts.typed(raw, fields)
            return _editor(request, session, code, key, typed=typed, refusal=refusal)

    return saved(
        request, officer, code, f"?{key}", form, lambda outline: drafts.write(outline, raw, fields),
        again=again, to=f"{HOME}/{code}/cau-hoi/{key}",
    )  # fmt: skip


@router.get("/{code}/cau-hoi/{key}/xem")
def look(request: Request, officer: Trainer, code: str, key: str) -> Response:
    """The question as a learner will see it."""
    return _look(request, code, key)


@router.post("/{code}/cau-hoi/{key}/xem")
def answer(request: Request, officer: Trainer, code: str, key: str, form: FormDep) -> Response:
    """What an answer would be worth, and what would be said about it; nothing is stored."""
    own = {name.removeprefix("p0."): values for name, values in _fields(form).items()}
    return _look(request, code, key, sent=own)


def kinds() -> dict[str, str]:
    """How pages call the types of questions."""
    words = {
        "single": _("Chọn một"), "multiple": _("Chọn nhiều"), "truefalse": _("Đúng, sai"),
        "matching": _("Ghép đôi"), "ordering": _("Sắp thứ tự"), "short": _("Trả lời ngắn"),
        "numeric": _("Trả lời bằng số"),
    }  # fmt: skip
    return {kind: words.get(kind, kind) for kind in QUESTIONS}


def _fitting(
    stock: Mapping[str, Question], text: str, category: str, level: int
) -> list[tuple[str, Question]]:
    """Those with this text, of this category (“*”: any) and this difficulty (0: any)."""
    return [
        (key, one) for key, one in stock.items()
        if fold(text) in fold(one.text)
        and category in ("*", one.category) and level in (0, one.difficulty)
    ]  # fmt: skip


def categories(stock: Mapping[str, Question]) -> list[str]:
    """Those that questions are in."""
    return sorted({one.category for one in stock.values()})


def _editor(
    request: Request, session: Session, code: str, key: str, *, typed: drafts.Raw | None = None,
    refusal: AppError | None = None,
) -> Response:  # fmt: skip
    here = authoring.opened(session, code)
    raw = typed or drafts.found(session, code, here.outline, key)
    files = loader.addresses(session, here.row.id)
    return web.page(
        request, "lms/authoring/question.html", status=refusal.status if refusal else 200,
        here=here, raw=raw, key=key, refusal=refusal, seen=here.saves.get(f"?{key}", 0),
        missing=drafts.missing(raw), kinds=kinds(), levels=forms.difficulties(), spare=SPARE,
        categories=categories(authoring.stock(session, here)), addresses=files,
        pictures=[name for name in files if name.startswith("img/")],
        is_waiting=key in drafts.waiting(here.outline),
    )  # fmt: skip


def _look(
    request: Request, code: str, key: str, *, sent: Mapping[str, Sequence[str]] | None = None
) -> Response:
    with db.reading() as session:
        here = authoring.opened(session, code)
        raw = drafts.found(session, code, here.outline, key)
        asked = drafts.parsed(raw)
        if asked is None:
            return web.redirect(f"{HOME}/{code}/cau-hoi/{key}", flash=_("Câu hỏi chưa hoàn chỉnh."))
        given = asked.read(sent, SEED) if sent is not None else None
        item = {
            "place": 0, "question": asked, "shown": asked.shown(SEED), "seq": 0,
            "chosen": asked.write(given, SEED) if given is not None else {},
        }  # fmt: skip
        return web.page(
            request, "lms/authoring/question_look.html", here=here, key=key, item=item,
            question=asked, addresses=loader.addresses(session, here.row.id),
            verdict=_verdict(asked, given, is_sent=sent is not None),
        )  # fmt: skip


def _verdict(asked: Question, given: Any, *, is_sent: bool) -> dict[str, Any] | None:
    if not is_sent:
        return None
    percent = round(100 * asked.grade(given))
    return {"percent": percent, "remarks": asked.remarks(given)}


def _fields(form: FormData) -> dict[str, list[str]]:
    """The form's texts as questions read them; files and what no database stores are left out."""
    return {
        name: [web.UNSTORABLE.sub("", v) for v in form.getlist(name) if isinstance(v, str)]
        for name in form
    }
