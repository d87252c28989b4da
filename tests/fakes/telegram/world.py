"""What the fake remembers: chats, messages, updates not yet taken, the webhook, faults."""

import asyncio
import re
import time
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.telegram.markup import Refused

TOKEN = "123456789:AAFakeTokenForTestsOnly-0123456789abcdef"
BOT = {
    "id": 123456789, "is_bot": True, "first_name": "Trợ lý Một Cửa", "username": "motcua_bot",
    "can_join_groups": True, "can_read_all_group_messages": False,
    "supports_inline_queries": False,
}  # fmt: skip
MESSAGE_LIFE, PRESS_LIFE = 24 * 3600.0, 150.0
COMMAND = re.compile(r"/[A-Za-z0-9_]+(?:@\w+)?")


@dataclass
class Chat:
    """One chat; the id of a private chat is its person's."""

    id: int
    type: str = "private"
    is_blocked: bool = False
    messages: list[dict[str, Any]] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        name = {"first_name": f"Dân {self.id}"} if self.type == "private" else {"title": "Nhóm"}
        return {"id": self.id, "type": self.type, **name}


@dataclass
class Fault:
    """What goes wrong with the next calls of a method: see README."""

    kind: str
    method: str = "sendMessage"
    chat: int | None = None
    times: int = 1
    retry_after: int = 1
    description: str = ""
    seconds: float = 0.0


@dataclass
class Pending:
    """An update that was not taken yet; `queue` is what it waits in line with."""

    update: dict[str, Any]
    queue: str
    made: float
    life: float


class World:
    """The whole state, used from one event loop."""

    def __init__(self, *, token: str = TOKEN, speed: float = 1.0) -> None:
        self.token, self.speed = token, speed
        self.chats: dict[int, Chat] = {}
        self.pending: list[Pending] = []
        self.acknowledged: list[int] = []
        self.expired: list[int] = []
        self.deliveries: list[tuple[int, int]] = []
        self.webhook: dict[str, Any] = {}
        self.last_error = ""
        self.faults: list[Fault] = []
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.presses: dict[str, bool] = {}
        self.sent_at: dict[int, float] = {}  # message id: when it was accepted (time.monotonic)
        self.cut_short: set[Any] = set()  # message ids: accepted, and the answer never arrived
        self.files: dict[str, bytes] = {}
        self.profile: dict[str, Any] = {}
        self.changed = asyncio.Event()
        self._update_id, self._message_id = 900_000_000, 0

    def stir(self) -> None:
        """Let whoever waits for updates look again."""
        self.changed.set()
        self.changed = asyncio.Event()

    def chat(self, chat_id: int, type_: str = "private") -> Chat:
        """The chat, made where it is new."""
        return self.chats.setdefault(chat_id, Chat(chat_id, type_))

    def reachable(self, chat_id: Any) -> Chat:
        """The chat, for a bot that wants to write there."""
        try:
            chat = self.chats[int(chat_id)]
        except (ValueError, TypeError, KeyError):
            raise Refused("Bad Request: chat not found") from None
        if chat.is_blocked:
            raise Refused("Forbidden: bot was blocked by the user", 403)
        return chat

    def message_id(self) -> int:
        self._message_id += 1
        return self._message_id

    def add(self, kind: str, body: dict[str, Any], *, queue: str) -> int:
        """A new update, unless the bot did not ask for this kind; its number."""
        self._update_id += 1
        allowed = self.webhook.get("allowed_updates") or []
        if not allowed or kind in allowed:
            life = PRESS_LIFE if kind == "callback_query" else MESSAGE_LIFE
            update = {"update_id": self._update_id, kind: body}
            self.pending.append(Pending(update, queue, time.monotonic(), life))
            self.stir()
        return self._update_id

    def took(self, item: Pending) -> None:
        """The bot has it."""
        self.pending.remove(item)
        self.acknowledged.append(item.update["update_id"])

    def person(self, chat_id: int) -> dict[str, Any]:
        return {"id": chat_id, "is_bot": False, "first_name": f"Dân {chat_id}",
                "language_code": "vi"}  # fmt: skip

    def said(self, chat_id: int, type_: str = "private", **content: Any) -> int:
        """Somebody sent a message with this content."""
        chat = self.chat(chat_id, type_)
        sender = self.person(chat_id if type_ == "private" else 777)
        message = {
            "message_id": self.message_id(), "from": sender, "chat": chat.as_dict(),
            "date": int(time.time()), **content,
        }  # fmt: skip
        if command := COMMAND.match(str(content.get("text", ""))):
            entity = {"type": "bot_command", "offset": 0, "length": command.end()}
            message["entities"] = [entity]
        return self.add("message", message, queue=f"chat:{chat_id}")

    def pressed(self, chat_id: int, data: str) -> int:
        """Somebody pressed the button with this data under a message of ours."""
        chat = self.chats[chat_id]
        for message in reversed(chat.messages):
            rows = message.get("reply_markup", {}).get("inline_keyboard", [])
            if any(button.get("callback_data") == data for row in rows for button in row):
                break
        else:
            raise Refused(f"no button with {data!r} in chat {chat_id}")
        press = str(4_000_000_000 + len(self.presses))
        self.presses[press] = False
        body = {
            "id": press, "from": self.person(chat_id), "message": message,
            "chat_instance": str(-chat_id), "data": data,
        }  # fmt: skip
        return self.add("callback_query", body, queue=f"press:{chat_id}")

    def moved(self, chat_id: int, status: str) -> int:
        """A citizen blocked the bot (`kicked`) or let it in again (`member`)."""
        chat, old = self.chat(chat_id), "member" if status == "kicked" else "kicked"
        chat.is_blocked = status == "kicked"
        body = {
            "chat": chat.as_dict(), "from": self.person(chat_id), "date": int(time.time()),
            "old_chat_member": _membership(old), "new_chat_member": _membership(status),
        }  # fmt: skip
        return self.add("my_chat_member", body, queue=f"chat:{chat_id}")

    def fault(self, method: str, chat_id: Any) -> Fault | None:
        """The fault that this call meets, used up by it."""
        for fault in self.faults:
            if fault.method not in (method, "*"):
                continue
            if fault.chat is not None and str(fault.chat) != str(chat_id):
                continue
            fault.times -= 1
            if fault.times <= 0:
                self.faults.remove(fault)
            return fault
        return None


def _membership(status: str) -> dict[str, Any]:
    user = {key: BOT[key] for key in ("id", "is_bot", "first_name", "username")}
    return {"status": status, "user": user} | ({"until_date": 0} if status == "kicked" else {})
