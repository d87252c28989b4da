"""Ties channels, dialogue and delivery together, and gives them to the whole (`PART`).

What comes in is stored as a row (`bot.turn`) and committed before the channel is told so; the row
is answered by whichever process claims it, in one transaction that also queues the reply. The same
update twice is one row. Personal numbers are masked before the row is written: whoever looks at it
later (a letter that could not be delivered is kept for a month) has no use for them. Only a
telephone number that the citizen was asked for, or writes to an officer, goes along as a contact.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from backend import clock, db, jobs
from backend.i18n import gettext as _
from backend.notifications import chats
from backend.notifications.chats import ChatRef
from backend.parts import Check, MenuGroup, MenuItem, Part
from bot import delivery, photos
from bot.channels import CHANNELS
from bot.chat import api as chat_api
from bot.chat import frame as chat_frame
from bot.chat import pages as chat_pages
from bot.chat import uploads
from bot.dialogue import engine
from bot.handover import clockwork, contact, demo
from bot.inbox import PERMISSIONS as INBOX_PERMISSIONS
from bot.inbox import ROUTERS as INBOX_ROUTERS
from bot.inbox import report_pages
from bot.learning import pages as learning_pages
from bot.learning import statistics_pages
from bot.messages import Fetches, Incoming, Lives, clean
from bot.photos import Sight
from nlu.extractors import mask

TURN_ATTEMPTS = 3


async def receive(incoming: Incoming, position: int = 0) -> bool:
    """Store what came in; True if it is new. When this returns, it cannot be lost."""
    return await run_in_threadpool(store, incoming, position)


def store(incoming: Incoming, position: int = 0) -> bool:
    """`receive` for those who are in a thread already."""
    name = "bot.presence" if incoming.presence else "bot.turn"
    written = contact.written(incoming)
    incoming = replace(
        incoming, text=mask(clean(incoming.text)), payload=clean(incoming.payload),
        start=clean(incoming.start),
    )  # fmt: skip

    def insert(session: Session) -> bool:
        came = incoming
        if written and contact.is_wanted(session, incoming):
            came = replace(incoming, contact=written)
        row = jobs.enqueue(
            session, name, key=f"in:{incoming.channel}:{incoming.chat}", position=position,
            dedupe=f"{incoming.channel}:{incoming.external_id}", incoming=came.as_dict(),
        )  # fmt: skip
        return row is not None

    return db.write(insert)


def _understood(payload: dict[str, Any]) -> Any:
    incoming = Incoming.from_dict(payload["incoming"])
    return engine.understand(incoming, _looked_at(incoming))


def _looked_at(incoming: Incoming) -> Sight | None:
    """What a photo shows, where its channel lets us have it; it is kept nowhere."""
    channel = CHANNELS[incoming.channel]
    if incoming.attachment != "photo" or not incoming.file or not isinstance(channel, Fetches):
        return None
    return photos.fetched(channel, incoming.file)


def _apologise(session: Session, payload: dict[str, Any], reference: str) -> None:
    incoming = Incoming.from_dict(payload["incoming"])
    delivery.answer(session, incoming, engine.apologise(session, incoming, reference))


@jobs.job("bot.turn", prepare=_understood, max_attempts=TURN_ATTEMPTS, failed=_apologise)
def turn(session: Session, incoming: dict[str, Any], prepared: Any) -> None:
    """Answer one message."""
    came = Incoming.from_dict(incoming)
    delivery.answer(session, came, engine.respond(session, came, prepared))


@jobs.job("bot.presence")
def presence(session: Session, incoming: dict[str, Any]) -> None:
    """A citizen blocked us, or let us in again."""
    came = Incoming.from_dict(incoming)
    chat = ChatRef(came.channel, came.chat)
    if came.presence == "left":
        chats.unreachable(session, chat, now=clock.now())
    else:
        chats.reachable(session, chat)


@asynccontextmanager
async def life() -> AsyncIterator[None]:
    """The lives of all channels that have one."""
    async with AsyncExitStack() as stack:
        for channel in CHANNELS.values():
            if isinstance(channel, Lives):
                await stack.enter_async_context(channel.life())
        yield


def _wake() -> None:
    """Load what the first citizen would wait for."""
    photos.warm()
    engine.wake()


def _model() -> Check:
    """The engine and the search index are loaded."""
    return Check(ok=engine.is_awake(), detail="loaded" if engine.is_awake() else "loading")


def _channels() -> Check:
    """How the channels stand; none of them makes the web unready."""
    living = [(kind, c.standing()) for kind, c in CHANNELS.items() if isinstance(c, Lives)]
    return Check(ok=True, detail=", ".join(f"{kind}: {standing}" for kind, standing in living))


PART = Part(
    name="bot",
    routers=(
        chat_pages.router,
        chat_api.router,
        chat_frame.router,
        learning_pages.router,
        statistics_pages.router,
        *INBOX_ROUTERS,
        *(r for channel in CHANNELS.values() if (r := channel.routes(receive)) is not None),
    ),
    bodies={"/chat": uploads.MOST_READ, "/api/v1/chat/photos": uploads.MOST_BODY},
    menu=(
        MenuItem(_("Hội thoại"), "/quan-tri/hoi-thoai", "handover.view", MenuGroup.CITIZENS),
        MenuItem(_("Tin nghi giả mạo"), report_pages.HERE, "handover.reports", MenuGroup.CITIZENS),
        MenuItem(_("Dạy trợ lý"), learning_pages.HERE, "learning.teach", MenuGroup.CITIZENS),
        MenuItem(_("Thống kê"), "/quan-tri/thong-ke", "learning.statistics", MenuGroup.CITIZENS),
    ),
    permissions={
        **INBOX_PERMISSIONS,
        "learning.teach": "Xem câu chưa trả lời được và dạy trợ lý",
        "learning.train": "Huấn luyện, đổi mô hình",
        "learning.statistics": "Xem và tải thống kê",
    },
    periodic={"bot.forget": timedelta(minutes=10), **clockwork.PERIODIC},
    seed=demo.seed,
    readiness={"model": _model, "channels": _channels},
    wake=_wake,
    life=life,
)
