"""Fixtures for every test.

* `session`   a database session that is rolled back afterwards: for services
* `database`  the worker's database, for tests of code that opens its own transactions (edges,
              jobs, commands); what they store is deleted afterwards. Not together with `session`,
              which holds a transaction open.
* `client`    the app, as a program sees it; `page` as a person does (tests/page.py)
* `work`      runs every job that is due, as the worker would, and says how many
* `outbox`    what was queued for citizens' chats, oldest first
* `clock`     time stands still, Monday 5 January 2026 at 9:00 in Viet Nam, until it is moved
* people      Lan, Minh, Hoa, Tuấn are in tests/cast.py
* `shared`    the folder of shared data; a test that needs it is left out where it is missing
"""

import asyncio
import atexit
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

# Before anything of ours is imported: no test may see the settings or the data of this machine.
os.environ.pop("DATABASE_URL", None)
# Of a name that no setting has, and never taken away: the processes of a run inherit it.
SERVER = os.environ.get("TEST_DATABASE_URL", "")
VAR = tempfile.mkdtemp(prefix="motcua-test-")
atexit.register(shutil.rmtree, VAR, ignore_errors=True)
os.environ |= {"ENVIRONMENT": "test", "VAR_DIR": VAR}
os.environ["OPENBLAS_NUM_THREADS"] = "1"  # the test processes are as many as the cores
IN_CI = os.environ.get("CI") == "true"

import pytest  # noqa: E402 (the settings come first)
from fastapi.testclient import TestClient  # noqa: E402
from sqlalchemy import select  # noqa: E402
from sqlalchemy.orm import Session  # noqa: E402

from backend import clock as real_clock  # noqa: E402
from backend import db, jobs, runner  # noqa: E402
from nlu import dataset, training  # noqa: E402
from nlu.model import BrokenModelError, Model  # noqa: E402
from tests.database import TestDatabase, build  # noqa: E402
from tests.page import Browser  # noqa: E402

ROOT = Path(__file__).parent.parent
MODEL = ROOT / ".pytest_cache" / "nlu"  # kept between runs, by the hash of what it came from
(Path(VAR) / "nlu").symlink_to(MODEL, target_is_directory=True)
MONDAY_MORNING = datetime(2026, 1, 5, 9, tzinfo=real_clock.VIETNAM)


def pytest_configure(config: pytest.Config) -> None:
    """English and the model must be there before anybody asks; one process makes them for all."""
    if not hasattr(config, "workerinput"):
        runner.compile_translations()
        _learn_once()


def _learn_once() -> None:
    """Train when the examples or the code changed; every test process reads the same model."""
    try:
        Model.load(MODEL)
    except BrokenModelError:
        training.train(dataset.training()).save(MODEL)


class Clock:
    """The clock of the product, in a test's hand."""

    def __init__(self) -> None:
        self.now = MONDAY_MORNING
        real_clock.set_source(lambda: self.now.astimezone(UTC))

    def move(self, **distance: float) -> datetime:
        """Go on by so many `days=`, `hours=`, `minutes=`…"""
        self.now += timedelta(**distance)
        return self.now

    def set(self, year: int, month: int, day: int, hour: int = 9, minute: int = 0) -> datetime:
        """Go to this moment in Viet Nam."""
        self.now = datetime(year, month, day, hour, minute, tzinfo=real_clock.VIETNAM)
        return self.now


@pytest.fixture
def clock() -> Iterator[Clock]:
    """Time stands still until it is moved."""
    yield Clock()
    real_clock.set_source(None)


@pytest.fixture(scope="session")
def built_database(
    worker_id: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TestDatabase]:
    """The worker's database; ask for `database` or `session` instead."""
    made = build(SERVER, f"motcua_{worker_id}", tmp_path_factory.mktemp("database"))
    yield made
    made.close()


@pytest.fixture
def database(
    built_database: TestDatabase, request: pytest.FixtureRequest
) -> Iterator[TestDatabase]:
    """The database of this process, empty before and after."""
    if "session" in request.fixturenames:
        pytest.fail("`session` holds a transaction open: use `db.transaction()` here")
    db.use(built_database)
    yield built_database
    db.use(None)
    if built_database.stored:
        built_database.wipe()


@pytest.fixture
def session(built_database: TestDatabase) -> Iterator[Session]:
    """For services: everything is undone afterwards."""
    with built_database.undone() as session:
        yield session


@pytest.fixture
def client(database: TestDatabase) -> TestClient:
    """The app over HTTPS, as cookies want it; without its background work."""
    from backend.main import app

    # Not entered: a test runs jobs itself, so that it decides when.
    return TestClient(app, base_url="https://testserver")


@pytest.fixture
def page(client: TestClient, database: TestDatabase) -> Browser:
    """A citizen's browser that checks every page it is shown."""
    return Browser(client, database.counting)


@dataclass(frozen=True)
class Queued:
    """One message for one chat."""

    channel: str
    chat: str
    text: str
    status: str


@pytest.fixture
def outbox(database: TestDatabase) -> Callable[[], list[Queued]]:
    """What was queued for citizens' chats, oldest first; call it to look."""

    def look() -> list[Queued]:
        query = select(jobs.Job).where(jobs.Job.name.in_(("bot.send", "notifications.deliver")))
        with database.reading() as session:
            rows = session.scalars(query.order_by(jobs.Job.id))
            return [queued(row.name, json.loads(row.payload), row.status) for row in rows]

    return look


def queued(name: str, payload: dict[str, Any], status: str) -> Queued:
    from backend.notifications import service as notifications

    pushed = name == "notifications.deliver"
    text = (
        notifications.render(payload["kind"], payload["data"])
        if pushed
        else payload["message"]["text"]
    )
    return Queued(payload["channel"], payload["chat"], text, status)


@pytest.fixture
def work(database: TestDatabase) -> Callable[[], int]:
    """Run every job that is due, until none is left; how many ran."""
    from backend import main, worker

    assert main.PARTS, "main registers the handlers"

    async def run_all() -> int:
        runner = worker.Runner(polls=True)
        done = 0
        while claimed := runner._claim(8):
            await asyncio.gather(*(runner._one(item) for item in claimed))
            done += len(claimed)
        return done

    return lambda: asyncio.run(run_all())


@pytest.fixture(scope="session")
def shared() -> Path:
    """Shared data; nothing of it is part of the project."""
    folder = Path(os.environ.get("SHARED_DATA", ROOT.parent / "shared" / "data"))
    return found(folder, "dữ liệu dùng chung (SHARED_DATA)")


def found(path: Path | None, what: str) -> Path:
    """The path, if it is there; else the test is left out, or fails where CI needs it."""
    if path is not None and path.exists():
        return path
    if IN_CI:
        pytest.fail(f"CI cần {what}, nhưng không có {path}")
    pytest.skip(f"không có {what}")
