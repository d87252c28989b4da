"""What is published is heard: by whoever listens, once stored, none of it lost."""

import asyncio
from collections.abc import MutableMapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from backend import clock as real_clock
from backend import db, live, streams
from backend.errors import TooMany, Unavailable
from backend.live import Cursor, Event
from backend.streams import QUEUED, Hub


def publish(*topics: str) -> None:
    with db.transaction() as session:
        for topic in topics:
            live.publish(session, topic, "message", "1")


def topics_since(cursor: Cursor) -> list[str]:
    with db.reading() as session:
        return [event.topic for event in live.read(session, cursor)]


def from_now() -> Cursor:
    with db.reading() as session:
        return live.begin(session)


def test_only_what_is_stored_is_heard(database):
    publish("chat:1")
    cursor = from_now()
    with db.rehearsal() as session:
        live.publish(session, "chat:2", "message")
    publish("chat:3")
    assert topics_since(cursor) == ["chat:3"]
    assert topics_since(cursor) == []


def test_a_number_that_appears_late_is_heard(database, clock):
    """PostgreSQL gives 104 before 105, and may store it after it."""
    publish("chat:1")
    cursor = from_now()

    def store(number: int) -> None:
        with db.transaction() as session:
            session.add(
                live.LiveEvent(
                    id=cursor_start + number, topic=f"late:{number}", kind="x", ref="",
                    at=real_clock.now(),
                )
            )  # fmt: skip

    cursor_start = cursor.last
    store(3)
    assert topics_since(cursor) == ["late:3"]
    store(1)
    assert topics_since(cursor) == ["late:1"]
    clock.move(seconds=live.LATE.total_seconds() + 1)
    assert topics_since(cursor) == []
    assert not cursor.missing, "what never comes is not looked for for ever"


def test_two_who_write_at_once_are_both_heard(database):
    """The one that began first is stored last."""
    if database.is_sqlite:
        pytest.skip("SQLite lets one write at a time")
    cursor = from_now()
    with db.transaction() as slow:
        live.publish(slow, "slow", "message")
        with ThreadPoolExecutor(1) as other:
            other.submit(publish, "quick").result()
        assert topics_since(cursor) == ["quick"]
    assert topics_since(cursor) == ["slow"]


def test_a_reader_that_begins_in_the_middle_hears_what_appears_late(database):
    with db.transaction() as session:
        for number in (1, 3):
            session.add(live.LiveEvent(id=number, topic="a", kind="x", ref="", at=real_clock.now()))
    cursor = from_now()
    with db.transaction() as session:
        session.add(live.LiveEvent(id=2, topic="b", kind="x", ref="", at=real_clock.now()))
    assert topics_since(cursor) == ["b"]


def test_whoever_comes_back_is_told_what_it_missed(database, clock):
    publish("a", "b")
    clock.move(minutes=5)
    publish("a")
    with db.reading() as session:
        first, *_ = session.query(live.LiveEvent).order_by(live.LiveEvent.id)
        again = live.replay(session, ["a"], first.id)
        assert again is not None
        assert [(e.topic, e.id) for e in again] == [("a", first.id + 2)]
        assert live.replay(session, ["a"], 999) is None, "nobody knows what it has missed"


def test_the_past_is_forgotten_and_its_numbers_are_never_used_again(database, clock):
    publish("a", "a")
    with db.reading() as session:
        last = max(row.id for row in session.query(live.LiveEvent))
    clock.move(seconds=(live.KEPT + timedelta(seconds=1)).total_seconds())
    with db.transaction() as session:
        live.forget(session)
        assert session.query(live.LiveEvent).count() == 0
    publish("a")
    with db.reading() as session:
        assert session.query(live.LiveEvent).one().id > last


def test_whoever_reads_too_slowly_is_sent_away_and_holds_up_nobody() -> None:
    async def crowd() -> None:
        hub = Hub()
        slow, quick = hub.admit(["a"], "1"), hub.admit(["a"], "2")
        for number in range(QUEUED + 5):
            hub._hand_out([Event(number, "a", "x", "")])
            quick.queue.get_nowait()
        told = [slow.queue.get_nowait() for _ in range(slow.queue.qsize())]
        assert told[-1] is None
        assert len(told) == QUEUED + 1
        assert quick.queue.empty()
        hub.leave(slow)
        hub.leave(quick)
        assert hub._reading is None, "nobody listens, nobody reads"

    asyncio.run(crowd())


def test_a_browser_that_takes_nothing_in_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its network went away without a word: nothing of it stays here."""
    monkeypatch.setattr(streams, "SEND_SECONDS", 0.05)
    sent: list[dict[str, object]] = []

    async def send(message: MutableMapping[str, Any]) -> None:
        if sent:
            await asyncio.Event().wait()
        sent.append(dict(message))

    async def receive() -> dict[str, object]:
        await asyncio.Event().wait()
        return {}

    async def one() -> None:
        hub = Hub()
        stream = streams.Stream(hub, hub.admit(["a"], "1"), None)
        await asyncio.wait_for(stream({"type": "http"}, receive, send), 5)
        assert len(hub) == 0

    asyncio.run(one())
    assert [message["type"] for message in sent] == ["http.response.start"]


def test_one_address_takes_no_more_than_its_share() -> None:
    async def crowd() -> None:
        hub = Hub()
        ears = [hub.admit(["a"], "1") for _ in range(streams.PER_ADDRESS)]
        with pytest.raises(TooMany):
            hub.admit(["a"], "1")
        ears.append(hub.admit(["a"], "2"))
        hub.leave(ears[0])
        hub.leave(ears[0])
        ears.append(hub.admit(["a"], "1"))
        hub.close()
        with pytest.raises(TooMany):
            hub.admit(["a"], "3")
        for ear in ears:
            hub.leave(ear)
        assert len(hub) == 0

    asyncio.run(crowd())


def test_a_database_that_is_away_for_a_moment_costs_nobody_the_line(database) -> None:
    async def listening() -> None:
        hub = Hub()
        ear = hub.admit(["a"], "1")
        assert await hub.reads()
        database.engine.dispose()
        away, database.reader = database.reader, broken
        await asyncio.sleep(2 * streams.POLL_SECONDS)
        database.reader = away
        await asyncio.to_thread(publish, "a")
        event = await asyncio.wait_for(ear.queue.get(), 5)
        assert event is not None
        assert event.topic == "a"
        hub.leave(ear)

    def broken() -> None:
        raise Unavailable("busy", db.BUSY)

    asyncio.run(listening())
