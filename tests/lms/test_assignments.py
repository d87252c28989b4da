"""Requirements: whom they mean, who has done what, where it counts."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from backend.errors import Conflict, InvalidInput
from backend.people import service as people
from backend.people.duties import Duty
from backend.people.models import Agency
from lms.assignments import service as assignments
from lms.assignments.models import OutsideCertificate, Period, Requirement
from lms.assignments.standing import Stand
from lms.courses import service as courses
from tests.lms.course import CODE, make_course

NOW = datetime(2026, 1, 5, 2, tzinfo=UTC)
START, END, DEADLINE = date(2025, 12, 15), date(2026, 12, 14), date(2026, 6, 30)
JULY = date(2026, 7, 1)


@pytest.fixture
def agencies(session: Session) -> tuple[Agency, Agency]:
    make_course(session, now=NOW)
    since = date(2025, 1, 1)
    return (
        people.open_agency(session, "A", "Sở Tư pháp", since=since),
        people.open_agency(session, "B", "Sở Y tế", since=since),
    )


@pytest.fixture
def period(session: Session) -> Period:
    return assignments.open_period(session, "Năm 2026", starts_on=START, ends_on=END)


def hire(session: Session, agency: Agency, code: str, duty: Duty = Duty.NONE) -> int:
    person = people.add_person(session, code, f"Người {code}", now=NOW)
    people.place(session, person.id, agency.id, position="", duty=duty, since=date(2025, 1, 1))
    return person.id


def required(
    session: Session, period: Period, audience: str = "all", agency: Agency | None = None,
    *, counts_valid: bool = False,
) -> Requirement:  # fmt: skip
    return assignments.require(
        session, CODE, period, audience=audience, deadline=DEADLINE,
        agency_id=agency.id if agency else None, counts_valid=counts_valid, by=1, now=NOW,
    )  # fmt: skip


def complete(session: Session, person: int, on: date) -> None:
    when = datetime(on.year, on.month, on.day, 3, tzinfo=UTC)
    enrolment = courses.enrol(session, person, CODE, now=when)
    courses.complete(session, enrolment, now=when)


def stands(
    session: Session, wanted: Requirement, on: date = date(2026, 5, 1)
) -> dict[int, tuple[str, Stand]]:
    return {
        line.person_id: (line.agency, line.stand)
        for line in assignments.lines(session, wanted, on=on)
    }


def test_everybody_stands_somewhere(
    session: Session, agencies: tuple[Agency, Agency], period: Period
) -> None:
    here = agencies[0]
    done, busy, idle, away = (hire(session, here, code) for code in ("1", "2", "3", "4"))
    wanted = required(session, period)
    complete(session, done, date(2026, 2, 1))
    courses.enrol(session, busy, CODE, now=NOW)
    assignments.excuse(session, wanted.id, away, reason="Nghỉ thai sản", by=1, now=NOW)
    expected = {
        done: Stand.DONE, busy: Stand.GOING_ON, idle: Stand.NOT_BEGUN, away: Stand.EXCUSED,
    }  # fmt: skip
    assert {p: s for p, (_, s) in stands(session, wanted).items()} == expected
    late = {p: s for p, (_, s) in stands(session, wanted, JULY).items()}
    assert late == {**expected, busy: Stand.OVERDUE, idle: Stand.OVERDUE}
    assert [s for _, s in assignments.duties_of(session, idle, on=JULY)] == [Stand.OVERDUE]


def test_only_those_it_means(
    session: Session, agencies: tuple[Agency, Agency], period: Period
) -> None:
    here, there = agencies
    lead = hire(session, here, "1", Duty.ICT_LEAD)
    full = hire(session, here, "2", Duty.ICT_FULL)
    part = hire(session, there, "3", Duty.ICT_PART)
    hire(session, here, "4")
    assert set(stands(session, required(session, period, "ict_lead"))) == {lead}
    assert set(stands(session, required(session, period, "ict"))) == {full, part}
    local = required(session, period, "ict", there)
    assert set(stands(session, local)) == {part}
    assert local.id not in {w.id for w, _ in assignments.duties_of(session, full, on=JULY)}
    assert local.id in {w.id for w, _ in assignments.duties_of(session, part, on=JULY)}


def test_a_completion_counts_for_the_agency_of_its_day(
    session: Session, agencies: tuple[Agency, Agency], period: Period
) -> None:
    here, there = agencies
    mover, late_mover = hire(session, here, "1"), hire(session, here, "2")
    wanted = required(session, period)
    complete(session, mover, date(2026, 2, 1))
    for person in (mover, late_mover):
        people.place(session, person, there.id, position="", duty=Duty.NONE, since=date(2026, 3, 1))
    found = stands(session, wanted)
    assert found[mover] == ("Sở Tư pháp", Stand.DONE)
    assert found[late_mover] == ("Sở Y tế", Stand.NOT_BEGUN)
    seen = assignments.lines(session, wanted, on=JULY, within={there.id})
    assert [line.person_id for line in seen] == [late_mover]


def test_last_year_counts_only_where_it_may_and_still_holds(
    session: Session, agencies: tuple[Agency, Agency], period: Period
) -> None:
    fresh, stale = hire(session, agencies[0], "1"), hire(session, agencies[0], "2")
    complete(session, fresh, date(2025, 11, 1))
    complete(session, stale, date(2025, 6, 1))
    strict, lenient = required(session, period), required(session, period, counts_valid=True)
    assert {s for _, s in stands(session, strict).values()} == {Stand.NOT_BEGUN}
    found = stands(session, lenient)
    assert found[fresh][1] is Stand.DONE
    assert found[stale][1] is Stand.NOT_BEGUN, "its twelve months end before the deadline"


def test_a_new_round_never_erases_the_old_one(
    session: Session, agencies: tuple[Agency, Agency], period: Period
) -> None:
    person = hire(session, agencies[0], "1")
    wanted = required(session, period)
    complete(session, person, date(2026, 1, 10))
    courses.enrol(session, person, CODE, now=NOW + timedelta(days=60))
    assert stands(session, wanted)[person][1] is Stand.DONE


def test_work_that_arrives_late_counts_for_the_day_it_was_begun(
    session: Session, agencies: tuple[Agency, Agency]
) -> None:
    begun = datetime(2026, 6, 30, 8, tzinfo=UTC)
    for code, days, counts in (("1", 2, date(2026, 6, 30)), ("2", 4, date(2026, 7, 4))):
        enrolment = courses.enrol(session, hire(session, agencies[0], code), CODE, now=begun)
        courses.complete(session, enrolment, final_begun_at=begun, now=begun + timedelta(days=days))
        assert enrolment.counts_on == counts


def test_a_certificate_from_elsewhere_counts_once_accepted(
    session: Session, agencies: tuple[Agency, Agency], period: Period
) -> None:
    person = hire(session, agencies[0], "1")
    wanted = required(session, period)
    row = OutsideCertificate(
        person_id=person, course_code=CODE, issuer="Học viện", issued_on=date(2026, 2, 1),
        evidence=b"%PDF", media_type="application/pdf", status="waiting", sent_at=NOW,
    )  # fmt: skip
    session.add(row)
    session.flush()
    assert stands(session, wanted)[person][1] is Stand.NOT_BEGUN
    row.status = "accepted"
    session.flush()
    assert stands(session, wanted)[person][1] is Stand.DONE


def test_what_makes_no_requirement_is_refused(
    session: Session, agencies: tuple[Agency, Agency], period: Period
) -> None:
    with pytest.raises(InvalidInput):
        required(session, period, "ai cũng được")
    with pytest.raises(Conflict):
        assignments.open_period(session, "Trùng", starts_on=END, ends_on=date(2027, 12, 14))
    with pytest.raises(InvalidInput):
        assignments.open_period(session, "Ngược", starts_on=END, ends_on=START)
    with pytest.raises(InvalidInput):
        assignments.require(
            session, CODE, period, audience="all", deadline=date(2027, 1, 1), by=1, now=NOW
        )
    period.closed_at = NOW
    with pytest.raises(Conflict):
        required(session, period)
