"""The audit log: everything stays readable, and whatever was touched shows."""

import threading
from datetime import UTC, datetime

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from backend import audit, db
from backend.__main__ import main
from backend.accounts.roles import Role
from backend.audit import AuditHead, AuditRecord
from tests.cast import PASSWORD, make_officer
from tests.database import TestDatabase
from tests.page import Browser

NOW = datetime(2026, 1, 5, 2, 0, 0, 123456, tzinfo=UTC)


def write(session: Session, count: int = 5) -> list[str]:
    return [
        audit.record(session, 7, "excuse.added", f"requirement:{i}", reason="Nghỉ ốm", now=NOW)
        for i in range(count)
    ]


def test_what_was_written_is_whole(session: Session) -> None:
    digests = write(session)
    session.expire_all()
    assert audit.verify(session) == audit.Verdict(5, digests[-1])
    assert audit.verify(session, digests[2]).is_whole
    assert not audit.verify(session, "f" * 64).is_whole
    assert [row.subject for row in audit.of(session, "requirement:3")] == ["requirement:3"]
    assert [row.number for row in audit.latest(session, before=4, limit=2)] == [3, 2]


@pytest.mark.parametrize(
    ("values", "broken_at"),
    [
        ({"details": '{"reason": "Nghỉ phép"}'}, 3),
        ({"actor_id": 8}, 3),
        ({"at": NOW.replace(year=2025)}, 3),
        ({"digest": "e" * 64}, 3),
    ],
)
def test_a_changed_row_shows(session: Session, values: dict[str, object], broken_at: int) -> None:
    write(session)
    session.execute(update(AuditRecord).where(AuditRecord.number == 3).values(**values))
    session.expire_all()
    assert audit.verify(session).broken_at == broken_at


def test_a_removed_row_shows(session: Session) -> None:
    write(session)
    session.execute(delete(AuditRecord).where(AuditRecord.number == 2))
    session.expire_all()
    assert audit.verify(session).broken_at == 2


def test_a_cut_off_end_shows_even_when_the_head_was_moved_back(session: Session) -> None:
    digests = write(session)
    session.execute(delete(AuditRecord).where(AuditRecord.number > 3))
    session.expire_all()
    assert audit.verify(session).broken_at == 4
    session.execute(update(AuditHead).values(number=3, digest=digests[2]))
    session.expire_all()
    assert audit.verify(session).is_whole
    assert not audit.verify(session, digests[4]).is_whole, "a digest that was written down is gone"


def test_many_at_once_make_one_chain(database: TestDatabase) -> None:
    failures = []

    def one(name: str) -> None:
        try:
            for i in range(5):
                with db.transaction() as session:
                    audit.record(session, 1, "act", f"{name}:{i}", now=NOW)
        except Exception as error:  # noqa: BLE001 (told by the assertion below)
            failures.append(error)

    threads = [threading.Thread(target=one, args=(str(i),)) for i in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with db.reading() as session:
        assert audit.verify(session).is_whole
        assert len(session.scalars(select(AuditRecord.number)).all()) == 30


def test_the_command_says_where_it_breaks(
    database: TestDatabase, capsys: pytest.CaptureFixture[str]
) -> None:
    with db.transaction() as session:
        digest = write(session, 3)[-1]
    assert main(["audit", "verify", digest]) == 0
    assert digest in capsys.readouterr().out
    with db.transaction() as session:
        session.execute(update(AuditRecord).where(AuditRecord.number == 2).values(action="x"))
    assert main(["audit", "verify"]) == 1
    assert "2" in capsys.readouterr().out


def test_administrators_read_and_check_it(page: Browser) -> None:
    with db.transaction() as session:
        make_officer(session, "quan", "Ngô Anh Quân", Role.ADMINISTRATOR)
        make_officer(session, "minh", "Trần Quang Minh", Role.ONE_STOP)
        audit.record(session, None, "excuse.given", "requirement:7", reason="Nghỉ ốm", now=NOW)
    page.get("/dang-nhap")
    page.post("/dang-nhap", login="quan", password=PASSWORD, queries=40)
    shown = page.get("/quan-tri/nhat-ky")
    assert "miễn một người" in shown.text
    assert "Nghỉ ốm" in shown.text
    assert "Nhật ký khớp" in page.post("/quan-tri/nhat-ky/kiem-tra").text
    with db.transaction() as session:
        session.execute(update(AuditRecord).values(details='{"reason": "Khác"}'))
    assert "KHÔNG khớp từ dòng 1" in page.post("/quan-tri/nhat-ky/kiem-tra").text
    page.client.cookies.clear()
    page.get("/dang-nhap")
    page.post("/dang-nhap", login="minh", password=PASSWORD, queries=40)
    page.get("/quan-tri/nhat-ky", status=403)
