"""What a learner, a trainer and a head do, as journeys that count their taps and show their pages.

The small course is in place (`learning.make_school`). Nobody waits ten minutes for two lessons: the
time of reading is written into the database, as the pages would have reported it.
"""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, expect

from backend import clock, db
from backend.accounts.roles import Role
from backend.people import service as people
from backend.people.duties import Duty
from lms.assignments import service as assignments
from lms.courses import progress
from lms.courses import service as courses
from lms.courses.models import Enrolment
from tests.browser import learning
from tests.lms import papers
from tests.lms.course import CODE, make_official

SAVED = ".sheet-saved"
QUESTIONS = 7
PAPER = "7a. Bảng đáp án cuối: hàng số, hàng chữ"
Shoot = Callable[[Page, str], None]


@dataclass
class Journey:
    """How long it took by the clock, how many taps, and a few words on what happened."""

    taps: int = 0
    seconds: float = 0.0
    notes: list[str] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)

    def tap(self, target: Locator) -> None:
        target.click()
        self.taps += 1

    def ended(self) -> "Journey":
        self.seconds = time.monotonic() - self.began
        return self


def pictures(folder: Path) -> Shoot:
    """Pictures of what the screen shows, numbered in the order of the journey."""
    folder.mkdir(parents=True, exist_ok=True)
    count = len(list(folder.glob("*.png")))

    def shoot(page: Page, name: str) -> None:
        nonlocal count
        count += 1
        page.screenshot(path=folder / f"{count:02}-{name}.png")

    return shoot


def unseen(page: Page, name: str) -> None:
    """No pictures."""


def learner(chromium: Browser, site: str, *, shoot: Shoot = unseen, dice: random.Random) -> Journey:
    """Log in, course, lessons, a quiz whose network comes and goes, certificate, its check."""
    walk = Journey()
    with learning.device(chromium, site) as phone, learning.device(chromium, site) as other:
        page = phone.new_page()
        page.goto("/dang-nhap?next=/hoc")
        shoot(page, "dang-nhap")
        learning.sign_in(page)
        shoot(page, "hoc-tap")
        page.goto(f"/hoc/{CODE}")
        shoot(page, "khoa-hoc")
        walk.tap(page.get_by_role("button", name="Bắt đầu học"))
        _lessons(page, walk, shoot)
        _quiz(page, walk, shoot, dice)
        walk.tap(page.get_by_role("link", name="Xem chứng nhận"))
        expect(page.get_by_text("Còn giá trị").first).to_be_visible()
        shoot(page, "chung-nhan")
        scanned = other.new_page()  # whoever scans the code is not signed in
        scanned.goto(page.url)
        expect(scanned.get_by_text("Còn giá trị").first).to_be_visible()
        expect(scanned.get_by_text("Nguyễn Văn Bình").first).to_be_visible()
        shoot(scanned, "tra-cuu-tren-may-khac")
    return walk.ended()


def _lessons(page: Page, walk: Journey, shoot: Shoot) -> None:
    expect(page.get_by_role("heading", level=1, name="Thư lạ")).to_be_visible()
    shoot(page, "bai-hoc")
    _time_passes()
    page.reload()
    for following in ("Mật khẩu", "Luyện tập"):
        walk.tap(page.get_by_role("button", name="Đã học xong, sang bài tiếp"))
        expect(page.get_by_role("heading", level=1, name=following)).to_be_visible()
    token = learning.begin_quiz(page, "luyen")
    learning.answer(page, 0, learning.keys(token)[0])
    walk.tap(page.get_by_role("button", name="Nộp bài"))
    expect(page.get_by_role("heading", level=1, name="Kết quả")).to_be_visible()


def _time_passes() -> None:
    """The lessons were begun an hour ago and read for five minutes each."""
    with db.transaction() as session:
        found = session.query(Enrolment).one()
        found.started_at = clock.now() - timedelta(hours=1)
        taking = courses.taking_of(session, found.id)
        for lesson in ("thu-la", "mat-khau"):
            progress.add_time(session, taking, lesson, 300, seq=1000, now=clock.now())


def _quiz(page: Page, walk: Journey, shoot: Shoot, dice: random.Random) -> None:
    token = learning.begin_quiz(page)
    right = learning.keys(token)
    learning.ready_offline(page)
    shoot(page, "bai-kiem-tra")
    cuts, is_offline = 0, False
    for given, place in enumerate(right, start=1):
        cut = dice.random() < 0.5 or given == QUESTIONS - 1  # once at least
        page.context.set_offline(cut)
        cuts += cut and not is_offline
        is_offline = cut
        learning.answer(page, place, right[place])
        if not is_offline:
            expect(page.locator(SAVED)).to_have_text(f"Đã lưu {given}/{QUESTIONS} câu.")
            assert len(learning.stored(token)) == given
        elif given == QUESTIONS - 1:
            expect(page.locator(SAVED)).to_contain_text("Đang chờ mạng")
            shoot(page, "mat-mang")
    page.context.set_offline(False)
    expect(page.locator(SAVED)).to_have_text(f"Đã lưu {QUESTIONS}/{QUESTIONS} câu.")
    assert learning.stored(token).keys() == right.keys(), "what is called saved is stored"
    walk.tap(page.get_by_role("button", name="Nộp bài"))
    expect(page.get_by_role("heading", level=1, name="Kết quả")).to_be_visible()
    assert learning.attempt_of(token).score == 1
    shoot(page, "ket-qua")
    walk.notes.append(f"the network was cut {cuts} times in the quiz, 7 of 7 answers stored")


def trainer(
    chromium: Browser, site: str, folder: Path, *, shoot: Shoot = unseen, login: str = "thu"
) -> Journey:
    """From a Word file to a quiz that learners see; the clock runs from the page of courses on."""
    paper = folder / "de.docx"
    paper.write_bytes(papers.paper(PAPER))
    with learning.device(chromium, site) as phone:
        page = phone.new_page()
        learning.sign_in(page, login)
        page.goto("/dao-tao/soan")
        walk = Journey()
        walk.tap(page.get_by_role("link", name="Bài kiểm tra nhanh từ Word"))
        page.get_by_label("Tên", exact=True).fill("An toàn tuần này")
        page.get_by_label("Mã", exact=True).fill("KT90")
        page.locator("#tep").set_input_files(paper)
        walk.taps += 1  # to choose the file
        shoot(page, "tu-word")
        walk.tap(page.get_by_role("button", name="Đọc câu hỏi"))
        expect(page.get_by_text("8 trên 8 câu đã đủ đáp án")).to_be_visible()
        shoot(page, "xem-lai-cau-hoi")
        walk.tap(page.locator("button[name=viec][value=mo]"))
        expect(page.get_by_text("Đã mở bài kiểm tra với 8 câu")).to_be_visible()
        shoot(page, "da-mo")
        return walk.ended()


def head(chromium: Browser, site: str, *, shoot: Shoot = unseen, login: str = "khoa") -> Journey:
    """From the report to the names of who is missing."""
    with learning.device(chromium, site) as phone:
        page = phone.new_page()
        learning.sign_in(page, login)
        page.goto("/dao-tao/bao-cao")
        shoot(page, "bao-cao")
        walk = Journey()
        walk.tap(page.get_by_role("link", name="Phường An Xuyên"))
        walk.tap(page.get_by_role("link", name="Còn thiếu").first)
        expect(page.get_by_text("Lưu Thị Cẩm Tú", exact=True)).to_be_visible()
        shoot(page, "ten-con-thieu")
        return walk.ended()


def make_staff() -> None:
    """A trainer, the head of An Xuyên, somebody who has not learned, and what is required."""
    with db.transaction() as session:
        make_official(session, "thu", "Đặng Minh Thư", Role.TRAINER)
        make_official(session, "khoa", "Phan Anh Khoa", Role.COORDINATOR)
        [agency] = people.agencies(session, at=clock.today())
        person = people.add_person(session, "AX-9", "Lưu Thị Cẩm Tú", now=clock.now())
        people.place(
            session, person.id, agency.id, position="Công chức", duty=Duty.NONE,
            since=date(2026, 1, 1),
        )  # fmt: skip
        today = clock.today()
        period = assignments.open_period(
            session, "Kỳ này", starts_on=today - timedelta(90), ends_on=today + timedelta(90)
        )
        assignments.require(
            session, CODE, period, audience="all", deadline=today + timedelta(30), by=1,
            now=clock.now(),
        )  # fmt: skip
