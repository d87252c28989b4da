"""axe-core on every page of a learner, in each state; AXE names its axe.min.js (npm axe-core)."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

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
from tests.conftest import ROOT
from tests.lms.course import CODE

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]
Check = Callable[[str], None]


@pytest.fixture(scope="session")
def axe() -> str:
    path = Path(os.environ.get("AXE", ROOT / "node_modules" / "axe-core" / "axe.min.js"))
    if not path.is_file():  # the product has no npm; tests/page.py checks every page without it
        pytest.skip("axe-core is not here: npm install axe-core, or AXE=/…/axe.min.js")
    return path.read_text(encoding="utf-8")


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
def check(axe: str, page: Page) -> Check:
    def checked(state: str) -> None:
        page.evaluate(axe)
        for width in (360, 1280):
            page.set_viewport_size({"width": width, "height": 740})
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme)
                result = page.evaluate("(tags) => axe.run({runOnly: tags})", TAGS)
                assert len(result["passes"]) > 10, "axe looked at the page"
                wrong = [
                    f"{one['id']}: {node['html'][:160]} {node.get('failureSummary', '')[:200]}"
                    for one in result["violations"]
                    for node in one["nodes"]
                ]
                assert not wrong, f"{state}, {width} px, {scheme}: " + "\n".join(wrong)
            needed = page.evaluate("document.body.scrollWidth")
            assert needed <= width, f"{state} is {needed} px wide on {width}"
        page.set_viewport_size({"width": 360, "height": 740})
        page.emulate_media(color_scheme="light")

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
