"""A citizen asks in a real browser, on a phone of 360 by 740, with scripts and without."""

import re

import pytest
from playwright.sync_api import Page, expect

from backend import db
from bot.channels import web
from bot.chat import service as chats
from bot.dialogue import engine
from bot.dialogue.state import State
from bot.messages import Outgoing
from tests import some_procedures
from tests.browser.conftest import Phone
from tests.some_procedures import BIRTH, MARRIAGE

QUESTION = "con em sinh tuần trước giờ làm giấy khai sinh cần mang gì ạ"
SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])


@pytest.fixture(autouse=True)
def catalogue(database) -> None:
    """Two procedures to ask about; the model is read before the clock of a journey runs."""
    some_procedures.load(BIRTH, MARRIAGE)
    engine.make_sense("xin chào", State())


def ask(page: Page, text: str) -> None:
    page.get_by_label("Câu hỏi của ông/bà").fill(text)
    page.get_by_role("button", name="Gửi", exact=True).click()


def answers(page: Page):
    return page.locator("#log .bubble.assistant")


@SCRIPTS
def test_a_question_is_answered_followed_up_and_kept(phone: Phone, scripts: bool) -> None:
    with phone(scripts=scripts) as page:
        page.goto("/")
        ask(page, QUESTION)
        expect(answers(page)).to_have_count(1)
        expect(answers(page).first).to_contain_text("Giấy chứng sinh")
        expect(page.get_by_label("Câu hỏi của ông/bà")).to_have_value("")

        page.locator("#log").get_by_role("button", name="Lệ phí").click()
        expect(answers(page)).to_have_count(2)
        expect(page.locator("#log .bubble.citizen").last).to_contain_text("Lệ phí")

        page.reload()
        expect(answers(page)).to_have_count(2)


@SCRIPTS
def test_reading_goes_on_at_the_question_just_asked(phone: Phone, scripts: bool) -> None:
    """The top of the new answer is on the screen, however long the answer is."""
    with phone(scripts=scripts) as page:
        page.goto("/")
        for text in (QUESTION, "đăng ký kết hôn cần giấy tờ gì"):
            ask(page, text)
            expect(page.locator("#log .bubble.citizen").last).to_contain_text(text)
        expect(answers(page)).to_have_count(2)
        expect(page.locator("#log .bubble.citizen").last).to_be_in_viewport()
        top = answers(page).last.bounding_box()
        assert top is not None
        assert 0 <= top["y"] < 500
        expect(page.get_by_label("Câu hỏi của ông/bà")).to_be_in_viewport()


@SCRIPTS
def test_the_full_page_is_one_press_away_and_leads_back(phone: Phone, scripts: bool) -> None:
    with phone(scripts=scripts) as page:
        page.goto("/")
        ask(page, QUESTION)
        page.get_by_role("link", name="Xem đầy đủ").click()
        expect(page).to_have_url(re.compile(rf"/thu-tuc/{BIRTH}$"))
        expect(page.get_by_role("heading", level=1)).to_contain_text("khai sinh")
        page.get_by_role("button", name="Hỏi trợ lý về thủ tục này").click()
        expect(answers(page)).to_have_count(2)


@SCRIPTS
def test_a_procedure_is_found_without_accents(phone: Phone, scripts: bool) -> None:
    with phone(scripts=scripts) as page:
        page.goto("/thu-tuc")
        page.get_by_label("Tên hoặc mã thủ tục").fill("dang ky ket hon")
        page.get_by_role("button", name="Tìm thủ tục").click()
        page.get_by_role("link", name="đăng ký kết hôn").first.click()
        expect(page).to_have_url(re.compile(rf"/thu-tuc/{MARRIAGE}$"))


@SCRIPTS
def test_this_machine_forgets_on_demand(phone: Phone, scripts: bool) -> None:
    with phone(scripts=scripts) as page:
        page.goto("/")
        ask(page, QUESTION)
        expect(answers(page)).to_have_count(1)
        page.get_by_text("Dùng chung máy với người khác?").click()
        page.get_by_role("button", name="Quên tôi trên máy này").click()
        expect(page.get_by_text("Đã quên cuộc trò chuyện")).to_be_visible()
        expect(answers(page)).to_have_count(0)


@SCRIPTS
def test_ten_thousand_characters_are_refused_and_kept(phone: Phone, scripts: bool) -> None:
    long = ("Tôi muốn hỏi về hộ tịch. " * 400).strip()
    with phone(scripts=scripts) as watched:
        page = watched.context.new_page()  # the refusal is an error on the console, rightly
        page.goto("/")
        ask(page, long)
        expect(page.locator("#loi")).to_contain_text("rút ngắn")
        expect(page.locator("#loi")).to_be_in_viewport()
        expect(page.get_by_label("Câu hỏi của ông/bà")).to_have_value(long)
        expect(answers(page)).to_have_count(0)
        ask(page, QUESTION)
        expect(answers(page)).to_have_count(1)
        expect(page.locator("#loi")).to_be_empty()


def test_a_lost_network_loses_no_words(phone: Phone) -> None:
    """Two messages typed without a network are kept through a reload, and come in order, once."""
    words = [QUESTION, "đăng ký kết hôn cần giấy tờ gì"]
    with phone() as watched:
        page = watched.context.new_page()
        page.goto("/")
        ask(page, "xin chào")
        expect(answers(page)).to_have_count(1)
        page.context.set_offline(True)
        for text in words:
            ask(page, text)
        expect(page.locator(".unsent .citizen")).to_have_text(words)
        expect(page.get_by_text("Chưa gửi", exact=True)).to_have_count(2)
        expect(page.get_by_text("Chưa gửi được")).to_be_visible()
        last, box = page.locator(".unsent").last.bounding_box(), page.locator("#hoi").bounding_box()
        assert last
        assert box
        assert last["y"] + last["height"] <= box["y"], "the box hides what was not sent"
        page.context.set_offline(False)
        expect(answers(page)).to_have_count(3)
        expect(page.locator(".unsent")).to_have_count(0)
        expect(page.get_by_text("Chưa gửi được")).to_be_hidden()
        page.reload()
        asked = page.locator("#log .bubble.citizen")
        expect(asked).to_have_count(3)
        for number, text in enumerate(words, start=1):
            expect(asked.nth(number)).to_contain_text(text)


def test_what_was_not_sent_outlives_the_page(phone: Phone) -> None:
    with phone() as watched:
        page = watched.context.new_page()
        page.goto("/")
        page.route("**/chat", lambda route: route.abort())
        ask(page, QUESTION)
        expect(page.get_by_text("Chưa gửi", exact=True)).to_be_visible()
        page.unroute("**/chat")
        page.reload()
        expect(answers(page)).to_have_count(1)
        expect(page.locator(".unsent")).to_have_count(0)


def test_words_that_break_the_server_can_be_dropped_and_hold_up_nothing(phone: Phone) -> None:
    def break_down(route) -> None:
        if "x%C3%A0" in (route.request.post_data or ""):  # "xà"
            route.fulfill(status=500, body="")
        else:
            route.continue_()

    with phone() as watched:
        page = watched.context.new_page()
        page.goto("/")
        page.route("**/chat", break_down)
        for text in ("xà", QUESTION):
            ask(page, text)
        expect(page.locator(".unsent .citizen")).to_have_text(["xà", QUESTION])
        page.get_by_role("button", name="Bỏ tin này").first.click()
        expect(answers(page)).to_have_count(1)
        expect(page.locator("#log .bubble.citizen")).to_contain_text(QUESTION)
        expect(page.get_by_text("Chưa gửi được")).to_be_hidden()


def test_an_answer_that_got_lost_comes_with_the_retry(phone: Phone) -> None:
    """The server heard it, the answer never arrived: asked again, it is said once."""
    with phone() as watched:
        page = watched.context.new_page()
        page.goto("/")

        def hear_and_drop(route) -> None:
            route.fetch()
            route.abort()

        page.route("**/chat", hear_and_drop, times=1)
        ask(page, QUESTION)
        page.get_by_role("button", name="Gửi lại").click()
        expect(answers(page)).to_have_count(1)
        page.reload()
        expect(answers(page)).to_have_count(1)


def test_an_impatient_finger_sends_once(phone: Phone) -> None:
    with phone() as page:
        page.goto("/")
        page.get_by_label("Câu hỏi của ông/bà").fill(QUESTION)
        page.get_by_role("button", name="Gửi", exact=True).dblclick()
        expect(answers(page)).to_have_count(1)
        page.reload()
        expect(answers(page)).to_have_count(1)


def push(page: Page, text: str) -> None:
    (cookie,) = [c for c in page.context.cookies() if c["name"].endswith("chat")]
    with db.transaction() as session:
        assert web.append(session, Outgoing(text), chats.name_of(cookie["value"]))


def test_news_arrive_without_being_asked_for(phone: Phone) -> None:
    with phone() as page:
        page.goto("/")
        ask(page, QUESTION)
        expect(answers(page)).to_have_count(1)
        push(page, "Hồ sơ của ông/bà có thay đổi.")
        expect(answers(page)).to_have_count(2)
        expect(answers(page).last).to_contain_text("có thay đổi")


def test_without_scripts_news_are_a_link_away(phone: Phone) -> None:
    with phone(scripts=False) as page:
        page.goto("/")
        ask(page, QUESTION)
        push(page, "Hồ sơ của ông/bà có thay đổi.")
        page.get_by_role("link", name="Xem tin mới").click()
        expect(answers(page)).to_have_count(2)
        expect(answers(page).last).to_be_in_viewport()


def test_the_first_page_is_small(phone: Phone) -> None:
    sizes: dict[str, int] = {}
    with phone() as page:
        page.on("response", lambda answer: sizes.update({answer.url: len(answer.body())}))
        page.goto("/", wait_until="networkidle")
    assert sum(sizes.values()) < 100_000, sizes


def test_everything_can_be_done_with_the_keyboard(phone: Phone) -> None:
    with phone() as page:
        page.goto("/")
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Tới nội dung chính")).to_be_focused()
        page.get_by_label("Câu hỏi của ông/bà").focus()
        page.keyboard.type("dang ky ket hon can gi")
        page.keyboard.press("Enter")
        expect(answers(page)).to_have_count(1)
        expect(page.get_by_label("Câu hỏi của ông/bà")).to_be_focused()
