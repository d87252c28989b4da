"""Citizens write, processes die, calls break: what came of it."""

import json
import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

import httpx
from sqlalchemy import select

from backend.db import Database
from bot.channels import CHANNELS
from bot.messages import Button, Outgoing, fit
from bot.models import Conversation, Message
from tests.flood.product import running, waiting
from tests.flood.sides import Bubble, Side
from tests.kill import NOTED_WITHIN, QUESTIONS, _wait_until

FAULTS = ("429", "500", "502", "drop_before", "drop_after", "slow")
SLOW = 1.0  # seconds; a slow fault takes half of it
CUT, KILLED, UNEXPLAINED = "call broken", "killed", "unexplained"  # in the order of trust
DRAINED_WITHIN = 1800
BROUGHT_WITHIN = 120


@dataclass
class ChatsOutcome:
    """What became of the flood of messages."""

    updates: int = 0
    acknowledged: int = 0
    to_bring_twice: int = 0
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
            and self.brought_twice == self.to_bring_twice
            and self.repeats[CUT] <= self.faults["drop_after"]
            and self.repeats[KILLED] <= len(self.kills)
            and not self.repeats[UNEXPLAINED]
        )

    def __str__(self) -> str:
        died = Counter(name for _, name in self.kills)
        return "\n".join([
            (f"{self.updates} updates, {self.acknowledged} acknowledged, {self.brought_twice} of "
             f"{self.to_bring_twice} brought again, {self.bubbles} bubbles, {self.seconds:.0f} s"),
            f"kill -9: {dict(died)}; faults: {dict(self.faults)}",
            (f"acknowledged but unanswered {len(self.unanswered)}, missing {len(self.missing)}, "
             f"out of order {len(self.disordered)}, still queued {self.waiting}"),
            (f"twice: {self.repeats[KILLED]} where a kill fell between accepted and noted, "
             f"{self.repeats[CUT]} where the call broke after it was accepted, "
             f"{self.repeats[UNEXPLAINED]} for no known reason"),
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
    with running(folder, side, database_url, rate=1000) as (product, database):
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
        # What is sent last may bring something of its own, such as echoes.
        _wait_until(lambda: not waiting(database) and not side.pending(), DRAINED_WITHIN)
        outcome.waiting = waiting(database)
        _judge(outcome, side, database)
    outcome.seconds = time.monotonic() - started
    return outcome


def _write(
    side: Side, port: int, outcome: ChatsOutcome, updates: int, chats: int, seed: int
) -> None:
    dice = random.Random(seed)
    order = [1000 + number % chats for number in range(updates)]
    dice.shuffle(order)
    again = 0
    for chat in order:
        side.say(chat, dice.choice(QUESTIONS))
        outcome.updates += 1
        if dice.random() < 0.05:
            kind = dice.choice(FAULTS)
            outcome.faults[kind] += 1
            side.go_wrong(kind)
        again += dice.random() < 0.10
        while side.pending() > side.most_pending:
            time.sleep(0.05)
        if again and (known := side.acknowledged()):  # nothing is, at first
            _bring_again(side, port, outcome, dice.choices(sorted(known), k=again))
            again = 0
    _wait_until(lambda: not again or bool(side.acknowledged()), BROUGHT_WITHIN)
    _bring_again(side, port, outcome, dice.choices(sorted(side.acknowledged()) or [""], k=again))


def _bring_again(side: Side, port: int, outcome: ChatsOutcome, chosen: list[str]) -> None:
    """Until the web, which may just have been killed, takes it."""
    for update in chosen:
        outcome.to_bring_twice += 1
        until = time.monotonic() + BROUGHT_WITHIN
        while time.monotonic() < until:
            if _is_taken(side, port, update):
                outcome.brought_twice += 1
                break
            time.sleep(0.5)


def _is_taken(side: Side, port: int, update: str) -> bool:
    try:
        return side.bring_again(update, port) == 200
    except httpx.HTTPError:
        return False


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
    expected: dict[str, list[str]] = {}
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
            answered.add(asked.get((chat, message.turn), "what was taken for a colleague's words"))
            buttons = tuple(Button(**button) for button in json.loads(message.buttons))
            for bubble in fit(Outgoing(message.text, buttons), limits):
                expected.setdefault(chat, []).extend(side.as_sent(bubble))
    return answered, expected


def _compare(outcome: ChatsOutcome, chat: str, got: list[Bubble], wanted: list[str]) -> None:
    """Run by run of equal bubbles, since an answer may rightly be the same twice running."""
    had = [(text, list(run)) for text, run in groupby(got, key=lambda bubble: bubble.text)]
    should = [(text, len(list(run))) for text, run in groupby(wanted)]
    for (text, run), (words, count) in zip(had, should, strict=False):
        if text != words:
            outcome.disordered.append(f"chat {chat}: {text[:60]!r}, not {words[:60]!r}")
            return
        outcome.missing += [f"chat {chat}: {words[:60]!r}"] * (count - len(run))
        whys = sorted(_why_again(outcome, bubble) for bubble in run[:-1])
        outcome.repeats.update(whys[: max(0, len(run) - count)])
    outcome.missing += [f"chat {chat}: {text[:60]!r}" for text, _ in should[len(had) :]]
    outcome.disordered += [f"chat {chat}: more: {text[:60]!r}" for text, _ in had[len(should) :]]


def _why_again(outcome: ChatsOutcome, bubble: Bubble) -> str:
    """What may have made it come again; the best explanation sorts first."""
    if bubble.was_cut:
        return CUT
    # A fake that is slow on purpose accepts what was under way after the sender has died.
    killed = any(-SLOW <= at - bubble.at <= NOTED_WITHIN for at, _ in outcome.kills)
    return KILLED if killed else UNEXPLAINED
