"""The other side of each channel, as its fake plays it. To add one: a class, a line in `SIDES`."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, Protocol

import httpx

from backend import clock
from backend.db import Database
from bot.channels.telegram.drawing import drawn as telegram_drawn
from bot.channels.zalo_oa.drawing import drawn as zalo_drawn
from bot.channels.zalo_oa.drawing import said
from bot.messages import Outgoing, plain
from bot.zalo.models import ZaloToken
from tests.fakes.telegram import TOKEN, FakeTelegram
from tests.fakes.zalo import APP, FakeZalo
from tests.fakes.zalo.webhooks import signature

SECRET = "kill-test"
SPEED = 20.0  # of what the fakes wait before they bring something again
OUT_OF_ROOM = 1_000_000_000  # a quota that nobody uses up


@dataclass(frozen=True)
class Bubble:
    """One bubble as the channel took it."""

    text: str
    at: float  # when (monotonic) it was accepted
    was_cut: bool  # the answer to the call that brought it never arrived


class Side(Protocol):
    """The other side of a channel."""

    kind: str
    environment: dict[str, str]
    most_pending: int  # citizens write no faster than that

    def arrange(self, database: Database, port: int) -> None:
        """What an administrator did before the product was started."""
        ...

    def is_connected(self) -> bool: ...
    def say(self, chat: int, text: str) -> str:
        """A citizen writes; the channel's number of it."""
        ...

    def bring_again(self, update: str, port: int) -> int:
        """The channel brings what was acknowledged once more; the status of the answer."""
        ...

    def go_wrong(self, kind: str) -> None: ...
    def acknowledged(self) -> set[str]: ...
    def pending(self) -> int: ...
    def got(self, chat: int) -> list[Bubble]:
        """The bubbles of a chat, oldest first."""
        ...

    def meet(self, chats: Sequence[int]) -> None:
        """These chats exist and take our messages."""
        ...

    def as_sent(self, bubble: Outgoing) -> list[str]: ...


class TelegramSide:
    """Telegram, which brings a chat's updates one after another."""

    kind = "telegram"
    most_pending = 200

    def __init__(self, fake: FakeTelegram) -> None:
        self.fake = fake
        self.environment = {
            "TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_API_BASE": fake.url,
            "TELEGRAM_WEBHOOK_SECRET": SECRET,
        }  # fmt: skip
        self._updates: dict[str, dict[str, Any]] = {}
        add = fake.world.add

        def remember(kind: str, body: dict[str, Any], *, queue: str) -> int:
            number = add(kind, body, queue=queue)
            self._updates[str(number)] = {"update_id": number, kind: body}
            return number

        fake.world.add = remember  # type: ignore[method-assign]  # to know what was brought

    @classmethod
    @contextmanager
    def open(cls) -> Iterator["TelegramSide"]:
        with FakeTelegram(speed=SPEED) as fake:
            yield cls(fake)

    def arrange(self, database: Database, port: int) -> None:
        """Nothing: the product registers its webhook."""

    def is_connected(self) -> bool:
        return bool(self.fake.world.webhook.get("url"))

    def say(self, chat: int, text: str) -> str:
        return str(self.fake.happen("say", chat=chat, text=text))

    def bring_again(self, update: str, port: int) -> int:
        return httpx.post(
            f"http://127.0.0.1:{port}/webhooks/telegram", json=self._updates[update],
            headers={"X-Telegram-Bot-Api-Secret-Token": SECRET}, timeout=10,
        ).status_code  # fmt: skip

    def go_wrong(self, kind: str) -> None:
        self.fake.happen("fault", kind=kind, retry_after=1, seconds=0.5)

    def acknowledged(self) -> set[str]:
        return {str(number) for number in tuple(self.fake.world.acknowledged)}

    def pending(self) -> int:
        return len(self.fake.world.pending)

    def got(self, chat: int) -> list[Bubble]:
        world = self.fake.world
        if chat not in world.chats:
            return []
        numbered = [(m["message_id"], m["text"]) for m in tuple(world.chats[chat].messages)]
        return [Bubble(text, world.sent_at[n], n in world.cut_short) for n, text in numbered]

    def meet(self, chats: Sequence[int]) -> None:
        for chat in chats:
            self.fake.world.chat(chat)

    def as_sent(self, bubble: Outgoing) -> list[str]:
        return [plain(telegram_drawn(bubble)[0]).strip()]


class ZaloSide:
    """Zalo: the Official Account (`oa`) or the Bot platform (`bot`), which bring all at once."""

    most_pending = 40  # more would not be answered within Zalo's two seconds on a small machine

    def __init__(self, fake: FakeZalo, platform: str) -> None:
        self.fake, self.platform, self.kind = fake, platform, f"zalo_{platform}"
        fake.world.lives = 90_000 * SPEED
        fake.world.quota = OUT_OF_ROOM
        other = "ZALO_BOT_" if platform == "oa" else "ZALO_APP_"
        self.environment = {
            name: "" if name.startswith(other) else value for name, value in fake.settings().items()
        }
        self._bodies: dict[str, dict[str, Any]] = {}
        happened = fake.world.happened

        def remember(platform: str, body: dict[str, Any], number: str = "") -> str:
            number = happened(platform, body, number)
            self._bodies[number] = body
            return number

        fake.world.happened = remember  # type: ignore[method-assign]  # to know what was brought

    @classmethod
    @contextmanager
    def open(cls, platform: str) -> Iterator["ZaloSide"]:
        with FakeZalo(speed=SPEED) as fake:
            yield cls(fake, platform)

    def arrange(self, database: Database, port: int) -> None:
        """The webhook is entered in Zalo's console; the account has approved the app."""
        path = {"oa": "zalo", "bot": "zalo-bot"}[self.platform]
        self.fake.point(self.platform, f"http://127.0.0.1:{port}/webhooks/{path}")
        if self.platform == "oa":
            granted, now = self.fake.world.issue(), clock.now()
            with database.transaction() as session:
                session.add(
                    ZaloToken(
                        app_id=APP.id, access_token=granted["access_token"],
                        refresh_token=granted["refresh_token"], renewals=1, renewed_at=now,
                        expires_at=now + timedelta(seconds=int(granted["expires_in"])),
                    )
                )  # fmt: skip

    def is_connected(self) -> bool:
        return bool(self.fake.world.webhooks[self.platform].url)

    def say(self, chat: int, text: str) -> str:
        return self.fake.happen("say", user=str(chat), text=text, platform=self.platform)

    def bring_again(self, update: str, port: int) -> int:
        event, hook = self._bodies[update], self.fake.world.webhooks[self.platform]
        body = json.dumps(event, ensure_ascii=False).encode()
        signed = {"X-Bot-Api-Secret-Token": hook.secret}
        if self.platform == "oa":
            signed = signature(body, str(event.get("timestamp", "")))
        headers = {"Content-Type": "application/json", **signed}
        return httpx.post(hook.url, content=body, headers=headers, timeout=10).status_code

    def go_wrong(self, kind: str) -> None:
        where = {"oa": "message", "bot": "bot"}[self.platform]
        seconds = 0.5 if kind == "slow" else 0.0
        self.fake.happen("fault", kind=kind, where=where, seconds=seconds, retry_after=1)

    def acknowledged(self) -> set[str]:
        """What citizens wrote; echoes of our own are no messages."""
        return {n for n in tuple(self.fake.world.acknowledged) if not n.startswith("echo:")}

    def pending(self) -> int:
        """What is still to be brought; a webhook that Zalo has switched off is switched on again.

        What failed six times is gone then, and was never acknowledged.
        """
        self.fake.world.webhooks[self.platform].is_off = False
        return len(self.fake.world.pending)

    def got(self, chat: int) -> list[Bubble]:
        if (user := self.fake.world.users.get(str(chat))) is None:
            return []
        since = time.monotonic() - time.time()
        cut = self.fake.world.cut_short
        return [
            Bubble(m.get("text", ""), m["at"] + since, m["message_id"] in cut)
            for m in tuple(user.messages)
        ]

    def meet(self, chats: Sequence[int]) -> None:
        for chat in chats:
            self.fake.world.acted(str(chat))

    def as_sent(self, bubble: Outgoing) -> list[str]:
        if self.platform == "bot":
            return [bubble.text]
        return [said(part) for part in zalo_drawn(bubble)]


SIDES: dict[str, Callable[[], AbstractContextManager[Side]]] = {
    "telegram": TelegramSide.open,
    "zalo_oa": partial(ZaloSide.open, "oa"),
    "zalo_bot": partial(ZaloSide.open, "bot"),
}
