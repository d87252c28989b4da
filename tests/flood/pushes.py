"""Everybody is told something while some citizens chat: what came of it."""

import random
import statistics
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from backend import db
from backend.db import Database
from backend.notifications import service as notifications
from backend.notifications.chats import ChatRef, Person
from bot.delivery import pacing
from tests.flood.product import running, waiting
from tests.flood.sides import Side
from tests.kill import _wait_until

SHORT = "cảm ơn"
PUSH = "notifications.deliver"
CUT_OFF = 64  # pushes under way when a run is cut short


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
    with running(folder, side, database_url, rate=rate, before=queue) as (_, database):
        over = threading.Event()
        chatting = threading.Thread(target=_chat, args=(side, outcome, citizens, over.is_set))
        chatting.start()
        started = time.monotonic()
        try:
            _wait_until(lambda: not waiting(database, PUSH), most or 10 * followers)
        except TimeoutError:
            outcome.waiting = waiting(database, PUSH)
        outcome.seconds = time.monotonic() - started
        over.set()
        chatting.join()
    numbers = Counter(len(side.got(chat)) for chat in chats)
    outcome.reached, outcome.not_reached = numbers[1], numbers[0]
    outcome.more_than_once = followers - numbers[1] - numbers[0]
    return outcome


def _tell(database: Database, channel: str, chats: list[int]) -> None:
    """As a synchronisation does it, with a kind that goes by night as well."""
    pacing.register()  # whoever queues must know the channels' rates
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


def _chat(side: Side, outcome: PushesOutcome, citizens: int, is_over: Callable[[], bool]) -> None:
    """Two messages a second, each from somebody who has had the last answer."""
    dice, turn = random.Random(4), 0
    asked: dict[int, tuple[float, int]] = {}
    while not is_over() or asked:
        time.sleep(0.1)
        for chat, (since, before) in list(asked.items()):
            if len(bubbles := side.got(chat)) > before:
                outcome.replies.append(bubbles[before].at - since)
                del asked[chat]
            elif time.monotonic() - since > 60:
                outcome.silent += 1
                del asked[chat]
        turn += 1
        chat = 1000 + dice.randrange(citizens)
        if turn % 5 == 0 and chat not in asked and not is_over():
            asked[chat] = (time.monotonic(), len(side.got(chat)))
            side.say(chat, SHORT)
