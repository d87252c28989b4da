"""A learner on a telephone of 360 by 740 whose network comes and goes."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from backend import clock, db
from backend.accounts import service as accounts
from lms.attempts.models import Attempt
from lms.courses.models import Enrolment
from tests.browser.learning import (
    answer,
    attempt_of,
    begin_course,
    begin_quiz,
    device,
    keys,
    make_school,
    ready_offline,
    seconds_in,
    sign_in,
    stored,
)
from tests.lms.course import CODE

SAVED = ".sheet-saved"


@pytest.fixture(autouse=True)
def school(database) -> None:
    make_school()


@pytest.fixture
def phone(chromium: Browser, site: str) -> Iterator[BrowserContext]:
    with device(chromium, site) as context:
        yield context


@pytest.fixture
def page(phone: BrowserContext) -> Page:
    page = phone.new_page()
    sign_in(page)
    begin_course(page)
    return page


def hours_ago(hours: float) -> None:
    """The course was begun so long ago: nobody learns faster than the clock runs."""
    with db.transaction() as session:
        session.query(Enrolment).one().started_at = clock.now() - timedelta(hours=hours)


def test_a_tab_that_dies_offline_loses_nothing(phone: BrowserContext, page: Page) -> None:
    token = begin_quiz(page)
    right = keys(token)
    ready_offline(page)
    phone.set_offline(True)
    answer(page, 0, right[0])
    answer(page, 3, right[3])
    expect(page.locator(SAVED)).to_have_text("Đã lưu 0/7 câu. Đang chờ mạng: 2 câu.")
    page.close()
    again = phone.new_page()
    again.goto(f"/hoc/bai-lam/{token}")  # from the copy
    expect(again.locator(SAVED)).to_have_text("Đã lưu 0/7 câu. Đang chờ mạng: 2 câu.")
    phone.set_offline(False)
    expect(again.locator(SAVED)).to_have_text("Đã lưu 2/7 câu.")
    assert set(stored(token)) == {0, 3}


def test_handing_in_waits_for_the_network_and_can_be_taken_back(
    phone: BrowserContext, page: Page
) -> None:
    token = begin_quiz(page)
    right = keys(token)
    phone.set_offline(True)
    for place, fields in right.items():
        answer(page, place, fields)
    page.get_by_role("button", name="Nộp bài").click()
    expect(page.get_by_text("Máy sẽ nộp bài ngay khi có mạng")).to_be_visible()
    expect(page.get_by_text(re.compile(r"gửi về sau \d\d:\d\d sẽ không"))).to_be_visible()
    page.get_by_role("button", name="Chưa nộp, làm tiếp").click()
    expect(page.locator("fieldset").first).to_be_enabled()
    page.get_by_role("button", name="Nộp bài").click()
    phone.set_offline(False)
    expect(page.get_by_role("heading", level=1, name="Kết quả")).to_be_visible()
    assert attempt_of(token).score == 1
    assert len(stored(token)) == 7


def test_another_device_goes_on_and_the_newer_answer_stands(
    chromium: Browser, site: str, phone: BrowserContext, page: Page
) -> None:
    token = begin_quiz(page, "luyen")
    page.locator("input[value='0']").check()
    expect(page.locator(SAVED)).to_have_text("Đã lưu 1/1 câu.")
    first = stored(token)
    with device(chromium, site, wrong_clock=True) as tablet:
        other = tablet.new_page()
        sign_in(other, to=f"/hoc/bai-lam/{token}")
        expect(other.locator("input[value='0']")).to_be_checked()
        for value in ("1", "0"):
            other.locator(f"input[value='{value}']").check()
            expect(other.locator(SAVED)).to_have_text("Đã lưu 1/1 câu.")
        assert stored(token) == first
        page.locator("input[value='1']").check()  # this page knows nothing of the other's counts
        expect(page.locator(SAVED)).to_have_text("Đã lưu 1/1 câu.")
        assert stored(token) != first, "the last word is the learner's, whichever device it is on"
        other.reload()
        expect(other.locator("input[value='1']")).to_be_checked()


def test_a_log_in_that_ends_offline_loses_nothing(phone: BrowserContext, page: Page) -> None:
    token = begin_quiz(page)
    right = keys(token)
    phone.set_offline(True)
    answer(page, 0, right[0])
    with db.transaction() as session:
        accounts.end_all(session, 1, now=clock.now())
    phone.clear_cookies()
    phone.set_offline(False)
    expect(page.get_by_text("Phiên đăng nhập đã hết.")).to_be_visible()
    assert stored(token) == {}
    page.get_by_role("link", name="Đăng nhập lại").click()
    sign_in(page, to=f"/hoc/bai-lam/{token}")
    expect(page.locator(SAVED)).to_have_text("Đã lưu 1/7 câu.")
    assert set(stored(token)) == {0}


def test_when_time_is_up_what_was_answered_is_handed_in(page: Page) -> None:
    token = begin_quiz(page)
    answer(page, 0, keys(token)[0])
    expect(page.locator(SAVED)).to_have_text("Đã lưu 1/7 câu.")
    with db.transaction() as session:
        session.query(Attempt).one().deadline_at = clock.now() + timedelta(seconds=3)
    page.reload()
    expect(page.locator(".sheet-clock")).to_contain_text("Còn 0:0")
    expect(page.get_by_role("heading", level=1, name="Kết quả")).to_be_visible()
    assert len(stored(token)) == 1
    assert attempt_of(token).submitted_at is not None


def test_lessons_are_read_and_finished_without_a_network(phone: BrowserContext, page: Page) -> None:
    hours_ago(1)
    page.goto(f"/hoc/{CODE}")
    page.evaluate("navigator.serviceWorker.ready.then(() => null)")
    page.get_by_role("button", name=re.compile(r"Tải về máy \(\d+ kB\)")).click()
    expect(page.get_by_text("Các bài học mở được khi mất mạng.")).to_be_visible()
    assert seconds_in("mat-khau") == 0
    phone.set_offline(True)
    page.get_by_role("link", name="Thư lạ").click()
    expect(page.get_by_role("heading", level=1, name="Thư lạ")).to_be_visible()
    page.wait_for_timeout(3200)
    page.get_by_role("button", name="Đã học xong, sang bài tiếp").click()
    expect(page.get_by_role("heading", level=1, name="Mật khẩu")).to_be_visible()
    expect(page.get_by_text("đang chờ gửi về máy chủ")).to_be_visible()
    page.goto("/hoc/XX99")
    expect(page.get_by_role("heading", level=1, name="Chưa có mạng")).to_be_visible()
    phone.set_offline(False)
    page.goto(f"/hoc/{CODE}/mat-khau")
    page.wait_for_timeout(1000)
    assert 2 <= seconds_in("thu-la") <= 10
    page.goto(f"/hoc/{CODE}")
    expect(page.locator(".lesson-line.is-done")).to_have_count(1)
    page.get_by_role("button", name="Xoá bản tải về").click()
    expect(page.get_by_role("button", name=re.compile("Tải về máy"))).to_be_visible()


def test_signing_out_takes_the_copies_away_and_warns_of_what_waits(
    phone: BrowserContext, page: Page
) -> None:
    begin_quiz(page, "luyen")
    ready_offline(page)
    phone.set_offline(True)
    page.locator("input[value='0']").check()
    expect(page.locator(SAVED)).to_contain_text("Đang chờ mạng: 1 câu.")
    asked: list[str] = []

    def refuse(dialog) -> None:
        asked.append(dialog.message)
        dialog.dismiss()

    page.once("dialog", refuse)
    page.get_by_role("button", name="Đăng xuất").click()
    page.wait_for_timeout(300)
    assert "1 việc" in asked[0]
    expect(page.locator("[data-sheet]")).to_be_visible()
    phone.set_offline(False)
    expect(page.locator(SAVED)).to_have_text("Đã lưu 1/1 câu.")
    page.get_by_role("button", name="Đăng xuất").click()
    expect(page.get_by_role("heading", level=1, name="Đăng nhập")).to_be_visible()
    kept = page.evaluate("caches.keys()")
    assert kept == ["hoc-vo"]


def test_a_whole_quiz_with_the_keyboard_alone(page: Page) -> None:
    token = begin_quiz(page, "luyen")
    right = keys(token)[0]["a"][0]
    page.reload()
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.type") == "radio":
            break
    page.keyboard.press("Space")
    if page.evaluate("document.activeElement.value") != right:
        page.keyboard.press("ArrowDown")
    expect(page.locator(SAVED)).to_have_text("Đã lưu 1/1 câu.")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Nộp bài")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Anh/chị đạt 100 %")).to_be_visible()
