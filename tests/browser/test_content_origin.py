"""A document of a lesson, taken away from the host of uploaded files, opened without a network."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from backend import clock, config, db
from lms.courses import loader
from lms.courses import service as courses
from lms.courses.content import Course
from tests.browser.learning import device, make_school, sign_in
from tests.lms import word
from tests.lms.course import CODE

PDF = b"%PDF-1.7\n" + b"luat " * 600


@pytest.fixture
def other_host(database, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The app knows the name of the other host when it starts; its port is known afterwards."""
    monkeypatch.setenv("CONTENT_ORIGIN", "http://localhost")
    config.settings.cache_clear()
    yield
    monkeypatch.undo()
    config.settings.cache_clear()


@pytest.fixture
def apart(other_host: None, site: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The course with a picture and a document, its files on a host of their own."""
    make_school()
    with db.transaction() as session:
        row = courses.find(session, CODE)
        course = courses.published(session, row).model_dump()
        lesson = {"key": "luat", "title": "Luật", "minutes": 5, "kind": "file",
                  "media": "tai-lieu/luat.pdf", "body": "![Thư](img/thu.png)"}  # fmt: skip
        course["sections"][0]["lessons"] = (lesson, *course["sections"][0]["lessons"])
        courses.publish(session, Course.model_validate(course), now=clock.now())
        loader.add_file(session, row.id, "tai-lieu/luat.pdf", PDF)
        loader.add_file(session, row.id, "img/thu.png", word.png())
        loader.add_file(
            session, row.id, "img/thu.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"
        )
    monkeypatch.setenv("PUBLIC_URL", site)
    monkeypatch.setenv("CONTENT_ORIGIN", site.replace("127.0.0.1", "localhost"))
    config.settings.cache_clear()
    return site


def test_a_document_of_the_other_host_opens_without_a_network(
    chromium: Browser, apart: str
) -> None:
    with device(chromium, apart) as phone:
        page = phone.new_page()
        sign_in(page)
        page.goto(f"/hoc/{CODE}")
        page.get_by_role("button", name="Bắt đầu học").click()
        expect(page.get_by_role("heading", level=1, name="Luật")).to_be_visible()
        page.goto(f"/hoc/{CODE}")
        page.evaluate("navigator.serviceWorker.ready.then(() => null)")
        page.get_by_role("button", name=re.compile(r"Tải về máy \(\d+ kB\)")).click()
        expect(page.get_by_text("Các bài học mở được khi mất mạng.")).to_be_visible()
        phone.set_offline(True)
        page.get_by_role("link", name="Luật").click()
        expect(page.get_by_role("heading", level=1, name="Luật")).to_be_visible()
        width = page.locator("article img").evaluate("(image) => image.naturalWidth")
        assert width > 0, "the picture of the other host is not shown"
        page.get_by_role("link", name="Mở tài liệu").click()
        # The browser's own viewer shows it: "no network" is a page of ours, with a heading.
        page.wait_for_url("**/tai-lieu/luat.pdf")
        assert page.evaluate("document.contentType") == "application/pdf"
