"""From what came in to what was sent: once, in order, at a pace, given up in good time."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from backend import clock as real_clock
from backend import db, jobs, worker
from backend.jobs import Job, Status
from backend.notifications import chats
from backend.notifications import service as notifications
from backend.notifications.chats import ChatRef
from backend.switches import Switch, SwitchChange
from bot import delivery, routes
from bot.channels import CHANNELS
from bot.channels.telegram import Telegram
from bot.dialogue import engine
from bot.messages import Button, Incoming, Outgoing, Reply
from tests.conftest import Clock
from tests.database import TestDatabase
from tests.fakes.telegram import FakeTelegram

pytestmark = pytest.mark.usefixtures("database", "clock")
LAN = 7
CHAT = ChatRef("telegram", str(LAN))


@pytest.fixture(autouse=True)
def lan(telegram: FakeTelegram) -> FakeTelegram:
    """Telegram, where Lan has written to the bot."""
    telegram.world.chat(LAN)
    return telegram


def came(number: int, text: str = "xin chào", **more: Any) -> Incoming:
    return Incoming("telegram", str(LAN), str(number), text=text, **more)


def run_all(rounds: int = 600) -> None:
    """Run what is due, with a real runner, until nothing is."""
    runner = worker.Runner(polls=True)

    async def drain() -> None:
        task = asyncio.create_task(runner.run())
        quiet = 0
        for _ in range(rounds * 10):
            await asyncio.sleep(0.02)
            busy = await asyncio.to_thread(is_busy)
            quiet = 0 if busy else quiet + 1
            if quiet >= 3:
                break
        runner.stop()
        await task
        channel = CHANNELS["telegram"]
        assert isinstance(channel, Telegram)
        await channel.close()

    asyncio.run(drain())


def is_busy() -> bool:
    with db.reading() as session:
        running = select(Job.id).where(Job.status.in_((Status.RUNNING, Status.SENDING)))
        return jobs.is_anything_due(session) or session.scalar(running.limit(1)) is not None


def rows(name: str) -> list[Job]:
    with db.reading() as session:
        found = list(session.scalars(select(Job).where(Job.name == name).order_by(Job.id)))
        session.expunge_all()
        return found


def answer_with(monkeypatch: pytest.MonkeyPatch, *bubbles: Outgoing) -> None:
    """Let the dialogue say just this."""
    monkeypatch.setattr(engine, "understand", lambda *_: None)
    monkeypatch.setattr(engine, "respond", lambda session, incoming, understood: Reply(bubbles))


def push(kind: str = "dossier_status", dedupe: str = "event:1") -> bool:
    now = real_clock.now()
    with db.transaction() as session:
        return notifications.notify(
            session, CHAT, kind, data={"tail": "0001"}, dedupe=dedupe, now=now
        )


def test_one_update_however_often_it_comes_is_answered_once(lan: FakeTelegram) -> None:
    assert [routes.store(came(5), 5) for _ in range(3)] == [True, False, False]
    run_all()
    first = lan.texts(LAN)
    assert first
    routes.store(came(5), 5)
    run_all()
    assert lan.texts(LAN) == first
    assert {row.status for row in rows("bot.send")} == {Status.DONE}


def test_bubbles_and_chats_keep_their_order(
    lan: FakeTelegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    def respond(session: Any, incoming: Incoming, understood: Any) -> Reply:
        return Reply((Outgoing(f"{incoming.text} a"), Outgoing(f"{incoming.text} b")))

    monkeypatch.setattr(engine, "understand", lambda *_: None)
    monkeypatch.setattr(engine, "respond", respond)
    for number in (2, 1):  # as they may come when a button overtakes a message
        routes.store(came(number, str(number)), number)
    run_all()
    assert lan.texts(LAN) == ["1 a", "1 b", "2 a", "2 b"]


def test_a_turn_that_fails_again_and_again_ends_in_an_apology(
    lan: FakeTelegram, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> Reply:
        raise ZeroDivisionError

    monkeypatch.setattr(engine, "understand", lambda *_: None)
    monkeypatch.setattr(engine, "respond", fail)
    routes.store(came(1), 1)
    for _ in range(routes.TURN_ATTEMPTS):
        run_all()
        clock.move(minutes=1)
    run_all()
    (turn,) = rows("bot.turn")
    assert (turn.status, turn.attempts) == (Status.DEAD, routes.TURN_ATTEMPTS)
    assert len(lan.texts(LAN)) == 1


def test_a_flood_is_waited_for_and_nothing_is_lost(
    lan: FakeTelegram, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer_with(monkeypatch, Outgoing("một"), Outgoing("hai"))
    lan.happen("fault", kind="429", retry_after=30)
    routes.store(came(1), 1)
    run_all()
    assert lan.texts(LAN) == []
    assert rows("bot.send")[0].run_at == clock.now + timedelta(seconds=30)
    clock.move(seconds=31)
    run_all()
    assert lan.texts(LAN) == ["một", "hai"]
    assert rows("bot.send")[0].attempts == 1  # being told to wait is no failure


def test_a_reply_that_may_have_arrived_is_sent_again(
    lan: FakeTelegram, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer_with(monkeypatch, Outgoing("một"), Outgoing("hai"))
    lan.happen("fault", kind="drop_after")
    routes.store(came(1), 1)
    run_all()
    clock.move(minutes=1)
    run_all()
    assert lan.texts(LAN) == ["một", "một", "hai"]


def test_a_push_that_may_have_arrived_is_sent_once_more_only(
    lan: FakeTelegram, clock: Clock
) -> None:
    lan.happen("fault", kind="drop_after", times=9)
    assert push()
    for _ in range(4):
        run_all()
        clock.move(minutes=2)
    assert len(lan.texts(LAN)) == 2
    assert rows("notifications.deliver")[0].status == Status.UNKNOWN


def test_a_push_carries_nothing_personal(lan: FakeTelegram) -> None:
    assert push()
    assert not push()  # the same event tells the same chat once
    run_all()
    (text,) = lan.texts(LAN)
    assert "http" not in text
    assert json.loads(rows("notifications.deliver")[0].payload)["data"] == {"tail": "0001"}


def test_a_citizen_who_blocked_us_is_left_alone_until_they_come_back(lan: FakeTelegram) -> None:
    lan.world.chat(LAN).is_blocked = True
    assert push()
    run_all()
    assert rows("notifications.deliver")[0].status == Status.DEAD
    assert not push(dedupe="event:2")
    routes.store(came(3, "", presence="back"), 3)
    run_all()
    assert push(dedupe="event:3")


def test_blocking_itself_closes_the_chat(lan: FakeTelegram) -> None:
    routes.store(came(3, "", presence="left"), 3)
    run_all()
    with db.reading() as session:
        assert not chats.is_reachable(session, CHAT)


def test_a_push_that_is_no_news_any_more_is_dropped(lan: FakeTelegram, clock: Clock) -> None:
    assert push()
    clock.move(days=4)
    run_all()
    assert lan.texts(LAN) == []
    assert rows("notifications.deliver")[0].last_error == "expired"


def test_a_push_in_trouble_holds_up_no_reply(
    lan: FakeTelegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer_with(monkeypatch, Outgoing("trả lời"))
    lan.happen("fault", kind="500")
    assert push()
    run_all()
    routes.store(came(1), 1)
    run_all()
    assert lan.texts(LAN) == ["trả lời"]


def test_a_shared_contact_always_loses_its_keyboard(
    lan: FakeTelegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer_with(monkeypatch, Outgoing("Hồ sơ đang xử lý.", (Button("Theo dõi", "f:1"),)))
    routes.store(came(1, "", contact={"phone": "0912345678", "is_own": True}), 1)
    run_all()
    first, second = lan.messages(LAN)
    assert first["reply_markup"] == {"remove_keyboard": True}
    assert "inline_keyboard" in second["reply_markup"]


def test_done_rows_keep_no_words_and_old_rows_go(
    lan: FakeTelegram, clock: Clock, database: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer_with(monkeypatch, Outgoing("riêng tư"))
    routes.store(came(1, "tôi là Nguyễn Thị Lan"), 1)
    run_all()
    assert "Nguyễn Thị Lan" in rows("bot.turn")[0].payload
    forget()
    assert {row.payload for row in rows("bot.turn") + rows("bot.send")} == {"{}"}
    assert not routes.store(came(1), 1)  # it still remembers that this came before
    clock.move(days=8)
    forget()
    assert not rows("bot.turn")
    assert not rows("bot.send")


def forget() -> None:
    with db.transaction() as session:
        delivery.forget(session)


def test_answers_that_are_switched_off_are_replaced_by_the_notice(lan: FakeTelegram) -> None:
    with db.transaction() as session:
        session.add(
            SwitchChange(
                name=Switch.ANSWERS, is_on=False, notice="Trợ lý đang bảo trì.", officer_id=1,
                officer_name="", at=real_clock.now(),
            )
        )  # fmt: skip
    routes.store(came(1), 1)
    run_all()
    assert lan.texts(LAN) == ["Trợ lý đang bảo trì."]
