"""`/api/v1/chat`: the chat for other programs (the province's portal, an app).

A program says something and is answered at once. What comes later by itself (an officer's words, a
change of a dossier) is told by `/events`, and read from `/messages`.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated

from fastapi import Depends, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from fastapi.security import HTTPBearer
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool

from backend import clock, streams
from backend.api import refusals
from backend.db import reading, transaction
from backend.errors import InvalidInput, TooLarge, TooMany, Unauthorized
from backend.http import AddressDep
from backend.i18n import gettext as _
from backend.i18n import number
from backend.limits import Allowance
from backend.routing import Router
from bot import photos
from bot.chat import service as chats
from bot.chat.schemas import (
    Answer,
    ButtonOut,
    MessageOut,
    News,
    NewsItem,
    Opened,
    Said,
    Shown,
    Understanding,
)
from bot.chat.uploads import form_of, photo_in
from bot.dialogue import engine
from bot.messages import Incoming, Outgoing, Reply, clean, plain

router = Router(prefix="/api/v1/chat", tags=["chat"])
secret = Depends(HTTPBearer(auto_error=False, description="The token of the conversation."))
EVENTS = """Server-sent events: each has an `id` and the data `{"kind", "ref"}`.

`message`: there is something new, read `/messages`. `reset`: more happened than is kept, read
`/messages` from the last number you have. `ended`: the citizen ended the conversation. Come back
with `Last-Event-ID` when the connection ends; an event may be told twice."""

PHOTOS = """Show a photo of a receipt (JPEG, PNG or WebP, at most 8 MB): its QR code, barcode or
printed code is read at once, in memory; the photo is stored nowhere and shown to nobody.

A receipt's QR code opens its dossier; a code alone still needs its proof. An identity card is
refused, and nothing of it is kept. The same `message_id` again is answered with the same words."""
PHOTO_FORM = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": [*Shown.model_fields, "photo"],
                "properties": {
                    **Shown.model_json_schema()["properties"],
                    "photo": {"type": "string", "format": "binary"},
                },
            }
        }
    },
}


@router.post("/conversations", responses=refusals(429, 503))
def start(address: AddressDep) -> Opened:
    """Begin a conversation. Keep the token secret: it is all that opens the conversation."""
    with transaction() as session:
        now = clock.now()
        allowance = chats.may_start(session, address, now=now)
        token = chats.start(session, now=now) if allowance.allowed else ""
    refuse_if_too_often(allowance)
    return Opened(conversation=chats.name_of(token), token=token)


@router.post("", response_model_exclude_none=True, responses=refusals(401, 413, 422, 429, 503))
def say(said: Said, address: AddressDep) -> Answer:
    """Say one thing. The same `message_id` again is answered with the same words."""
    text, payload = clean(said.text or ""), clean(said.payload or "")
    check(text, payload)
    came = _admitted(said, address)
    return _answer(engine.handle(replace(came, text=text, payload=payload)))


async def _photo(request: Request) -> tuple[Shown, bytes]:
    """The form, by hand: FastAPI's own reading of it would write the photo to a disk."""
    form = await form_of(request)
    fields = {name: value for name, value in form.items() if isinstance(value, str)}
    photo = await photo_in(form, "photo")
    try:
        shown = Shown.model_validate(fields)
    except ValidationError as error:
        raise RequestValidationError(error.errors()) from error
    if photo is None:
        message = _("Chưa có ảnh nào được gửi.")
        raise InvalidInput("no_photo", message, fields={"photo": message})
    return shown, photo


@router.post(
    "/photos",
    description=PHOTOS,
    response_model_exclude_none=True,
    responses=refusals(401, 413, 422, 429, 503),
    openapi_extra={"requestBody": PHOTO_FORM},
)
def show(sent: Annotated[tuple[Shown, bytes], Depends(_photo)], address: AddressDep) -> Answer:
    """Show a photo of a receipt."""
    shown, photo = sent
    came = replace(_admitted(shown, address), attachment="photo")
    return _answer(engine.handle(came, photos.seen(photo)))


@router.get(
    "/messages",
    response_model_exclude_none=True,
    responses=refusals(401, 422, 503),
    dependencies=[secret],
)
def messages(request: Request, after: Annotated[int, Query(ge=0, lt=2**63)] = 0) -> News:
    """The latest of the conversation, oldest first; only what came after number `after`."""
    with reading() as session:
        if not chats.is_open(session, bearer(request)):
            raise unknown()
        exchanges = chats.exchanges(session, bearer(request), after=after)
    return News(messages=list(_items(exchanges)))


@router.get(
    "/events",
    description=EVENTS,
    response_class=Response,
    responses={200: {"content": {"text/event-stream": {}}}, **refusals(401, 429, 503)},
    dependencies=[secret],
)
async def events(request: Request) -> Response:
    """Says when there is something new."""
    topic = await run_in_threadpool(listen_to, bearer(request))
    if topic is None:
        raise unknown()
    return await streams.listen(request, [topic])


def _admitted(said: Shown, address: str) -> Incoming:
    """Something that is said now, in a conversation that is open; refuses who says too much."""
    token = clean(said.token)
    with transaction() as session:
        known = chats.is_open(session, token)
        allowance = chats.may_say(session, token if known else "", address, now=clock.now())
    refuse_if_too_often(allowance)
    if not known:
        raise unknown()
    return Incoming(chats.CHANNEL, chats.name_of(token), f"api:{said.message_id}")


def bearer(request: Request) -> str:
    """The secret in the header `Authorization: Bearer …`."""
    kind, _space, token = request.headers.get("authorization", "").partition(" ")
    return clean(token) if kind.lower() == "bearer" else ""


def listen_to(token: str) -> str | None:
    """The topic of a conversation; None where the secret opens none."""
    if not token:
        return None
    with reading() as session:
        return chats.topic_of(session, token)


def unknown() -> Unauthorized:
    """The secret opens nothing."""
    return Unauthorized("unknown_token", _("Mã cuộc trò chuyện không đúng hoặc đã kết thúc."))


def check(text: str, payload: str) -> None:
    """Either a text of bearable length or a button."""
    if bool(text) == bool(payload):
        message = _("Ông/bà chưa nhập câu hỏi.")
        if text:
            message = _("Chỉ gửi một trong hai: câu hỏi, hoặc nút đã bấm.")
        raise InvalidInput("one_of_text_payload", message, fields={"text": message})
    if len(text) > engine.MOST_CHARACTERS:
        message = _(
            "Tin nhắn dài {length} ký tự, nhiều hơn {most} ký tự trợ lý đọc được. "
            "Xin ông/bà rút ngắn rồi gửi lại."
        ).format(length=number(len(text)), most=number(engine.MOST_CHARACTERS))
        raise TooLarge("text_too_long", message, fields={"text": message})


def refuse_if_too_often(allowance: Allowance) -> None:
    """The refusal, once what was counted is stored."""
    if not allowance.allowed:
        message = _("Ông/bà gửi hơi nhanh. Xin đợi {seconds} giây rồi gửi lại.")
        raise TooMany(
            "too_many_messages",
            message.format(seconds=allowance.retry_after),
            retry_after=allowance.retry_after,
        )


def _answer(reply: Reply) -> Answer:
    return Answer(
        messages=[_message(message) for message in reply.messages],
        understanding=Understanding(
            behavior=reply.behavior, codes=list(reply.codes), aspects=list(reply.aspects)
        ),
        repeat=reply.repeat,
    )


def _message(message: Outgoing) -> MessageOut:
    # A browser or an app cannot vouch for a telephone number, so nothing is offered for it.
    shown = [button for button in message.buttons if not button.contact]
    return MessageOut(
        text=plain(message.text),
        buttons=[ButtonOut(label=b.label, payload=b.payload, url=b.url or None) for b in shown],
    )


def _items(exchanges: list[chats.Exchange]) -> Iterator[NewsItem]:
    for bubble in (bubble for exchange in exchanges for bubble in exchange.bubbles):
        shown = _message(Outgoing(bubble.text, bubble.buttons))
        yield NewsItem(
            id=bubble.id, author=bubble.author, name=bubble.name or None, at=bubble.at,
            text=shown.text if bubble.author == "bot" else bubble.text, buttons=shown.buttons,
        )  # fmt: skip
