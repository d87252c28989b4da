"""Courses that open at a set time: then, not before, not after they were called off."""

from datetime import timedelta

import pytest

from backend import clock as real_clock
from backend import db
from backend.accounts.roles import Role, SignedIn
from backend.errors import Conflict
from lms.authoring import openings, outline
from lms.authoring import service as authoring
from lms.courses import loader
from lms.courses import service as courses
from tests.cast import PASSWORD
from tests.conftest import Clock
from tests.database import TestDatabase
from tests.lms.course import CODE, make_course, make_official
from tests.page import Browser, Page

HOME = f"/dao-tao/soan/{CODE}"
THU = SignedIn(900, "thu", "Đặng Minh Thư", Role.TRAINER)
pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(autouse=True)
def school(database: TestDatabase, clock: Clock) -> None:
    with db.transaction() as session:
        make_course(session, now=real_clock.now())
        loader.add_file(session, courses.find(session, CODE).id, "img/thu.svg", b"<svg/>")
        make_official(session, "thu", "Đặng Minh Thư", Role.TRAINER)


def sign_in(page: Browser, to: str = HOME) -> Page:
    page.client.cookies.clear()
    page.get(f"/dang-nhap?next={to}")
    page.post("/dang-nhap", login="thu", password=PASSWORD)
    return page.get(to)


def rename(title: str) -> None:
    """The trainer goes on writing."""
    with db.transaction() as session:
        authoring.change(
            session, THU, CODE, lambda draft: draft.update(title=title), now=real_clock.now()
        )


def title() -> str:
    with db.reading() as session:
        return courses.published(session, courses.find(session, CODE)).title


def test_it_opens_then_and_not_before(page: Browser, clock: Clock, work) -> None:
    rename("Bản mới")
    sign_in(page)
    page.click("Lên lịch phát hành")
    shown = page.post(f"{HOME}/hen-gio", opens_at="2026-01-05T17:30")
    assert "Đã lên lịch phát hành" in shown.text
    assert "17:30" in shown.text
    clock.move(hours=8)
    work()
    assert title() != "Bản mới"
    rename("Bản mới nhất")
    clock.move(minutes=30)
    work()
    assert title() == "Bản mới nhất"
    assert "lên lịch phát hành lúc" not in page.get(HOME).text


def test_what_is_called_off_stays_closed(page: Browser, clock: Clock, work) -> None:
    rename("Bản mới")
    sign_in(page, f"{HOME}/hen-gio")
    page.post(f"{HOME}/hen-gio", opens_at="2026-01-05T17:30")
    page.get(f"{HOME}/hen-gio")
    assert "Đã bỏ lịch" in page.post(f"{HOME}/hen-gio", viec="thoi").text
    page.get(f"{HOME}/hen-gio")
    clock.move(days=1)
    work()
    assert title() != "Bản mới"
    with db.transaction() as session, pytest.raises(Conflict, match="không có lịch"):
        openings.cancel(session, THU, CODE, now=real_clock.now())


def test_a_later_word_replaces_an_earlier_one(clock: Clock, work) -> None:
    rename("Bản mới")
    now = real_clock.now()
    with db.transaction() as session:
        for hours in (1, 5):
            openings.plan(session, THU, CODE, at=now + timedelta(hours=hours), now=now)
    clock.move(hours=2)
    work()
    assert title() != "Bản mới"
    clock.move(hours=3)
    work()
    assert title() == "Bản mới"


def test_where_something_is_missing_by_then_nothing_opens_and_it_is_said(
    page: Browser, clock: Clock, work
) -> None:
    with db.transaction() as session:
        now = real_clock.now()
        openings.plan(session, THU, CODE, at=now + timedelta(hours=1), now=now)
        authoring.change(
            session, THU, CODE, lambda draft: outline.drop_lesson(draft, "cuoi-khoa"), now=now
        )
    clock.move(hours=1)
    work()
    with db.reading() as session:
        taught = courses.published(session, courses.find(session, CODE))
        assert taught.lesson("cuoi-khoa")
    assert "Chưa phát hành được" in sign_in(page).text


@pytest.mark.parametrize("typed", ["", "mai", "2026-01-05T08:00", "2028-01-05T08:00"])
def test_times_that_make_no_sense(page: Browser, typed: str) -> None:
    sign_in(page, f"{HOME}/hen-gio")
    page.post(f"{HOME}/hen-gio", opens_at=typed, status=422)
