"""Called by alembic to run migrations on this process's database."""

import sqlite3
from typing import Any, Literal, cast

from alembic import context
from sqlalchemy import Connection

from backend import db, models

target = models.metadata()


def render_item(kind: str, item: Any, _: Any) -> str | Literal[False]:
    """Migrations import nothing of ours, so our column types are written as what they store."""
    if kind == "type" and isinstance(item, db.UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def references(connection: Connection, *, enforced: bool) -> None:
    """SQLite changes a table by copying and dropping it: rows that refer to it must outlive that.

    The switch works outside a transaction only, hence on the driver's own connection.
    """
    if connection.dialect.name == "sqlite":
        driver = cast("sqlite3.Connection", connection.connection.driver_connection)
        driver.execute(f"PRAGMA foreign_keys={'ON' if enforced else 'OFF'}")
        if enforced and (broken := driver.execute("PRAGMA foreign_key_check").fetchall()):
            raise RuntimeError(f"a migration left rows that refer to nothing: {broken[:5]}")


with db.database().engine.connect() as connection:
    references(connection, enforced=False)
    context.configure(
        connection=connection,
        target_metadata=target,
        render_as_batch=connection.dialect.name == "sqlite",
        render_item=render_item,
        compare_type=True,
        transaction_per_migration=False,
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
    references(connection, enforced=True)
