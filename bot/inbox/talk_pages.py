"""One conversation before an officer: read it, claim it, answer, pass it on, close it, export it.

The composer is one form with several buttons: whatever is refused or inserted, what was typed comes
back in its box.
"""

import secrets
from typing import Annotated

from fastapi import Request, Response
from fastapi.responses import PlainTextResponse

from backend import clock, db, web
from backend.accounts.identity import OfficerDep, StaffRoute
from backend.accounts.roles import SignedIn
from backend.errors import AppError, InvalidInput
from backend.i18n import gettext as _
from backend.render import render
from backend.routing import Router
from backend.web import FormDep, RowId, text_of
from bot.handover import desk, words
from bot.inbox import canned, screen, suggestion
from bot.inbox.pages import HERE, channels, reasons
from bot.messages import plain

router = Router(prefix=HERE, route_class=StaffRoute, include_in_schema=False)

Viewer = Annotated[SignedIn, OfficerDep("handover.view")]
Answerer = Annotated[SignedIn, OfficerDep("handover.answer")]
LONGEST_KEPT = 20_000  # characters given back in the box when a message is refused


@router.get("/{talk_id}")
def shown(request: Request, officer: Viewer, talk_id: RowId) -> Response:
    """One conversation; the look is written down."""
    return _page(request, officer, talk_id)


@router.get("/{talk_id}/ban-ghi.txt")
def export(officer: Viewer, talk_id: RowId) -> Response:
    """The transcript as a file: what was said, by whom, when."""
    with db.transaction() as session:
        on = screen.look(session, officer, talk_id, now=clock.now())
    text = render("inbox/transcript.txt", on=on, plain=plain, channels=channels(), now=clock.now())
    disposition = f'attachment; filename="hoi-thoai-{talk_id}.txt"'
    return PlainTextResponse(
        text, headers={"Content-Disposition": disposition, "Cache-Control": "no-store"}
    )


@router.post("/{talk_id}/nhan")
def claim(request: Request, officer: Answerer, talk_id: RowId, form: FormDep) -> Response:
    """Take it; of two at once, one is told who was first."""
    version = text_of(form, "version", limit=9)
    try:
        with db.transaction() as session:
            seen = int(version) if version.isascii() and version.isdigit() else 0
            desk.claim(session, officer, talk_id, version=seen, now=clock.now())
    except AppError as refusal:
        return _page(request, officer, talk_id, refusal=refusal)
    return web.redirect(f"{HERE}/{talk_id}#tra-loi")


@router.post("/{talk_id}/gui")
def say(request: Request, officer: Answerer, talk_id: RowId, form: FormDep) -> Response:
    """Answer the citizen."""
    text = text_of(form, "text", limit=LONGEST_KEPT)
    once = text_of(form, "once", limit=60) or secrets.token_urlsafe(16)
    try:
        with db.transaction() as session:
            desk.say(session, officer, talk_id, text, once=once, now=clock.now())
    except AppError as refusal:
        return _page(request, officer, talk_id, refusal=refusal, text=text)
    return web.redirect(f"{HERE}/{talk_id}#tra-loi")


@router.post("/{talk_id}/ghi-chu")
def note(request: Request, officer: Answerer, talk_id: RowId, form: FormDep) -> Response:
    """A word for colleagues only."""
    text = text_of(form, "text", limit=LONGEST_KEPT)
    try:
        with db.transaction() as session:
            desk.note(session, officer, talk_id, text, now=clock.now())
    except AppError as refusal:
        return _page(request, officer, talk_id, refusal=refusal, text=text)
    return web.redirect(f"{HERE}/{talk_id}#tra-loi", flash=_("Đã ghi chú; người dân không thấy."))


@router.post("/{talk_id}/chen")
def insert(request: Request, officer: Answerer, talk_id: RowId, form: FormDep) -> Response:
    """A canned answer, filled in, after what was typed."""
    text, chosen = text_of(form, "text", limit=LONGEST_KEPT), text_of(form, "mau", limit=18)
    try:
        if not chosen.isdecimal():
            raise InvalidInput("canned_missing", _("Xin chọn một câu mẫu."))
        with db.transaction() as session:
            on = screen.look(session, officer, talk_id, now=clock.now())
            values = screen.values(on, officer)
            found = canned.text_of(session, officer, int(chosen), values)
    except AppError as refusal:
        return _page(request, officer, talk_id, refusal=refusal, text=text)
    return _page(request, officer, talk_id, text=f"{text}\n\n{found}".strip())


@router.post("/{talk_id}/goi-y")
def suggest(request: Request, officer: Answerer, talk_id: RowId, form: FormDep) -> Response:
    """What the assistant would say; the officer sends it, corrects it, or not."""
    text = text_of(form, "text", limit=LONGEST_KEPT)
    with db.reading() as session:
        _talk, conversation = desk.held(session, officer, talk_id, locked=False)
        said, memory = suggestion.last_words(session, conversation)
    found = suggestion.suggest(said, memory)
    if not found:
        refusal = InvalidInput("no_suggestion", _("Máy không có gợi ý cho câu này."))
        return _page(request, officer, talk_id, refusal=refusal, text=text)
    return _page(request, officer, talk_id, text=f"{text}\n\n{found}".strip())


@router.post("/{talk_id}/chuyen")
def transfer(request: Request, officer: Answerer, talk_id: RowId, form: FormDep) -> Response:
    """To another unit's queue, or the provincial one."""
    unit, why = text_of(form, "unit", limit=200), text_of(form, "why", limit=500)
    try:
        with db.transaction() as session:
            desk.transfer(session, officer, talk_id, unit, why, now=clock.now())
    except AppError as refusal:
        return _page(request, officer, talk_id, refusal=refusal)
    return web.redirect(HERE, flash=_("Đã chuyển cuộc trò chuyện."))


@router.post("/{talk_id}/ket-thuc/{how}")
def finish(
    request: Request, officer: Answerer, talk_id: RowId, how: str, form: FormDep
) -> Response:
    """Close it, give it back to the queue, or leave it to the assistant."""
    now = clock.now()
    try:
        with db.transaction() as session:
            if how == "tra-lai":
                desk.give_back(session, officer, talk_id, now=now)
            elif how == "cho-may":
                desk.to_assistant(session, officer, talk_id, now=now)
            elif how == "dong":
                why = text_of(form, "why", limit=500)
                desk.close(session, officer, talk_id, why, now=now)
            else:
                raise web.not_found()
    except AppError as refusal:
        return _page(request, officer, talk_id, refusal=refusal)
    return web.redirect(HERE, flash=_("Đã xong."))


def _page(
    request: Request,
    officer: SignedIn,
    talk_id: int,
    *,
    refusal: AppError | None = None,
    text: str = "",
) -> Response:
    with db.transaction() as session:
        on = screen.look(session, officer, talk_id, now=clock.now())
    return web.page(
        request, "inbox/talk.html", fragment="inbox/_bubbles.html", on=on, text=text,
        status=refusal.status if refusal else 200, refusal=refusal, plain=plain, now=clock.now(),
        once=secrets.token_urlsafe(16), channels=channels(), reasons=reasons(), kinds=_kinds(),
        province=words.centre()["name"], longest=desk.LONGEST,
    )  # fmt: skip


def _kinds() -> dict[str, str]:
    """Steps of a hand-over, in words."""
    return {
        "requested": _("Xin gặp cán bộ"), "claimed": _("Nhận"), "stepped_in": _("Chủ động vào"),
        "returned": _("Trở lại hàng chờ"), "transferred": _("Chuyển đơn vị"),
        "rerouted": _("Chuyển về hàng chờ của tỉnh"), "left": _("Người dân quay lại hỏi máy"),
        "to_bot": _("Giao lại cho máy"), "closed": _("Kết thúc"), "warned": _("Nhắc người dân"),
        "idle": _("Tự đóng vì lâu không có tin"), "unanswered": _("Hết giờ mà chưa ai nhận"),
        "outside": _("Đồng nghiệp trả lời ở nơi khác"), "quiet": _("Yên lặng, máy trả lời lại"),
        "gone": _("Người dân đã xóa cuộc trò chuyện"), "rated": _("Đánh giá"),
        "commented": _("Góp ý"), "note": _("Ghi chú riêng"),
        "khmer": _("Người dân nhắn bằng chữ Khmer"),
        "undelivered": _("Tin của cán bộ chưa tới người dân"),
    }  # fmt: skip
