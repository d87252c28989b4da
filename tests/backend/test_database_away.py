"""A database that is busy, full, read-only or away: "later" with Retry-After, never a bug."""

import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, OperationalError

from backend import db
from backend.errors import Unavailable
from tests import some_procedures
from tests.some_procedures import BIRTH

CHAT = "/api/v1/chat"


def test_a_database_that_is_away_is_said_to_be_so_by_readers_and_writers():
    away = db.Database("postgresql+psycopg://nobody@127.0.0.1:1/nothing")
    for opened in (away.reading, away.transaction):
        with pytest.raises(Unavailable) as refusal, opened() as session:
            session.execute(text("SELECT 1"))
        assert refusal.value.retry_after > 0
    away.close()


@pytest.mark.parametrize(
    "words",
    [
        "database is locked", "database or disk is full", "disk I/O error",
        "unable to open database file",
    ],
)  # fmt: skip
def test_what_passes_by_itself_is_no_bug(words):
    error = OperationalError("INSERT", {}, sqlite3.OperationalError(words))
    assert isinstance(db._translated(error), Unavailable)


def test_a_wrong_query_is_a_bug(database):
    with pytest.raises(DBAPIError), db.reading() as session:
        session.execute(text("SELECT nothing FROM nowhere"))


def test_what_people_wrote_stands_in_no_error(database):
    with pytest.raises(DBAPIError) as bug, db.transaction() as session:
        session.execute(text("INSERT INTO nowhere VALUES (:said)"), {"said": "Nguyễn Thị Lan"})
    assert "Lan" not in str(bug.value)


@pytest.fixture
def token(client, clock, monkeypatch):
    """A conversation, and no limit on how much it may say."""
    from backend.config import settings

    changed = settings().model_copy(update={"lookup_limits": False})
    monkeypatch.setattr("bot.chat.service.settings", lambda: changed)
    some_procedures.load(BIRTH)
    token = client.post(f"{CHAT}/conversations").json()["token"]
    assert _say(client, token, "m0").status_code == 200
    return token


def _say(client, token, number):
    body = {"token": token, "message_id": number, "text": "khai sinh cần giấy tờ gì"}
    return client.post(CHAT, json=body)


def test_fifty_who_ask_at_once_are_all_answered(client, token):
    opened = [client.post(f"{CHAT}/conversations").json()["token"] for _ in range(10)]

    def ask(number: int) -> tuple[int, float]:
        started = time.perf_counter()
        answer = _say(client, opened[number % 10], f"m{number}")
        return answer.status_code, time.perf_counter() - started

    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(ask, range(100)))
    assert {status for status, _ in answers} == {200}
    assert max(seconds for _, seconds in answers) < 30


def test_the_same_message_fifty_times_at_once_is_one_turn(client, token):
    with ThreadPoolExecutor(25) as pool:
        answers = list(pool.map(lambda _: _say(client, token, "m1").json(), range(50)))
    assert sum(not answer["repeat"] for answer in answers) == 1
    assert len({str(answer["messages"]) for answer in answers}) == 1


@pytest.mark.slow
def test_somebody_elses_lock_of_three_seconds_is_waited_for(client, token, database):
    if not database.is_sqlite:
        pytest.skip("only SQLite has one lock for everybody")
    held, url = threading.Event(), str(database.engine.url.database)

    def hold() -> None:
        other = sqlite3.connect(url, isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        held.set()
        time.sleep(3)
        other.execute("ROLLBACK")
        other.close()

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(5)
    answer = _say(client, token, "m2")
    holder.join()
    assert answer.status_code == 200
