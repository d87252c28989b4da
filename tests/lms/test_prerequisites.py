"""Courses that come before others: shown with the way to them, asked for at the final."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend import clock as real_clock
from backend import db
from backend.accounts.roles import Role
from lms.assignments import outside
from lms.assignments import prerequisites as needed
from lms.assignments.outside import Claim
from lms.attempts.models import Attempt
from lms.authoring import service as authoring
from lms.authoring.outline import Outline
from lms.courses import prerequisites, shelf
from lms.courses import service as courses
from lms.courses.content import Course
from tests.cast import PASSWORD
from tests.conftest import Clock
from tests.database import TestDatabase
from tests.lms.course import CODE, announced, make_course, make_official
from tests.page import Browser

FINAL = f"/hoc/{CODE}/cuoi-khoa"
PDF = b"%PDF-1.7 chung nhan"


def asks_for(session: Session, *before: str, **changes: Any) -> None:
    """Another version of CB00 that asks for these."""
    course = courses.published(session, courses.find(session, CODE))
    whole = {**course.model_dump(), "prerequisites": before, **changes}
    courses.publish(session, Course.model_validate(whole), now=real_clock.now())


@pytest.fixture
def binh(database: TestDatabase, clock: Clock) -> int:
    """Bình, before CB00, which asks for KT01, which is not open yet."""
    with db.transaction() as session:
        make_course(session, now=real_clock.now())
        courses.publish(session, announced("KT01"), now=real_clock.now())
        asks_for(session, "KT01")
        return make_official(session)


@pytest.fixture
def page(page: Browser, binh: int) -> Browser:
    page.get(f"/dang-nhap?next=/hoc/{CODE}")
    page.post("/dang-nhap", login="binh", password=PASSWORD)
    return page


def accept(person: int, *, until: date | None = None) -> None:
    """KT01, learned elsewhere; it holds `until` then."""
    now = real_clock.now()
    with db.transaction() as session:
        claim = Claim("KT01", "Trường khác", "1", real_clock.today(), until)
        row = outside.send(session, person, claim, PDF, now=now)
        outside.decide(session, row, accept=True, remark="", by=1, now=now)


def test_lessons_are_open_and_the_final_leads_to_what_is_missing(page: Browser, binh: int) -> None:
    front = page.get(f"/hoc/{CODE}")
    assert front.link("Khoá KT01").endswith("/hoc/KT01")
    assert page.post(f"/hoc/{CODE}").h1 == "Thư lạ"
    page.get(f"/hoc/{CODE}/luyen")
    assert "/hoc/bai-lam/" in page.post(f"/hoc/{CODE}/luyen/bai-lam").path
    cover = page.get(FINAL, queries=14)
    assert "cần hoàn thành" in cover.text
    assert cover.link("Khoá KT01").endswith("/hoc/KT01")
    assert not [one for one in cover.forms if "bai-lam" in (one.get("action") or "")]
    accept(binh)
    page.get(FINAL, queries=14)
    assert "/hoc/bai-lam/" in page.post(f"{FINAL}/bai-lam").path


def test_a_final_that_is_sent_for_anyway_is_refused(page: Browser) -> None:
    page.get(f"/hoc/{CODE}")
    page.post(f"/hoc/{CODE}")
    page.get(f"/hoc/{CODE}/luyen")
    token = page.current.all("input", name="form_token")[0].get("value") if page.current else ""
    answer = page.client.post(f"{FINAL}/bai-lam", data={"form_token": token or ""})
    assert answer.status_code == 409
    assert "KT01 – Khoá KT01" in answer.text
    with db.reading() as session:
        assert session.scalars(select(Attempt)).all() == []


def test_without_a_final_the_beginning_asks(page: Browser, binh: int) -> None:
    with db.transaction() as session:
        asks_for(session, "KT01", completion={"final": False})
    page.get(f"/hoc/{CODE}")
    assert "KT01" in page.post(f"/hoc/{CODE}", status=409).text
    with db.reading() as session:
        assert courses.rounds_of(session, binh) == {}
    accept(binh)
    page.get(f"/hoc/{CODE}")
    assert page.post(f"/hoc/{CODE}").h1 == "Thư lạ"


def test_a_completion_of_any_round_counts(binh: int) -> None:
    now = real_clock.now()
    with db.transaction() as session:
        asks_for(session)
        courses.complete(session, courses.enrol(session, binh, CODE, now=now), now=now)
        courses.enrol(session, binh, CODE, now=now)
        found = prerequisites.of_person(session, binh, [CODE, "KT01"], on=real_clock.today())
        assert [(one.code, one.is_open, one.is_completed) for one in found] == [
            (CODE, True, True), ("KT01", False, False)
        ]  # fmt: skip


def test_what_has_expired_is_asked_for_again(binh: int, clock: Clock) -> None:
    today = real_clock.today()
    last = courses.last_day(today, 12)
    assert last
    with db.transaction() as session:
        asks_for(session)
        here = courses.enrol(session, binh, CODE, now=real_clock.now())
        courses.complete(session, here, now=real_clock.now())
    accept(binh, until=last)
    wanted = announced("KT03", CODE, "KT01")
    with db.reading() as session:
        assert needed.missing(session, binh, wanted, on=last) == []
        late = needed.missing(session, binh, wanted, on=last + timedelta(days=1))
        assert [one.code for one in late] == [CODE, "KT01"]


def test_a_circle_is_found_however_long(session: Session) -> None:
    now = real_clock.now()
    for code, before in (("KT01", "KT02"), ("KT02", "KT03"), ("KT03", ""), ("KT04", "KT01")):
        courses.publish(session, announced(code, *before.split()), now=now)
    assert prerequisites.circle(session, "KT03", ["KT04"]) == "KT04"
    assert prerequisites.circle(session, "KT03", ["KT03"]) == "KT03"
    assert prerequisites.circle(session, "KT04", ["KT01", "KT02"]) == ""


@pytest.mark.parametrize(
    ("wanted", "said"), [("KT09", "Không có khoá KT09"), ("KT01", "không ai học được")]
)
def test_a_course_that_nobody_could_complete_is_not_opened(
    database: TestDatabase, page: Browser, wanted: str, said: str
) -> None:
    with db.transaction() as session:
        courses.publish(session, announced("KT01", CODE), now=real_clock.now())
        make_official(session, "thu", "Đặng Minh Thư", Role.TRAINER)
    page.client.cookies.clear()
    page.get(f"/dang-nhap?next=/dao-tao/soan/{CODE}")
    page.post("/dang-nhap", login="thu", password=PASSWORD)

    def ask(outline: Outline) -> None:
        outline["prerequisites"] = [wanted]

    with db.transaction() as session:
        trainer = type("Trainer", (), {"name": "Thư"})()
        authoring.change(session, trainer, CODE, ask, now=real_clock.now())
    assert said in page.get(f"/dao-tao/soan/{CODE}").text


def test_shipped_courses_ask_for_courses_that_are_there() -> None:
    shipped = {one.course.code: one.course for one in map(shelf.read, shelf.folders())}
    for course in shipped.values():
        assert set(course.prerequisites) <= set(shipped)
