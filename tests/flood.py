"""`python -m tests.flood chats` and `… pushes`: what delivery promises, at the scale of a province.

`chats`   ten thousand updates from 500 chats in random order, one in ten brought twice, one send in
          twenty going wrong, a random process killed (-9) five seconds after all stand again: what
          was acknowledged is answered, in order, twice only where docs/delivery.md says so.
`pushes`  a push for each of 100,000 followers while citizens chat: everybody gets it once, and
          replies stay quick. Time is scaled: Telegram's 30 messages a second times `--factor`.

Real processes, a real database, the strict fakes. A channel is put to this test by a `Side` below.
"""

import argparse
import json
import platform
import random
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any, Protocol

import httpx
from sqlalchemy import func, select

from backend import db, paces
from backend.db import Database
from backend.jobs import LIVE, Job
from backend.notifications import service as notifications
from backend.notifications.chats import ChatRef, Person
from bot import delivery
from bot.channels import CHANNELS
from bot.channels.telegram.drawing import drawn
from bot.messages import Button, Outgoing, fit, plain
from bot.models import Conversation, Message
from tests.fakes.telegram import TOKEN, FakeTelegram
from tests.kill import NOTED_WITHIN, QUESTIONS, Product, _free_port, _wait_until

SECRET = "kill-test"
FAULTS = ("429", "500", "502", "drop_before", "drop_after", "slow")
SHORT = "cảm ơn"
CUT_OFF = 64  # pushes under way when a run is cut short


class Side(Protocol):
    """The other side of a channel, as a fake plays it."""

    kind: str
    environment: dict[str, str]

    def is_connected(self) -> bool: ...
    def say(self, chat: int, text: str) -> str:
        """A citizen writes; the channel's number of it."""
        ...

    def bring_again(self, update: str, port: int) -> None:
        """The channel brings what was acknowledged once more."""
        ...

    def go_wrong(self, kind: str) -> None: ...
    def acknowledged(self) -> set[str]: ...
    def pending(self) -> int: ...
    def got(self, chat: int) -> list[tuple[str, float]]:
        """The bubbles of a chat, and when (monotonic) each was accepted."""
        ...

    def meet(self, chats: Sequence[int]) -> None:
        """These chats exist and take our messages."""
        ...

    def as_sent(self, bubble: Outgoing) -> str: ...


class TelegramSide:
    """Telegram."""

    kind = "telegram"

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
        with FakeTelegram(speed=20) as fake:
            yield cls(fake)

    def is_connected(self) -> bool:
        return bool(self.fake.world.webhook.get("url"))

    def say(self, chat: int, text: str) -> str:
        return str(self.fake.happen("say", chat=chat, text=text))

    def bring_again(self, update: str, port: int) -> None:
        httpx.post(
            f"http://127.0.0.1:{port}/webhooks/telegram", json=self._updates[update],
            headers={"X-Telegram-Bot-Api-Secret-Token": SECRET}, timeout=10,
        )  # fmt: skip

    def go_wrong(self, kind: str) -> None:
        self.fake.happen("fault", kind=kind, retry_after=1, seconds=0.5)

    def acknowledged(self) -> set[str]:
        return {str(number) for number in tuple(self.fake.world.acknowledged)}

    def pending(self) -> int:
        return len(self.fake.world.pending)

    def got(self, chat: int) -> list[tuple[str, float]]:
        if chat not in self.fake.world.chats:
            return []
        sent_at = self.fake.world.sent_at
        messages = tuple(self.fake.world.chats[chat].messages)
        return [(m["text"], sent_at[m["message_id"]]) for m in messages]

    def meet(self, chats: Sequence[int]) -> None:
        for chat in chats:
            self.fake.world.chat(chat)

    def as_sent(self, bubble: Outgoing) -> str:
        return plain(drawn(bubble)[0]).strip()


SIDES = {side.kind: side for side in (TelegramSide,)}


@dataclass
class ChatsOutcome:
    """What became of the flood of messages."""

    updates: int = 0
    acknowledged: int = 0
    brought_twice: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    kills: list[tuple[float, str]] = field(default_factory=list)
    bubbles: int = 0
    unanswered: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    disordered: list[str] = field(default_factory=list)
    repeats: Counter[str] = field(default_factory=Counter)  # by what explains them
    waiting: int = 0
    seconds: float = 0.0

    @property
    def is_good(self) -> bool:
        """Nothing lost, nothing out of order, nothing twice without its window."""
        lost = self.unanswered or self.missing or self.disordered or self.waiting
        return (
            not lost
            and self.repeats["call broken"] <= self.faults["drop_after"]
            and (self.repeats["killed"] <= len(self.kills))
        )

    def __str__(self) -> str:
        died = Counter(name for _, name in self.kills)
        return "\n".join([
            (f"{self.updates} updates, {self.acknowledged} acknowledged, "
             f"{self.brought_twice} brought again, {self.bubbles} bubbles, {self.seconds:.0f} s"),
            f"kill -9: {dict(died)}; faults: {dict(self.faults)}",
            (f"acknowledged but unanswered {len(self.unanswered)}, missing {len(self.missing)}, "
             f"out of order {len(self.disordered)}, still queued {self.waiting}"),
            (f"twice: {self.repeats['killed']} where a kill fell between accepted and noted, "
             f"{self.repeats['call broken']} where the call broke after it was accepted"),
            *self.unanswered[:5], *self.missing[:5], *self.disordered[:5],
            "GOOD" if self.is_good else "BROKEN",
        ])  # fmt: skip


def flood_of_chats(
    folder: Path, side: Side, database_url: str = "", *, updates: int, chats: int, seed: int,
    every: float = 5.0,
) -> ChatsOutcome:  # fmt: skip
    """Citizens write, processes die, calls break; what came of it."""
    outcome, dice = ChatsOutcome(), random.Random(seed)
    started = time.monotonic()
    with _running(folder, side, database_url, rate=1000) as (product, database):
        write = (side, product.port, outcome, updates, chats, dice.getrandbits(32))
        writing = threading.Thread(target=_write, args=write)
        writing.start()
        while writing.is_alive() or side.pending():
            time.sleep(every)
            name = dice.choice(("web", "worker"))
            product.kill(name)
            outcome.kills.append((time.monotonic(), name))
            product.start(name)
            product.wait_for_web()
        writing.join()
        _wait_until(lambda: not _waiting(database), 1800)
        outcome.waiting = _waiting(database)
        _judge(outcome, side, database)
    outcome.seconds = time.monotonic() - started
    return outcome


@contextmanager
def _running(
    folder: Path,
    side: Side,
    database_url: str,
    *,
    rate: float,
    before: Callable[[Database], None] = lambda _: None,
) -> Iterator[tuple[Product, Database]]:
    url = database_url or f"sqlite:///{folder / 'motcua.db'}"
    product = Product(folder, url, "http://127.0.0.1:9", _free_port())
    product.environment |= {"TELEGRAM_BOT_TOKEN": "", **side.environment}
    product.environment["SEND_RATES"] = f"{side.kind}={rate:g}"
    product.prepare()
    database = Database(url)
    try:
        before(database)
        product.start("web")
        product.start("worker")
        product.wait_for_web()
        _wait_until(lambda: side.is_connected() and _is_ready(product), 120)
        yield product, database
    finally:
        product.stop()
        database.close()


def _is_ready(product: Product) -> bool:
    return httpx.get(f"http://127.0.0.1:{product.port}/readyz").status_code == 200


def _write(
    side: Side, port: int, outcome: ChatsOutcome, updates: int, chats: int, seed: int
) -> None:
    dice = random.Random(seed)
    order = [1000 + number % chats for number in range(updates)]
    dice.shuffle(order)
    for chat in order:
        side.say(chat, dice.choice(QUESTIONS))
        outcome.updates += 1
        if dice.random() < 0.05:
            kind = dice.choice(FAULTS)
            outcome.faults[kind] += 1
            side.go_wrong(kind)
        if dice.random() < 0.10 and (known := side.acknowledged()):
            outcome.brought_twice += _bring_again(side, dice.choice(sorted(known)), port)
        while side.pending() > 200:
            time.sleep(0.05)


def _bring_again(side: Side, update: str, port: int) -> bool:
    """Until the web, which may just have been killed, takes it."""
    for _ in range(60):
        try:
            side.bring_again(update, port)
        except httpx.HTTPError:
            time.sleep(0.5)
        else:
            return True
    return False


def _waiting(database: Database) -> int:
    names = ("bot.turn", "bot.send", "notifications.deliver")
    with database.reading() as session:
        mine = select(func.count()).where(Job.name.in_(names), Job.status.in_(LIVE))
        return session.scalar(mine) or 0


def _judge(outcome: ChatsOutcome, side: Side, database: Database) -> None:
    acknowledged = side.acknowledged()
    outcome.acknowledged = len(acknowledged)
    answered, expected = _transcript(database, side)
    outcome.unanswered = sorted(acknowledged - answered)
    for chat, wanted in expected.items():
        got = side.got(int(chat))
        outcome.bubbles += len(got)
        _compare(outcome, chat, got, wanted)


def _transcript(database: Database, side: Side) -> tuple[set[str], dict[str, list[str]]]:
    """The updates that were answered, and the bubbles that each chat must have got, in order."""
    asked: dict[tuple[str, int], str] = {}
    answered: set[str] = set()
    expected: dict[str, list[tuple[int, str]]] = {}
    limits = CHANNELS[side.kind].limits
    with database.reading() as session:
        rows = session.execute(
            select(Conversation.chat, Message)
            .join(Conversation, Conversation.id == Message.conversation_id)
            .order_by(Message.id)
        )
        for chat, message in rows:
            if message.author == "citizen":
                asked[chat, message.turn] = message.external_id or ""
                continue
            answered.add(asked[chat, message.turn])
            buttons = tuple(Button(**button) for button in json.loads(message.buttons))
            expected.setdefault(chat, []).extend(
                (message.id, side.as_sent(bubble))
                for bubble in fit(Outgoing(message.text, buttons), limits)
            )
    return answered, {chat: [text for _, text in bubbles] for chat, bubbles in expected.items()}


def _compare(
    outcome: ChatsOutcome, chat: str, got: list[tuple[str, float]], wanted: list[str]
) -> None:
    """Run by run of equal bubbles, since an answer may rightly be the same twice running."""
    had = [(text, [at for _, at in run]) for text, run in groupby(got, key=lambda one: one[0])]
    should = [(text, len(list(run))) for text, run in groupby(wanted)]
    for (text, moments), (words, count) in zip(had, should, strict=False):
        if text != words:
            outcome.disordered.append(f"chat {chat}: {text[:60]!r}, not {words[:60]!r}")
            return
        outcome.missing += [f"chat {chat}: {words[:60]!r}"] * (count - len(moments))
        killed = sorted((_was_killed(outcome, at) for at in moments[:-1]), reverse=True)
        for by_kill in killed[: max(0, len(moments) - count)]:
            outcome.repeats["killed" if by_kill else "call broken"] += 1
    outcome.missing += [f"chat {chat}: {text[:60]!r}" for text, _ in should[len(had) :]]
    outcome.disordered += [f"chat {chat}: more: {text[:60]!r}" for text, _ in had[len(should) :]]


def _was_killed(outcome: ChatsOutcome, accepted: float) -> bool:
    return any(0 <= at - accepted <= NOTED_WITHIN for at, _ in outcome.kills)


@dataclass
class PushesOutcome:
    """What became of the flood of pushes."""

    followers: int
    factor: float
    reached: int = 0
    not_reached: int = 0
    more_than_once: int = 0
    seconds: float = 0.0
    replies: list[float] = field(default_factory=list)
    silent: int = 0
    waiting: int = 0  # where the run was cut short

    @property
    def p95(self) -> float:
        """What 95 of 100 replies took at most."""
        return statistics.quantiles(self.replies, n=20)[-1]

    @property
    def is_good(self) -> bool:
        """Everybody once, and replies under two seconds."""
        lost = self.not_reached > self.waiting + CUT_OFF * bool(self.waiting)
        return not (lost or self.more_than_once or self.silent) and self.p95 < 2

    def __str__(self) -> str:
        rate, median = self.reached / self.seconds, statistics.median(self.replies)
        return "\n".join([
            (f"{self.followers} followers at {30 * self.factor:g} messages a second "
             f"(factor {self.factor:g}): {self.seconds:.0f} s, {rate:.0f} pushes a second"),
            (f"reached once {self.reached}, not at all {self.not_reached}, "
             f"more than once {self.more_than_once}, still queued {self.waiting}"),
            (f"meanwhile {len(self.replies)} replies: median {median:.2f} s, p95 {self.p95:.2f} s, "
             f"longest {max(self.replies):.2f} s (not scaled); unanswered {self.silent}"),
            "GOOD" if self.is_good else "BROKEN",
        ])  # fmt: skip


def flood_of_pushes(
    folder: Path, side: Side, database_url: str = "", *, followers: int, factor: float,
    citizens: int = 50, most: float = 0,
) -> PushesOutcome:  # fmt: skip
    """Everybody is told something while some citizens chat (for `most` seconds, if that is set)."""
    outcome = PushesOutcome(followers, factor)
    chats = [1_000_000 + number for number in range(followers)]
    side.meet(chats)
    queue = partial(_tell, channel=side.kind, chats=chats)
    rate = 30 * factor
    with _running(folder, side, database_url, rate=rate, before=queue) as (_, database):
        over = threading.Event()
        chatting = threading.Thread(target=_chat, args=(side, outcome, citizens, over.is_set))
        chatting.start()
        started = time.monotonic()
        try:
            _wait_until(lambda: not _waiting_pushes(database), most or 10 * followers)
        except TimeoutError:
            outcome.waiting = _waiting(database)
        outcome.seconds = time.monotonic() - started
        over.set()
        chatting.join()
    numbers = Counter(len(side.got(chat)) for chat in chats)
    outcome.reached, outcome.not_reached = numbers[1], numbers[0]
    outcome.more_than_once = followers - numbers[1] - numbers[0]
    return outcome


def _tell(database: Database, channel: str, chats: list[int]) -> None:
    """As a synchronisation does it, with a kind that goes by night as well."""
    assert delivery.send_push, "whoever queues must know the channels' rates"
    assert channel in paces.RATES
    db.use(database)
    try:
        for start in range(0, len(chats), 1000):
            people = [
                Person(f"{channel}:{chat}", (ChatRef(channel, str(chat)),))
                for chat in chats[start : start + 1000]
            ]
            with db.transaction() as session:
                notifications.tell(
                    session, people, "dossier_opened", event="flood", now=datetime.now(UTC),
                    data={"tail": "0001", "channel": channel},
                )  # fmt: skip
    finally:
        db.use(None)


def _waiting_pushes(database: Database) -> bool:
    with database.reading() as session:
        mine = select(Job.id).where(Job.name == "notifications.deliver", Job.status.in_(LIVE))
        return session.scalar(mine.limit(1)) is not None


def _chat(side: Side, outcome: PushesOutcome, citizens: int, is_over: Callable[[], bool]) -> None:
    """Two messages a second, each from somebody who has had the last answer."""
    dice, turn = random.Random(4), 0
    asked: dict[int, tuple[float, int]] = {}
    while not is_over() or asked:
        time.sleep(0.1)
        for chat, (since, before) in list(asked.items()):
            if len(bubbles := side.got(chat)) > before:
                outcome.replies.append(bubbles[before][1] - since)
                del asked[chat]
            elif time.monotonic() - since > 60:
                outcome.silent += 1
                del asked[chat]
        turn += 1
        chat = 1000 + dice.randrange(citizens)
        if turn % 5 == 0 and chat not in asked and not is_over():
            asked[chat] = (time.monotonic(), len(side.got(chat)))
            side.say(chat, SHORT)


def main() -> int:
    """Run one of them and print what came of it."""
    parser = argparse.ArgumentParser(prog="python -m tests.flood", description=__doc__)
    parser.add_argument("what", choices=("chats", "pushes"))
    parser.add_argument("--channel", choices=SIDES, default="telegram")
    parser.add_argument("--updates", type=int, default=10_000)
    parser.add_argument("--chats", type=int, default=500)
    parser.add_argument("--followers", type=int, default=100_000)
    parser.add_argument("--factor", type=float, default=5)
    parser.add_argument("--most", type=float, default=0, help="pushes: stop after these seconds")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().getrandbits(16))
    parser.add_argument("--database", default="", help="an empty database; default: SQLite")
    wanted = parser.parse_args()
    outcome: ChatsOutcome | PushesOutcome
    with (
        tempfile.TemporaryDirectory(prefix="motcua-flood-") as name,
        SIDES[wanted.channel].open() as side,
    ):
        if wanted.what == "chats":
            outcome = flood_of_chats(
                Path(name), side, wanted.database, updates=wanted.updates,
                chats=wanted.chats, seed=wanted.seed,
            )  # fmt: skip
        else:
            outcome = flood_of_pushes(
                Path(name), side, wanted.database, followers=wanted.followers,
                factor=wanted.factor, most=wanted.most,
            )  # fmt: skip
    database = wanted.database.partition(":")[0] or "sqlite"
    machine = f"{platform.processor() or platform.machine()}, {len(cpus())} cores"
    print(
        f"{wanted.what} · {wanted.channel} · {database} · {machine} · {datetime.now(UTC):%Y-%m-%d}"
    )
    print(outcome)
    return 0 if outcome.is_good else 1


def cpus() -> set[int]:
    """Those that this process may use."""
    import os

    return os.sched_getaffinity(0)


if __name__ == "__main__":
    sys.exit(main())
