"""Reports: who is missing where, in whose eyes, and what was closed for ever."""

import hashlib
import io
import json
from datetime import UTC, date, datetime

import openpyxl
import pytest
from sqlalchemy import select

from backend import audit, db
from backend import clock as real_clock
from backend.accounts import service as accounts
from backend.accounts.roles import Role
from backend.audit import AuditRecord
from backend.people import service as people
from backend.people.duties import Duty
from lms.assignments import service as assignments
from lms.assignments.models import Period, Requirement
from lms.courses import service as courses
from lms.reports import report as reports
from tests.cast import PASSWORD
from tests.conftest import Clock
from tests.database import TestDatabase
from tests.lms.course import CODE, make_course
from tests.page import Browser, Page

START, END, DEADLINE = date(2025, 12, 15), date(2026, 12, 14), date(2026, 6, 30)
SINCE = date(2025, 1, 1)
TRICK = '=HYPERLINK("http://x.vn";"Nguyễn Văn Công")'

pytestmark = pytest.mark.usefixtures("database")


def hire(session, agency, code, name, duty=Duty.NONE, role=None):
    person = people.add_person(session, code, name, now=real_clock.now())
    people.place(session, person.id, agency.id, position="Chuyên viên", duty=duty, since=SINCE)
    if role:
        accounts.create(
            session, code, name=name, role=role, password=PASSWORD, person_id=person.id,
            now=real_clock.now(),
        )  # fmt: skip
    return person.id


@pytest.fixture(autouse=True)
def province(database: TestDatabase, clock: Clock) -> None:
    """Two agencies, a coordinator in each, a trainer; one requirement for all, one for leaders."""
    clock.set(2026, 5, 4)
    with db.transaction() as session:
        make_course(session, now=real_clock.now())
        a = people.open_agency(session, "A", "Phường An Xuyên", since=SINCE)
        b = people.open_agency(session, "B", "Xã Đất Mũi", since=SINCE)
        hire(session, a, "khoa", "Phan Anh Khoa", Duty.ICT_LEAD, Role.COORDINATOR)
        done = hire(session, a, "a1", "Nguyễn Thị Đạt")
        hire(session, a, "a2", "Trần Văn Thiếu")
        hire(session, b, "mai", "Lê Thị Mai", Duty.NONE, Role.COORDINATOR)
        hire(session, b, "b1", TRICK)
        hire(session, b, "thu", "Đặng Minh Thư", Duty.ICT_FULL, Role.TRAINER)
        period = assignments.open_period(session, "Năm 2026", starts_on=START, ends_on=END)
        for audience in ("all", "ict_lead"):
            assignments.require(
                session, CODE, period, audience=audience, deadline=DEADLINE, by=1,
                now=real_clock.now(),
            )  # fmt: skip
        when = datetime(2026, 2, 1, 3, tzinfo=UTC)
        courses.complete(session, courses.enrol(session, done, CODE, now=when), now=when)


def sign_in(page: Browser, login: str, to: str = "/dao-tao/bao-cao") -> Page:
    page.client.cookies.clear()
    page.get("/dang-nhap")
    page.post("/dang-nhap", login=login, password=PASSWORD, queries=40)
    return page.get(to, queries=24)


def period_id() -> int:
    with db.reading() as session:
        return session.scalars(select(Period.id)).one()


def wanted_id() -> int:
    with db.reading() as session:
        return session.scalars(select(Requirement.id).order_by(Requirement.id)).first() or 0


def test_two_taps_to_the_names(page: Browser) -> None:
    front = sign_in(page, "thu")
    assert front.h1 == "Báo cáo đào tạo"
    assert "1/3" in front.text
    agency = page.click("Phường An Xuyên", queries=24)
    names = page.get(agency.link("Còn thiếu"), queries=24)
    assert "Trần Văn Thiếu" in names.text
    assert "Phan Anh Khoa" in names.text
    assert "Nguyễn Thị Đạt" not in names.text


def test_a_coordinator_never_sees_another_agencys_names(page: Browser) -> None:
    front = sign_in(page, "khoa")
    assert "Phường An Xuyên" in front.text
    assert "Xã Đất Mũi" not in front.text
    with db.reading() as session:
        other = people.agency(session, "B").id
    base = f"/dao-tao/bao-cao/ky/{period_id()}"
    page.get(f"{base}/co-quan/{other}", status=404, queries=24)
    page.get(f"{base}/co-quan/{other}/{wanted_id()}", status=404, queries=24)
    book = openpyxl.load_workbook(io.BytesIO(page.client.get(f"{base}/bao-cao.xlsx").content))
    cells = {str(c.value) for sheet in book for row in sheet.iter_rows() for c in row}
    assert "Trần Văn Thiếu" in cells
    assert not {"Lê Thị Mai", "Đặng Minh Thư", TRICK, "Xã Đất Mũi"} & cells
    assert page.client.get(f"{base}/bao-cao.pdf").headers["content-type"] == "application/pdf"
    # The period closed, the rule is the same.
    close(page)
    assert "Xã Đất Mũi" not in sign_in(page, "khoa").text
    book = openpyxl.load_workbook(io.BytesIO(page.client.get(f"{base}/bao-cao.xlsx").content))
    cells = {str(c.value) for sheet in book for row in sheet.iter_rows() for c in row}
    assert "Lê Thị Mai" not in cells


def test_an_officer_of_no_agency_sees_nobody(page: Browser) -> None:
    with db.transaction() as session:
        accounts.create(
            session, "hoa", name="Lê Thị Hoa", role=Role.HEAD, password=PASSWORD,
            now=real_clock.now(),
        )  # fmt: skip
    assert "Không có cơ quan nào trong phạm vi" in sign_in(page, "hoa").text


def test_what_people_typed_is_no_formula(page: Browser) -> None:
    sign_in(page, "thu")
    raw = page.client.get(f"/dao-tao/bao-cao/ky/{period_id()}/bao-cao.xlsx").content
    sheet = openpyxl.load_workbook(io.BytesIO(raw))["Danh sách"]
    cell = next(c for row in sheet.iter_rows() for c in row if c.value == TRICK)
    assert cell.data_type == "s"
    assert cell.hyperlink is None


def close(page: Browser) -> Page:
    sign_in(page, "thu")
    return page.post(
        f"/dao-tao/bao-cao/ky/{period_id()}/chot", ly_do="Sáp nhập cơ quan", queries=40
    )


def test_closing_before_the_end_needs_a_reason(page: Browser, clock: Clock) -> None:
    sign_in(page, "thu")
    url = f"/dao-tao/bao-cao/ky/{period_id()}/chot"
    assert "14/12/2026" in page.post(url, status=422).text
    sign_in(page, "khoa")
    assert not page.current or not [f for f in page.current.forms if f.get("action") == url]
    clock.set(2026, 12, 14, 17)
    sign_in(page, "thu")
    assert "Kỳ này đã chốt" in page.post(url, queries=40).text


def test_a_closed_period_reprints_the_same_bytes(page: Browser, clock: Clock) -> None:
    closed = close(page)
    assert "Kỳ này đã chốt" in closed.text
    base = f"/dao-tao/bao-cao/ky/{period_id()}/bao-cao"
    before = [page.client.get(base + ending).content for ending in (".xlsx", ".pdf")]
    clock.move(days=400)
    with db.transaction() as session:
        period = assignments.period_of(session, period_id())
        for line in reports.thaw(period).lines[wanted_id()]:
            people.leave(session, line.person_id, last_day=date(2026, 6, 1))
        agency = people.agency(session, "B")
        agency.name = "Tên khác"
    sign_in(page, "thu")
    assert [page.client.get(base + ending).content for ending in (".xlsx", ".pdf")] == before
    assert "Xã Đất Mũi" in page.get(f"/dao-tao/bao-cao?ky={period_id()}", queries=24).text
    amended = page.post(
        f"/dao-tao/bao-cao/ky/{period_id()}/dinh-chinh", noi_dung="Bà Mai đã học ngày 1/5.",
        queries=40,
    )  # fmt: skip
    assert "Bà Mai đã học" in amended.text
    assert [page.client.get(base + ending).content for ending in (".xlsx", ".pdf")] == before
    with db.reading() as session:
        period = assignments.period_of(session, period_id())
        assert hashlib.sha256(period.frozen.encode()).hexdigest() == period.digest
        assert reports.freeze(reports.thaw(period)) == period.frozen
        actions = list(session.scalars(select(AuditRecord.action).order_by(AuditRecord.number)))
        assert actions[-2:] == ["period.closed", "period.amended"]
        closing = audit.of(session, f"period:{period.id}")[0]
        assert json.loads(closing.details)["digest"] == period.digest
        assert audit.verify(session).is_whole


def test_a_changed_frozen_report_is_noticed(page: Browser) -> None:
    close(page)
    with db.transaction() as session:
        period = assignments.period_of(session, period_id())
        period.frozen = period.frozen.replace("not_begun", "done", 1)
    assert "không còn khớp" in page.get("/dao-tao/bao-cao", queries=24).text


def test_nothing_changes_in_a_closed_period(page: Browser) -> None:
    close(page)
    page.get("/dao-tao/yeu-cau", queries=24)
    with db.reading() as session:
        person = reports.thaw(assignments.period_of(session, period_id())).lines[wanted_id()][0]
    page.get("/hoc", queries=24)
    token = page.current.all("input", name="form_token")[0].get("value") if page.current else ""
    answer = page.client.post(
        f"/dao-tao/yeu-cau/{wanted_id()}/mien",
        data={"nguoi": str(person.person_id), "ly_do": "Ốm", "form_token": token},
    )
    assert answer.status_code == 409
