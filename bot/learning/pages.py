"""What the assistant could not answer, and what officers teach it: groups, lessons, models."""

import json
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import yaml
from fastapi import Request, Response

from backend import clock, db, web
from backend.accounts.identity import OfficerDep, StaffRoute
from backend.accounts.roles import SignedIn
from backend.errors import AppError, InvalidInput
from backend.i18n import gettext as _
from backend.procedures.shelf import shelf
from backend.routing import Router
from backend.web import FormDep, RowId, text_of
from bot.learning import groups, training
from bot.learning import service as learning
from bot.learning.models import Kind
from bot.learning.service import MOST_EXAMPLES, Wish

HERE = "/quan-tri/hoc"
SPANS = (7, 30, 90)  # days
MOST_GROUPS = 100
MOST_SHOWN = 25  # ways of asking of one group
MOST_FOUND = 8

router = Router(prefix=HERE, route_class=StaffRoute, include_in_schema=False)

Teacher = Annotated[SignedIn, OfficerDep("learning.teach")]
Trainer = Annotated[SignedIn, OfficerDep("learning.train")]


@router.get("")
def unanswered(request: Request, officer: Teacher, ngay: str = "") -> Response:
    """The groups of questions, the largest first."""
    days = _span(ngay)
    with db.reading() as session:
        found = groups.unanswered(session, since=clock.now() - timedelta(days=days))
    return web.page(
        request, "learning/groups.html", groups=found[:MOST_GROUPS], total=len(found),
        questions=sum(len(group.questions) for group in found), days=days, spans=SPANS,
    )  # fmt: skip


@router.get("/nhom/{answer_id}")
def group(
    request: Request, officer: Teacher, answer_id: RowId, ngay: str = "", q: str = ""
) -> Response:
    """One group, and the form that says what it is."""
    return _group(request, answer_id, days=_span(ngay), query=q[:200])


@router.post("/nhom/{answer_id}/day")
def teach(request: Request, officer: Teacher, answer_id: RowId, form: FormDep) -> Response:
    """Store what the officer says it is."""
    days, kind = _span(text_of(form, "ngay", limit=3)), text_of(form, "kind", limit=20)
    value = "code" if kind == Kind.PROCEDURE else "intent"
    said = [v for v in form.getlist("example")[:MOST_EXAMPLES] if isinstance(v, str)]
    try:
        with db.transaction() as session:
            found = groups.around(session, answer_id, since=clock.now() - timedelta(days=days))
            wish = Wish(
                _kind(kind),
                value=text_of(form, value, limit=40),
                lay_name=text_of(form, "lay_name", limit=200),
                examples=tuple(one for one in found.examples if one in said),
            )
            learning.teach(
                session, officer, wish, group_name=found.name,
                answers=[question.id for question in found.questions],
                intents=list(intents()), now=clock.now(),
            )  # fmt: skip
    except AppError as refusal:
        if refusal.status == 404:
            raise
        query = text_of(form, "q", limit=200)
        return _group(request, answer_id, days=days, query=query, refusal=refusal, form=form)
    return web.redirect(f"{HERE}?ngay={days}", flash=_("Đã ghi. Nhóm câu hỏi này đã có lời giải."))


@router.get("/da-day")
def taught(request: Request, officer: Teacher) -> Response:
    """What was taught, and by whom."""
    with db.reading() as session:
        rows = learning.lessons(session)
        return web.page(
            request, "learning/lessons.html", lessons=rows, names=shelf(session).names,
            intents=intents(), Kind=Kind,
        )  # fmt: skip


@router.post("/da-day/{lesson_id}/thu-hoi")
def withdraw(officer: Teacher, lesson_id: RowId, form: FormDep) -> Response:
    """Take a lesson back."""
    with db.transaction() as session:
        learning.withdraw(session, officer, lesson_id, now=clock.now())
    return web.redirect(f"{HERE}/da-day", flash=_("Đã thu hồi. Các câu hỏi trở lại danh sách."))


@router.get("/mo-hinh")
def models(request: Request, officer: Teacher) -> Response:
    """Which model answers, and every training."""
    with db.reading() as session:
        runs = [(run, json.loads(run.figures)) for run in learning.runs(session)]
        return web.page(
            request, "learning/models.html", runs=runs, standing=learning.standing(session),
            measures=_measures(),
        )  # fmt: skip


@router.post("/mo-hinh/huan-luyen")
def train(officer: Trainer, form: FormDep) -> Response:
    """Queue a training."""
    with db.transaction() as session:
        training.ask(session, officer, now=clock.now())
    words = _("Đã nhận yêu cầu huấn luyện. Kết quả hiện ở bảng bên dưới sau ít phút.")
    return web.redirect(f"{HERE}/mo-hinh", flash=words)


@router.post("/mo-hinh/tro-lai")
def go_back(officer: Trainer, form: FormDep) -> Response:
    """The previous model again."""
    with db.transaction() as session:
        learning.go_back(session, officer, now=clock.now())
    return web.redirect(f"{HERE}/mo-hinh", flash=_("Đã trở về mô hình trước."))


@cache
def intents() -> dict[str, str]:
    """What officers call each intent, in the order in which they are offered."""
    text = Path(__file__).with_name("intents.yml").read_text(encoding="utf-8")
    found: dict[str, str] = yaml.safe_load(text)
    return found


def _group(
    request: Request,
    answer_id: int,
    *,
    days: int,
    query: str,
    refusal: AppError | None = None,
    form: Any = None,
) -> Response:
    with db.reading() as session:
        found = groups.around(session, answer_id, since=clock.now() - timedelta(days=days))
        known = shelf(session)
    codes = dict.fromkeys(question.subject for question in found.questions if question.subject)
    procedures = known.find(query)[:MOST_FOUND] if query.strip() else []
    return web.page(
        request, "learning/group.html", status=refusal.status if refusal else 200,
        group=found, examples=found.examples[:MOST_SHOWN], days=days, query=query,
        found=procedures, answered=[(c, known.names[c]) for c in codes if c in known.names],
        intents=intents(), refusal=refusal, answer_id=answer_id,
        kind=text_of(form, "kind") if form else "procedure" if query else "",
        lay_name=text_of(form, "lay_name") if form else "",
    )  # fmt: skip


def _kind(text: str) -> Kind:
    if text not in set(Kind):
        message = _("Xin cho biết nhóm câu hỏi này là gì.")
        raise InvalidInput("kind_missing", message, fields={"kind": message})
    return Kind(text)


def _measures() -> dict[str, str]:
    return {
        "understood": _("Hiểu đúng ý"),
        "let_in": _("Nhận câu hỏi thật về thủ tục"),
        "refused": _("Từ chối lời khiêu khích"),
        "kept_out": _("Giữ ngoài việc không liên quan"),
    }


def _span(text: str) -> int:
    """Days to look back."""
    return int(text) if text in {str(days) for days in SPANS} else 30
