"""The citizen's pages: open a dossier by its code or its receipt, read it, follow it, close it.

Nothing on them tells whether a dossier exists: an unknown code and an unproved one get the same
page, byte for byte.
"""

import re
from datetime import timedelta

from fastapi import Request, Response

from backend import clock, db, official, web
from backend.config import settings
from backend.dossiers import api, challenges, desk_pages, proofs, visitor
from backend.dossiers import service as dossiers
from backend.dossiers.demo import seed
from backend.dossiers.senders import codes_can_be_sent
from backend.dossiers.spelling import code_of
from backend.dossiers.visitor import CHALLENGE_COOKIE, PAGE_COOKIE
from backend.errors import TooMany
from backend.http import AddressDep, read_cookie, set_cookie
from backend.i18n import gettext as _
from backend.parts import MenuGroup, MenuItem, Part
from backend.routing import Router
from backend.web import FormDep, text_of

router = Router(prefix="/ho-so", include_in_schema=False)


@router.get("")
def front(request: Request, trang: str = "") -> Response:
    """What this browser has opened, and the form for another; `trang` comes from a chat's link."""
    if trang:
        response = web.redirect("/ho-so")
        if re.fullmatch(r"[\w-]{20,100}", trang, re.ASCII):
            set_cookie(response, PAGE_COOKIE, trang, days=proofs.PAGE_LASTS / timedelta(days=1))
        return response
    return _front(request)


@router.post("/rieng")
def speak_for_itself(form: FormDep) -> Response:
    """Not for the chat that sent the link, but for this browser."""
    response = web.redirect("/ho-so")
    visitor.leave_page(response)
    return response


@router.post("")
def ask_for_code(request: Request, form: FormDep, address: AddressDep) -> Response:
    """Send a one-time code, if there is anybody to send it to; the answer is the same if not."""
    code = text_of(form, "code", limit=100)
    if not code_of(code):
        return _front(request, status=422, typed=code)
    with db.transaction() as session:
        now = clock.now()
        who = visitor.visitor_of(session, request, now=now)
        asked = challenges.ask(session, code, who.chat, address=address, now=now)
    if asked.retry_after:
        message = _("Có quá nhiều lần tra cứu. Giấy biên nhận có mã QR vẫn mở được hồ sơ.")
        raise TooMany("too_many_lookups", message, retry_after=asked.retry_after)
    response = web.redirect("/ho-so/xac-nhan")
    set_cookie(response, CHALLENGE_COOKIE, asked.token, days=challenges.LASTS / timedelta(days=1))
    visitor.remember(response, who)
    return response


@router.get("/xac-nhan")
def confirm(request: Request) -> Response:
    """The form for the one-time code."""
    if not read_cookie(request, CHALLENGE_COOKIE):
        return web.redirect("/ho-so")
    return _confirm(request)


@router.post("/xac-nhan")
def open_by_code(request: Request, form: FormDep) -> Response:
    """A right code opens the dossier; everything else is the same "wrong or too late"."""
    token = read_cookie(request, CHALLENGE_COOKIE) or ""
    with db.transaction() as session:
        now = clock.now()
        who = visitor.visitor_of(session, request, now=now)
        standing = challenges.answer(
            session, token, text_of(form, "otp", limit=20), who.chat, now=now
        )
    if standing is None:
        return _confirm(request, status=422, failed=True)
    url = f"/ho-so/{standing.code}" if who.is_own else "/ho-so/da-mo"
    response = web.redirect(url)
    visitor.leave_page(response)
    return response


@router.get("/xac-nhan/ma-thu")
def code_in_development(request: Request) -> Response:
    """Where codes go to the log, whoever tries the product out may read theirs here."""
    if not _shows_codes():
        raise web.not_found()
    with db.reading() as session:
        token = read_cookie(request, CHALLENGE_COOKIE) or ""
        code = challenges.shown_in_development(session, token)
    return web.page(request, "dossiers/development_code.html", code=code)


@router.get("/da-mo")
def opened_in_chat(request: Request) -> Response:
    """The dossier is open in the chat that sent the link; here nothing is shown."""
    return web.page(request, "dossiers/opened.html")


@router.get("/mo/{token}")
def receipt(request: Request, token: str) -> Response:
    """The receipt's link. Opening is a button, since programs look at links before people do."""
    token, fits = token[:100], re.fullmatch(r"[\w-]{1,64}", token, re.ASCII)
    telegram = official.telegram_url(token) if fits else ""
    return web.page(
        request, "dossiers/receipt_link.html", token=token, telegram=telegram, path="/ho-so"
    )


@router.post("/mo/{token}")
def open_by_receipt(request: Request, token: str, form: FormDep) -> Response:
    """Open the receipt's dossier in this browser, which has the receipt in its hands."""
    who = visitor.own(request)
    with db.transaction() as session:
        standing = proofs.open_by_token(session, token, who.chat, now=clock.now())
    if standing is None:
        return web.page(request, "dossiers/dead_link.html", status=404, path="/ho-so")
    response = web.redirect(f"/ho-so/{standing.code}")
    visitor.remember(response, who)
    return response


@router.get("/{code}")
def dossier(request: Request, code: str) -> Response:
    """Where it stands, for a browser that proved it; else how to prove it."""
    chat = visitor.chat_of(request) or visitor.NOBODY
    with db.reading() as session:
        standing = dossiers.get_with_proof(session, chat, code)
        opened_by = dossiers.chats_of(session, chat, code) if standing else []
    if standing is None:
        return _front(request, status=404)
    return web.page(request, "dossiers/dossier.html", dossier=standing, opened_by=opened_by)


@router.post("/{code}/theo-doi")
def change_following(request: Request, code: str, form: FormDep) -> Response:
    """Follow a dossier from this browser's chat, or no more."""
    follows = text_of(form, "follows", limit=3) == "yes"
    change = dossiers.follow if follows else dossiers.unfollow
    chat = visitor.chat_of(request) or visitor.NOBODY
    with db.transaction() as session:
        done = change(session, chat, code, clock.now())
    if not done:
        return _front(request, status=404)
    said = _("Đã bật báo tin cho hồ sơ này.") if follows else _("Đã tắt báo tin cho hồ sơ này.")
    return web.redirect(f"/ho-so/{code_of(code)}", flash=said)


@router.post("/{code}/thu-hoi")
def revoke(request: Request, code: str, form: FormDep) -> Response:
    """Shut a chat out."""
    link, chat = text_of(form, "chat", limit=18), visitor.chat_of(request) or visitor.NOBODY
    with db.transaction() as session:
        number = int(link) if link.isdecimal() else 0
        done = dossiers.revoke(session, chat, code, number, clock.now())
        is_still_open = bool(dossiers.chats_of(session, chat, code))
    if not done:
        return _front(request, status=404)
    url = f"/ho-so/{code_of(code)}" if is_still_open else "/ho-so"
    return web.redirect(url, flash=_("Đã thu hồi quyền xem hồ sơ."))


def _front(request: Request, *, status: int = 200, typed: str = "") -> Response:
    """The same page for whatever code was asked for; `path` would tell which it was."""
    with db.reading() as session:
        who = visitor.visitor_of(session, request, now=clock.now())
        chat = visitor.chat_of(request)
        known = dossiers.known(session, chat) if chat else []
    return web.page(
        request, "dossiers/front.html", status=status, path="/ho-so", known=known, typed=typed,
        speaks_for="" if who.is_own else who.chat.channel, is_misspelt=status == 422,
        is_closed=status == 404,
    )  # fmt: skip


def _confirm(request: Request, *, status: int = 200, failed: bool = False) -> Response:
    with db.reading() as session:
        who = visitor.visitor_of(session, request, now=clock.now())
    return web.page(
        request, "dossiers/confirm.html", status=status, failed=failed,
        speaks_for="" if who.is_own else who.chat.channel, shows_codes=_shows_codes(),
    )  # fmt: skip


def _shows_codes() -> bool:
    return settings().is_development and settings().code_sender == "log"


PART = Part(
    name="dossiers",
    routers=(router, desk_pages.router, api.router),
    menu=(MenuItem(_("Hồ sơ"), "/quan-tri/ho-so", "dossiers.view", MenuGroup.CITIZENS),),
    permissions={
        "dossiers.view": "Xem hồ sơ",
        "dossiers.change": "Chuyển trạng thái, yêu cầu bổ sung, in biên nhận",
        "dossiers.review": "Xác nhận các lần chuyển trạng thái bất thường",
    },
    periodic={"dossiers.forget": timedelta(hours=6)},
    readiness={"codes": codes_can_be_sent},
    seed=seed,
)
