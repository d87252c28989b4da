"""One refresh for everybody, both tokens stored before use, a loud alarm where Zalo refuses."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import text

from backend import clock as real_clock
from backend import db, jobs, security
from backend.config import ROOT, settings
from backend.errors import InvalidInput
from bot.channels.zalo_oa import ZaloOA
from bot.messages import Outgoing, SendError
from bot.zalo import login, tokens
from bot.zalo.calls import Calls
from bot.zalo.models import ZaloLogin, ZaloToken
from tests.conftest import SERVER
from tests.database import TestDatabase, empty
from tests.fakes.zalo import APP, FakeZalo

LAN = "lan"
SENDERS = 10
# One of the two processes of the test below: wait for the signal, then send from five at once.
SENDING = """
import asyncio, pathlib, sys, time
from bot.channels.zalo_oa import ZaloOA
from bot.messages import Outgoing

async def main(start, name):
    channel = ZaloOA()
    pathlib.Path(f"{start}-{name}").touch()
    while not pathlib.Path(start).exists():
        await asyncio.sleep(0.01)
    await asyncio.gather(*(channel.send(Outgoing(f"{name} {n}"), "lan") for n in range(5)))
    await channel.close()

asyncio.run(main(*sys.argv[1:]))
"""


def row() -> ZaloToken:
    with db.reading() as session:
        found = session.get_one(ZaloToken, APP.id)
        session.expunge_all()
        return found


def change(**values: Any) -> None:
    with db.transaction() as session:
        session.query(ZaloToken).update(values)  # type: ignore[arg-type]  # names of columns


def log_in(zalo: FakeZalo) -> None:
    with db.transaction() as session:
        url = login.begin(session, now=real_clock.now())
    query = parse_qs(urlsplit(zalo.approve(url)).query)
    asyncio.run(login.finish(query["code"][0], query["state"][0]))


@pytest.fixture
def lan(zalo: FakeZalo, database: TestDatabase) -> FakeZalo:
    """Zalo, where we are logged in and Lan has written."""
    log_in(zalo)
    zalo.happen("say", user=LAN, text="xin chào")
    zalo.happen("world", quota=1000)
    return zalo


def send(*texts: str) -> None:
    async def run() -> None:
        channel = ZaloOA()
        try:
            await asyncio.gather(*(channel.send(Outgoing(text), LAN) for text in texts))
        finally:
            await channel.close()

    asyncio.run(run())


def renew_ahead() -> None:
    async def run() -> None:
        await tokens.renew_ahead(jobs.Claimed(1, "zalo.renew", None, {}, 1))

    asyncio.run(run())


def test_a_log_in_stores_both_tokens_and_the_verifier_is_gone(lan: FakeZalo) -> None:
    stored = row()
    assert (stored.access_token, stored.refresh_token) == (
        lan.world.tokens.access, lan.world.tokens.refresh,
    )  # fmt: skip
    assert stored.expires_at > real_clock.now()
    with db.reading() as session:
        assert session.query(ZaloLogin).count() == 0
    assert ZaloOA().standing() == "logged in"


def raw() -> tuple[str, str]:
    """The tokens as the table has them."""
    with db.reading() as session:
        return tuple(
            session.execute(text("SELECT access_token, refresh_token FROM zalo_tokens")).one()
        )


def test_a_copy_of_the_table_has_no_tokens_in_it(lan: FakeZalo) -> None:
    kept = raw()
    assert all(one.startswith(security.SEALED) for one in kept)
    assert lan.world.tokens.access not in kept[0]
    assert kept[0] != kept[1]


def test_tokens_of_an_older_release_are_read_and_sealed(lan: FakeZalo) -> None:
    change(expires_at=real_clock.now() + timedelta(days=1))
    access, refresh = lan.world.tokens.access, lan.world.tokens.refresh
    with db.transaction() as session:
        values = {"a": access, "r": refresh}
        session.execute(text("UPDATE zalo_tokens SET access_token=:a, refresh_token=:r"), values)
    send("đọc được")
    assert raw() == (access, refresh)
    renew_ahead()
    assert all(one.startswith(security.SEALED) for one in raw())
    assert (row().access_token, row().refresh_token) == (access, refresh)
    assert lan.state()["refreshed"] == 0


def test_with_another_secret_key_an_administrator_is_asked_for(
    lan: FakeZalo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_KEY", "another one, of more than 32 characters")
    settings.cache_clear()
    with pytest.raises(SendError, match="SECRET_KEY"):
        send("không đi được")
    with db.reading() as session:
        assert "SECRET_KEY" in tokens.standing(session).broken
    assert lan.state()["refreshed"] == 0


def test_a_log_in_is_finished_once_and_in_time(zalo: FakeZalo, database: TestDatabase) -> None:
    with db.transaction() as session:
        url = login.begin(session, now=real_clock.now())
        late = login.begin(session, now=real_clock.now() - timedelta(hours=1))
    query = parse_qs(urlsplit(zalo.approve(url)).query)
    for state in ("", "wrong", parse_qs(urlsplit(late).query)["state"][0]):
        with pytest.raises(InvalidInput):
            asyncio.run(login.finish(query["code"][0], state))
    asyncio.run(login.finish(query["code"][0], query["state"][0]))
    with pytest.raises(InvalidInput):
        asyncio.run(login.finish(query["code"][0], query["state"][0]))


def test_zalo_checks_the_verifier(zalo: FakeZalo, database: TestDatabase) -> None:
    with db.transaction() as session:
        url = login.begin(session, now=real_clock.now())
    with db.transaction() as session:
        session.query(ZaloLogin).update({"verifier": "x" * 43})
    query = parse_qs(urlsplit(zalo.approve(url)).query)
    with pytest.raises(InvalidInput, match="-14011"):
        asyncio.run(login.finish(query["code"][0], query["state"][0]))
    assert ZaloOA().standing() == "not logged in"


def test_ten_at_once_renew_once(lan: FakeZalo) -> None:
    lan.happen("world", expired=True)
    send(*(f"tin {n}" for n in range(SENDERS)))
    assert lan.state()["refreshed"] == 1
    assert sorted(lan.texts(LAN)) == sorted(f"tin {n}" for n in range(SENDERS))
    assert row().refresh_token == lan.world.tokens.refresh


def test_a_token_whose_time_is_over_is_not_even_tried(lan: FakeZalo) -> None:
    change(expires_at=real_clock.now())
    send("một", "hai")
    assert lan.state()["refreshed"] == 1
    assert lan.state()["calls"].count("message") == 2


def test_it_is_renewed_ahead_of_time(lan: FakeZalo) -> None:
    change(expires_at=real_clock.now() + timedelta(hours=3))
    renew_ahead()
    assert lan.state()["refreshed"] == 0
    change(expires_at=real_clock.now() + timedelta(hours=1))
    renew_ahead()
    assert lan.state()["refreshed"] == 1


def test_the_clock_of_the_product_renews_it() -> None:
    from backend.main import PARTS

    (every,) = [part.periodic["zalo.renew"] for part in PARTS if "zalo.renew" in part.periodic]
    assert every <= tokens.AHEAD / 2


def test_both_are_stored_before_they_are_used(
    lan: FakeZalo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that dies right after the answer must leave the new pair behind."""
    change(expires_at=real_clock.now())
    stored: list[str] = []
    original = Calls.post

    async def watched(calls: Calls, url: str, **request: Any) -> dict[str, Any]:
        if "/message/" in url:
            stored.append(row().access_token)
            assert request["headers"]["access_token"] == stored[-1]
        return await original(calls, url, **request)

    monkeypatch.setattr(Calls, "post", watched)
    send("một")
    assert stored == [lan.world.tokens.access]


class Alarms:
    """Stands for the log: remembers what was said as an error."""

    def __init__(self) -> None:
        self.errors: list[str] = []

    def error(self, event: str, **_: Any) -> None:
        self.errors.append(event)

    def info(self, event: str, **_: Any) -> None:
        pass


def test_a_used_refresh_token_is_a_loud_alarm(
    lan: FakeZalo, monkeypatch: pytest.MonkeyPatch
) -> None:
    alarms = Alarms()
    monkeypatch.setattr(tokens, "logger", alarms)
    lan.world.issue()  # somebody else spent ours
    lan.happen("world", expired=True)
    with pytest.raises(SendError) as refused:
        send("một")
    assert not refused.value.permanent  # once an administrator agrees, it can still go
    assert "-14020" in str(row().broken)
    assert alarms.errors == ["zalo.token_dead"]
    assert "REFUSED" in ZaloOA().standing()
    calls = lan.state()["calls"]
    with pytest.raises(SendError):
        send("hai")
    assert lan.state()["calls"] == calls  # Zalo is not asked again and again
    log_in(lan)
    send("ba")
    assert ZaloOA().standing() == "logged in"


@pytest.mark.parametrize("kind", ["500", "drop_before"])
def test_zalo_being_away_breaks_nothing(lan: FakeZalo, kind: str) -> None:
    change(expires_at=real_clock.now())
    lan.happen("fault", kind=kind, where="token")
    with pytest.raises(SendError) as refused:
        send("một")
    assert (refused.value.permanent, refused.value.unknown) == (False, False)
    send("một")
    assert lan.texts(LAN) == ["một"]


def test_a_dead_process_s_lease_is_taken_over(
    lan: FakeZalo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "PAUSE", 0.01)
    soon = real_clock.now() + timedelta(seconds=0.5)
    change(expires_at=real_clock.now(), lease_by="the dead", lease_until=soon)
    send("một")
    assert real_clock.now() > soon
    assert lan.state()["refreshed"] == 1


def test_a_lease_that_never_ends_is_not_waited_for_for_ever(
    lan: FakeZalo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "PAUSE", 0.001)
    monkeypatch.setattr(tokens, "WAITS", 3)
    later = real_clock.now() + timedelta(hours=1)
    change(expires_at=real_clock.now(), lease_by="another", lease_until=later)
    with pytest.raises(SendError, match="another process"):
        send("một")


def test_a_pair_that_comes_late_is_still_the_one_that_counts(lan: FakeZalo) -> None:
    """Our lease was taken over while Zalo thought: its answer to us is the newest pair."""
    with db.transaction() as session:
        tokens.store(session, {"access_token": "a", "refresh_token": "r", "expires_in": "90000"})
    tokens._break("an older one", "-14020")
    assert (row().refresh_token, row().broken) == ("r", None)


@pytest.mark.parametrize(("stated", "seconds"), [("90000", 90_000), (3600, 3600), ("soon", 3600)])
def test_expires_in_is_believed(database: TestDatabase, stated: Any, seconds: int) -> None:
    os.environ["ZALO_APP_ID"] = APP.id
    settings.cache_clear()
    try:
        pair = {"access_token": "a", "refresh_token": "r", "expires_in": stated}
        with db.transaction() as session:
            tokens.store(session, pair)
        left = (row().expires_at - real_clock.now()).total_seconds()
        assert seconds - 5 < left <= seconds
    finally:
        del os.environ["ZALO_APP_ID"]
        settings.cache_clear()


@pytest.fixture
def shared_database(tmp_path: Path, worker_id: str) -> Iterator[TestDatabase]:
    """A database for two processes and this one: SQLite, or on the server under test."""
    from backend import migrations

    made = empty(SERVER, f"motcua_{worker_id}_zalo", tmp_path)
    db.use(made)
    migrations.upgrade()
    yield made
    db.use(None)
    made.close()


def test_ten_senders_in_two_processes_renew_once(
    zalo: FakeZalo, shared_database: TestDatabase, tmp_path: Path
) -> None:
    """Must show 3: the refresh token works once, so two processes must not both spend it."""
    log_in(zalo)
    zalo.happen("say", user=LAN, text="xin chào")
    zalo.happen("world", quota=1000, expired=True)
    url = shared_database.engine.url.render_as_string(hide_password=False)
    environment = os.environ | {"DATABASE_URL": url, "VAR_DIR": str(tmp_path), "PYTHONPATH": "."}
    start = tmp_path / "start"
    running = [
        subprocess.Popen(
            [sys.executable, "-c", SENDING, str(start), name], cwd=ROOT, env=environment,
            stderr=subprocess.PIPE,
        )
        for name in ("web", "worker")
    ]  # fmt: skip
    while not all((tmp_path / f"start-{name}").exists() for name in ("web", "worker")):
        assert all(process.poll() is None for process in running), "one of them did not start"
        time.sleep(0.05)
    start.touch()
    for process in running:
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors.decode()
    state = zalo.state()
    assert state["refreshed"] == 1, json.dumps(state["calls"])
    expected = [f"{name} {n}" for name in ("web", "worker") for n in range(5)]
    assert sorted(zalo.texts(LAN)) == sorted(expected)
    assert row().renewals == 2  # the log-in and the one refresh
    assert row().refresh_token == zalo.world.tokens.refresh
