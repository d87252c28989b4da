"""Called by alembic to run migrations on this process's database."""

from alembic import context

from backend import db, models

target = models.metadata()

with db.database().engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=target,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
        transaction_per_migration=False,
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
