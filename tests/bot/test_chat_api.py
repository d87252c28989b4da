"""`/api/v1/chat`: the fixed interface, to the letter, and its refusals in the one shape."""

import tempfile
from typing import Any

import pytest
from httpx2 import Response

from backend import db
from backend.config import settings
from backend.http import cookie_name
from bot import photos
from bot.chat import service as chats
from bot.chat import uploads
from bot.chat.api import check
from bot.models import Conversation, Message
from tests import some_procedures
from tests.bot.pictures import CARD, qr
from tests.cast import CODE, make_dossier, receipt_of
from tests.some_procedures import BIRTH, MARRIAGE

QUESTION = "con em sinh tuần trước giờ làm giấy khai sinh cần mang gì ạ"


@pytest.fixture(autouse=True)
def catalogue(database, clock):
    """Two procedures to ask about, on a Monday morning."""
    some_procedures.load(BIRTH, MARRIAGE)


@pytest.fixture
def token(client) -> str:
    """The secret of a new conversation."""
    answer = client.post("/api/v1/chat/conversations")
    assert answer.status_code == 200
    assert set(answer.json()) == {"conversation", "token"}
    return str(answer.json()["token"])


def say(client, token: str, message_id: str = "m1", **said: object):
    body = {"token": token, "message_id": message_id} | (said or {"text": QUESTION})
    return client.post("/api/v1/chat", json=body)


def refusal(answer: Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert set(answer.json()) == {"error"}
    error: dict[str, Any] = answer.json()["error"]
    assert set(error) == {"code", "message", "fields"}
    assert error["message"]
    return error


def test_a_question_gets_an_answer_of_the_promised_shape(client, token):
    body = say(client, token).json()
    assert set(body) == {"messages", "understanding", "repeat"}
    assert body["understanding"] == {
        "behavior": "answer", "codes": body["understanding"]["codes"], "aspects": ["documents"],
    }  # fmt: skip
    assert body["understanding"]["codes"][0] == BIRTH
    assert body["repeat"] is False
    for message in body["messages"]:
        assert set(message) == {"text", "buttons"}
        assert "**" not in message["text"]
        for button in message["buttons"]:
            assert set(button) - {"url"} == {"label", "payload"}
            assert button["payload"] or button["url"].startswith("http")


def test_the_token_is_a_secret_that_is_stored_nowhere(client, token):
    assert len(token) >= 22, "at least 128 bits"
    with db.reading() as session:
        stored = session.query(Conversation).one()
        assert token not in (stored.chat, stored.state)
        assert stored.chat == chats.name_of(token)


def test_a_button_is_pressed_by_its_payload(client, token):
    buttons = say(client, token).json()["messages"][-1]["buttons"]
    fees = next(button for button in buttons if button["label"] == "Lệ phí")
    told = say(client, token, "m2", payload=fees["payload"]).json()
    assert told["understanding"]["aspects"] == ["fees"]


def test_the_same_message_again_gets_the_same_words(client, token):
    first, second = say(client, token).json(), say(client, token).json()
    assert second == first | {"repeat": True}
    with db.reading() as session:
        assert session.query(Message).filter_by(author="citizen").count() == 1


def test_conversations_do_not_hear_each_other(client, token):
    say(client, token)
    other = client.post("/api/v1/chat/conversations").json()["token"]
    answer = say(client, other, "m1").json()
    assert answer["repeat"] is False


@pytest.mark.parametrize("wrong", ["", "khong-co-that", "x" * 400, "\x00"])
def test_an_unknown_token_opens_nothing(client, wrong):
    assert refusal(say(client, wrong), 401)["code"] == "unknown_token"


def test_an_ended_conversation_opens_nothing(client, token):
    client.cookies.set(cookie_name("chat"), token, domain="testserver.local", path="/")
    shown = client.get("/").text
    form_token = shown.split('name="form_token" value="', 1)[1].split('"', 1)[0]
    client.post("/chat/quen", data={"form_token": form_token})
    refusal(say(client, token), 401)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"text": "  "},
        {"text": "a", "payload": "menu"},
        {"text": 5},
        {"text": "a", "message_id": ""},
        {"text": "a", "message_id": "có dấu"},
        {"text": "a", "message_id": "x" * 101},
        {"payload": "x" * 201},
    ],
)
def test_what_cannot_be_used_is_refused_in_the_one_shape(client, token, body):
    sent = {"token": token, "message_id": "m1"} | body
    refusal(client.post("/api/v1/chat", json=sent), 422)


def test_not_json_is_refused_in_the_one_shape(client):
    refusal(client.post("/api/v1/chat", content=b"xin chao"), 422)


def test_ten_thousand_characters_are_too_many(client, token):
    error = refusal(say(client, token, text="x" * 10_000), 413)
    assert "10.000" in error["message"]
    assert set(error["fields"]) == {"text"}


def test_four_thousand_characters_are_not():
    check("x" * 4000, "")


def test_three_megabytes_are_too_many(client, token):
    refusal(say(client, token, text="x" * 3_000_000), 413)


def test_control_characters_are_dropped(client, token):
    assert say(client, token, text="khai\x00 sinh cần gì").status_code == 200


def test_too_fast_is_told_when_to_come_back(client, token, clock):
    for number in range(chats.PER_CHAT.most):
        assert say(client, token, f"m{number}", text="cảm ơn").status_code == 200
    answer = say(client, token, "last", text="cảm ơn")
    assert refusal(answer, 429)["code"] == "too_many_messages"
    clock.move(seconds=int(answer.headers["Retry-After"]))
    assert say(client, token, "last", text="cảm ơn").status_code == 200


def test_beginning_too_often_is_refused(client):
    answers = [client.post("/api/v1/chat/conversations") for _ in range(chats.OPENED.most + 1)]
    assert [a.status_code for a in answers[:-1]] == [200] * chats.OPENED.most
    assert int(answers[-1].headers["Retry-After"]) > 0
    refusal(answers[-1], 429)


def show(client, token: str, photo: bytes | None, message_id: str = "p1"):
    files = {"photo": ("anh.jpg", photo, "image/jpeg")} if photo is not None else None
    said = {"token": token, "message_id": message_id}
    return client.post("/api/v1/chat/photos", data=said, files=files)


def test_a_photo_of_a_receipt_opens_its_dossier_once(client, token):
    with db.transaction() as session:
        link = f"{settings().base_url}/ho-so/mo/{receipt_of(make_dossier(session))}"
    first, second = (show(client, token, qr(link)).json() for _ in range(2))
    assert CODE in first["messages"][0]["text"]
    assert (first["messages"], first["repeat"]) == (second["messages"], False)
    assert second["repeat"] is True


def test_an_identity_card_is_refused_through_the_api_too(client, token):
    answer = show(client, token, qr(CARD)).json()
    assert "thẻ căn cước" in answer["messages"][0]["text"]
    with db.reading() as session:
        said = [row.text for row in session.query(Message).filter_by(author="citizen")]
    assert said == ["(gửi ảnh)"]


def test_a_photo_of_a_program_never_touches_a_disk(client, token, monkeypatch):
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a file was opened for the photo")

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    answer = show(client, token, bytes(photos.MOST_BYTES))
    assert "không mở được ảnh" in answer.json()["messages"][0]["text"]


def test_photos_are_refused_in_the_one_shape(client, token):
    assert refusal(show(client, "sai" * 10, b"x"), 401)["code"] == "unknown_token"
    assert "photo" in refusal(show(client, token, None), 422)["fields"]
    assert refusal(show(client, token, b"x", message_id=" "), 422)["fields"]
    assert refusal(show(client, token, bytes(uploads.MOST_BODY)), 413)["code"] == "too_large"


def test_a_photo_is_documented_as_a_form(client):
    told = client.get("/openapi.json").json()["paths"]["/api/v1/chat/photos"]["post"]
    (form,) = told["requestBody"]["content"].items()
    assert form[0] == "multipart/form-data"
    assert form[1]["schema"]["required"] == ["token", "message_id", "photo"]
    assert "stored nowhere" in told["description"]
    assert {"401", "413", "422", "429"} <= set(told["responses"])


def test_it_is_documented(client):
    paths = client.get("/openapi.json").json()["paths"]
    assert {"/api/v1/chat", "/api/v1/chat/conversations"} <= set(paths)
    assert "/chat" not in paths, "pages are no interface for programs"
