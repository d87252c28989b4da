"""`/api/v1/chat`: the chat for other programs (the province's portal, an app).

A program says something and is answered at once. What comes later by itself (an officer's words, a
change of a dossier) is told by `/events`, and read from `/messages`.
"""

from collections.abc import Iterator
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from fastapi.security import HTTPBearer
from starlette.concurrency import run_in_threadpool

from backend import clock, streams
from backend.api import refusals
from backend.db import reading, transaction
from backend.errors import InvalidInput, TooLarge, TooMany, Unauthorized
from backend.http import AddressDep
from backend.i18n import gettext as _
from backend.i18n import number
from backend.limits import Allowance
from bot.chat import service as chats
from bot.chat.schemas import (
    Answer,
    ButtonOut,
    MessageOut,
    News,
    NewsItem,
    Opened,
    Said,
    Understanding,
)
from bot.dialogue import engine
from bot.messages import Incoming, Outgoing, Reply, clean, plain

router = APIRouter(prefix="/api/v1/chat", tags=["chat"])
secret = Depends(HTTPBearer(auto_error=False, description="The token of the conversation."))
EVENTS = """Server-sent events: each has an `id` and the data `{"kind", "ref"}`.

`message`: there is something new, read `/messages`. `reset`: more happened than is kept, read
`/messages` from the last number you have. `ended`: the citizen ended the conversation. Come back
with `Last-Event-ID` when the connection ends; an event may be told twice."""


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
    token = clean(said.token)
    with transaction() as session:
        known = chats.is_open(session, token)
        allowance = chats.may_say(session, token if known else "", address, now=clock.now())
    refuse_if_too_often(allowance)
    if not known:
        raise unknown()
    reply = engine.handle(
        Incoming(
            chats.CHANNEL, chats.name_of(token), f"api:{said.message_id}",
            text=text, payload=payload,
        )
    )  # fmt: skip
    return _answer(reply)


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
