"""A strict fake of Telegram's Bot API, spoken to over HTTP by the real client.

`python -m tests.fakes.telegram --port 8081`, or in a test:

    with FakeTelegram() as telegram:
        telegram.happen("say", chat=7, text="xin chào")
        telegram.messages(7)
"""

from typing import Any

from tests.fakes.serving import Served
from tests.fakes.telegram.server import app
from tests.fakes.telegram.world import TOKEN, World

__all__ = ["TOKEN", "FakeTelegram"]


class FakeTelegram(Served):
    """The server in a thread of its own, and a hand on its controls."""

    def __init__(self, *, speed: float = 1.0) -> None:
        self.world = World(speed=speed)
        super().__init__(app(self.world))

    def happen(self, what: str, **given: Any) -> int:
        """Say, press, contact, send, membership, fault: see README; the update's number."""
        answer = self._client.post(f"/_test/{what}", json=given)
        answer.raise_for_status()
        return int(answer.json()["update_id"])

    def messages(self, chat: int) -> list[dict[str, Any]]:
        """What the bot said in this chat, oldest first."""
        found: list[dict[str, Any]] = self._client.get(
            "/_test/messages", params={"chat": chat}
        ).json()
        return found

    def texts(self, chat: int) -> list[str]:
        """The same, words only."""
        return [message["text"] for message in self.messages(chat)]

    def state(self) -> dict[str, Any]:
        """Pending and acknowledged updates, deliveries, calls, the webhook, the profile."""
        seen: dict[str, Any] = self._client.get("/_test/state").json()
        return seen

    def call(self, method: str, **given: Any) -> dict[str, Any]:
        """A Bot API call as some other client would make it."""
        answered: dict[str, Any] = self._client.post(f"/bot{TOKEN}/{method}", json=given).json()
        return answered
