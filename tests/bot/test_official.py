"""Impostors: what is recognised, what is not, what staff see, and that no push carries a link."""

import re
from pathlib import Path
from typing import Any

import pytest

from backend import db, official
from backend.accounts.roles import Role
from backend.config import ROOT, settings
from backend.notifications.kinds import KINDS
from bot import routes
from bot.channels.telegram import Telegram
from bot.dialogue import engine
from bot.dialogue.flows import FLOWS, small_talk
from bot.messages import Incoming
from tests.cast import PASSWORD, make_officer
from tests.page import Browser

LINK = re.compile(r"https?:|www\.|\.vn\b|t\.me|href|zalo\.me|\burl\b", re.IGNORECASE)


def ask(text: str, number: int = 1, **more: Any) -> str:
    came = Incoming("console", "lan", str(number), text=text, **more)
    return "\n".join(message.text for message in engine.handle(came).messages)


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    "text",
    [
        "Hồ sơ của bạn bị trả lại. Bấm vào đường dẫn http://dichvucong-vn.vip/hs để đóng phí",
        "Công an tỉnh yêu cầu cài ứng dụng VNeID mới tại vneid-camau.com, nhập mã OTP",
    ],
)
def test_a_swindle_that_is_copied_to_us_is_one(text: str) -> None:
    assert "Xin ông/bà cẩn thận" in ask(text)


@pytest.mark.usefixtures("database")
def test_a_forwarded_message_with_a_strange_link_is_one() -> None:
    text = "Mời xem kết quả hồ sơ tại ketqua-hoso.top"
    assert "Xin ông/bà cẩn thận" in ask(text, forwarded=True)


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    "text",
    [
        "tin nhắn này có phải của tỉnh không?",
        "tin nhan em nhan duoc hoi sang co dung cua trung tam khong",
        "cuộc gọi lúc nãy là thật hay giả",
    ],
)
def test_a_doubt_is_answered(text: str) -> None:
    said = ask(text)
    assert "không kèm đường dẫn" in said
    assert "chuyển tiếp" in said


@pytest.mark.usefixtures("database")
def test_the_official_ways_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "TELEGRAM_BOT_TOKEN": "1:x", "TELEGRAM_BOT_NAME": "motcua_bot",
        "ZALO_OA_URL": "https://zalo.me/123", "HOTLINE": "02903831234",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    said = ask("kênh chính thức là kênh nào")
    for way in (settings().base_url, "https://t.me/motcua_bot", "https://zalo.me/123"):
        assert way in said
    monkeypatch.undo()
    settings.cache_clear()


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    "text",
    [
        "thủ tục này có phải do xã giải quyết không",
        "có phải xã nhận hồ sơ khai sinh không",
        "thông tin trên giấy khai sinh có đúng là do xã ghi không",
        "nộp lệ phí qua chuyển khoản được không",
        "em quên mật khẩu dịch vụ công dichvucong.gov.vn, mã xác nhận không về",
        "đăng ký khai sinh.em nộp ở đâu",
    ],
)
def test_honest_questions_are_left_alone(text: str) -> None:
    said = ask(text)
    assert "cẩn thận" not in said
    assert "nghi là đúng" not in said


def test_forwarded_is_what_telegram_says() -> None:
    person = {"id": 7, "is_bot": False, "first_name": "Lan"}
    message = {
        "message_id": 1, "from": person, "chat": {"id": 7, "type": "private"}, "date": 1,
        "text": "x", "forward_origin": {"type": "hidden_user", "date": 1, "sender_user_name": "A"},
    }  # fmt: skip
    came = Telegram().parse({"update_id": 5, "message": message})
    assert came is not None
    assert came.forwarded
    assert Incoming.from_dict(came.as_dict()) == came
    assert small_talk.intents["scam"].__name__ == "doubted"
    assert "official" in FLOWS


def test_staff_read_what_citizens_showed(page: Browser) -> None:
    with db.transaction() as session:
        make_officer(session, "minh", "Minh", Role.ONE_STOP)
    ask("chuyển khoản vào số tài khoản 0123456789, bấm link xau.top, số em 0912000001")
    page.get("/dang-nhap")
    page.post("/dang-nhap", login="minh", password=PASSWORD)
    shown = page.get("/quan-tri/tin-nghi-gia")
    assert "xau.top" in shown.text
    assert "0912000001" not in shown.text
    assert 'href="xau' not in shown.text
    assert any(item.url == "/quan-tri/tin-nghi-gia" for item in routes.PART.menu)


def test_the_page_lists_the_ways(page: Browser) -> None:
    shown = page.get("/kenh-chinh-thuc")
    assert settings().base_url in shown.text
    assert "t.me" not in shown.text  # Telegram is off


def test_telegrams_name_is_known_only_while_it_is_on(monkeypatch: pytest.MonkeyPatch) -> None:
    official.heard_telegram_name("motcua_bot")
    assert official.telegram_url("abc") == ""
    assert not official.ways().has_chats


@pytest.mark.parametrize("kind", KINDS)
def test_no_push_carries_a_link(kind: str) -> None:
    """Neither a written address nor a value that could hold one."""
    folder = ROOT / "backend" / "templates" / "notifications"
    files = sorted(folder.glob(f"{kind}*.txt"))
    assert files, "every kind has its words"
    for file in files:
        assert not LINK.search(file.read_text(encoding="utf-8")), file.name


def test_no_other_notification_carries_a_link_either() -> None:
    for file in Path(ROOT / "backend" / "templates" / "notifications").rglob("*"):
        assert not LINK.search(file.read_text(encoding="utf-8")), file.name
