"""Who works where on which day; mergers; who may see whom."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy.orm import Session

from backend.accounts.roles import Role, SignedIn
from backend.errors import Conflict, InvalidInput, NotFound
from backend.people import service as people
from backend.people.duties import Duty
from backend.people.models import Agency

NOW = datetime(2026, 1, 5, tzinfo=UTC)
NEW_YEAR, MARCH, JULY = date(2026, 1, 1), date(2026, 3, 1), date(2026, 7, 1)


@pytest.fixture
def office(session: Session) -> Agency:
    return people.open_agency(session, "SKHCN", "Sở Khoa học và Công nghệ", since=NEW_YEAR)


def worker(session: Session, agency: Agency, code: str = "0012", duty: Duty = Duty.NONE) -> int:
    person = people.add_person(session, code, "Nguyễn  Văn Bình", now=NOW)
    people.place(session, person.id, agency.id, position="Chuyên viên", duty=duty, since=NEW_YEAR)
    return person.id


def test_a_place_has_days(session: Session, office: Agency) -> None:
    binh = worker(session, office, duty=Duty.ICT_FULL)
    here = people.official(session, binh, at=MARCH)
    assert here is not None
    assert (here.name, here.staff_code, here.agency) == ("Nguyễn Văn Bình", "0012", office.name)
    assert here.duty is Duty.ICT_FULL
    assert people.official(session, binh, at=date(2025, 12, 31)) is None
    assert people.leave(session, binh, last_day=MARCH)
    assert people.official(session, binh, at=MARCH)
    assert people.official(session, binh, at=date(2026, 3, 2)) is None
    assert not people.leave(session, binh, last_day=MARCH)


def test_a_move_keeps_what_was(session: Session, office: Agency) -> None:
    other = people.open_agency(session, "STP", "Sở Tư pháp", since=NEW_YEAR)
    binh = worker(session, office)
    people.place(session, binh, other.id, position="", duty=Duty.ICT_LEAD, since=JULY)
    before = people.official(session, binh, at=date(2026, 6, 30))
    after = people.official(session, binh, at=JULY)
    assert before is not None
    assert after is not None
    assert (before.agency_id, after.agency_id) == (office.id, other.id)
    people.place(session, binh, office.id, position="", duty=Duty.NONE, since=JULY)
    corrected = people.official(session, binh, at=JULY)
    assert corrected is not None
    assert corrected.agency_id == office.id, "the correction of the same day replaces the place"


def test_a_merger_moves_people_from_its_day_on(session: Session, office: Agency) -> None:
    heir = people.open_agency(session, "SNV", "Sở Nội vụ", since=NEW_YEAR)
    unit = people.open_agency(session, "TT", "Trung tâm", parent=office, since=NEW_YEAR)
    binh = worker(session, office, duty=Duty.ICT_PART)
    assert people.merge(session, office, heir, on=JULY) == 1
    then, now = (people.official(session, binh, at=day) for day in (MARCH, JULY))
    assert then is not None
    assert now is not None
    assert (then.agency, now.agency) == ("Sở Khoa học và Công nghệ", "Sở Nội vụ")
    assert now.duty is Duty.ICT_PART
    assert people.below(session, heir.id) == {heir.id, unit.id, office.id}
    assert [a.code for a in people.agencies(session, at=JULY)] == ["SNV", "TT"]


def test_nothing_merges_into_itself_or_its_own(session: Session, office: Agency) -> None:
    unit = people.open_agency(session, "TT", "Trung tâm", parent=office, since=NEW_YEAR)
    for into in (office, unit):
        with pytest.raises(Conflict):
            people.merge(session, office, into, on=JULY)


def test_codes_are_unique_and_names_needed(session: Session, office: Agency) -> None:
    with pytest.raises(Conflict):
        people.open_agency(session, " SKHCN ", "Sở khác", since=NEW_YEAR)
    with pytest.raises(InvalidInput):
        people.open_agency(session, "X", "  ", since=NEW_YEAR)
    with pytest.raises(NotFound):
        people.agency(session, "không có")


def test_a_coordinator_sees_their_own_agency_and_below(session: Session, office: Agency) -> None:
    unit = people.open_agency(session, "TT", "Trung tâm", parent=office, since=NEW_YEAR)
    people.open_agency(session, "STP", "Sở Tư pháp", since=NEW_YEAR)
    binh = worker(session, office)
    mine = SignedIn(1, "binh", "Bình", Role.COORDINATOR, person_id=binh)
    assert people.scope(session, mine, at=MARCH) == {office.id, unit.id}
    assert people.scope(session, SignedIn(2, "x", "X", Role.COORDINATOR), at=MARCH) == set()
    assert people.scope(session, SignedIn(3, "a", "A", Role.ADMINISTRATOR), at=MARCH) is None
    assert people.scope(session, SignedIn(4, "t", "T", Role.TRAINER), at=MARCH) is None


def test_the_directory_is_one_row_a_person(session: Session, office: Agency) -> None:
    worker(session, office)
    worker(session, office, code="0013")
    assert len(session.execute(people.directory(MARCH)).all()) == 2
    assert not session.execute(people.directory(date(2020, 1, 1))).all()
