"""Records in their smallest form, put into the catalogue and read again."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from backend.procedures import service as procedures
from backend.procedures.importers import AliasPair, Parsed
from backend.procedures.record import Record, Step, Tier

NOW = datetime(2026, 1, 5, 2, tzinfo=UTC)
CODE = "1.000001"


def full(tier: Tier, name: str = "Đăng ký việc thử", **fields: Any) -> Record:
    """A record with one step, from this source."""
    said: dict[str, Any] = {"steps": (Step(text=f"Nộp hồ sơ ({tier})."),)}
    return Record(code=CODE, name=name, tier=tier, **said | fields)


def parsed(*records: Record | AliasPair, source: str = "nguồn") -> list[Parsed]:
    """As an importer gives them."""
    return [Parsed(f"tệp:{n}", record, source) for n, record in enumerate(records, 1)]


def put(session: Session, *records: Record | AliasPair, source: str = "nguồn") -> int:
    """Import these; how many rows changed."""
    plan = procedures.plan(session, parsed(*records, source=source))
    return procedures.apply(session, plan, NOW)


def known(session: Session, code: str = CODE) -> Record:
    """What the catalogue now says."""
    record = procedures.get(session, code)
    assert record is not None
    return record
