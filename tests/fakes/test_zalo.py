"""The fake is as strict as its docstring says; whoever trusts it must be able to."""

import hashlib
import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.fakes.zalo import APP, BOT_TOKEN, FakeZalo
from tests.fakes.zalo.webhooks import signature

LAN = "lan"
VERIFIER = "v" * 43


@pytest.fixture
def zalo() -> Iterator[FakeZalo]:
    with FakeZalo(speed=1000) as fake:
        fake.world.lives = 90_000 * 1000  # tokens do not hurry
        yield fake


@pytest.fixture
def api(zalo: FakeZalo) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=zalo.url) as client:
        yield client


def approved(api: httpx.Client, verifier: str = VERIFIER) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    challenge = urlsafe_b64encode(digest).decode().rstrip("=")
    query = {
        "app_id": APP.id, "redirect_uri": "https://x/", "code_challenge": challenge, "state": "s",
    }  # fmt: skip
    answer = api.get("/v4/oa/permission", params=query)
    back = parse_qs(urlsplit(answer.headers["location"]).query)
    assert back["state"] == ["s"]
    return back["code"][0]


def token(api: httpx.Client, secret: str = APP.secret, **form: str) -> dict[str, Any]:
    answer = api.post(
        "/v4/oa/access_token", data={"app_id": APP.id, **form}, headers={"secret_key": secret}
    )
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def granted(api: httpx.Client) -> dict[str, Any]:
    code = approved(api)
    return token(api, grant_type="authorization_code", code=code, code_verifier=VERIFIER)


def send(api: httpx.Client, access: str, message: Any, to: str = LAN) -> dict[str, Any]:
    body = {"recipient": {"user_id": to}, "message": message}
    answer = api.post("/v3.0/oa/message/cs", json=body, headers={"access_token": access})
    found: dict[str, Any] = answer.json()
    return found


def test_a_refresh_token_works_once_and_the_old_access_token_dies(
    zalo: FakeZalo, api: httpx.Client
) -> None:
    zalo.happen("say", user=LAN, text="x")
    first = granted(api)
    assert isinstance(first["expires_in"], str)
    renewal = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    second = token(api, **renewal)
    assert token(api, **renewal)["error"] == -14020
    assert send(api, first["access_token"], {"text": "x"})["error"] == -216
    assert send(api, second["access_token"], {"text": "x"})["error"] == 0


def test_codes_are_good_once_and_only_with_their_verifier(api: httpx.Client) -> None:
    code = approved(api)
    grant = {"grant_type": "authorization_code", "code": code}
    assert token(api, **grant, code_verifier="w" * 43)["error"] == -14011
    assert token(api, **grant, code_verifier=VERIFIER)["error"] == -14010
    assert token(api, secret=APP.oa_secret, **grant)["error"] == -14003


BUTTON = {"title": "A", "type": "oa.query.show", "payload": "a"}


def attached(**payload: Any) -> dict[str, Any]:
    return {"type": "template", "payload": payload}


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"text": "a" * 2000}, 0), ({"text": "a" * 2001}, -210), ({"text": " "}, -201),
        ({"text": "a", "attachment": attached(buttons=[BUTTON] * 5)}, 0),
        ({"text": "a", "attachment": attached(buttons=[BUTTON] * 6)}, -201),
        ({"text": "a", "attachment": attached(buttons=[BUTTON | {"title": "a" * 101}])}, -201),
        ({"text": "a", "attachment": attached(buttons=[BUTTON | {"payload": "a" * 1001}])}, -201),
        ({"text": "a", "attachment": attached(buttons=[BUTTON | {"type": "x"}])}, -201),
        ({"attachment": attached(template_type="list", elements=[{"title": "a"}])}, -201),
        ({"attachment": attached(template_type="transaction", elements=[])}, -233),
        ({"attachment": {"type": "video"}}, -233), ({"txt": "a"}, -201), ("x", -201),
    ],
    ids=range(13),
)  # fmt: skip
def test_messages_are_checked(zalo: FakeZalo, api: httpx.Client, message: Any, code: int) -> None:
    zalo.happen("say", user=LAN, text="x")
    assert send(api, granted(api)["access_token"], message)["error"] == code


def test_windows_and_quota(zalo: FakeZalo, api: httpx.Client) -> None:
    access = granted(api)["access_token"]
    assert send(api, access, {"text": "x"}, "stranger")["error"] == -213
    zalo.happen("say", user=LAN, text="x")
    answered = send(api, access, {"text": "x"})
    assert answered["data"]["quota"]["remain"] == "7"
    for hours, code in ((49, -321), (169, -230)):
        zalo.happen("age", user=LAN, hours=hours)
        assert send(api, access, {"text": "x"})["error"] == code
    zalo.happen("say", user=LAN, text="x")
    zalo.happen("world", quota=0)
    assert send(api, access, {"text": "x"})["error"] == -211


class Hook(BaseHTTPRequestHandler):
    """A webhook that remembers, and answers what it is told to."""

    seen: list[tuple[bytes, str]] = []
    status = 200

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.seen.append((body, self.headers["X-ZEvent-Signature"]))
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def hook(zalo: FakeZalo) -> Iterator[type[Hook]]:
    Hook.seen, Hook.status = [], 200
    server = HTTPServer(("127.0.0.1", 0), Hook)
    thread = Thread(target=server.serve_forever)
    thread.start()
    zalo.point("oa", f"http://127.0.0.1:{server.server_port}/")
    yield Hook
    server.shutdown()
    thread.join()
    server.server_close()


def wait(is_so: Any) -> None:
    until = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.02)


def test_events_are_signed_and_brought_once(zalo: FakeZalo, hook: type[Hook]) -> None:
    zalo.happen("say", user=LAN, text="xin chào")
    wait(lambda: zalo.state()["acknowledged"])
    ((body, given),) = hook.seen
    timestamp = str(json.loads(body)["timestamp"])
    assert given == signature(body, timestamp)["X-ZEvent-Signature"]


def test_failures_are_tried_five_more_times_and_then_the_webhook_is_off(
    zalo: FakeZalo, hook: type[Hook]
) -> None:
    hook.status = 401
    zalo.happen("say", user=LAN, text="xin chào")
    wait(lambda: zalo.state()["given_up"])
    assert len(hook.seen) == 6
    assert zalo.state()["webhooks"]["oa"]["is_off"]


def test_the_bot_platform_says_no_with_200(zalo: FakeZalo, api: httpx.Client) -> None:
    def call(method: str, bot: str = BOT_TOKEN, **given: Any) -> dict[str, Any]:
        answer = api.post(f"/bot{bot}/{method}", json=given)
        assert answer.status_code == 200
        found: dict[str, Any] = answer.json()
        return found

    assert call("getMe")["result"]["account_type"] == "BASIC"
    assert call("getMe", bot="1:x")["error_code"] == 401
    assert call("noSuchMethod")["error_code"] == 404
    assert call("setWebhook", url="https://x/", secret_token="short")["error_code"] == 400
    assert call("sendMessage", chat_id=LAN, text="x")["error_code"] == 404
    number = zalo.happen("say", user=LAN, text="x", platform="bot")
    assert call("getUpdates", timeout="1")["result"]["message"]["message_id"] == number
    assert call("getUpdates", timeout="1")["error_code"] == 408  # handed over once
    assert call("sendMessage", chat_id=LAN, text="a" * 2001)["error_code"] == 400
    assert call("sendMessage", chat_id=LAN, text="a" * 2000)["ok"]
    assert call("setWebhook", url="https://x/", secret_token="long-enough")["ok"]
    assert call("getUpdates", timeout="1")["error_code"] == 409
