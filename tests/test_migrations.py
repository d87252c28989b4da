"""The migrations lead from nothing to the models, on the database under test."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from backend import db, migrations, models
from tests.conftest import SERVER
from tests.database import TestDatabase, empty

VERSIONS = migrations.FOLDER / "versions"


@pytest.fixture
def new_database(worker_id: str, tmp_path: Path) -> Iterator[TestDatabase]:
    """A database that no migration has touched."""
    database = empty(SERVER, f"motcua_{worker_id}_history", tmp_path)
    db.use(database)
    yield database
    db.use(None)
    database.close()


def test_models_and_tables_agree(built_database: TestDatabase) -> None:
    options = {"compare_type": True, "compare_server_default": True}
    with built_database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts=options)
        differences = compare_metadata(context, models.metadata())
    assert not differences, "run `make migration m=…`"


def test_one_by_one_leads_to_the_same_place(new_database: TestDatabase) -> None:
    script = ScriptDirectory.from_config(migrations._config())
    revisions = [revision.revision for revision in script.walk_revisions()][::-1]
    assert revisions, "there is no migration"
    for revision in revisions:
        migrations.upgrade(revision)
        assert migrations.current() == revision
    assert migrations.current() == migrations.head()
    assert set(models.metadata().tables) <= set(inspect(new_database.engine).get_table_names())


def test_a_second_upgrade_changes_nothing(new_database: TestDatabase) -> None:
    migrations.upgrade()
    with new_database.counting() as statements:
        migrations.upgrade()
    assert not [s for s in statements if s.split()[0] in ("CREATE", "ALTER", "INSERT", "UPDATE")]


def test_they_are_numbered_in_order() -> None:
    names = sorted(path.name for path in VERSIONS.glob("[!_]*.py"))
    for number, name in enumerate(names, start=1):
        content = (VERSIONS / name).read_text(encoding="utf-8")
        before = re.search(r"^down_revision.* = (?:\"(\d+)\"|None)", content, re.MULTILINE)
        assert name.startswith(f"{number:04d}_"), f"{name} should be number {number}"
        assert before, f"{name} has no down_revision"
        assert int(before[1] or 0) == number - 1, f"{name} does not follow number {number - 1}"


def test_what_the_last_release_stored_survives(new_database: TestDatabase) -> None:
    """SQLite changes a table by copying it: what refers to it must not go with the old one."""
    migrations.upgrade("0001")
    when = "2026-01-05 02:00:00+00:00"
    with new_database.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO officers (id, login, name, role, agency, password_hash, is_demo,"
                f" created_at) VALUES (7, 'minh', 'Minh', 'one_stop', '', 'x', FALSE, '{when}')"
            )
        )
        connection.execute(
            text(
                "INSERT INTO officer_sessions (officer_id, token_digest, created_at, expires_at)"
                f" VALUES (7, 'd', '{when}', '{when}')"
            )
        )
    migrations.upgrade()
    with new_database.engine.connect() as connection:
        owners = "SELECT o.login FROM officer_sessions s JOIN officers o ON o.id = s.officer_id"
        assert connection.scalars(text(owners)).all() == ["minh"]
