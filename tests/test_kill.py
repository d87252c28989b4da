"""Nothing that was acknowledged is lost, whatever is killed (tests/kill.py says how)."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import SERVER
from tests.database import empty
from tests.kill import ordeal


@pytest.fixture
def address(tmp_path: Path, worker_id: str) -> Iterator[str]:
    """An empty database for processes of their own: SQLite, or one on the server under test."""
    if not SERVER:
        yield ""
        return
    database = empty(SERVER, f"motcua_{worker_id}_kill", tmp_path)
    yield database.engine.url.render_as_string(hide_password=False)
    database.close()


@pytest.mark.slow
def test_killing_web_and_worker_loses_nothing(tmp_path: Path, address: str) -> None:
    outcome = ordeal(tmp_path, address, messages=200, chats=20, kills=6, seed=20261122)
    print(outcome)
    assert outcome.acknowledged == outcome.updates == 200
    assert outcome.unanswered == []
    assert outcome.missing == []
    assert outcome.disordered == []
    # A repeat needs a kill between "Telegram accepted it" and "we noted it", where a process has
    # one reply at a time.
    by_kill = Counter(repeat.kill for repeat in outcome.repeats)
    assert -1 not in by_kill, outcome
    assert all(repeats == 1 for repeats in by_kill.values()), outcome
