"""axe-core on every page of a learner, in each state."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.axe import complaints_everywhere
from tests.browser.learning import (
    answer,
    begin_course,
    begin_quiz,
    device,
    keys,
    make_school,
    ready_offline,
    sign_in,
)
from tests.lms.course import CODE

Check = Callable[[str], None]


@pytest.fixture
def phone(chromium: Browser, site: str, database) -> Iterator[BrowserContext]:
    make_school()
    with device(chromium, site) as context:
        yield context


@pytest.fixture
def page(phone: BrowserContext) -> Page:
    page = phone.new_page()
    sign_in(page)
    return page


@pytest.fixture
def check(page: Page) -> Check:
    def checked(state: str) -> None:
        wrong = complaints_everywhere(page)
        assert not wrong, f"{state}:\n" + "\n".join(wrong)

    return checked


def test_no_page_of_a_learner_has_a_violation(
    phone: BrowserContext, page: Page, check: Check
) -> None:
    check("front")
    page.goto(f"/hoc/{CODE}")
    check("course, not begun")
    begin_course(page)
    check("lesson")
    page.goto(f"/hoc/{CODE}")
    check("course, going on")
    page.goto(f"/hoc/{CODE}/cuoi-khoa")
    check("cover of a quiz")
    token = begin_quiz(page)
    check("sheet")
    ready_offline(page)
    right = keys(token)
    phone.set_offline(True)
    answer(page, 0, right[0])
    expect(page.locator(".sheet-saved")).to_contain_text("Đang chờ mạng")
    check("sheet without a network")
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Nộp bài").click()
    expect(page.get_by_text("Máy sẽ nộp bài ngay khi có mạng")).to_be_visible()
    check("handing in waits")
    page.goto("/hoc/XX99")
    expect(page.get_by_role("heading", level=1, name="Chưa có mạng")).to_be_visible()
    check("no network")
    phone.set_offline(False)
    page.goto("/hoc")
    page.goto(f"/hoc/bai-lam/{token}")
    expect(page.get_by_role("heading", level=1, name="Kết quả")).to_be_visible()
    check("result")
