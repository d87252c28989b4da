"""Training deadlines in a chat: a code links it, two words unlink it."""

from datetime import timedelta

import pytest

from backend import clock as now_is
from backend import db
from backend.notifications import follow
from backend.notifications.chats import ChatRef
from bot.messages import Reply
from tests.bot.handover import say, text_of

pytestmark = pytest.mark.usefixtures("database", "clock")
PERSON = 7


def code() -> str:
    with db.transaction() as session:
        return follow.code(session, PERSON, now=now_is.now())


def linked() -> tuple[ChatRef, ...]:
    with db.reading() as session:
        return follow.chats_of(session, [PERSON]).get(PERSON, ())


@pytest.mark.parametrize("form", ["NHAC {}", "nhắc hạn: {}", "Nhac {}."])
def test_a_typed_code_links_the_chat_and_says_how_to_stop(form: str) -> None:
    said = text_of(say(form.format(code().lower()), channel="zalo_oa"))
    assert linked() == (ChatRef("zalo_oa", "lan"),)
    assert "dừng nhắc" in said


def test_on_telegram_the_link_brings_it() -> None:
    say(channel="telegram", start=f"{follow.START}{code()}")
    assert linked() == (ChatRef("telegram", "lan"),)


def test_a_code_works_once_and_not_for_long(clock) -> None:
    made = code()
    say(f"NHAC {made}")
    assert "không đúng" in text_of(say(f"NHAC {made}", chat="minh"))
    late = code()
    clock.now += timedelta(hours=1)
    assert "hết hạn" in text_of(say(f"NHAC {late}", chat="minh"))
    assert linked() == (ChatRef("console", "lan"),)


def test_a_browser_is_no_place_for_reminders() -> None:
    made = code()
    assert "Telegram hoặc Zalo" in text_of(say(f"NHAC {made}", channel="web"))
    assert linked() == ()
    say(f"NHAC {made}")
    assert linked(), "the code was not used up"


@pytest.mark.parametrize("words", ["dừng nhắc", "Dung nhac!", "ngừng nhắc"])
def test_two_words_stop_it(words: str) -> None:
    say(f"NHAC {code()}")
    assert "không gửi lời nhắc" in text_of(say(words))
    assert linked() == ()
    assert "không nhận lời nhắc" in text_of(say(words))


def test_who_wants_no_messages_at_all_is_not_reminded_either() -> None:
    say(f"NHAC {code()}")
    said: Reply = say("đừng gửi tin nhắn cho tôi nữa")
    assert "hạn học tập" in text_of(said)
    assert linked() == ()


@pytest.mark.parametrize("words", ["nhắc lại giúp tôi", "nhắc tôi ngày mai", "nhac nho giay to"])
def test_other_words_are_not_taken_for_a_code(words: str) -> None:
    assert "Mã nhắc hạn" not in text_of(say(words))
