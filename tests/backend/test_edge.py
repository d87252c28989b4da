"""What every request meets first: odd bodies, odd addresses, bugs; and what is told about them."""

import asyncio
import json

import pytest
from fastapi import Request
from fastapi.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send

from backend import metrics
from backend.heads import Heads
from backend.http import client_address
from backend.main import app
from backend.render import static_file

SYNC = "/api/v1/dossiers/sync"
CHAT = "/api/v1/chat"
JSON = {"content-type": "application/json"}


def test_no_body_of_any_kind_is_more_than_422_in_the_one_shape(client):
    deep = b"[" * 5000 + b"]" * 5000
    surrogate = json.dumps({"token": "\ud800", "message_id": "\ud800", "text": "\ud800"}).encode()
    for body in (b"", b"hello", b"null", b"[]", b'{"token": "\xff"}', deep, b"9" * 6000, surrogate):
        answer = client.post(CHAT, content=body, headers=JSON)
        assert answer.status_code == 422, (body[:20], answer.text)
        assert set(answer.json()["error"]) == {"code", "message", "fields"}, body[:20]


def test_a_field_whose_name_is_no_text_is_refused_like_any_other(client, monkeypatch):
    _give_key(monkeypatch)
    body = json.dumps({"service": "DongBoHoSoMC", "data": [{"\ud800": 1}]}).encode()
    answer = client.post(SYNC, content=body, headers=JSON | {"x-api-key": "k" * 32})
    assert answer.status_code in (200, 422), answer.text


def test_without_the_key_even_a_wrong_body_is_only_401(client):
    for body in ({}, {"service": "nothing"}, {"data": 5}):
        assert client.post(SYNC, json=body).status_code == 401


@pytest.mark.parametrize("path", [CHAT, "/ho-so", "/chat"])
def test_an_endless_body_is_cut_off_with_413(client, path):
    def endless():
        for _ in range(130):
            yield b"a" * 100_000

    kind = "application/json" if path == CHAT else "application/x-www-form-urlencoded"
    answer = client.post(path, content=endless(), headers={"content-type": kind})
    assert answer.status_code == 413


@pytest.mark.parametrize("length", ["abc", "-5", "9" * 5000, "١٢"])
def test_a_length_that_is_none_is_not_believed(client, length):
    headers = [(b"content-type", b"application/json"), (b"content-length", length.encode())]
    assert client.post(CHAT, content=b"{}", headers=headers).status_code == 422


def test_a_wrong_method_is_refused_in_vietnamese_and_told_the_right_one(client):
    answer = client.get(CHAT)
    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"
    assert "yêu cầu" in answer.json()["error"]["message"]
    assert "Method Not Allowed" not in client.put("/").text


@pytest.mark.parametrize("name", ["%00", "a" * 3000, "..%2f..%2fconfig.py", "%2fetc%2fpasswd", "."])
def test_a_file_that_cannot_be_is_not_found(client, name):
    assert client.get(f"/static/x/{name}").status_code == 404


def test_static_files_never_lead_outside():
    for name in ("../config.py", "/etc/passwd", "css/../../config.py", "a\0b", "css"):
        assert static_file(name) is None


@pytest.fixture
def broken(database):
    """An app one of whose routes has a bug; its address holds a secret."""

    def bug(token: str) -> None:
        raise RuntimeError("hỏng ở đây")

    routes = list(app.router.routes)
    app.add_api_route("/hong/{token}", bug)
    yield TestClient(app, base_url="https://testserver", raise_server_exceptions=False)
    app.router.routes[:] = routes


def test_a_bug_is_counted_carries_the_headers_and_tells_no_address(broken, monkeypatch):
    logged: list[tuple[str, dict[str, object]]] = []
    monkeypatch.setattr("backend.main.logger.error", lambda e, **f: logged.append((e, f)))

    def count() -> float:
        return float(metrics.REQUESTS.labels("GET", "500")._value.get())

    before = count()
    answer = broken.get("/hong/bi-mat-cua-bien-nhan")
    assert answer.status_code == 500
    assert count() == before + 1
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    ((event, fields),) = logged
    assert (event, fields["route"]) == ("request.failed", "/hong/{token}")
    assert "bi-mat" not in str(fields)
    assert "hỏng ở đây" not in answer.text


def test_refused_pages_are_kept_nowhere(page):
    assert page.client.get("/ho-so/khong-co").headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("peer", "forwarded", "trusted", "address"),
    [
        ("1.2.3.4", ["9.9.9.9"], 0, "1.2.3.4"),
        ("127.0.0.1", ["9.9.9.9, 5.6.7.8"], 1, "5.6.7.8"),
        ("127.0.0.1", ["9.9.9.9", "5.6.7.8"], 1, "5.6.7.8"),
        ("127.0.0.1", ["9.9.9.9", "5.6.7.8, 10.0.0.1"], 2, "5.6.7.8"),
        ("127.0.0.1", [], 1, "127.0.0.1"),
        ("127.0.0.1", ["<script>"], 1, "127.0.0.1"),
        ("::ffff:1.2.3.4", [], 0, "1.2.3.4"),
        ("2001:db8:1:2:3::4", [], 0, "2001:db8:1:2::/64"),
    ],
)
def test_the_address_is_that_which_our_own_proxy_saw(
    monkeypatch, peer, forwarded, trusted, address
):
    changed = _settings().model_copy(update={"trusted_proxies": trusted})
    monkeypatch.setattr("backend.http.settings", lambda: changed)
    headers = [(b"x-forwarded-for", value.encode()) for value in forwarded]
    request = Request({"type": "http", "headers": headers, "client": (peer, 1)})
    assert client_address(request) == address


def test_the_description_of_the_api_tells_how_it_refuses(client):
    described = client.get("/openapi.json").json()
    for path, statuses in (
        (CHAT, {"200", "401", "413", "422", "429", "503"}),
        ("/api/v1/chat/conversations", {"200", "429", "503"}),
        (SYNC, {"200", "401", "413", "422", "503"}),
    ):
        responses = described["paths"][path]["post"]["responses"]
        assert set(responses) == statuses
        for status in statuses - {"200"}:
            schema = responses[status]["content"]["application/json"]["schema"]
            assert schema == {"$ref": "#/components/schemas/Refusal"}


def _settings():
    from backend.config import settings

    return settings()


def _give_key(monkeypatch) -> None:
    changed = _settings().model_copy(update={"sync_api_key": "k" * 32})
    monkeypatch.setattr("backend.dossiers.api.settings", lambda: changed)


@pytest.mark.parametrize("path", ["/", "/healthz", "/thu-tuc", "/khong-co"])
def test_head_is_get_without_its_body(client, database, path):
    asked, got = client.head(path), client.get(path)
    assert (asked.status_code, asked.content) == (got.status_code, b"")
    kept = ("content-type", "content-security-policy")
    assert [asked.headers[name] for name in kept] == [got.headers[name] for name in kept]


def test_head_of_what_takes_only_post_is_refused(client):
    assert client.head(CHAT).status_code == 405


def test_head_of_a_stream_ends_at_once():
    told: list[Message] = []

    async def endless(scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["method"] == "GET"
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"data", "more_body": True})
        assert (await receive())["type"] == "http.disconnect"

    async def never() -> Message:
        return await asyncio.Event().wait()  # type: ignore[return-value]  # it never returns

    async def keep(message: Message) -> None:
        told.append(message)

    asked = Heads(endless)({"type": "http", "method": "HEAD"}, never, keep)
    asyncio.run(asyncio.wait_for(asked, 5))
    assert [message["type"] for message in told] == ["http.response.start", "http.response.body"]
    assert told[1] == {"type": "http.response.body", "body": b"", "more_body": False}
