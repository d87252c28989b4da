"""`python -m tests.lms_report`: how long the report of 6,000 people in 200 agencies takes.

On SQLite, and on a private PostgreSQL where there is one. Six requirements, a third of the people
done, some in the middle, some excused. Milliseconds for the matrix with every name behind it: the
median of seven, and the quickest, which says more where the machine is busy with other things.
"""

import argparse
import statistics
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import insert
from sqlalchemy.orm import Session

from backend import clock, db
from backend.people.models import Agency, Membership, Person
from lms import questions
from lms.assignments import service as assignments
from lms.assignments.models import Period
from lms.courses import service as courses
from lms.courses.content import Course
from lms.courses.models import Enrolment
from lms.questions import service as bank
from lms.reports import report as reports
from lms.reports.report import Matrix, Report
from tests import learning_figures
from tests.database import TestDatabase, build
from tests.postgres import find_initdb, server

PEOPLE, AGENCIES, TIMES, LIMIT = 6_000, 200, 7, 300
NOW = datetime(2026, 7, 20, 2, tzinfo=UTC)
TODAY, START, END = date(2026, 7, 20), date(2025, 12, 15), date(2026, 12, 14)
WANTED = (
    ("CB00", "all", date(2026, 9, 30)), ("CB07", "all", date(2026, 6, 30)),
    ("QL01", "ict_lead", date(2026, 10, 31)), ("KT01", "ict", date(2026, 10, 31)),
    ("KT04", "ict_full", date(2026, 5, 31)), ("KT08", "ict_part", date(2026, 11, 30)),
)  # fmt: skip


def fill(session: Session) -> Period:
    """A province in July: everybody somewhere, and where they stand."""
    since = date(2025, 7, 1)
    session.execute(
        insert(Agency),
        [
            {"id": i, "code": f"A{i}", "name": f"Uỷ ban nhân dân xã số {i}", "valid_from": since,
             "name_folded": f"xa so {i}"}
            for i in range(1, AGENCIES + 1)
        ],
    )  # fmt: skip
    session.execute(
        insert(Person),
        [
            {"id": i, "staff_code": f"{i:05}", "name": f"Nguyễn Thị Người {i}", "created_at": NOW,
             "name_folded": f"nguoi {i}", "email": f"n{i}@example.vn"}
            for i in range(1, PEOPLE + 1)
        ],
    )  # fmt: skip
    duties = {0: "ict_lead", 1: "ict_full", 2: "ict_part"}
    session.execute(
        insert(Membership),
        [
            {"person_id": i, "agency_id": i % AGENCIES + 1, "position": "Chuyên viên",
             "duty": duties.get(i // AGENCIES, "none"), "valid_from": since}
            for i in range(1, PEOPLE + 1)
        ],
    )  # fmt: skip
    period = assignments.open_period(session, "Năm 2026", starts_on=START, ends_on=END)
    for code, audience, deadline in WANTED:
        _course(session, code)
        made = assignments.require(
            session, code, period, audience=audience, deadline=deadline, by=1, now=NOW
        )
        for person in range(1, 60):
            assignments.excuse(
                session, made.id, person * 97 % PEOPLE + 1, reason="Nghỉ thai sản", by=1, now=NOW
            )
    return period


def _course(session: Session, code: str) -> None:
    question = {"type": "truefalse", "id": "q", "text": "Đúng?", "right": True, "category": "a"}
    bank.put(session, code, [questions.parse(question)], now=NOW)
    lesson = {"key": "a", "title": "Cuối", "minutes": 5, "kind": "quiz", "quiz": "a"}
    course = {
        "code": code, "title": f"Khoá {code}", "summary": "Ngắn.", "hours": 4,
        "sections": [{"title": "Một", "lessons": [lesson]}],
        "quizzes": [{"key": "a", "title": "Cuối", "kind": "final", "questions": ["q"]}],
    }  # fmt: skip
    row = courses.publish(session, Course.model_validate(course), now=NOW)
    session.execute(
        insert(Enrolment),
        [
            {"token": f"{code}{i}", "person_id": i, "course_id": row.id, "agency_id": 1,
             "version_id": row.published_id, "started_at": NOW,
             "completed_at": NOW if i % 3 == 0 else None, "counts_on": TODAY if i % 3 == 0 else
             None, "done_agency_id": i % AGENCIES + 1, "done_agency_name": "Uỷ ban nhân dân"}
            for i in range(1, PEOPLE + 1, 2)
        ],
    )  # fmt: skip


def once(period_id: int) -> tuple[Report, Matrix]:
    """What a page of the report needs."""
    with db.reading() as session:
        period = assignments.period_of(session, period_id)
        report = reports.of_period(session, period, on=TODAY)
        return report, reports.matrix(report)


def timed(work: Callable[[], object]) -> list[float]:
    """Milliseconds, after one run to warm up."""
    work()
    spent = []
    for _ in range(TIMES):
        began = clock.stopwatch()
        work()
        spent.append((clock.stopwatch() - began) * 1000)
    return spent


def measure(name: str, database: TestDatabase) -> tuple[float, str]:
    """Fill, look that it is right, and time it: the quickest, and a line about all."""
    db.use(database)
    with db.transaction() as session:
        period_id = fill(session).id
    report, table = once(period_id)
    assert len(table.rows) == AGENCIES
    assert max(len(lines) for lines in report.lines.values()) == PEOPLE
    spent = timed(lambda: once(period_id))
    lines = sum(len(lines) for lines in report.lines.values())
    median, quickest = statistics.median(spent), min(spent)
    db.use(None)
    database.close()
    return quickest, (
        f"{name:<11}{median:6.0f} ms, quickest {quickest:.0f} ms "
        f"({lines} lines, {len(report.wanted)} requirements)"
    )


def main(arguments: Sequence[str]) -> int:
    """Both databases; 1 where one of them is slower than the promise."""
    parser = argparse.ArgumentParser(prog="python -m tests.lms_report", description=__doc__)
    parser.add_argument("--write", action="store_true", help="keep the figures")
    wanted = parser.parse_args(arguments)
    initdb = find_initdb()
    with tempfile.TemporaryDirectory() as folder:
        measured = [measure("SQLite", build("", "report", Path(folder)))]
        with server(initdb) if initdb else nullcontext("") as url:
            if url:
                measured.append(measure("PostgreSQL", build(url, "report", Path(folder))))
    is_slow = max(quickest for quickest, _ in measured) > LIMIT
    lines = [f"{PEOPLE} people, {AGENCIES} agencies", *(line for _, line in measured)]
    lines += ["BROKEN" if is_slow else "GOOD"]
    learning_figures.report("python -m tests.lms_report", lines, write=wanted.write)
    return int(is_slow)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
