"""The chat in a browser, with and without scripts: asked, answered, refused, forgotten."""

import asyncio
from xml.etree.ElementTree import Element

import pytest

from backend import clock as real_clock
from backend import db
from backend.dossiers import proofs
from backend.dossiers import service as dossiers
from backend.http import cookie_name
from backend.notifications.chats import ChatRef
from bot.channels import CHANNELS
from bot.chat import service as chats
from bot.messages import Button, Outgoing, SendError
from bot.models import Conversation, Message
from tests import some_procedures
from tests.cast import CODE, make_dossier, receipt_of
from tests.page import Browser, Page, hidden_fields, parsed_fragment, words
from tests.some_procedures import BIRTH, MARRIAGE

QUESTION = "lam khai sinh cho con can giay to gi"


@pytest.fixture(autouse=True)
def catalogue(database, clock):
    """Two procedures to ask about, on a Monday morning."""
    some_procedures.load(BIRTH, MARRIAGE)


def bubbles(page: Page | Element, author: str) -> list[str]:
    tree = page.one("div", id="log") if isinstance(page, Page) else page
    return [words(e) for e in tree.iter("div") if e.get("class") == f"bubble {author}"]


def say(page: Browser, text: str = QUESTION) -> Page:
    page.get("/")
    return page.post("/chat", text=text)


def token_of(page: Browser) -> str:
    return str(page.client.cookies[cookie_name("chat")])


def keep_cookie(page: Browser, token: str) -> None:
    page.client.cookies.set(cookie_name("chat"), token, domain="testserver.local", path="/")


def counted(table) -> int:
    with db.reading() as session:
        return int(session.query(table).count())


def test_the_home_page_is_the_chat(page):
    home = page.get("/")
    assert home.h1 == "Ông/bà cần làm giấy tờ gì?"
    assert "không bao giờ hỏi mã OTP" in home.text
    assert counted(Conversation) == 0, "looking costs nothing"


def test_a_question_is_answered_and_survives_a_reload(page):
    answered = say(page)
    assert answered.path == "/"
    assert answered.url.endswith("#cuoi") or answered.one("div", id="cuoi") is not None
    assert QUESTION in bubbles(answered, "citizen")[0]
    assert "Giấy chứng sinh" in bubbles(answered, "assistant")[0]
    again = page.get("/")
    assert bubbles(again, "assistant") == bubbles(answered, "assistant")


def test_the_newest_exchange_is_where_reading_goes_on(page):
    say(page)
    second = say(page, "còn lệ phí thì sao")
    assert "còn lệ phí" in words(second.one("div", id="cuoi"))
    assert QUESTION not in words(second.one("div", id="cuoi"))


def test_a_button_is_pressed_and_said_in_its_words(page):
    answered = say(page)
    button = next(b for b in answered.all("button", class_="chip") if words(b) == "Lệ phí")
    told = page.post("/chat", payload=button.get("value", ""))
    assert "Lệ phí" in bubbles(told, "citizen")[-1]
    assert "a:fees" not in told.text


def test_a_button_of_long_ago_is_said_in_its_words(page):
    answered = say(page)
    old = next(b for b in answered.all("button", class_="chip") if words(b) == "Lệ phí")
    say(page, "đăng ký kết hôn cần gì")
    told = page.post("/chat", payload=old.get("value", ""))
    assert bubbles(told, "citizen")[-1].endswith("Lệ phí")


def test_links_to_our_pages_stay_on_this_host(page):
    answered = say(page)
    chip = next(a for a in answered.all("a", class_="chip"))
    assert chip.get("href") == "/thu-tuc/1.001193"


def test_a_double_press_says_it_once(page):
    page.get("/")
    page.post("/chat", text=QUESTION, message_id="mot")
    page.post("/chat", text=QUESTION, message_id="mot")
    assert counted(Message) == 2


def test_mended_and_sent_again_it_is_another_message(page):
    """A browser gives the form back with its old number when one goes back and changes the text."""
    page.get("/")
    page.post("/chat", text=QUESTION, message_id="mot")
    told = page.post("/chat", text="đăng ký kết hôn cần gì", message_id="mot")
    assert "kết hôn" in bubbles(told, "assistant")[-1].lower()


@pytest.mark.parametrize("nothing", ["", "   ", "\x00\x07"])
def test_nothing_said_is_told_beside_the_box(page, nothing):
    refused = say_refused(page, nothing, 422)
    assert "chưa nhập" in words(refused.one("div", id="loi"))
    assert counted(Message) == 0


def say_refused(page: Browser, text: str, status: int) -> Page:
    page.get("/")
    return page.post("/chat", text=text, status=status)


def test_ten_thousand_characters_come_back_whole(page):
    long = "Tôi hỏi về hộ tịch. " * 500
    refused = say_refused(page, long, 413)
    assert "4.000" in words(refused.one("div", id="loi"))
    assert words(refused.one("textarea")) == long.strip()
    assert counted(Message) == 0


def test_script_is_shown_as_text(page):
    told = say(page, "<script>alert(1)</script> <b>khai sinh</b>")
    assert "<script>alert(1)</script>" in bubbles(told, "citizen")[0]


def test_emoji_alone_get_a_kind_word(page):
    page.get("/")
    told = page.post("/chat", text="😀😀", queries=30)  # the menu reads its procedures one by one
    assert len(bubbles(told, "assistant")) == 1


def test_broken_characters_harm_nothing(page):
    told = say(page, "khai\x00 sinh\x1b cần gì")
    assert "khai sinh cần gì" in bubbles(told, "citizen")[0]


def test_whoever_writes_too_fast_waits_and_loses_nothing(page, clock):
    page.get("/")
    for number in range(chats.PER_CHAT.most + 1):  # the first one began the chat
        page.post("/chat", text="cảm ơn", message_id=str(number))
    refused = page.post("/chat", text="câu cuối cùng", status=429)
    assert "đợi" in words(refused.one("div", id="loi"))
    assert words(refused.one("textarea")) == "câu cuối cùng"
    clock.move(minutes=1, seconds=1)
    assert "câu cuối cùng" in bubbles(page.post("/chat", text="câu cuối cùng"), "citizen")[-1]


def test_a_page_open_for_too_long_keeps_what_was_typed(page):
    page.get("/")
    refused = page.post("/chat", text=QUESTION, form_token="cu", status=403)
    assert words(refused.one("textarea")) == QUESTION
    assert counted(Message) == 0
    assert bubbles(page.post("/chat", text=QUESTION), "citizen")


def post_script(page, **fields: str):
    shown = page.get("/")
    form = next(f for f in shown.forms if f.get("id") == "hoi")
    data = hidden_fields(form) | fields
    return page.client.post("/chat", data=data, headers={"HX-Request": "true"})


def test_scripts_get_only_what_is_new(page):
    say(page)
    answer = post_script(page, text="còn lệ phí thì sao")
    fragment = parsed_fragment(answer.text)
    assert answer.status_code == 200
    assert "HX-Request" in answer.headers["Vary"]
    assert len(bubbles(fragment, "citizen")) == 1
    swapped = {e.get("id"): e.get("value") for e in fragment.iter("input")}
    assert set(swapped) == {"da-xem"}
    assert "<html" not in answer.text


def test_a_retry_whose_first_answer_was_lost_gets_it(page):
    shown = page.get("/")
    form = next(f for f in shown.forms if f.get("id") == "hoi")
    data = hidden_fields(form) | {"text": QUESTION}
    first, second = (
        page.client.post("/chat", data=data, headers={"HX-Request": "true"}) for _ in range(2)
    )
    assert bubbles(parsed_fragment(first.text), "assistant") == bubbles(
        parsed_fragment(second.text), "assistant"
    )
    assert counted(Message) == 2


def test_a_refusal_for_scripts_is_only_the_reason(page):
    answer = post_script(page, text="x" * 10_000)
    assert answer.status_code == 413
    assert "10.000" in answer.text
    assert "<html" not in answer.text


def push(chat: str, text: str) -> str:
    return asyncio.run(CHANNELS["web"].send(Outgoing(text, (Button("Xem", "track"),)), chat))


def test_news_wait_in_the_transcript(page):
    say(page)
    shown = page.get("/")
    seen = hidden_fields(next(f for f in shown.forms if f.get("id") == "hoi"))["after"]
    nothing = page.client.get(f"/chat?after={seen}", headers={"HX-Request": "true"})
    assert nothing.status_code == 204
    push(chats.name_of(token_of(page)), "Hồ sơ của ông/bà có thay đổi.")
    news = page.fragment(f"/chat?after={seen}")
    assert bubbles(news, "assistant") == ["Trợ lý trả lời: Hồ sơ của ông/bà có thay đổi."]
    assert "có thay đổi" in words(page.get("/chat?tin-moi").one("div", id="cuoi"))


def test_news_reach_a_browser_that_never_asked_anything(database):
    assert push("chat-tu-trang-ho-so", "Hồ sơ có thay đổi.")
    assert counted(Conversation) == 1


def test_news_do_not_reach_who_left(page):
    say(page)
    chat = chats.name_of(token_of(page))
    page.post("/chat/quen")
    with pytest.raises(SendError) as refused:
        push(chat, "Hồ sơ có thay đổi.")
    assert refused.value.unreachable


def test_forgetting_ends_the_conversation_and_its_proofs(page):
    say(page)
    token = token_of(page)
    me = ChatRef("web", chats.name_of(token))
    with db.transaction() as session:
        receipt = receipt_of(make_dossier(session))
        assert proofs.open_by_token(session, receipt, me, now=real_clock.now())
    left = page.post("/chat/quen")
    assert "Đã quên" in left.text
    assert not bubbles(left, "citizen")
    with db.reading() as session:
        assert dossiers.get_with_proof(session, me, CODE) is None
    keep_cookie(page, token)
    assert not bubbles(page.get("/"), "citizen")
    say(page)
    assert token_of(page) != token


def test_a_chat_begun_on_the_dossier_page_keeps_what_it_proved(page):
    """Our other pages hand out the cookie first (a receipt's QR code)."""
    token = "toLZc7uoCwE0yYHhJ1mWqSg8dK3vXn2b"
    keep_cookie(page, token)
    say(page)
    with db.reading() as session:
        assert chats.is_open(session, token)


def test_the_language_of_the_pages_is_switched_and_remembered(page):
    page.get("/thu-tuc")
    switched = page.post("/ngon-ngu", lang="en")
    assert switched.path == "/thu-tuc"
    assert switched.tree.get("lang") == "en"


@pytest.mark.parametrize("elsewhere", ["https://example.com/", "//example.com", "/\\example.com"])
def test_the_language_switch_leads_nowhere_else(page, elsewhere):
    page.get("/thu-tuc")
    assert page.post("/ngon-ngu", lang="en", next=elsewhere).path == "/"


def test_the_clock_of_the_transcript_is_vietnamese(page):
    assert "09:00" in say(page).text
    assert real_clock.now().hour == 2
