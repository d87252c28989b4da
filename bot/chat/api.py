"""`/api/v1/chat`: the chat for other programs (the province's portal, an app)."""

from fastapi import APIRouter

from backend import clock
from backend.api import refusals
from backend.db import transaction
from backend.errors import InvalidInput, TooLarge, TooMany, Unauthorized
from backend.http import AddressDep
from backend.i18n import gettext as _
from backend.i18n import number
from backend.limits import Allowance
from bot.chat import service as chats
from bot.chat.schemas import Answer, ButtonOut, MessageOut, Opened, Said, Understanding
from bot.dialogue import engine
from bot.messages import Incoming, Outgoing, Reply, clean, plain

router = APIRouter(prefix="/api/v1/chat", tags=["chat"])


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
        raise Unauthorized("unknown_token", _("Mã cuộc trò chuyện không đúng hoặc đã kết thúc."))
    reply = engine.handle(
        Incoming(
            chats.CHANNEL, chats.name_of(token), f"api:{said.message_id}",
            text=text, payload=payload,
        )
    )  # fmt: skip
    return _answer(reply)


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
