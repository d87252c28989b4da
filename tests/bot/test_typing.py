"""An officer has the chat: nothing there says that the assistant is at work."""

import asyncio

import pytest

from bot import errands
from bot.channels.telegram import Telegram
from bot.handover import desk
from bot.messages import Incoming
from tests.bot.handover import act, claim, officer, say, talk
from tests.fakes.telegram import FakeTelegram

pytestmark = pytest.mark.usefixtures("database", "clock")
LAN = 7


def wrote(number: int) -> dict[str, object]:
    """An update in which Lan says something."""
    chat = {"id": LAN, "type": "private", "first_name": "Lan"}
    person = {"id": LAN, "is_bot": False, "first_name": "Lan"}
    message = {"message_id": number, "from": person, "chat": chat, "date": 1, "text": "alo"}
    return {"update_id": number, "message": message}


async def stored(_incoming: Incoming, _position: int) -> bool:
    """Whatever comes is new."""
    return True


def test_telegram_does_not_type_while_an_officer_has_the_chat(
    telegram: FakeTelegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And types again once the assistant has it back: silence alone would prove nothing."""
    telegram.world.chat(LAN)
    monkeypatch.setattr(errands, "TYPING_AFTER", 0.1)
    minh = officer("minh", "Trần Quang Minh")
    say("gặp cán bộ", chat=str(LAN), channel="telegram")
    claim(minh, chat=str(LAN))

    async def write() -> None:
        channel = Telegram()
        try:
            await channel.take(wrote(5), stored)
            await asyncio.sleep(8 * errands.TYPING_AFTER)
            assert "sendChatAction" not in telegram.state()["calls"]
            act(desk.to_assistant, minh, talk(str(LAN)).id)
            await channel.take(wrote(6), stored)
            for _ in range(200):
                if "sendChatAction" in telegram.state()["calls"]:
                    return
                await asyncio.sleep(0.05)
            pytest.fail("it never typed")
        finally:
            await channel.close()

    asyncio.run(write())
