"""A class ahead is moved, cancelled, and whole agencies are invited to it."""

import json
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend import clock as real_clock
from backend import db
from backend.accounts.roles import Role
from backend.jobs import Job
from backend.notifications import follow
from backend.notifications.chats import ChatRef
from backend.notifications.models import Notification
from backend.people import service as people
from backend.people.duties import Duty
from lms.classes import attendance, invitations
from lms.classes import service as classes
from lms.courses import service as courses
from tests.conftest import Clock
from tests.database import TestDatabase
from tests.lms.course import make_official
from tests.lms.room import CODE, LESSON, TRAINER, make_class, make_course
from tests.lms.test_class_pages import HOME, sign_in
from tests.page import Browser

pytestmark = pytest.mark.usefixtures("database")
SINCE = date(2026, 1, 1)
FORM = {"place": "Phòng 2", "trainer": "Thư", "day": "2026-01-07", "since": "14:00",
        "until": "16:00", "seats": "2"}  # fmt: skip


@pytest.fixture
def token(database: TestDatabase, clock: Clock) -> str:
    """A class tomorrow; Bình booked it. Below An Xuyên a school, with Dung; Chi completed KT05."""
    now = real_clock.now()
    with db.transaction() as session:
        make_course(session, now=now)
        make_official(session, "thu", "Đặng Minh Thư", Role.TRAINER)
        binh, chi = make_official(session, "binh"), make_official(session, "chi", "Trần Chi")
        school = people.open_agency(
            session, "TH-AX", "Trường An Xuyên", parent=people.agency(session, "P-AX"), since=SINCE
        )
        dung = people.add_person(session, "dung", "Lê Dung", now=now)
        people.place(session, dung.id, school.id, position="Giáo viên", duty=Duty.NONE, since=SINCE)
        code = follow.code(session, dung.id, now=now)
        assert follow.link(session, ChatRef("telegram", "17"), code, now=now)
        courses.complete(session, courses.enrol(session, chi, CODE, now=now), now=now)
        courses.enrol(session, binh, CODE, now=now)
        row = make_class(session, starts=now + timedelta(days=1), seats=2)
        attendance.book(session, classes.find(session, row.token), binh, now=now)
        return row.token


def work(session: Session) -> list[tuple[str, str]]:
    """Do the jobs that tell people; (event, person) of everything told so far."""
    for job in session.scalars(select(Job).where(Job.name == "lms.tell_of_class")):
        invitations.tell(session, **json.loads(job.payload))
    rows = session.scalars(select(Notification).where(Notification.kind == "training_class"))
    return [(row.dedupe.split(":")[2], row.data) for row in rows]


def test_an_agency_is_invited_with_those_below_after_its_count_was_shown(
    page: Browser, token: str
) -> None:
    sign_in(page, "thu", f"{HOME}/{token}")
    page.click("Mời một cơ quan")
    with db.reading() as session:
        agency = people.agency(session, "P-AX").id
    url = f"{HOME}/{token}/moi-du"
    shown = page.get(f"{url}?co_quan={agency}")
    assert "Mời 3 người" in shown.text  # Thư, Bình, Dung; Chi is through
    assert "Đã mời 3 người" in page.post(f"{url}/{agency}", queries=40).text
    again = page.get(f"{url}?co_quan={agency}")
    assert not [form for form in again.forms if form.get("action") == f"{url}/{agency}"]
    with db.transaction() as session:
        meeting = classes.find(session, token)
        assert invitations.count(session, meeting.row.id) == 3
        told = work(session)
        assert [event for event, _data in told] == ["invited"]  # only Dung linked a chat
        assert "Hội trường A" in told[0][1]
        assert work(session) == told


def test_moved_and_cancelled_are_told_once_each(page: Browser, token: str, clock: Clock) -> None:
    with db.transaction() as session:
        here = people.agency(session, "TH-AX").id
        meeting = classes.find(session, token)
        invitations.invite(session, TRAINER, meeting, here, now=real_clock.now())
    sign_in(page, "thu", f"{HOME}/{token}/sua")
    refused = page.post(f"{HOME}/{token}/sua", FORM | {"until": "07:00"}, status=422)
    assert "sau giờ bắt đầu" in refused.text
    assert "Đổi lịch" in page.post(f"{HOME}/{token}/sua", FORM).text
    page.get(f"{HOME}/{token}/sua")
    clock.move(minutes=1)
    assert "Đã lưu." in page.post(f"{HOME}/{token}/sua", FORM).text
    page.get(f"{HOME}/{token}/sua")
    assert "lý do" in page.post(f"{HOME}/{token}/huy", reason=" ", status=422).text
    assert "Mưa bão" in page.post(f"{HOME}/{token}/huy", reason="Mưa bão").text
    with db.transaction() as session:
        told = work(session)
        assert [event for event, _data in told] == ["cancelled"]  # the rest is no news any more
        assert "Mưa bão" in told[0][1]
        persons = [
            json.loads(job.payload)["persons"]
            for job in session.scalars(select(Job).where(Job.name == "lms.tell_of_class"))
        ]
        assert [len(some) for some in persons] == [1, 2, 2]  # Dung; then Bình, who booked, too


def test_the_invited_see_so_in_their_list(page: Browser, token: str, clock: Clock) -> None:
    with db.transaction() as session:
        agency = people.agency(session, "P-AX").id
        for hours in range(3):
            make_class(session, starts=real_clock.now() + timedelta(days=2, hours=3 * hours))
    listed = f"/hoc/lop/{CODE}/{LESSON}"
    before = sign_in(page, "binh", listed)
    assert "được mời" not in before.text
    with db.transaction() as session:
        meeting = classes.find(session, token)
        invitations.invite(session, TRAINER, meeting, agency, now=real_clock.now())
    assert "được mời" not in page.get(listed).text, "whoever holds a seat knows that they come"
    shown = page.post(listed, lop=token, viec="thoi")
    assert shown.text.count("Anh/chị được mời") == 1
    page.get(listed, queries=10)
