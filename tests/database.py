"""The database under test: one for each worker process, built by running the migrations.

SQLite in a temporary file, unless `TEST_DATABASE_URL` names a PostgreSQL server, where each worker
gets a database of its own. Nothing is ever kept: what a test commits is deleted when it ends.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, event, inspect, make_url, text
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from backend import db, migrations, models
from backend.db import Database

# What every connection and unit of work says, no matter what is asked.
CEREMONY = ("BEGIN", "PRAGMA", "SAVEPOINT", "RELEASE", "ROLLBACK", "SELECT pg_catalog", "show ")


class TestDatabase(Database):
    """A database that counts its statements and knows whether anything was stored in it."""

    __test__ = False  # pytest: not a test class

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.stored = False
        self.statements: list[str] = []
        event.listen(self.engine, "commit", self._committed)
        event.listen(self.engine, "before_cursor_execute", self._executed)
        if self.is_sqlite:
            event.listen(self.engine, "connect", _careless)

    def _committed(self, _: Connection) -> None:
        self.stored = True

    def _executed(self, _: Any, __: Any, statement: str, *___: Any) -> None:
        if not statement.startswith(CEREMONY):
            self.statements.append(statement)

    @contextmanager
    def counting(self) -> Iterator[list[str]]:
        """The statements that run inside the block."""
        start = len(self.statements)
        counted: list[str] = []
        yield counted
        counted += self.statements[start:]

    @contextmanager
    def undone(self) -> Iterator[Session]:
        """A session whose commits are savepoints in a transaction that is rolled back."""
        with self.engine.connect() as connection, connection.begin() as outer:
            yield (session := Session(
                connection, expire_on_commit=False, join_transaction_mode="create_savepoint"
            ))  # fmt: skip
            session.close()
            outer.rollback()

    def wipe(self, *, keep: Sequence[str] = ()) -> None:
        """Delete every row, except from the tables to keep."""
        there = set(inspect(self.engine).get_table_names()).difference(keep)
        with self.engine.begin() as connection:
            for table in reversed(models.metadata().sorted_tables):
                if table.name in there:
                    connection.execute(table.delete())
        self.statements.clear()
        self.stored = False


def empty(url: str, name: str, folder: Path) -> TestDatabase:
    """A database without tables: on the server of `url`, or in a file of `folder`."""
    if url:
        server = create_engine(url, isolation_level="AUTOCOMMIT")
        with server.connect() as connection:
            connection.execute(text(f"DROP DATABASE IF EXISTS {name}"))
            connection.execute(text(f"CREATE DATABASE {name}"))
        server.dispose()
        url = make_url(url).set(database=name).render_as_string(hide_password=False)
    return TestDatabase(url or f"sqlite:///{folder / name}.db")


def build(url: str, name: str, folder: Path) -> TestDatabase:
    """A new database with all tables, made by the migrations."""
    database = empty(url, name, folder)
    db.use(database)
    migrations.upgrade()
    db.use(None)
    database.stored = False
    return database


def _careless(connection: Any, _: Any) -> None:
    """A test database need not outlive a power cut."""
    connection.execute("PRAGMA synchronous=OFF")
