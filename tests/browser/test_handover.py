"""A citizen on a phone and officers at their desks, side by side in real browsers.

Pictures of each step lie in the test's temporary folder.
"""

import re
import time
from collections.abc import Iterator
from datetime import UTC, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from backend import clock, db
from bot.dialogue import engine
from bot.dialogue.state import State
from bot.handover.models import Handover
from tests import some_procedures
from tests.bot.handover import officer
from tests.browser.conftest import Phone
from tests.cast import PASSWORD
from tests.conftest import MONDAY_MORNING
from tests.some_procedures import BIRTH

INBOX = "/quan-tri/hoi-thoai"
DESK = 1280
WORRY = "giấy khai sinh của con em bị sai tên mẹ"
ANSWER = "Mời ông/bà mang bản chính đến quầy số 2 ạ."


@pytest.fixture(autouse=True)
def office_hours(database) -> Iterator[None]:
    """Monday morning, and time goes on from there; two officers are on duty."""
    begun = time.monotonic()

    def now():
        return (MONDAY_MORNING + timedelta(seconds=time.monotonic() - begun)).astimezone(UTC)

    clock.set_source(now)
    some_procedures.load(BIRTH)
    engine.make_sense("xin chào", State())
    officer("minh", "Trần Quang Minh")
    officer("hoa", "Lê Thị Hoa")
    yield
    clock.set_source(None)


def talk_of_lan() -> Handover:
    with db.reading() as session:
        row = session.scalars(select(Handover)).one()
        session.expunge(row)
        return row


def sign_in(page: Page, login: str) -> None:
    page.goto("/dang-nhap")
    page.get_by_label("Tên đăng nhập").fill(login)
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập", exact=True).click()
    page.goto(INBOX)
    expect(page.get_by_text("Không có cuộc trò chuyện nào")).to_be_visible()


def say(page: Page, text: str) -> None:
    page.get_by_label("Câu hỏi của ông/bà").fill(text)
    page.get_by_role("button", name="Gửi", exact=True).click()


def last_answer(page: Page):
    return page.locator("#log .bubble.assistant, #log .bubble.officer").last


def test_from_a_citizens_wish_to_the_rating(phone: Phone, tmp_path: Path) -> None:
    """Nobody reloads a page: what one does, the others see."""

    def picture(page: Page, name: str) -> None:
        page.screenshot(path=tmp_path / f"{name}.png")

    with phone() as lan, phone(width=DESK) as minh, phone(width=DESK) as watched:
        hoa = watched.context.new_page()  # being refused is an error on the console, rightly
        sign_in(minh, "minh")
        sign_in(hoa, "hoa")

        lan.goto("/")
        say(lan, "gặp cán bộ")
        expect(last_answer(lan)).to_contain_text("đã chuyển cuộc trò chuyện")
        say(lan, WORRY)
        picture(lan, "1-dan-cho")

        for desk in (minh, hoa):  # it arrives live
            expect(desk.locator("article.line")).to_have_count(1)
            expect(desk.locator("article.line")).to_contain_text("khai sinh")
        picture(minh, "2-can-bo-thay")

        hoa.goto(f"{INBOX}/{talk_of_lan().id}")  # both have the button before them
        minh.get_by_role("button", name="Nhận trả lời").click()
        expect(minh.get_by_text("Trần Quang Minh đang trả lời")).to_be_visible()
        expect(last_answer(lan)).to_contain_text("Trần Quang Minh")

        expect(hoa.get_by_text("vừa đổi trạng thái")).to_be_visible()
        hoa.get_by_role("button", name="Nhận trả lời").click()
        expect(hoa.get_by_role("alert")).to_contain_text("Trần Quang Minh đã nhận")
        picture(hoa, "3-nguoi-thu-hai")

        before = lan.evaluate("performance.timeOrigin")
        minh.get_by_label("Trả lời người dân").fill(ANSWER)
        minh.get_by_role("button", name="Gửi", exact=True).click()
        expect(last_answer(lan)).to_contain_text(ANSWER)
        say(lan, "dạ em cảm ơn")
        expect(minh.locator("#noi-dung-noi")).to_contain_text("dạ em cảm ơn")
        picture(lan, "4-dan-doc-tra-loi")
        picture(minh, "5-can-bo-tra-loi")

        minh.get_by_role("button", name="Kết thúc, mời đánh giá").click()
        expect(last_answer(lan)).to_contain_text("hài lòng")
        picture(lan, "6-dan-danh-gia")
        lan.locator("#log").get_by_role("button", name=re.compile("^5|Rất hài lòng")).last.click()
        expect(last_answer(lan)).to_contain_text("Cảm ơn ông/bà đã đánh giá")
        picture(lan, "7-dan-xong")
        assert lan.evaluate("performance.timeOrigin") == before, "the page was reloaded"

        minh.goto(f"{INBOX}?muc=da-dong")
        expect(minh.locator("article.line")).to_contain_text("đánh giá 5/5")
        picture(minh, "8-da-dong")
