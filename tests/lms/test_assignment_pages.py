"""Managing requirements, excuses and certificates from elsewhere; reminders; what each may."""

import io
import json
import zipfile
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from backend import audit, db, jobs
from backend import clock as real_clock
from backend.notifications import follow
from backend.notifications.chats import ChatRef
from backend.people import service as people
from lms.assignments import reminders
from lms.assignments import service as assignments
from lms.assignments.models import OutsideCertificate, Period, Reminder, Requirement
from lms.assignments.standing import Stand
from lms.certificates import service as certificates
from lms.courses import service as courses
from tests.conftest import Clock
from tests.lms.course import CODE
from tests.lms.test_reports import DEADLINE, period_id, province, sign_in, wanted_id
from tests.page import Browser, Page

pytestmark = pytest.mark.usefixtures("database")
__all__ = ["province"]  # the fixture, for every test here as well

REQUIREMENTS = "/dao-tao/yeu-cau"
OUTSIDE = "/hoc/chung-nhan-ngoai"
PDF = b"%PDF-1.7\n%evidence"


def agency_id(code: str) -> int:
    with db.reading() as session:
        return people.agency(session, code).id


def person_id(name: str) -> int:
    with db.reading() as session:
        rows = session.execute(people.directory(real_clock.today()))
        return int(next(row.person_id for row in rows if row.name == name))


def token_of(page: Browser) -> str:
    assert page.current
    return page.current.all("input", name="form_token")[0].get("value") or ""


def send(page: Browser, url: str, **fields: str) -> int:
    """What a page of ours would not offer, sent all the same."""
    data = {"form_token": token_of(page), **fields}
    return page.client.post(url, data=data, follow_redirects=False).status_code


def test_a_trainer_opens_a_period_and_adds_a_requirement(page: Browser) -> None:
    sign_in(page, "thu", REQUIREMENTS)
    opened = page.post(
        f"{REQUIREMENTS}/ky", ten="Năm 2027", tu="2026-12-15", den="14/12/2027", queries=40
    )
    assert "Năm 2027" in opened.text
    clash = page.post(f"{REQUIREMENTS}/ky", ten="Trùng", tu="2027-01-01", den="2027-02-01",
                      status=409, queries=40)  # fmt: skip
    assert "trùng ngày" in clash.text
    page.get(REQUIREMENTS, queries=24)
    added = page.post(
        f"{REQUIREMENTS}/them", ky=str(period_id_of("Năm 2027")), khoa=CODE, doi_tuong="ict",
        co_quan="", han="2027-06-30", chi_tieu="90", queries=40,
    )  # fmt: skip
    assert "hạn 30/06/2027" in added.text
    assert "chỉ tiêu 90 %" in added.text
    with db.reading() as session:
        assert audit.latest(session, limit=1)[0].action == "requirement.added"


def period_id_of(name: str) -> int:
    with db.reading() as session:
        return next(one.id for one in assignments.periods(session) if one.name == name)


def test_a_coordinator_acts_only_in_their_own_agency(page: Browser) -> None:
    sign_in(page, "khoa", REQUIREMENTS)
    fields = {"ky": str(period_id()), "khoa": CODE, "doi_tuong": "all", "han": "2026-07-01",
              "chi_tieu": "100"}  # fmt: skip
    assert send(page, f"{REQUIREMENTS}/them", co_quan=str(agency_id("B")), **fields) == 403
    assert send(page, f"{REQUIREMENTS}/them", co_quan="", **fields) == 403
    assert send(page, f"{REQUIREMENTS}/them", co_quan=str(agency_id("A")), **fields) == 303
    assert send(page, f"{REQUIREMENTS}/ky", ten="X", tu="2028-01-01", den="2028-12-01") == 403
    assert send(page, f"{REQUIREMENTS}/{wanted_id()}/rut", ly_do="Không cần") == 403
    other = str(person_id("Lê Thị Mai"))
    assert send(page, f"{REQUIREMENTS}/{wanted_id()}/mien", nguoi=other, ly_do="Ốm") == 404
    own = str(person_id("Phan Anh Khoa"))
    assert send(page, f"{REQUIREMENTS}/{wanted_id()}/mien", nguoi=own, ly_do="Bận") == 403
    assert send(page, f"/dao-tao/bao-cao/ky/{period_id()}/chot", ly_do="Sớm") == 403


def test_excused_with_a_reason_and_back(page: Browser) -> None:
    sign_in(page, "khoa")
    base = f"/dao-tao/bao-cao/ky/{period_id()}/co-quan/{agency_id('A')}/{wanted_id()}"
    page.get(base, queries=24)
    page.post(
        f"{REQUIREMENTS}/{wanted_id()}/mien", nguoi=str(person_id("Trần Văn Thiếu")),
        ly_do="Nghỉ thai sản", queries=60,
    )  # fmt: skip
    excused = page.get(f"{base}?nhom=excused", queries=24)
    assert "Lý do: Nghỉ thai sản" in excused.text
    page.post(f"{REQUIREMENTS}/{wanted_id()}/thoi-mien",
              nguoi=str(person_id("Trần Văn Thiếu")), queries=60)  # fmt: skip
    assert "Không còn ai" in page.get(f"{base}?nhom=excused", queries=24).text
    with db.reading() as session:
        acts = [row.action for row in audit.latest(session, limit=2)]
    assert acts == ["excuse.ended", "excuse.given"]


def hand_in(page: Browser, content: bytes) -> Page:
    page.get(OUTSIDE, queries=24)
    answer = page.client.post(
        OUTSIDE,
        data={"form_token": token_of(page), "khoa": CODE, "noi_cap": "Học viện", "so": "12/CN",
              "ngay_cap": "2026-03-01", "het_han": ""},
        files={"tep": ("anh.png", content, "image/png")},
    )  # fmt: skip
    return Page(OUTSIDE, answer.status_code, answer.text, [])


def test_a_certificate_from_elsewhere(page: Browser) -> None:
    sign_in(page, "mai", OUTSIDE)
    for content, status in ((b"<svg onload=alert(1)>", 422), (b"%PDF-" + b"0" * 5_242_880, 413)):
        assert hand_in(page, content).status == status
    assert "Chờ xét" in hand_in(page, PDF).text
    with db.reading() as session:
        row = session.scalars(select(OutsideCertificate)).one()
        assert row.media_type == "application/pdf", "by its first bytes, not by its name"
        url = f"/dao-tao/chung-nhan-ngoai/{row.id}"
    assert send(page, url, quyet_dinh="nhan") == 403, "nobody decides on their own"
    sign_in(page, "khoa", "/dao-tao/chung-nhan-ngoai")
    assert page.current
    assert "Lê Thị Mai" not in page.current.text
    assert page.client.get(f"{url}/minh-chung").status_code == 404
    sign_in(page, "thu", "/dao-tao/chung-nhan-ngoai")
    evidence = page.client.get(f"{url}/minh-chung")
    assert evidence.content == PDF
    assert evidence.headers["content-disposition"].startswith("attachment")
    assert "sandbox" in evidence.headers["content-security-policy"]
    page.post(url, quyet_dinh="tra", status=422)
    page.get("/dao-tao/chung-nhan-ngoai", queries=24)
    page.post(url, quyet_dinh="nhan", queries=40)
    with db.reading() as session:
        wanted = assignments.requirement(session, wanted_id())
        stands = {li.name: li.stand for li in assignments.lines(session, wanted, on=DEADLINE)}
        assert stands["Lê Thị Mai"] is Stand.DONE
    hours = page.get("/dao-tao/bao-cao/gio-hoc", queries=24)
    assert "CB00 (4, nơi khác)" in hours.text


@pytest.mark.parametrize(
    ("days_left", "kind"),
    [(31, ""), (30, "before30"), (15, "before30"), (14, "before14"), (7, "before7"), (2, "before7"),
     (1, "before1"), (0, "before1"), (-1, "late0"), (-7, "late0"), (-8, "late1"), (-15, "late2")],
)  # fmt: skip
def test_when_to_remind(days_left: int, kind: str) -> None:
    assert reminders.kind_on(DEADLINE, DEADLINE - timedelta(days=days_left)) == kind


def test_reminded_once_and_the_coordinator_when_late(page: Browser, clock: Clock, work) -> None:
    with db.transaction() as session:
        code = follow.code(session, person_id_in(session, "a2"), now=real_clock.now())
        chat = ChatRef("telegram", "42")
        assert not follow.link(session, chat, "SAI22222", now=real_clock.now())
        assert follow.link(session, chat, code.lower(), now=real_clock.now())
        assert not follow.link(session, chat, code, now=real_clock.now()), "it works once"
    told = run(clock, work, date(2026, 6, 16))
    assert {kind for _, kind, _ in told} == {"before14"}
    assert len(told) == 5, "five of six have not learnt yet"
    assert run(clock, work, date(2026, 6, 17)) == told, "nobody twice"
    late = run(clock, work, date(2026, 7, 1)) - told
    assert {kind for _, kind, _ in late if "agency" not in kind} == {"late0"}
    heads = {person for person, kind, _ in late if kind.startswith("agency.late0")}
    assert heads == {person_id("Phan Anh Khoa"), person_id("Lê Thị Mai")}
    assert (person_id("Trần Văn Thiếu"), "late0", True) in late, "the linked chat is a way"
    assert (person_id("Lê Thị Mai"), "late0", False) in late, "no address, no chat: shown as such"
    shown = sign_in(page, "khoa", f"{REQUIREMENTS}/nhac-han")
    assert "Trần Văn Thiếu" in shown.text
    assert "Đặng Minh Thư" not in shown.text


def test_what_is_overdue_on_the_last_day_is_told_for_four_weeks_more(clock: Clock, work) -> None:
    end = date(2026, 12, 14)
    with db.transaction() as session:
        for one in session.scalars(select(Requirement)):
            one.deadline = end
    own = {kind for _, kind, _ in run(clock, work, end)}
    assert own == {"before1"}
    told = run(clock, work, end + timedelta(days=1))
    assert {kind.rpartition(".")[0] or kind for _, kind, _ in told} == {
        "before1", "late0", "agency.late0",
    }, "they and their coordinators"  # fmt: skip
    with db.transaction() as session:
        late, gone = person_id_in(session, "a2"), person_id_in(session, "b1")
        when = real_clock.now()
        courses.complete(session, courses.enrol(session, late, CODE, now=when), now=when)
        people.leave(session, gone, last_day=end + timedelta(days=2))
    for days in (2, 7, 8, 14, 15, 21, 22, 28, 29, 36):
        told = run(clock, work, end + timedelta(days=days))
    assert {kind for person, kind, _ in told if person in (late, gone)} == {"before1", "late0"}
    others = {kind for person, kind, _ in told if person not in (late, gone)}
    assert {kind for kind in others if "agency" not in kind} == {
        "before1", "late0", "late1", "late2", "late3",
    }  # fmt: skip


def test_a_closed_report_ends_reminding(clock: Clock, work) -> None:
    end = date(2026, 12, 14)
    with db.transaction() as session:
        for one in session.scalars(select(Requirement)):
            one.deadline = end
        session.scalars(select(Period)).one().closed_at = real_clock.now()
    assert run(clock, work, end + timedelta(days=1)) == set()


def run(clock: Clock, work, on: date) -> set[tuple[int, str, bool]]:
    clock.set(on.year, on.month, on.day)
    with db.transaction() as session:
        reminders.remind(session)
        for row in session.scalars(
            select(jobs.Job).where(jobs.Job.name == "lms.remind_agency", jobs.Job.status == "ready")
        ):
            reminders.remind_agency(session, **json.loads(row.payload))
            row.status = "done"
    with db.reading() as session:
        return {(r.person_id, r.kind, r.is_told) for r in session.scalars(select(Reminder))}


def person_id_in(session, code: str) -> int:
    rows = session.execute(people.directory(real_clock.today()))
    return int(next(row.person_id for row in rows if row.staff_code == code))


def test_certificates_revoked_reissued_and_taken_away(page: Browser) -> None:
    with db.transaction() as session:
        taking = courses.taking(session, person_id_in(session, "a1"), CODE)
        issued = certificates.issue(session, taking, now=real_clock.now())
    sign_in(page, "khoa", "/dao-tao/chung-nhan?tim=nguyễn")
    page.post(f"/dao-tao/chung-nhan/{issued.code}/thu-hoi", viec="cap_lai", ly_do="Sai tên",
              queries=60)  # fmt: skip
    raw = page.client.get("/dao-tao/chung-nhan/tai-ve.zip").content
    files = zipfile.ZipFile(io.BytesIO(raw)).namelist()
    assert len(files) == 1
    assert files != [f"{issued.code}.pdf"], "only the one in force"
    sign_in(page, "mai", "/dao-tao/chung-nhan")
    assert page.current
    assert "Nguyễn Thị Đạt" not in page.current.text
    code = files[0].removesuffix(".pdf")
    assert send(page, f"/dao-tao/chung-nhan/{code}/thu-hoi", ly_do="Vì thích") == 404
    with db.reading() as session:
        assert certificates.state(
            certificates.find(session, code), on=real_clock.today()
        ) is certificates.State.VALID  # fmt: skip
        assert [row.action for row in audit.latest(session, limit=2)] == [
            "certificate.reissued", "certificate.revoked",
        ]  # fmt: skip


def test_the_plan_on_one_page(page: Browser) -> None:
    shown = sign_in(page, "thu", "/dao-tao/bao-cao/ke-hoach")
    assert "0 trên 1 người, 0 %; chỉ tiêu 100 %" in shown.text
    assert "1 trên 6 người, 16 %" in shown.text
    assert "Chưa đối chiếu" in shown.text
    assert "Phường An Xuyên" in shown.text
    assert "Xã Đất Mũi" not in sign_in(page, "khoa", "/dao-tao/bao-cao/ke-hoach").text


def test_statistics_have_pages(page: Browser) -> None:
    sign_in(page, "thu", "/dao-tao/bao-cao/khoa-hoc")
    assert "1 lượt vào học, 1 lượt hoàn thành" in page.click("Khoá học và câu hỏi", queries=24).text
    assert "Chưa có bài nào được nộp" in page.click("CB00", queries=24).text


def test_a_withdrawn_requirement_is_nobodys(page: Browser) -> None:
    sign_in(page, "thu", REQUIREMENTS)
    withdrawn = wanted_id()
    page.post(f"{REQUIREMENTS}/{withdrawn}/rut", ly_do="Trùng", queries=40)
    with db.reading() as session:
        assert session.get_one(Requirement, withdrawn).withdrawn_at is not None
        duties = assignments.duties_of(session, person_id_in(session, "b1"), on=date(2026, 5, 4))
        assert duties == []
