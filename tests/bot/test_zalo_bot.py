"""The Zalo Bot platform against the strict fake: plain text, refusals in HTTP 200, polling."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, TypeVar

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from backend import metrics
from backend.config import SettingsError, settings
from bot import errands, polling
from bot.channels import zalo_bot as channel_module
from bot.channels.zalo_bot import SECRET_HEADER, ZaloBot
from bot.handover import desk
from bot.messages import Button, Incoming, Outgoing, SendError, fit
from tests.bot.handover import act, claim, officer, say, talk
from tests.database import TestDatabase
from tests.fakes.zalo import FakeZalo
from tests.fakes.zalo.platform import event

T = TypeVar("T")
LAN = "6ede9afa66b88fe6d6a9"
SECRET = "bi-mat-cua-bot"


def with_channel(work: Callable[[ZaloBot], Awaitable[T]]) -> T:
    """Run on an event loop with a channel of its own."""

    async def run() -> T:
        channel = ZaloBot()
        try:
            return await work(channel)
        finally:
            await channel.close()

    return asyncio.run(run())


def send(message: Outgoing, to: str = LAN) -> str:
    return with_channel(lambda channel: channel.send(message, to))


def refused(message: Outgoing, to: str = LAN) -> SendError:
    with pytest.raises(SendError) as found:
        send(message, to)
    return found.value


@pytest.fixture
def lan(zalo: FakeZalo) -> FakeZalo:
    """Zalo, where Lan has written to the bot."""
    zalo.happen("say", user=LAN, text="xin chào", platform="bot")
    return zalo


class Inbox:
    """Stands for the database: remembers what it was given."""

    def __init__(self) -> None:
        self.rows: dict[str, tuple[Incoming, int]] = {}
        self.is_away = False

    async def receive(self, incoming: Incoming, position: int = 0) -> bool:
        if self.is_away:
            raise OSError("the database is away")
        is_new = incoming.external_id not in self.rows
        self.rows.setdefault(incoming.external_id, (incoming, position))
        return is_new


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def hook(zalo: FakeZalo, inbox: Inbox) -> Iterator[TestClient]:
    """The webhook, as Zalo calls it."""
    app = FastAPI()
    app.include_router(ZaloBot().routes(inbox.receive))
    with TestClient(app, headers={SECRET_HEADER: SECRET}) as client:
        yield client


def counted(outcome: str) -> float:
    return float(metrics.UPDATES.labels("zalo_bot", outcome)._value.get())


async def until(is_so: Callable[[], Any], seconds: float = 10) -> None:
    for _ in range(int(seconds / 0.01)):
        if is_so():
            return
        await asyncio.sleep(0.01)
    pytest.fail("it never came to that")


# Going out


def test_a_menu_becomes_numbered_lines(lan: FakeZalo) -> None:
    menu = Outgoing("Ông/bà **cần** biết gì?", (Button("Giấy tờ", "c:1"), Button("Lệ phí", "c:2")))
    for bubble in fit(menu, ZaloBot.limits):
        send(bubble)
    assert lan.texts(LAN) == ["Ông/bà cần biết gì?\n\n1. Giấy tờ\n2. Lệ phí"]


def test_twenty_thousand_characters_arrive_whole(lan: FakeZalo) -> None:
    text = ("Ông/bà mang theo căn cước và giấy chứng sinh. " * 435).strip()
    for bubble in fit(Outgoing(text), ZaloBot.limits):
        send(bubble)
    assert " ".join(lan.texts(LAN)) == text


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (400, {"permanent": True, "unreachable": False}), (403, {"unreachable": True}),
        (404, {"unreachable": True}), (408, {"unknown": True}),
        (429, {"permanent": False, "retry_after": 60.0}),
        (401, {"permanent": False, "unreachable": False}), (500, {"permanent": False}),
    ],
)  # fmt: skip
def test_ok_false_inside_200_is_a_refusal(
    lan: FakeZalo, code: int, expected: dict[str, Any]
) -> None:
    lan.happen("fault", kind="code", where="bot", code=code)
    judged = refused(Outgoing("xin chào"))
    assert {name: getattr(judged, name) for name in expected} == expected
    assert not lan.messages(LAN)


@pytest.mark.parametrize(
    ("fault", "unknown", "arrived"),
    [("502", False, 0), ("drop_before", True, 0), ("drop_after", True, 1)],
)
def test_broken_calls_are_judged(lan: FakeZalo, fault: str, unknown: bool, arrived: int) -> None:
    lan.happen("fault", kind=fault, where="bot")
    judged = refused(Outgoing("xin chào"))
    assert (judged.permanent, judged.unknown) == (False, unknown)
    assert len(lan.messages(LAN)) == arrived


def test_a_wrong_token_never_shows_in_a_message(
    lan: FakeZalo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZALO_BOT_TOKEN", "1:a-wrong-token")
    settings.cache_clear()
    assert "a-wrong-token" not in str(refused(Outgoing("x")))
    monkeypatch.setenv("ZALO_BOT_API_BASE", "http://127.0.0.1:9")
    settings.cache_clear()
    assert "a-wrong-token" not in str(refused(Outgoing("x")))


def test_without_a_token_nothing_is_tried() -> None:
    assert refused(Outgoing("xin chào")).permanent
    assert ZaloBot().standing() == "off"


# Coming in


def test_strangers_are_refused_and_counted(hook: TestClient, inbox: Inbox) -> None:
    before, body = counted("forbidden"), event("message.text.received", LAN, "m", text="x")
    for secret in ("", "sai", SECRET + "x"):
        answer = hook.post("/webhooks/zalo-bot", json=body, headers={SECRET_HEADER: secret})
        assert answer.status_code == 403
    assert counted("forbidden") == before + 3
    assert not inbox.rows


def test_an_event_is_stored_once_in_its_place(hook: TestClient, inbox: Inbox) -> None:
    before, body = counted("repeat"), event("message.text.received", LAN, "m", text="chào")
    for _ in range(3):
        assert hook.post("/webhooks/zalo-bot", json=body).status_code == 200
    ((came, position),) = inbox.rows.values()
    assert (came.text, came.chat) == ("chào", LAN)
    assert position == body["result"]["message"]["date"]
    assert counted("repeat") == before + 2


@pytest.mark.parametrize("body", [{}, [], 7, {"event_name": "message.poll.received"}])
def test_what_is_unknown_is_taken_and_counted(hook: TestClient, inbox: Inbox, body: Any) -> None:
    before = counted("unknown")
    assert hook.post("/webhooks/zalo-bot", json=body).status_code == 200
    assert counted("unknown") == before + 1
    assert not inbox.rows


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe"])
def test_what_is_not_json_is_refused(hook: TestClient, body: bytes) -> None:
    assert hook.post("/webhooks/zalo-bot", content=body).status_code == 400


def test_a_database_that_is_away_asks_to_come_back(hook: TestClient, inbox: Inbox) -> None:
    inbox.is_away = True
    body = event("message.text.received", LAN, "m", text="x")
    answer = hook.post("/webhooks/zalo-bot", json=body)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")


@pytest.mark.parametrize("is_quick", [True, False])
def test_it_types_only_while_there_is_something_to_wait_for(
    lan: FakeZalo,
    inbox: Inbox,
    database: TestDatabase,
    monkeypatch: pytest.MonkeyPatch,
    is_quick: bool,
) -> None:
    monkeypatch.setattr(errands, "TYPING_AFTER", 0.3)

    async def answer(channel: ZaloBot) -> None:
        await channel.take(event("message.text.received", LAN, "m", text="x"), inbox.receive)
        if is_quick:
            await channel.send(Outgoing("xin chào"), LAN)
            await asyncio.sleep(2 * errands.TYPING_AFTER)
            assert "sendChatAction" not in lan.state()["calls"]
        else:
            await until(lambda: "sendChatAction" in lan.state()["calls"])

    with_channel(answer)


def test_it_does_not_type_while_an_officer_has_the_chat(
    lan: FakeZalo, inbox: Inbox, database: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And types again once the assistant has it back: silence alone would prove nothing."""
    monkeypatch.setattr(errands, "TYPING_AFTER", 0.1)
    minh = officer("minh", "Trần Quang Minh")
    say("gặp cán bộ", chat=LAN, channel="zalo_bot")
    claim(minh, chat=LAN)

    async def write(channel: ZaloBot) -> None:
        await channel.take(event("message.text.received", LAN, "m", text="x"), inbox.receive)
        await asyncio.sleep(8 * errands.TYPING_AFTER)
        assert "sendChatAction" not in lan.state()["calls"]
        act(desk.to_assistant, minh, talk(LAN).id)
        await channel.take(event("message.text.received", LAN, "n", text="x"), inbox.receive)
        await until(lambda: "sendChatAction" in lan.state()["calls"])

    with_channel(write)


# Living and polling


def test_it_registers_its_webhook_and_zalo_being_away_delays_nothing(
    zalo: FakeZalo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channel_module, "FIRST_WAIT", 0.01)
    zalo.happen("fault", kind="502", where="setWebhook", times=2)

    async def live(channel: ZaloBot) -> None:
        async with channel.life():
            assert channel.standing() == "starting"
            await until(lambda: channel.standing() == "webhook")

    with_channel(live)
    assert zalo.state()["webhooks"]["bot"]["url"] == f"{settings().base_url}/webhooks/zalo-bot"


def test_without_a_secret_it_waits_to_be_polled(
    zalo: FakeZalo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZALO_BOT_WEBHOOK_SECRET", "")
    settings.cache_clear()

    async def live(channel: ZaloBot) -> None:
        async with channel.life():
            await until(lambda: channel.standing() == "polling")

    with_channel(live)
    assert "setWebhook" not in zalo.state()["calls"]


def test_polling_loses_nothing_while_the_database_is_away(
    zalo: FakeZalo, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channel_module, "RETRY_SECONDS", 0.01)
    zalo.happen("webhook", platform="bot", url="http://127.0.0.1:9/")  # `poll` must remove it
    zalo.happen("fault", kind="502", where="getUpdates")
    inbox.is_away = True

    async def fetch(channel: ZaloBot) -> None:
        task = asyncio.create_task(channel.poll(inbox.receive))
        await until(lambda: "getUpdates" in zalo.state()["calls"])
        for number in range(3):
            zalo.happen("say", user=LAN, text=f"câu {number}", platform="bot")
        await asyncio.sleep(0.3)  # long enough for a 408 as well
        inbox.is_away = False
        await until(lambda: len(inbox.rows) == 3)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    with_channel(fetch)
    assert [came.text for came, _ in inbox.rows.values()] == ["câu 0", "câu 1", "câu 2"]


def test_polling_with_a_wrong_token_says_so(
    zalo: FakeZalo, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZALO_BOT_TOKEN", "1:wrong")
    settings.cache_clear()
    with pytest.raises(SettingsError, match="không nhận"):
        with_channel(lambda channel: channel.poll(inbox.receive))


def test_polling_without_a_token_says_what_is_missing() -> None:
    with pytest.raises(SettingsError, match="ZALO_BOT_TOKEN"):
        polling.run("zalo_bot")


def test_what_zalo_withholds_is_answered_with_a_telephone(
    zalo: FakeZalo, monkeypatch: pytest.MonkeyPatch
) -> None:
    from backend.render import render
    from bot.dialogue.flows.help_menu import centre

    monkeypatch.setenv("HOTLINE", "02903831345")
    settings.cache_clear()
    said = render("bot/unsupported.txt", centre=centre())
    assert "0290" in said
    assert settings().centre_name in said
