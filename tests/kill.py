"""`python -m tests.kill`: kill -9 web and worker while citizens write, then count what they got.

Real processes, a real database (SQLite in a temporary folder, or `--database URL`: an empty one),
the strict fake Telegram. Every update that was answered 2xx must have its reply, each bubble once
and in order; a bubble may come twice only where a kill fell between "Telegram accepted it" and "we
noted it", and each such repeat is named together with its kill.
"""

import argparse
import json
import math
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import select

from backend.db import Database
from backend.jobs import LIVE, Job
from bot.channels import CHANNELS
from bot.channels.telegram.drawing import drawn
from bot.messages import Button, Outgoing, fit, plain
from bot.models import Conversation, Message
from tests.fakes.telegram import TOKEN, FakeTelegram

ROOT = Path(__file__).parent.parent
QUESTIONS = (
    "xin chào", "làm giấy khai sinh cho con cần mang gì ạ", "lệ phí đăng ký kết hôn bao nhiêu",
    "ho so cua toi toi dau roi", "cảm ơn", "xin xác nhận tình trạng hôn nhân mất mấy ngày",
    "nộp ở đâu", "chứng thực bản sao cần gì", "trợ giúp", "đăng ký tạm trú",
)  # fmt: skip
SETTLE_SECONDS = 150.0
NOTED_WITHIN = 3.0  # on a busy machine


@dataclass(frozen=True)
class Repeat:
    """A bubble that came twice, and the number of the kill that did it (-1: unexplained)."""

    chat: int
    text: str
    kill: int


@dataclass
class Outcome:
    """What the citizens got."""

    updates: int = 0
    acknowledged: int = 0
    bubbles: int = 0
    unanswered: list[int] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    disordered: list[str] = field(default_factory=list)
    repeats: list[Repeat] = field(default_factory=list)
    kills: list[tuple[float, str]] = field(default_factory=list)
    refused_deliveries: int = 0
    seconds: float = 0.0

    def __str__(self) -> str:
        died = ", ".join(name for _, name in self.kills)
        lines = [
            f"{self.updates} updates, {self.acknowledged} acknowledged, {self.bubbles} bubbles",
            f"{self.refused_deliveries} deliveries failed meanwhile; {self.seconds:.0f} s",
            f"killed: {died}",
            f"unanswered {len(self.unanswered)}, bubbles missing {len(self.missing)}",
            f"out of order {len(self.disordered)}, repeated {len(self.repeats)}",
        ]
        lines += [f"  kill {r.kill}: chat {r.chat} twice: {r.text[:60]!r}" for r in self.repeats]
        return "\n".join(lines)


class Product:
    """Web and worker as an operator starts them; what dies is started again at once."""

    def __init__(self, folder: Path, database: str, telegram: str, port: int) -> None:
        self.folder, self.port = folder, port
        self.environment = os.environ | {
            "ENVIRONMENT": "test", "VAR_DIR": str(folder), "DATABASE_URL": database,
            "PORT": str(port), "TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_API_BASE": telegram,
            "TELEGRAM_WEBHOOK_SECRET": "kill-test", "PYTHONPATH": str(ROOT),
        }  # fmt: skip
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def prepare(self) -> None:
        """Tables, catalogue, model."""
        subprocess.run(
            [sys.executable, "-m", "backend", "prepare"], cwd=ROOT, env=self.environment,
            check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip

    def start(self, name: str) -> None:
        command = {"web": "serve", "worker": "worker"}[name]
        with (self.folder / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(
                [sys.executable, "-m", "backend", command], cwd=ROOT, env=self.environment,
                stdout=log, stderr=log,
            )  # fmt: skip

    def kill(self, name: str) -> None:
        """Without a word of warning."""
        process = self._running.pop(name)
        process.send_signal(signal.SIGKILL)
        process.wait()

    def wait_for_web(self) -> None:
        for _ in range(300):
            try:
                httpx.get(f"http://127.0.0.1:{self.port}/healthz").raise_for_status()
            except httpx.HTTPError:
                time.sleep(0.1)
            else:
                return
        raise RuntimeError((self.folder / "web.log").read_text()[-3000:])

    def stop(self) -> None:
        for process in self._running.values():
            process.terminate()
        for process in self._running.values():
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextmanager
def running(product: Product) -> Iterator[Product]:
    """Prepared and started; stopped whatever happens."""
    product.prepare()
    try:
        product.start("web")
        product.start("worker")
        product.wait_for_web()
        yield product
    finally:
        product.stop()


def ordeal(
    folder: Path, database_url: str = "", *, messages: int, chats: int, kills: int, seed: int
) -> Outcome:
    """Citizens write while processes die; what came of it."""
    dice = random.Random(seed)
    url = database_url or f"sqlite:///{folder / 'motcua.db'}"
    outcome = Outcome()
    started = time.monotonic()
    with FakeTelegram(speed=20) as telegram:
        product = Product(folder, url, telegram.url, _free_port())
        with running(product):
            _wait_until(lambda: bool(telegram.state()["webhook"].get("url")), 30)
            writing = threading.Thread(
                target=_write, args=(telegram, messages, chats, dice.getrandbits(32))
            )
            writing.start()
            for number in range(kills):
                time.sleep(dice.uniform(0.4, 2.0))
                name = ("web", "worker")[number % 2]
                product.kill(name)
                outcome.kills.append((time.monotonic(), name))
                product.start(name)
                product.wait_for_web()
            writing.join()
            database = Database(url)
            try:
                _wait_until(lambda: _is_settled(telegram, database), SETTLE_SECONDS)
                _judge(outcome, telegram, database)
            finally:
                database.close()
    outcome.seconds = time.monotonic() - started
    return outcome


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _write(telegram: FakeTelegram, messages: int, chats: int, seed: int) -> None:
    """Citizens write in turn, some of them several lines in a row."""
    dice = random.Random(seed)
    for number in range(messages):
        chat = 1000 + (number % chats if number % 3 else dice.randrange(chats))
        telegram.happen("say", chat=chat, text=dice.choice(QUESTIONS))
        time.sleep(dice.uniform(0.0, 0.1))


def _wait_until(is_so: Any, seconds: float) -> None:
    until = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > until:
            raise TimeoutError(f"not within {seconds:.0f} s")
        time.sleep(0.3)


def _is_settled(telegram: FakeTelegram, database: Database) -> bool:
    if telegram.state()["pending"]:
        return False
    with database.reading() as session:
        ours = select(Job.id).where(Job.name.in_(("bot.turn", "bot.send")), Job.status.in_(LIVE))
        return session.scalar(ours.limit(1)) is None


def _judge(outcome: Outcome, telegram: FakeTelegram, database: Database) -> None:
    state = telegram.state()
    outcome.updates = len(state["acknowledged"]) + state["pending"] + len(state["expired"])
    outcome.acknowledged = len(state["acknowledged"])
    outcome.refused_deliveries = sum(not 200 <= status < 300 for _, status in state["deliveries"])
    answered, expected = _transcript(database)
    outcome.unanswered = [u for u in state["acknowledged"] if u not in answered]
    for chat in sorted(telegram.world.chats):
        got = telegram.messages(chat)
        outcome.bubbles += len(got)
        _compare(outcome, telegram, chat, got, expected.get(chat, []))


def _transcript(database: Database) -> tuple[set[int], dict[int, list[str]]]:
    """The updates that got a reply, and the bubbles that each chat must have got, in order."""
    answered: set[int] = set()
    expected: dict[int, list[tuple[int, int, str]]] = {}
    with database.reading() as session:
        rows = session.execute(
            select(Conversation.chat, Message)
            .join(Conversation, Conversation.id == Message.conversation_id)
            .order_by(Message.id)
        ).all()
        session.expunge_all()
    asked = {
        (chat, message.turn): int(message.external_id)
        for chat, message in rows
        if message.author == "citizen" and message.external_id
    }
    for chat, message in rows:
        if message.author != "bot":
            continue
        update = asked[chat, message.turn]
        answered.add(update)
        for text in _as_sent(message):
            expected.setdefault(int(chat), []).append((update, message.id, text))
    return answered, {chat: [text for _, _, text in sorted(e)] for chat, e in expected.items()}


def _as_sent(message: Message) -> list[str]:
    buttons = tuple(Button(**button) for button in json.loads(message.buttons))
    bubbles = fit(Outgoing(message.text, buttons), CHANNELS["telegram"].limits)
    return [plain(drawn(bubble)[0]).strip() for bubble in bubbles]


def _compare(
    outcome: Outcome, telegram: FakeTelegram, chat: int, got: list[Any], expected: list[str]
) -> None:
    """Run by run of equal bubbles, since an answer may rightly be the same twice running."""
    had = [(text, list(run)) for text, run in groupby(got, key=lambda message: message["text"])]
    wanted = [(text, len(list(run))) for text, run in groupby(expected)]
    for (text, messages), (should, count) in zip(had, wanted, strict=False):
        if text != should:
            outcome.disordered.append(f"chat {chat}: {text[:60]!r}, not {should[:60]!r}")
            return
        outcome.missing += [f"chat {chat}: {text[:60]!r}"] * (count - len(messages))
        accepted = [telegram.world.sent_at[message["message_id"]] for message in messages]
        suspects = sorted(_culprit(outcome, at) for at in accepted[:-1])
        for _, kill in suspects[: max(0, len(messages) - count)]:
            outcome.repeats.append(Repeat(chat, text, kill))
    outcome.missing += [f"chat {chat}: {text[:60]!r}" for text, _ in wanted[len(had) :]]
    outcome.disordered += [f"chat {chat}: more: {text[:60]!r}" for text, _ in had[len(wanted) :]]


def _culprit(outcome: Outcome, accepted: float) -> tuple[float, int]:
    """The first kill after a copy was accepted: how long after, and its number (-1: none)."""
    after = [(at - accepted, number) for number, (at, _) in enumerate(outcome.kills)]
    return min(((gap, n) for gap, n in after if 0 <= gap <= NOTED_WITHIN), default=(math.inf, -1))


def main() -> int:
    """Run it once and print what came of it."""
    parser = argparse.ArgumentParser(prog="python -m tests.kill", description=__doc__)
    parser.add_argument("--messages", type=int, default=200)
    parser.add_argument("--chats", type=int, default=20)
    parser.add_argument("--kills", type=int, default=6)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().getrandbits(16))
    parser.add_argument("--database", default="", help="an empty database; default: SQLite")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="motcua-kill-") as folder:
        outcome = ordeal(
            Path(folder), wanted.database, messages=wanted.messages, chats=wanted.chats,
            kills=wanted.kills, seed=wanted.seed,
        )  # fmt: skip
    print(outcome)
    lost = outcome.unanswered or outcome.missing or outcome.disordered
    return 1 if lost or len(outcome.repeats) > len(outcome.kills) else 0


if __name__ == "__main__":
    sys.exit(main())
