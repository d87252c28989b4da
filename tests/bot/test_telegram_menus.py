"""Telegram from end to end: deep links, menus that change in place, closing a dossier, profile."""

import asyncio
from typing import Any

import pytest

from backend import clock as real_clock
from backend import db, official, worker
from backend.config import settings
from backend.dossiers import proofs
from backend.dossiers import service as dossiers
from backend.notifications.chats import ChatRef
from bot import routes
from bot.channels import CHANNELS
from bot.channels.telegram import Telegram
from bot.channels.telegram.introduction import describe
from bot.messages import Button, Edits, Outgoing
from tests.cast import CODE, LAN, make_dossier, receipt_of
from tests.conftest import Clock
from tests.fakes.telegram import FakeTelegram

CHAT = ChatRef("telegram", "7")
pytestmark = pytest.mark.usefixtures("database", "clock")


class Phone:
    """Lan's telephone: what is done there, and what stands there afterwards."""

    def __init__(self, telegram: FakeTelegram, clock: Clock) -> None:
        self.telegram, self.clock = telegram, clock

    def does(self, what: str, **given: Any) -> list[dict[str, Any]]:
        """One thing that Lan does, answered; everything the bot said so far."""
        self.clock.move(seconds=5)  # else the pace of one chat would hold the answers up
        self.telegram.happen(what, chat=7, **given)
        came = Telegram().parse(self.telegram.call("getUpdates", offset=-1)["result"][0])
        assert came is not None
        routes.store(came)
        asyncio.run(answered())
        return self.telegram.messages(7)

    def buttons(self) -> dict[str, str]:
        """The buttons under the latest message that has any: label and data."""
        for message in reversed(self.telegram.messages(7)):
            if rows := message.get("reply_markup", {}).get("inline_keyboard"):
                return {key["text"]: key.get("callback_data", "") for row in rows for key in row}
        return {}

    def press(self, label: str) -> list[dict[str, Any]]:
        """Press a button by its label."""
        return self.does("press", data=self.buttons()[label])


async def answered() -> None:
    runner = worker.Runner(polls=True)
    while claimed := runner._claim(8):
        await asyncio.gather(*(runner._one(item) for item in claimed))
    channel = CHANNELS["telegram"]
    assert isinstance(channel, Telegram)
    await channel.close()


@pytest.fixture
def phone(telegram: FakeTelegram, clock: Clock) -> Phone:
    return Phone(telegram, clock)


@pytest.fixture
def token() -> str:
    with db.transaction() as session:
        return receipt_of(make_dossier(session))


def is_open() -> bool:
    with db.reading() as session:
        return dossiers.get_with_proof(session, CHAT, CODE) is not None


def test_the_receipts_link_opens_the_chat_with_the_dossier_proved(phone: Phone, token: str) -> None:
    (said,) = phone.does("say", text=f"/start {token}")
    assert f"Hồ sơ {CODE}" in said["text"]
    assert is_open()


def test_closing_asks_first_and_changes_in_place(phone: Phone, token: str) -> None:
    phone.does("say", text=f"/start {token}")
    *_, asked = phone.press("Đóng hồ sơ ở đây")
    assert "chắc muốn đóng" in asked["text"]
    assert is_open()
    kept = phone.press("Thôi, cứ để mở")
    assert len(kept) == 2  # the question became the answer
    assert "vẫn mở" in kept[-1]["text"]
    phone.does("say", text="hồ sơ của tôi")
    phone.press("Đóng hồ sơ ở đây")
    closed = phone.press("Vâng, đóng lại")
    assert "Đã đóng hồ sơ" in closed[-1]["text"]
    assert not is_open()
    assert all(len(data.encode()) <= 64 for data in phone.buttons().values())


def test_another_place_is_shut_out_from_the_chat(phone: Phone, token: str) -> None:
    with db.transaction() as session:
        proofs.open_by_token(session, token, LAN.chat, now=real_clock.now())
    phone.does("say", text=f"/start {token}")
    *_, listed = phone.press("Những nơi đang mở")
    assert "Trang web" in listed["text"]
    count = len(phone.telegram.messages(7))
    (other,) = [label for label in phone.buttons() if "Trang web" in label]
    phone.press(other)
    phone.press("Vâng, đóng lại")
    assert len(phone.telegram.messages(7)) == count  # list, question and answer are one message
    assert is_open()
    with db.reading() as session:
        assert dossiers.get_with_proof(session, LAN.chat, CODE) is None


def test_a_place_of_somebody_elses_dossier_is_not_shut(phone: Phone, token: str) -> None:
    """Numbers are guessed easily; only places of the dossier that this chat proved count."""
    with db.transaction() as session:
        other = make_dossier(session, code="H12-260105-0002")
        proofs.open_by_token(session, receipt_of(other), LAN.chat, now=real_clock.now())
    phone.does("say", text=f"/start {token}")
    update = {
        "update_id": 5, "callback_query": {
            "id": "1", "from": {"id": 7, "is_bot": False, "first_name": "Lan"},
            "chat_instance": "1", "data": "shut:1:yes",
            "message": {"message_id": 1, "date": 1, "chat": {"id": 7, "type": "private"}},
        },
    }  # fmt: skip
    came = Telegram().parse(update)
    assert came is not None
    routes.store(came)
    asyncio.run(answered())
    with db.reading() as session:
        assert dossiers.get_with_proof(session, LAN.chat, "H12-260105-0002") is not None


def test_a_press_of_65_bytes_is_answered_like_any_unknown_one(phone: Phone) -> None:
    phone.does("say", text="/start")
    before = len(phone.telegram.messages(7))
    update = phone.telegram.call("getUpdates", offset=-1)["result"]
    assert update
    person = {"id": 7, "is_bot": False, "first_name": "Lan"}
    press = {
        "id": "9", "from": person, "chat_instance": "1", "data": "ă" * 32 + "x",
        "message": {"message_id": 1, "date": 1, "chat": {"id": 7, "type": "private"}},
    }  # fmt: skip
    came = Telegram().parse({"update_id": 5, "callback_query": press})
    assert came is not None
    assert len(came.payload.encode()) == 65
    routes.store(came)
    asyncio.run(answered())
    assert len(phone.telegram.messages(7)) == before + 1


# Edits


def edit(message: Outgoing, number: str) -> str:
    async def work() -> str:
        channel = Telegram()
        assert isinstance(channel, Edits)
        try:
            return await channel.edit(message, "7", number)
        finally:
            await channel.close()

    return asyncio.run(work())


def test_an_edit_that_came_twice_is_done(phone: Phone) -> None:
    first = phone.does("say", text="/start")[-1]
    number, menu = str(first["message_id"]), Outgoing("**Một**", (Button("Hai", "menu"),))
    assert edit(menu, number) == edit(menu, number) == number
    assert len(phone.telegram.messages(7)) == 1


@pytest.mark.parametrize("number", ["999999", "", "x"])
def test_what_cannot_be_edited_is_said_anew(phone: Phone, number: str) -> None:
    phone.does("say", text="/start")
    before = len(phone.telegram.messages(7))
    assert edit(Outgoing("xin chào"), number) != number
    assert len(phone.telegram.messages(7)) == before + 1


# The profile


def test_a_profile_that_stands_is_left_alone(telegram: FakeTelegram) -> None:
    async def twice() -> tuple[int, int]:
        channel, counts = Telegram(), []
        for _ in range(2):
            await describe(channel.bot())
            counts.append(sum(call.startswith("setMy") for call in telegram.state()["calls"]))
        await channel.close()
        return counts[0], counts[1]

    first, second = asyncio.run(twice())
    assert first == second > 0
    assert official.telegram_url() == "https://t.me/motcua_bot"  # asked of Telegram itself


def test_a_name_in_the_settings_wins(
    telegram: FakeTelegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    official.heard_telegram_name("motcua_bot")
    monkeypatch.setenv("TELEGRAM_BOT_NAME", "camau_bot")
    settings.cache_clear()
    url = proofs.telegram_url(CODE, 1)
    assert url == f"https://t.me/camau_bot?start={proofs.receipt_token(CODE, 1)}"
    assert len(proofs.receipt_token(CODE, 1)) <= 64
