"""A run is on the database that it says: it has been on the other one without anybody noticing."""

import os

from tests.database import TestDatabase


def test_every_process_of_a_run_uses_the_server_that_it_was_given(database: TestDatabase) -> None:
    wanted = (os.environ.get("TEST_DATABASE_URL") or "sqlite").partition("+")[0]
    assert database.engine.dialect.name == wanted
