"""The history of the tables: alembic, configured here instead of in an ini file."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from backend import db

FOLDER = Path(__file__).parent


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    return config


def head() -> str | None:
    """The newest migration of this release."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def current() -> str | None:
    """The newest migration that the database has had."""
    with db.reading() as session:
        return MigrationContext.configure(session.connection()).get_current_revision()


def upgrade(revision: str = "head") -> None:
    """Bring the database to a migration (the newest, unless another is named)."""
    command.upgrade(_config(), revision)


def make(message: str, *, rev_id: str) -> None:
    """Write a new migration from the difference between the models and the database."""
    command.revision(_config(), message=message, autogenerate=True, rev_id=rev_id)
