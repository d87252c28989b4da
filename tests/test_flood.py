"""What delivery promises, at a size that the suite can afford (tests/flood says how)."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import SERVER
from tests.database import empty
from tests.flood import SIDES, flood_of_chats, flood_of_pushes


@pytest.fixture
def address(tmp_path: Path, worker_id: str) -> Iterator[str]:
    """An empty database for processes of their own: SQLite, or one on the server under test."""
    if not SERVER:
        yield ""
        return
    database = empty(SERVER, f"motcua_{worker_id}_flood", tmp_path)
    yield database.engine.url.render_as_string(hide_password=False)
    database.close()


@pytest.mark.slow
@pytest.mark.parametrize("kind", SIDES)
def test_nothing_acknowledged_is_lost_and_repeats_are_explained(
    kind: str, tmp_path: Path, address: str
) -> None:
    with SIDES[kind]() as side:
        outcome = flood_of_chats(
            tmp_path, side, address, updates=120, chats=30, seed=20261122, every=2.0
        )
    assert outcome.acknowledged == outcome.updates == 120, outcome
    assert outcome.is_good, outcome


@pytest.mark.slow
def test_every_follower_is_told_once_while_citizens_chat(tmp_path: Path, address: str) -> None:
    """On one channel: what is tried here is the queue; `python -m tests.flood` takes any."""
    with SIDES["telegram"]() as side:
        outcome = flood_of_pushes(tmp_path, side, address, followers=300, factor=3)
    assert outcome.reached == 300, outcome
    # How quick replies are is measured by hand: beside other tests it says nothing.
    assert not outcome.silent, outcome
