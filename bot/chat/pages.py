"""The home page is the chat: forms and redirects; scripts ask for the new bubbles only.

Whatever goes wrong, what was typed comes back in its box with the reason beside it. The same
addresses serve the chat inside other portals' pages (`frame.py`): there the secret comes in a
header, which no foreign page can send, instead of a cookie.
"""

import hashlib
import secrets
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import yaml
from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, Response
from starlette.concurrency import run_in_threadpool

from backend import clock, ids, render, streams
from backend.config import ROOT, settings
from backend.db import reading, transaction
from backend.errors import AppError, Forbidden, TooLarge, Unavailable
from backend.http import AddressDep, drop_cookie, read_cookie, set_cookie
from backend.i18n import gettext as _
from backend.limits import Allowance
from backend.render import static_url
from backend.routing import Router
from backend.web import FormDep, check_form, page, redirect
from bot import photos
from bot.chat import markup
from bot.chat import service as chats
from bot.chat.api import bearer, check, listen_to, refuse_if_too_often, unknown
from bot.chat.uploads import form_of, photo_in
from bot.dialogue import engine
from bot.messages import Incoming, clean

COOKIE = "chat"
COOKIE_DAYS = 90  # as long as what was proved lasts
LONGEST_KEPT = 20_000  # characters given back in the box when a message is refused
NEWEST = "/#cuoi"
SCRIPTS = "js/chat"

router = Router(include_in_schema=False)


@dataclass(frozen=True)
class Sent:
    """The form as it came; `refusal` where its token proves nothing."""

    text: str
    payload: str
    start: str
    message_id: str
    after: int
    photo: bytes | None = None
    refusal: AppError | None = None


async def _sent(request: Request) -> Sent:
    refusal, form = None, await form_of(request)
    try:
        if not _is_framed(request):
            check_form(request, form)
    except Forbidden as error:
        refusal = error
    fields = {name: value for name, value in form.items() if isinstance(value, str)}
    return Sent(
        text=clean(fields.get("text", "")),
        payload=clean(fields.get("payload", ""))[:200],
        start=clean(fields.get("start", ""))[:200],
        message_id=fields.get("message_id", "")[:60] or ids.token(128),
        after=_number(fields.get("after", "")),
        photo=await photo_in(form),
        refusal=refusal,
    )


@router.get("/")
def home(request: Request) -> Response:
    """The chat, with everything said so far."""
    return _shown(request, text=request.query_params.get("hoi", "")[:200])


@router.get("/chat")
def news(request: Request, after: str = "") -> Response:
    """What came by itself: an officer's word, a change of a dossier."""
    if "hx-request" not in request.headers:
        return redirect(NEWEST)
    exchanges: list[chats.Exchange] = []
    if token := _token(request):
        with reading() as session:
            exchanges = chats.exchanges(session, token, after=_number(after))
    if not exchanges:
        return Response(status_code=204, headers={"Vary": "HX-Request, Cookie, Authorization"})
    return _new(exchanges)


@router.get("/chat/truc-tiep")
async def listen(request: Request) -> Response:
    """Says, as long as the page is open, when there is something new to ask `/chat` for."""
    topic = await run_in_threadpool(listen_to, _token(request))
    return await streams.listen(request, [topic]) if topic else Response(status_code=204)


@router.post("/chat")
def say(request: Request, sent: Annotated[Sent, Depends(_sent)], address: AddressDep) -> Response:
    """One message from the box or a button."""
    token = _token(request)
    try:
        if sent.refusal:
            raise sent.refusal
        if not sent.start and sent.photo is None:
            check("" if sent.payload else sent.text, sent.payload)
        _refuse_beside_words(sent)
        token = _admitted(token, address, is_framed=_is_framed(request))
        sight = None if sent.photo is None else photos.seen(sent.photo)
        engine.handle(_incoming(token, sent), sight)
    except AppError as refusal:
        return _refused(request, refusal, sent)
    if "hx-request" in request.headers:
        with reading() as session:
            response: Response = _new(chats.exchanges(session, token, after=sent.after))
    else:
        response = redirect(NEWEST)
    if not _is_framed(request):
        set_cookie(response, COOKIE, token, days=COOKIE_DAYS)
    return response


@router.post("/chat/quen")
def forget(request: Request, _form: FormDep) -> Response:
    """ "Quên tôi trên máy này": the conversation ends, its secret and its proofs are gone."""
    with transaction() as session:
        chats.forget(session, _token(request), now=clock.now())
    response = redirect("/", flash=_("Đã quên cuộc trò chuyện trên máy này."))
    drop_cookie(response, COOKIE)
    return response


def _refuse_beside_words(sent: Sent) -> None:
    """Words go beside no photo that is too large: whoever mends the one has not lost the other."""
    if sent.text and sent.photo is not None and len(sent.photo) > photos.MOST_BYTES:
        message = _(
            "Ảnh lớn quá 8 MB nên chưa gửi; lời ông/bà viết vẫn còn trong ô dưới đây. "
            "Xin chụp riêng ô mã QR trên phiếu hẹn, hoặc gửi lời nhắn không kèm ảnh."
        )
        raise TooLarge("photo_too_large", message)


def _number(text: str) -> int:
    """The number of a bubble; 0, before them all, for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def _is_framed(request: Request) -> bool:
    return "authorization" in request.headers


def _token(request: Request) -> str:
    if _is_framed(request):
        return bearer(request)
    return clean(read_cookie(request, COOKIE) or "")


def _admitted(token: str, address: str, *, is_framed: bool) -> str:
    """The token of an open conversation, begun here if need be; refuses who writes too often."""
    now = clock.now()
    with transaction() as session:
        known = chats.is_open(session, token)
        allowance: Allowance = chats.may_say(session, token if known else "", address, now=now)
        if allowance.allowed and not known and not is_framed:
            token = chats.start(session, now=now, known_as=token)
    refuse_if_too_often(allowance)
    if is_framed and not known:  # a frame begins its conversation through the API
        raise unknown()
    return token


def _incoming(token: str, sent: Sent) -> Incoming:
    """Sent twice (a double press, a retry) it has one number; changed and sent again, another."""
    words = ids.digest(f"{sent.payload}\0{sent.start}\0{'' if sent.payload else sent.text}")
    if sent.photo is not None:
        words = hashlib.sha256(words.encode() + sent.photo).hexdigest()
    return Incoming(
        chats.CHANNEL,
        chats.name_of(token),
        f"form:{ids.digest(sent.message_id)[:24]}:{words[:24]}",
        text="" if sent.payload else sent.text,
        payload=sent.payload,
        start=sent.start,
        attachment="" if sent.photo is None else "photo",
    )


def _refused(request: Request, refusal: AppError, sent: Sent) -> Response:
    kept = sent.text[:LONGEST_KEPT]
    response = _shown(request, text=kept, error=refusal.message, status=refusal.status)
    if refusal.retry_after:
        response.headers["Retry-After"] = str(refusal.retry_after)
    return response


def _shown(request: Request, *, text: str = "", error: str = "", status: int = 200) -> Response:
    """The whole chat; for scripts only the reason why nothing new came."""
    if error and "hx-request" in request.headers:
        return fragment("chat/_refusal.html", status=status, error=error)
    exchanges = _everything(request)
    return page(
        request, "chat/home.html", status=status, text=text, error=error,
        suggestions=suggestions(), script=scripts("page"), exchanges=exchanges,
        message_ids=(secrets.token_urlsafe(16), secrets.token_urlsafe(16)), **state(exchanges),
    )  # fmt: skip


def _everything(request: Request) -> list[chats.Exchange]:
    token = _token(request)
    if not token:
        return []
    try:
        with reading() as session:
            return chats.exchanges(session, token)
    except Unavailable:
        return []


def _new(exchanges: list[chats.Exchange]) -> Response:
    return fragment("chat/_news.html", exchanges=exchanges, **state(exchanges))


def fragment(template: str, *, status: int = 200, **context: Any) -> HTMLResponse:
    """A piece of the chat for its scripts; it sets no cookie, for it may be inside a frame."""
    headers = {"Vary": "HX-Request, Cookie, Authorization", "Cache-Control": "no-store"}
    text = render.render(template, **context)
    return HTMLResponse(text, status_code=status, headers=headers)


def state(exchanges: list[chats.Exchange]) -> dict[str, Any]:
    """What the bubbles are drawn with, and the last one seen."""
    return {
        "seen": exchanges[-1].bubbles[-1].id if exchanges else 0,
        "html": markup.html,
        "quoted": markup.quoted,
        "own": settings().base_url,
        "most_photo": photos.MOST_BYTES,
    }


@cache
def suggestions() -> tuple[str, ...]:
    """What the empty chat offers to ask."""
    text = Path(__file__).with_name("suggestions.yml").read_text(encoding="utf-8")
    return tuple(yaml.safe_load(text))


def scripts(name: str) -> str:
    """The address of a script of the chat.

    They import each other by relative addresses, which are kept for ever: when one of them changes,
    all of them move.
    """
    folder = ROOT / "bot" / "static" / SCRIPTS
    text = "".join(static_url(f"{SCRIPTS}/{file.name}") for file in sorted(folder.glob("*.js")))
    return f"/static/{ids.digest(text)[:12]}/{SCRIPTS}/{name}.js"
