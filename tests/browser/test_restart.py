"""The server is restarted while somebody chats: nothing is missed, and nothing typed is lost."""

from pathlib import Path

from playwright.sync_api import Browser, expect

from bot.channels import web
from bot.chat import service as chats
from bot.messages import Outgoing
from tests.browser.conftest import PATIENCE, PHONE
from tests.served import Server


def test_a_restart_is_hardly_noticed(chromium: Browser, tmp_path: Path) -> None:
    server = Server(tmp_path)
    context = chromium.new_context(
        base_url=server.url, locale="vi-VN",
        viewport={"width": PHONE["width"], "height": PHONE["height"]},
    )  # fmt: skip
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    answers = page.locator("#log .bubble.assistant")
    asked = page.locator("#log .bubble.citizen")

    def say(text: str) -> None:
        page.get_by_label("Câu hỏi của ông/bà").fill(text)
        page.get_by_role("button", name="Gửi", exact=True).click()

    def push(text: str) -> None:
        (cookie,) = [c for c in context.cookies() if c["name"].endswith("chat")]
        with server.database.transaction() as session:
            assert web.append(session, Outgoing(text), chats.name_of(cookie["value"]))

    page.goto("/")
    say("xin chào")
    expect(answers).to_have_count(1)
    push("Tin thứ nhất.")
    expect(answers).to_have_count(2)

    server.stop()
    push("Tin thứ hai.")
    say("cảm ơn")
    expect(page.locator(".unsent")).to_have_count(1)
    server.start()
    expect(asked).to_have_count(2, timeout=30_000)
    expect(page.get_by_text("Tin thứ hai.")).to_have_count(1)
    push("Tin thứ ba.")
    expect(answers.last).to_contain_text("Tin thứ ba.", timeout=30_000)
    expect(answers).to_have_count(5)
    expect(page.locator(".unsent")).to_have_count(0)

    context.close()
    server.stop()
    server.database.close()
