"""Called by alembic to run migrations on this process's database."""

from typing import Any, Literal

from alembic import context

from backend import db, models

target = models.metadata()


def render_item(kind: str, item: Any, _: Any) -> str | Literal[False]:
    """Migrations import nothing of ours, so our column types are written as what they store."""
    if kind == "type" and isinstance(item, db.UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


with db.database().engine.connect() as connection:
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
