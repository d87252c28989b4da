"""The chat on another portal's page, whose Content-Security-Policy allows our host and no more."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from playwright.sync_api import FrameLocator, Page, Route, expect

from backend import config, db
from bot.channels import web
from bot.dialogue import engine
from bot.dialogue.state import State
from bot.messages import Outgoing
from bot.models import Conversation
from tests import some_procedures
from tests.browser.conftest import Phone
from tests.some_procedures import BIRTH, MARRIAGE

QUESTION = "con em sinh tuần trước giờ làm giấy khai sinh cần mang gì ạ"
PAGE = """<!doctype html><html lang="vi"><title>Cổng</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<h1>Cổng thông tin</h1><a href="#a" id="a">Liên kết</a>
<script src="{site}/embed.js" async></script>"""
POLICY = (
    "default-src 'none'; script-src {site}; frame-src {site}; require-trusted-types-for 'script'"
)

Portal = Callable[..., str]


@pytest.fixture(autouse=True)
def catalogue(database) -> None:
    """Two procedures to ask about; the model is read before the clock of a journey runs."""
    some_procedures.load(BIRTH, MARRIAGE)
    engine.make_sense("xin chào", State())


@pytest.fixture
def portal(site: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Somebody else's page, on another host; ours allows it to show the chat."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/" else 204)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Security-Policy", POLICY.format(site=site))
            self.end_headers()
            if self.path == "/":
                self.wfile.write(PAGE.format(site=site).encode())

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://localhost:{server.server_port}"
        allowed = f"{address} {near(address)}"
        changed = config.settings().model_copy(update={"embed_origins": allowed})
        monkeypatch.setattr("bot.chat.frame.settings", lambda: changed)
        yield address
        server.shutdown()


def near(portal: str) -> str:
    """The same page under our own host, where the browser lets a frame of ours keep things."""
    return portal.replace("localhost", "127.0.0.1")


def launcher(page: Page):
    return page.get_by_role("button", name="Hỏi Trợ lý Một Cửa")


def framed(page: Page) -> FrameLocator:
    return page.frame_locator("iframe")


def answers(page: Page):
    return framed(page).locator("#log .bubble.assistant")


def focused(page: Page) -> str:
    """What has the focus, in the page or in the frame."""
    script = "(() => { const f = (r) => r.activeElement?.shadowRoot ? f(r.activeElement.shadowRoot)"
    script += " : r.activeElement; const e = f(document); return e.id || e.textContent.trim() ||"
    script += " e.tagName; })()"
    outside = str(page.evaluate(script))
    return str(page.frames[1].evaluate(script)) if outside == "IFRAME" else outside


def test_asked_and_answered_with_the_keyboard_alone(phone: Phone, portal: str) -> None:
    with phone(width=1280) as page:
        page.goto(portal)
        expect(launcher(page)).to_be_visible()
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        expect(launcher(page)).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.get_by_role("dialog", name="Trợ lý Một Cửa")).to_be_visible()
        expect(framed(page).locator("#cau-hoi")).to_be_focused()
        page.keyboard.type(QUESTION)
        page.keyboard.press("Enter")
        expect(answers(page)).to_have_count(1)
        expect(answers(page).first).to_contain_text("Giấy chứng sinh")

        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_be_hidden()
        expect(launcher(page)).to_be_focused()
        page.keyboard.press("Enter")
        expect(answers(page)).to_have_count(1)


def test_the_focus_stays_inside_while_it_is_open(phone: Phone, portal: str) -> None:
    with phone(width=1280) as page:
        page.goto(portal)
        launcher(page).click()
        expect(framed(page).locator("#cau-hoi")).to_be_focused()
        page.keyboard.press("Tab")
        assert focused(page) == "Gửi"
        page.keyboard.press("Tab")
        assert focused(page) == "Đóng"
        page.keyboard.press("Shift+Tab")
        expect(framed(page).locator(".send")).to_be_focused()
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(launcher(page)).to_be_focused()


def ask(page: Page, text: str) -> None:
    framed(page).locator("#cau-hoi").fill(text)
    framed(page).get_by_role("button", name="Gửi", exact=True).click()


def push(text: str) -> None:
    with db.transaction() as session:
        chat = session.query(Conversation).one().chat
        assert web.append(session, Outgoing(text), chat, author="officer")


def test_it_fills_a_phone_and_hears_what_comes_later(phone: Phone, portal: str) -> None:
    """This browser lets a frame on a foreign page keep nothing: it remembers while it is open."""
    with phone() as page:
        page.goto(portal)
        launcher(page).click()
        box = page.get_by_role("dialog").bounding_box()
        assert box == {"x": 0, "y": 0, "width": 360, "height": 740}
        ask(page, QUESTION)
        expect(answers(page)).to_have_count(1)
        needed, given = page.frames[1].evaluate("[document.body.scrollWidth, window.innerWidth]")
        assert needed <= given
        push("Chào ông/bà.")
        expect(answers(page)).to_have_count(2)
        expect(answers(page).last).to_contain_text("Cán bộ trả lời")
        assert not page.context.cookies(), "a frame of ours gets no cookie"


def test_nothing_is_sent_before_the_script_can_send_it(phone: Phone, portal: str) -> None:
    """On a slow network the box is there first; pressing then would open an empty page."""
    held: list[Route] = []
    with phone() as page:
        page.context.route("**/chat/frame.js", lambda route: held.insert(0, route))
        page.goto(portal)
        launcher(page).click()
        framed(page).locator("#cau-hoi").fill(QUESTION)
        send = framed(page).get_by_role("button", name="Gửi", exact=True)
        expect(send).to_be_disabled()
        held.pop().continue_()
        expect(framed(page).locator("#cau-hoi")).to_have_value(QUESTION)
        send.click()
        expect(answers(page)).to_have_count(1)
        assert len(page.context.pages) == 1


def test_it_goes_on_where_it_was(phone: Phone, portal: str) -> None:
    with phone() as page:
        page.goto(near(portal))
        launcher(page).click()
        ask(page, QUESTION)
        expect(answers(page)).to_have_count(1)
        page.reload()
        launcher(page).click()
        expect(answers(page)).to_have_count(1)
        ask(page, "còn lệ phí thì sao")
        expect(answers(page)).to_have_count(2)
        assert not page.context.cookies(), "a frame of ours gets no cookie"


def test_it_costs_the_page_one_small_file_until_it_is_opened(phone: Phone, portal: str) -> None:
    loaded: dict[str, int] = {}
    with phone() as page:
        page.on("response", lambda answer: loaded.update({answer.url: len(answer.body())}))
        page.goto(portal, wait_until="networkidle")
    ours = {url: size for url, size in loaded.items() if not url.startswith(portal)}
    assert [url.rpartition("/")[2] for url in ours] == ["embed.js"]
    assert sum(ours.values()) < 4000


def test_no_other_page_may_show_it(phone: Phone, portal: str, site: str) -> None:
    stranger = portal.replace("localhost", "localhost.")
    with phone() as watched:
        page = watched.context.new_page()
        page.goto(stranger)
        launcher(page).click()
        page.wait_for_timeout(1000)
        assert framed(page).locator("#cau-hoi").count() == 0
