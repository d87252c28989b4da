"""Telegram, through the real client, against the strict fake over HTTP."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, TypeVar

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from backend import metrics
from backend.config import settings
from bot import errands, polling
from bot.channels.telegram import SECRET_HEADER, Telegram
from bot.channels.telegram import introduction as introducing
from bot.messages import Button, Incoming, Outgoing, SendError
from tests.bot.conftest import SECRET
from tests.database import TestDatabase
from tests.fakes.telegram import FakeTelegram

T = TypeVar("T")
LAN = 7


def with_channel(work: Callable[[Telegram], Awaitable[T]]) -> T:
    """Run on an event loop with a channel of its own."""

    async def run() -> T:
        channel = Telegram()
        try:
            return await work(channel)
        finally:
            await channel.close()

    return asyncio.run(run())


def send(message: Outgoing, to: str = str(LAN)) -> str:
    return with_channel(lambda channel: channel.send(message, to))


def refused(message: Outgoing, to: str = str(LAN)) -> SendError:
    with pytest.raises(SendError) as found:
        send(message, to)
    return found.value


@pytest.fixture
def lan(telegram: FakeTelegram) -> FakeTelegram:
    """Telegram, where Lan has written to the bot."""
    telegram.happen("say", chat=LAN, text="/start")
    return telegram


# Going out


def test_strong_text_and_nothing_else_is_markup(lan: FakeTelegram) -> None:
    number = send(Outgoing("Lệ phí: **50.000 đ** & <b>không</b> phải **thẻ**"))
    (message,) = lan.messages(LAN)
    assert str(message["message_id"]) == number
    assert message["text"] == "Lệ phí: 50.000 đ & <b>không</b> phải thẻ"
    assert [e["type"] for e in message["entities"]] == ["bold", "bold"]


def test_buttons_carry_short_keys_and_public_links(lan: FakeTelegram) -> None:
    buttons = (
        Button("Giấy tờ", "c:1"), Button("Lệ phí", "c:2"),
        Button("Đăng ký khai sinh kết hợp nhận con", "c:3"),
        Button("Trang đầy đủ", url="https://motcua.example.vn/thu-tuc/1.001193"),
        Button("Xem trên máy này", url="http://127.0.0.1:8000/thu-tuc/1.001193"),
    )  # fmt: skip
    send(Outgoing("Ông/bà cần biết gì?", buttons))
    (message,) = lan.messages(LAN)
    rows = message["reply_markup"]["inline_keyboard"]
    assert [[b["text"] for b in row] for row in rows] == [
        ["Giấy tờ", "Lệ phí"], ["Đăng ký khai sinh kết hợp nhận con"], ["Trang đầy đủ"],
    ]  # fmt: skip
    assert rows[0][0]["callback_data"] == "c:1"
    # Telegram refuses links that are not public in a button: they are written out.
    assert message["text"].endswith("Xem trên máy này: http://127.0.0.1:8000/thu-tuc/1.001193")


def test_a_contact_is_asked_for_and_the_keyboard_taken_away(lan: FakeTelegram) -> None:
    send(Outgoing("Ông/bà chia sẻ số?", (Button("Chia sẻ số", contact=True), Button("Thôi", "x"))))
    send(Outgoing("Xin cảm ơn ông/bà."))
    asked, thanked = lan.messages(LAN)
    keys = asked["reply_markup"]["keyboard"]
    assert keys[0][0] == {"text": "Chia sẻ số", "request_contact": True}
    assert keys[1][0] == {"text": "Thôi"}  # its label is what is typed
    assert thanked["reply_markup"] == {"remove_keyboard": True}


def test_a_payload_over_64_bytes_never_leaves(lan: FakeTelegram) -> None:
    assert refused(Outgoing("Chọn:", (Button("A", "ă" * 33),))).permanent
    send(Outgoing("Chọn:", (Button("A", "a" * 64),)))
    assert len(lan.messages(LAN)) == 1


def test_what_cannot_be_parsed_or_is_too_long_goes_as_plain_text(lan: FakeTelegram) -> None:
    why = "Bad Request: can't parse entities: Unsupported start tag"
    lan.happen("fault", kind="400", description=why)
    send(Outgoing("**Mã** hồ sơ"))
    send(Outgoing("😀 " * 1949, (Button("Lệ phí", "c:1"),)))  # two units each, as Telegram counts
    first, *pieces = lan.messages(LAN)
    assert first["text"] == "Mã hồ sơ"
    assert "entities" not in first
    assert len(pieces) == 2
    assert ["inline_keyboard" in piece.get("reply_markup", {}) for piece in pieces] == [False, True]


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ({"kind": "403"}, {"permanent": True, "unreachable": True}),
        ({"kind": "deactivated"}, {"permanent": True, "unreachable": True}),
        ({"kind": "400"}, {"permanent": True, "unreachable": False}),
        ({"kind": "400", "description": "Bad Request: chat not found"}, {"unreachable": True}),
        ({"kind": "429", "retry_after": 7}, {"permanent": False, "retry_after": 7}),
        ({"kind": "500"}, {"permanent": False, "unknown": False}),
        ({"kind": "502"}, {"permanent": False, "unknown": False}),
        ({"kind": "drop_before"}, {"permanent": False, "unknown": True}),
        ({"kind": "drop_after"}, {"permanent": False, "unknown": True}),
    ],
    ids=lambda value: value.get("kind", "") if isinstance(value, dict) else "",
)
def test_refusals_are_judged(
    lan: FakeTelegram, fault: dict[str, Any], expected: dict[str, Any]
) -> None:
    lan.happen("fault", **fault)
    judged = refused(Outgoing("xin chào"))
    assert {name: getattr(judged, name) for name in expected} == expected
    assert len(lan.messages(LAN)) == (1 if fault["kind"] == "drop_after" else 0)


def test_a_chat_that_never_wrote_to_us_is_unreachable(telegram: FakeTelegram) -> None:
    assert refused(Outgoing("xin chào"), to="99").unreachable


def test_a_server_that_is_away_was_not_sent_to(
    telegram: FakeTelegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TELEGRAM_API_BASE", "http://127.0.0.1:9")
    settings.cache_clear()
    judged = refused(Outgoing("xin chào"))
    assert (judged.permanent, judged.unknown) == (False, False)


def test_a_wrong_token_is_for_operators_not_for_the_chat(
    telegram: FakeTelegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "1:wrong")
    settings.cache_clear()
    judged = refused(Outgoing("xin chào"))
    assert (judged.permanent, judged.unreachable) == (False, False)


def test_without_a_token_nothing_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    judged = refused(Outgoing("xin chào"))
    assert (judged.permanent, judged.unreachable) == (True, False)
    assert Telegram().standing() == "off"


# Coming in


class Inbox:
    """Stands for the database: remembers what it was given."""

    def __init__(self) -> None:
        self.rows: dict[str, tuple[Incoming, int]] = {}
        self.is_away = False

    async def receive(self, incoming: Incoming, position: int) -> bool:
        if self.is_away:
            raise OSError("the database is away")
        is_new = incoming.external_id not in self.rows
        self.rows.setdefault(incoming.external_id, (incoming, position))
        return is_new


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def hook(telegram: FakeTelegram, inbox: Inbox) -> Iterator[TestClient]:
    """The webhook, as Telegram calls it."""
    app = FastAPI()
    app.include_router(Telegram().routes(inbox.receive))
    with TestClient(app, headers={SECRET_HEADER: SECRET}) as client:
        yield client


def counted(outcome: str) -> float:
    return float(metrics.UPDATES.labels("telegram", outcome)._value.get())


def said(number: int, text: str = "xin chào") -> dict[str, Any]:
    person = {"id": LAN, "is_bot": False, "first_name": "Lan"}
    chat = {"id": LAN, "type": "private", "first_name": "Lan"}
    message = {"message_id": 1, "from": person, "chat": chat, "date": 1, "text": text}
    return {"update_id": number, "message": message}


def test_strangers_are_refused_and_counted(hook: TestClient, inbox: Inbox) -> None:
    before = counted("forbidden")
    for secret in ("", "sai", SECRET + "x"):
        answer = hook.post("/webhooks/telegram", json=said(1), headers={SECRET_HEADER: secret})
        assert answer.status_code == 403
    assert counted("forbidden") == before + 3
    assert not inbox.rows


def test_without_a_secret_everybody_is_a_stranger(
    hook: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TELEGRAM_WEBHOOK_SECRET", "")
    settings.cache_clear()
    answer = hook.post("/webhooks/telegram", json=said(1), headers={SECRET_HEADER: ""})
    assert answer.status_code == 403


def test_an_update_is_stored_once_in_its_place(hook: TestClient, inbox: Inbox) -> None:
    before = counted("repeat")
    for _ in range(3):
        assert hook.post("/webhooks/telegram", json=said(5)).status_code == 200
    ((came, position),) = inbox.rows.values()
    assert (came.text, came.chat, position) == ("xin chào", "7", 5)
    assert counted("repeat") == before + 2


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe"])
def test_what_is_not_json_is_refused(hook: TestClient, body: bytes) -> None:
    assert hook.post("/webhooks/telegram", content=body).status_code == 400


@pytest.mark.parametrize("body", [{}, [], 7, {"update_id": 3, "poll_answer": {}}])
def test_what_is_unknown_is_taken_and_ignored(hook: TestClient, inbox: Inbox, body: Any) -> None:
    """Refusing it would make Telegram bring it again and again, and hold up the chat."""
    assert hook.post("/webhooks/telegram", json=body).status_code == 200
    assert not inbox.rows


def test_a_database_that_is_away_asks_to_come_back(hook: TestClient, inbox: Inbox) -> None:
    inbox.is_away = True
    answer = hook.post("/webhooks/telegram", json=said(5))
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")


def test_a_pressed_button_stops_spinning(lan: FakeTelegram, hook: TestClient, inbox: Inbox) -> None:
    send(Outgoing("Chọn:", (Button("Giấy tờ", "c:1"),)))
    lan.happen("press", chat=LAN, data="c:1")
    update = lan.call("getUpdates", offset=-1)["result"][0]
    assert hook.post("/webhooks/telegram", json=update).status_code == 200
    assert inbox.rows[str(update["update_id"])][0].payload == "c:1"
    asyncio.run(until(lambda: all(lan.state()["presses"].values())))


@pytest.mark.parametrize("is_quick", [True, False])
def test_it_types_only_while_there_is_something_to_wait_for(
    lan: FakeTelegram,
    inbox: Inbox,
    database: TestDatabase,
    monkeypatch: pytest.MonkeyPatch,
    is_quick: bool,
) -> None:
    monkeypatch.setattr(errands, "TYPING_AFTER", 0.5)

    async def answer(channel: Telegram) -> None:
        await channel.take(said(5), inbox.receive)
        if is_quick:
            await channel.send(Outgoing("xin chào"), str(LAN))
            await asyncio.sleep(2 * errands.TYPING_AFTER)
            assert "sendChatAction" not in lan.state()["calls"]
        else:
            await until(lambda: "sendChatAction" in lan.state()["calls"])

    with_channel(answer)


# Living


def test_it_introduces_itself_in_every_language(telegram: FakeTelegram) -> None:
    async def live(channel: Telegram) -> str:
        async with channel.life():
            await until(lambda: channel.standing() != "starting")
            return channel.standing()

    assert with_channel(live) == "webhook"
    state = telegram.state()
    assert state["webhook"]["url"] == f"{settings().base_url}/webhooks/telegram"
    assert state["webhook"]["secret_token"] == SECRET
    assert state["webhook"]["allowed_updates"] == ["message", "callback_query", "my_chat_member"]
    profile = state["profile"]
    for language in ("", "en"):
        listed = [c["command"] for c in profile[f"commands:all_private_chats:{language}"]]
        assert {"start", "hoso", "thutuc"} <= set(listed)
        assert settings().province_name in profile[f"description:{language}"]
        assert settings().province_name in profile[f"short_description:{language}"]


def test_telegram_being_away_delays_nothing_and_is_tried_again(
    telegram: FakeTelegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(introducing, "FIRST_WAIT", 0.01)
    telegram.happen("fault", kind="502", method="setWebhook", times=2)
    telegram.happen("fault", kind="429", method="setMyCommands", times=1, retry_after=1)
    stood: set[str] = set()

    async def live(channel: Telegram) -> None:
        async with channel.life():
            assert channel.standing() == "starting"  # nothing was waited for
            while "webhook" not in stood:
                stood.add(channel.standing())
                await asyncio.sleep(0.005)

    with_channel(live)
    assert stood == {"starting", "unreachable", "webhook"}


async def until(is_so: Callable[[], Any], seconds: float = 10) -> None:
    for _ in range(int(seconds / 0.01)):
        if is_so():
            return
        await asyncio.sleep(0.01)
    pytest.fail("it never came to that")


# Polling


def test_polling_stores_before_it_confirms(
    telegram: FakeTelegram, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling, "receive", inbox.receive)
    telegram.call("setWebhook", url="https://elsewhere.example.vn/", allowed_updates=["message"])
    telegram.world.webhook["url"] = ""  # nobody is there; `poll` must remove it all the same
    inbox.is_away = True

    async def fetch(channel: Telegram) -> None:
        task = asyncio.create_task(polling.poll(channel))
        await until(lambda: "getUpdates" in telegram.state()["calls"])
        numbers = [telegram.happen("say", chat=LAN, text=f"câu {n}") for n in range(3)]
        await asyncio.sleep(0.1)
        assert not telegram.state()["acknowledged"]  # the database is away: nothing is confirmed
        inbox.is_away = False
        await until(lambda: len(inbox.rows) == 3)
        telegram.happen("say", chat=LAN, text="thêm")
        await until(lambda: telegram.state()["acknowledged"][:3] == numbers)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    with_channel(fetch)
    assert "deleteWebhook" in telegram.state()["calls"]
    assert [came.text for came, _ in inbox.rows.values()][:3] == ["câu 0", "câu 1", "câu 2"]


def test_polling_without_a_token_says_what_is_missing() -> None:
    with pytest.raises(Exception, match="TELEGRAM_BOT_TOKEN"):
        polling.run()


def test_polling_with_a_wrong_token_says_so(
    telegram: FakeTelegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "1:wrong")
    settings.cache_clear()
    with pytest.raises(Exception, match="không nhận"):
        with_channel(polling.poll)


@pytest.mark.parametrize(
    "update",
    [
        {"update_id": True}, {"update_id": 2**70}, {"update_id": "7"},
        {"update_id": 7, "message": 5},
        {
            "update_id": 7,
            "message": {"message_id": 1, "date": 10**20, "chat": {"id": 1, "type": "private"}},
        },
        {
            "update_id": 7,
            "message": {
                "message_id": 1, "date": 1, "chat": {"id": 1, "type": "private"}, "text": 5,
                "from": {"id": 1, "is_bot": False, "first_name": "A"},
            },
        },
    ],
)  # fmt: skip
def test_an_update_of_odd_types_is_ignored_not_brought_again(update: dict[str, Any]) -> None:
    assert Telegram().parse(update) is None
