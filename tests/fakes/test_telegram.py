"""The fake is as strict as the real one, else tests against it prove nothing."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.fakes.telegram import FakeTelegram
from tests.fakes.telegram.markup import Refused, length, parsed


class Hook:
    """A webhook that answers as it is told, and remembers what it was brought."""

    def __init__(self) -> None:
        self.seen: list[tuple[float, str, str]] = []  # when, secret, text
        self.answers: list[tuple[int, dict[str, str]]] = []
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                secret = self.headers.get("X-Telegram-Bot-Api-Secret-Token", "")
                text = body.get("message", {}).get("text", "")
                status, headers = hook.answers.pop(0) if hook.answers else (200, {})
                hook.seen.append((time.monotonic(), secret, text))
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Silent."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    def texts(self) -> list[str]:
        return [text for _, _, text in self.seen]

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def telegram() -> Iterator[FakeTelegram]:
    with FakeTelegram(speed=20) as fake:
        fake.world.chat(7)
        yield fake


@pytest.fixture
def hook(telegram: FakeTelegram) -> Iterator[Hook]:
    made = Hook()
    telegram.call("setWebhook", url=made.url, secret_token="bi-mat")
    yield made
    made.close()


def until(is_so: Callable[[], bool], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.01)


def refusal(telegram: FakeTelegram, method: str, **given: Any) -> tuple[int, str]:
    answer = telegram.call(method, **given)
    assert answer["ok"] is False
    return answer["error_code"], answer["description"]


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("<b>a", "Can't find end tag"),
        ("a</b>", "Unexpected end tag"),
        ("<b><i>a</b></i>", "Unmatched end tag"),
        ("<p>a</p>", 'Unsupported start tag "p"'),
        ("5 < 6", "Unsupported start tag"),
        ("<b class='x'>a</b>", "Unexpected attributes"),
    ],
)
def test_markup_that_telegram_refuses(source: str, why: str) -> None:
    with pytest.raises(Refused, match="can't parse entities: ") as refused:
        parsed(source)
    assert why in refused.value.description


def test_entities_count_as_telegram_counts() -> None:
    text, entities = parsed("😀 <b>Lệ &amp; phí</b> &lt;x&gt; &copy;")
    assert text == "😀 Lệ & phí <x> &copy;"
    assert entities == [{"type": "bold", "offset": 3, "length": 8}]
    assert length("😀") == 2


def test_the_limits_are_those_of_the_real_one(telegram: FakeTelegram) -> None:
    assert telegram.call("sendMessage", chat_id=7, text="a" * 4096)["ok"]
    too_long = refusal(telegram, "sendMessage", chat_id=7, text="a" * 4097)
    assert too_long == (400, "Bad Request: message is too long")
    markup = "<b>" + "a" * 4096 + "</b>"
    assert telegram.call("sendMessage", chat_id=7, text=markup, parse_mode="HTML")["ok"]
    for data, ok in (("ă" * 32, True), ("ă" * 32 + "a", False), ("", False)):
        keyboard = {"inline_keyboard": [[{"text": "a", "callback_data": data}]]}
        answer = telegram.call("sendMessage", chat_id=7, text="a", reply_markup=keyboard)
        assert answer["ok"] is ok
    empty = refusal(telegram, "sendMessage", chat_id=7, text=" ")
    assert empty == (400, "Bad Request: message text is empty")
    assert refusal(telegram, "sendMessage", chat_id=8, text="a")[1] == "Bad Request: chat not found"
    assert refusal(telegram, "sendFax", chat_id=7)[0] == 404


def test_buttons_open_public_pages_only(telegram: FakeTelegram) -> None:
    for url, ok in (
        ("https://dichvucong.gov.vn/", True), ("http://127.0.0.1:8000/", False),
        ("http://localhost/", False), ("javascript:alert(1)", False),
    ):  # fmt: skip
        keyboard = {"inline_keyboard": [[{"text": "a", "url": url}]]}
        answer = telegram.call("sendMessage", chat_id=7, text="a", reply_markup=keyboard)
        assert answer["ok"] is ok, url


def test_edits_that_change_nothing_are_refused(telegram: FakeTelegram) -> None:
    number = telegram.call("sendMessage", chat_id=7, text="a")["result"]["message_id"]
    changed = {"chat_id": 7, "message_id": number, "text": "b"}
    assert telegram.call("editMessageText", **changed)["ok"]
    assert "is not modified" in refusal(telegram, "editMessageText", **changed)[1]
    assert telegram.call("deleteMessage", chat_id=7, message_id=number)["ok"]
    assert "not found" in refusal(telegram, "editMessageText", **changed)[1]


def test_updates_are_kept_until_they_are_confirmed(telegram: FakeTelegram) -> None:
    first, second = (telegram.happen("say", chat=7, text=text) for text in "ab")
    for _ in range(2):
        fetched = telegram.call("getUpdates")["result"]
        assert [update["update_id"] for update in fetched] == [first, second]
    (left,) = telegram.call("getUpdates", offset=second)["result"]
    assert left["message"]["text"] == "b"
    started = time.monotonic()
    assert telegram.call("getUpdates", offset=second + 1, timeout=1)["result"] == []
    assert time.monotonic() - started >= 0.9


def test_a_webhook_and_polling_exclude_each_other(telegram: FakeTelegram, hook: Hook) -> None:
    code, why = refusal(telegram, "getUpdates")
    assert code == 409
    assert "webhook is active" in why
    telegram.call("deleteWebhook")
    assert telegram.call("getUpdates")["ok"]


def test_the_webhook_is_brought_with_its_secret(telegram: FakeTelegram, hook: Hook) -> None:
    telegram.happen("say", chat=7, text="a")
    until(lambda: bool(telegram.state()["acknowledged"]))
    assert hook.seen[0][1:] == ("bi-mat", "a")
    why = refusal(telegram, "setWebhook", url=hook.url, secret_token="a b")[1]
    assert why == "Bad Request: secret token contains unallowed characters"


def test_a_chat_waits_behind_its_failure_and_others_do_not(
    telegram: FakeTelegram, hook: Hook
) -> None:
    hook.answers = [(500, {}), (503, {"Retry-After": "10"})]
    telegram.happen("say", chat=7, text="a")
    until(lambda: len(hook.seen) == 2)  # the second time at once
    telegram.happen("say", chat=7, text="b")
    telegram.happen("say", chat=8, text="c")
    until(lambda: len(hook.seen) == 5)
    assert hook.texts() == ["a", "a", "c", "a", "b"]
    assert hook.seen[3][0] - hook.seen[1][0] >= 10 / 20  # Retry-After, twenty times as fast


def test_a_press_is_forgotten_long_before_a_message(telegram: FakeTelegram, hook: Hook) -> None:
    telegram.world.speed = 2000
    keyboard = {"inline_keyboard": [[{"text": "a", "callback_data": "c:1"}]]}
    telegram.call("sendMessage", chat_id=7, text="a", reply_markup=keyboard)
    hook.answers = [(500, {})] * 1000
    pressed = telegram.happen("press", chat=7, data="c:1")
    until(lambda: telegram.state()["expired"] == [pressed])
