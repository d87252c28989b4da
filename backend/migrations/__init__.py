"""The history of the tables: alembic, configured here instead of in an ini file.

Every start asks whether the tables are those of this release. That needs no alembic, which takes a
tenth of a start to load: it is imported by what changes tables only.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import String, column, inspect, select, table

from backend import db

if TYPE_CHECKING:
    from alembic.config import Config

FOLDER = Path(__file__).parent
_STORED = table("alembic_version", column("version_num", String))


def _config() -> "Config":
    from alembic.config import Config  # noqa: PLC0415 (see above)

    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    return config


def head() -> str | None:
    """The newest migration of this release: they are numbered, each on top of the one before."""
    numbers = (path.name.partition("_")[0] for path in FOLDER.glob("versions/[0-9]*_*.py"))
    return max(numbers, default=None)


def current() -> str | None:
    """The newest migration that the database has had."""
    with db.reading() as session:
        if not inspect(session.connection()).has_table("alembic_version"):
            return None
        return session.scalar(select(_STORED.c.version_num))


def upgrade(revision: str = "head") -> None:
    """Bring the database to a migration (the newest, unless another is named)."""
    from alembic import command  # noqa: PLC0415 (see above)

    command.upgrade(_config(), revision)


def make(message: str, *, rev_id: str) -> None:
    """Write a new migration from the difference between the models and the database."""
    from alembic import command  # noqa: PLC0415 (see above)

    command.revision(_config(), message=message, autogenerate=True, rev_id=rev_id)
