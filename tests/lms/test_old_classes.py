"""Classes held before their length was kept (migration 0017): counted now, reports untouched."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData, Table, select, types

from backend import db, migrations
from tests.conftest import SERVER
from tests.database import TestDatabase, empty

BEGINS = datetime(2025, 12, 20, 1, tzinfo=UTC)
FROZEN = '{"period":"Năm 2026","lines":{"1":[[7,"Bình","AX","done"]]}}'
FILLERS: list[tuple[type[types.TypeEngine[Any]], Any]] = [
    (types.Boolean, False), (types.Integer, 0), (types.Float, 0.0), (types.String, ""),
    (types.DateTime, BEGINS), (types.Date, BEGINS.date()),
]  # fmt: skip


@pytest.fixture
def before(worker_id: str, tmp_path: Path) -> Iterator[TestDatabase]:
    """A database as it was before migration 0017."""
    database = empty(SERVER, f"motcua_{worker_id}_classes", tmp_path)
    db.use(database)
    migrations.upgrade("0016")
    yield database
    db.use(None)
    database.close()


def named(database: TestDatabase, name: str) -> Table:
    return Table(name, MetaData(), autoload_with=database.engine, resolve_fks=False)


def put(database: TestDatabase, into: str, **values: Any) -> None:
    """A row; what must be there and is not said is empty."""
    table = named(database, into)
    empty_ones = {
        column.name: next(value for kind, value in FILLERS if isinstance(column.type, kind))
        for column in table.columns
        if not column.nullable and column.server_default is None
    }
    with database.engine.begin() as connection:
        connection.execute(table.insert().values(empty_ones | values))


def attended(database: TestDatabase, number: int, minutes: int, length: int, **seat: Any) -> None:
    """Somebody was in a class of `length` minutes for so many of them."""
    ends = BEGINS + timedelta(minutes=length)
    put(database, "classes", id=number, token=f"c{number}", course_id=1, version_id=1,
        lesson="lop", starts_at=BEGINS, ends_at=ends)  # fmt: skip
    put(database, "class_seats", id=number, class_id=number, minutes=minutes,
        **{"counted_at": BEGINS, **seat})  # fmt: skip


def test_attended_classes_get_their_length_and_closed_reports_stay(before: TestDatabase) -> None:
    put(before, "courses", id=1, code="KT05", status="published")
    put(before, "course_versions", id=1, course_id=1)
    for person in range(1, 5):
        put(before, "enrolments", id=person, token=f"e{person}", person_id=person, course_id=1,
            version_id=1)  # fmt: skip
        put(before, "lesson_progress", id=person, enrolment_id=person, lesson="lop", seconds=60)
    attended(before, 1, 96, 120, person_id=1, enrolment_id=1)  # 80 % is enough
    attended(before, 2, 240, 240, person_id=1, enrolment_id=1)  # the longer one counts
    attended(before, 3, 95, 120, person_id=2, enrolment_id=2)
    attended(before, 4, 120, 120, person_id=3, enrolment_id=3, counted_at=None)
    digest = hashlib.sha256(FROZEN.encode()).hexdigest()
    put(before, "periods", id=1, name="Năm 2026", starts_on=date(2025, 12, 15),
        ends_on=date(2026, 12, 14), closed_at=BEGINS, frozen=FROZEN, digest=digest)  # fmt: skip
    migrations.upgrade("0017")
    progress, period = named(before, "lesson_progress"), named(before, "periods")
    with before.engine.connect() as connection:
        held = connection.execute(select(progress.c.held_minutes).order_by(progress.c.id))
        assert list(held.scalars()) == [240, None, None, None]
        row = connection.execute(select(period)).one()
    assert (row.frozen, row.digest) == (FROZEN, digest)
