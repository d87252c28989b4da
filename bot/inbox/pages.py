"""The officers' inbox: lists, duty, promised calls. One conversation is in `talk_pages.py`.

Everything is a form and a redirect; a small script only looks again when something happened.
"""

from typing import Annotated

from fastapi import Request, Response

from backend import clock, db, streams, web
from backend.accounts.identity import OfficerDep, StaffRoute
from backend.accounts.roles import SignedIn
from backend.i18n import gettext as _
from backend.routing import Router
from backend.web import FormDep, RowId, text_of
from bot.handover import callbacks, desk, readers, routing, words
from bot.handover.status import INBOX
from bot.inbox import lists
from bot.inbox.lists import Tab

HERE = "/quan-tri/hoi-thoai"
router = Router(prefix=HERE, route_class=StaffRoute, include_in_schema=False)

Viewer = Annotated[SignedIn, OfficerDep("handover.view")]
Answerer = Annotated[SignedIn, OfficerDep("handover.answer")]


@router.get("")
def inbox(request: Request, officer: Viewer, muc: str = Tab.NEW) -> Response:
    """One list, and how long the others are."""
    tab, now = Tab(muc) if muc in set(Tab) else Tab.NEW, clock.now()
    with db.reading() as session:
        lines = lists.open_lines(session, officer)
        calls = callbacks.listed(session, officer)
        counts = {name: len(found) for name, found in lines.items()} | {Tab.CALLS: len(calls)}
        return web.page(
            request, "inbox/inbox.html", fragment="inbox/_list.html", tab=tab, Tab=Tab,
            names=_names(), counts=counts, now=now, calls=calls,
            lines=(
                lists.closed_lines(session, officer, now=now)
                if tab is Tab.CLOSED
                else lines.get(tab, [])
            ),
            with_bot=lists.with_bot(session, now=now) if tab is Tab.BOT else [],
            on_duty_until=routing.on_duty_until(session, officer, now=now),
            opens=words.opening(now), channels=channels(), reasons=reasons(),
            province=words.centre()["name"], readers=readers.listed(session, now=now),
        )  # fmt: skip


@router.get("/truc-tiep")
async def listen(request: Request, officer: Viewer) -> Response:
    """Says, as long as the page is open, that something happened in the inbox."""
    return await streams.listen(request, [INBOX])


@router.post("/truc")
def duty(officer: Answerer, form: FormDep) -> Response:
    """On duty, or not any more."""
    begins = text_of(form, "truc", limit=3) == "co"
    with db.transaction() as session:
        if begins:
            routing.begin_duty(session, officer, now=clock.now())
        else:
            routing.end_duty(session, officer)
    flash = _("Anh/chị đang trực.") if begins else _("Anh/chị đã thôi trực.")
    return web.redirect(HERE, flash=flash)


@router.post("/goi-lai/{call_id}")
def called(officer: Answerer, call_id: RowId, form: FormDep) -> Response:
    """A promised call was made."""
    with db.transaction() as session:
        result = text_of(form, "result", limit=1000)
        callbacks.done(session, officer, call_id, result, now=clock.now())
    return web.redirect(f"{HERE}?muc={Tab.CALLS}", flash=_("Đã ghi cuộc gọi."))


@router.post("/voi-may/{conversation_id}")
def step_in(officer: Answerer, conversation_id: RowId, form: FormDep) -> Response:
    """Take a conversation from the assistant."""
    with db.transaction() as session:
        talk = desk.step_in(session, officer, conversation_id, now=clock.now())
    return web.redirect(f"{HERE}/{talk.id}")


def channels() -> dict[str, str]:
    """Channels as officers know them."""
    return {
        "web": _("Trang web"), "telegram": "Telegram", "zalo_oa": "Zalo OA",
        "zalo_bot": "Zalo Bot", "console": _("Cửa sổ lệnh"),
    }  # fmt: skip


def reasons() -> dict[str, str]:
    """Why a person was wanted, in words."""
    return {
        "asked": _("Người dân xin gặp cán bộ"),
        "misses": _("Máy chưa hiểu hai lần"),
        "anger": _("Người dân đang bực"),
        "complaint": _("Phản ánh, khiếu nại hoặc tố cáo"),
        "officer": _("Cán bộ chủ động nhận"),
        "outside": _("Đồng nghiệp trả lời ở ứng dụng khác"),
        "khmer": _("Nhắn bằng chữ Khmer: cần người biết tiếng Khmer"),
    }


def _names() -> dict[Tab, str]:
    return {
        Tab.NEW: _("Mới"),
        Tab.MINE: _("Chờ tôi trả lời"),
        Tab.CITIZEN: _("Chờ người dân"),
        Tab.OTHERS: _("Đồng nghiệp"),
        Tab.CALLS: _("Hẹn gọi lại"),
        Tab.CLOSED: _("Đã đóng"),
        Tab.BOT: _("Đang hỏi máy"),
    }
