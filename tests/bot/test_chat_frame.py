"""The chat in other portals' pages: who may show it, and what a frame does without cookies."""

import pytest

from backend import clock as real_clock
from backend import config, db
from backend.config import Environment, SettingsError
from bot.chat import pages
from bot.models import Conversation, Message
from tests import some_procedures
from tests.page import parsed_fragment, words
from tests.some_procedures import BIRTH, MARRIAGE

PORTALS = "https://dichvucong.example.vn https://*.example.org"
QUESTION = "lam khai sinh cho con can giay to gi"


@pytest.fixture(autouse=True)
def catalogue(database, clock):
    """Two procedures to ask about, on a Monday morning."""
    some_procedures.load(BIRTH, MARRIAGE)


@pytest.fixture
def production(monkeypatch: pytest.MonkeyPatch):
    """As it would run there, with these portals."""

    def set_to(portals: str) -> None:
        update = {"environment": Environment.PRODUCTION, "embed_origins": portals}
        changed = config.settings().model_copy(update=update)
        monkeypatch.setattr("bot.chat.frame.settings", lambda: changed)

    return set_to


def test_the_portals_of_the_setting_may_show_it_and_no_others(client, production):
    production(PORTALS)
    answer = client.get("/nhung")
    assert f"frame-ancestors {PORTALS}" in answer.headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in answer.headers
    assert "Set-Cookie" not in answer.headers
    home = client.get("/")
    assert "frame-ancestors 'none'" in home.headers["Content-Security-Policy"]
    assert home.headers["X-Frame-Options"] == "DENY"


def test_without_portals_there_is_nothing_to_embed(client, production):
    production("")
    assert client.get("/nhung").status_code == 404
    assert client.get("/embed.js").status_code == 404


@pytest.mark.parametrize("wrong", ["example.vn", "https://a.vn; script-src *", "https://a.vn/x"])
def test_a_setting_that_would_break_the_policy_is_refused(wrong):
    with pytest.raises(SettingsError, match="EMBED_ORIGINS"):
        config.read({"EMBED_ORIGINS": wrong})


def test_the_frame_is_a_page_like_any_other(page):
    shown = page.get("/nhung")
    assert shown.h1 == "Ông/bà cần làm giấy tờ gì?"
    assert shown.one("base").get("target") == "_blank", "our other pages cannot be framed"


def test_the_trial_page_is_for_development(page, monkeypatch):
    assert page.get("/dev/nhung").all("script")
    production = config.settings().model_copy(update={"environment": Environment.PRODUCTION})
    monkeypatch.setattr("bot.chat.frame.settings", lambda: production)
    page.get("/dev/nhung", status=404)


def begin(client) -> dict[str, str]:
    token = client.post("/api/v1/chat/conversations").json()["token"]
    return {"Authorization": f"Bearer {token}", "HX-Request": "true"}


def say(client, headers: dict[str, str], message_id: str = "m1"):
    said = {"text": QUESTION, "message_id": message_id, "after": "0"}
    return client.post("/chat", data=said, headers=headers)


def test_a_frame_talks_with_its_token_and_gets_no_cookie(client):
    headers = begin(client)
    answer = say(client, headers)
    assert answer.status_code == 200
    assert "Giấy chứng sinh" in answer.text
    assert "Set-Cookie" not in answer.headers
    news = client.get("/chat?after=0", headers=headers)
    assert len(list(parsed_fragment(news.text).iter("textarea"))) == 0
    assert "Giấy chứng sinh" in words(parsed_fragment(news.text))
    assert "Set-Cookie" not in news.headers


def test_the_same_words_twice_are_answered_once(client):
    headers = begin(client)
    assert say(client, headers).text == say(client, headers).text


def test_a_token_that_opens_nothing_is_told_so(client):
    refused = say(client, {"Authorization": "Bearer khong-co-that", "HX-Request": "true"})
    assert refused.status_code == 401
    assert "Set-Cookie" not in refused.headers
    assert client.get("/chat", headers={"Authorization": "Bearer x"} | HX).status_code == 204


HX = {"HX-Request": "true"}


def test_a_cookie_counts_for_nothing_beside_a_token(client):
    """On a portal of our own domain the browser would send it along."""
    shown = client.get("/").text
    form_token = shown.split('name="form_token" value="', 1)[1].split('"', 1)[0]
    client.post("/chat", data={"text": QUESTION, "form_token": form_token, "message_id": "a"})
    assert client.get("/chat?after=0", headers=HX).status_code == 200
    headers = HX | {"Authorization": "Bearer "}
    assert client.get("/chat?after=0", headers=headers).status_code == 204


def test_nobody_without_a_conversation_listens(client):
    assert client.get("/chat/truc-tiep").status_code == 204


@pytest.mark.parametrize("path", ["messages", "events"])
def test_programs_need_the_token(client, path):
    answer = client.get(f"/api/v1/chat/{path}", headers={"Authorization": "Bearer x"})
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "unknown_token"


def test_programs_read_what_was_said(client):
    headers = begin(client)
    say(client, headers)
    said = client.get("/api/v1/chat/messages", headers=headers).json()["messages"]
    assert [item["author"] for item in said] == ["citizen", "bot"]
    assert said[0]["text"] == QUESTION
    assert said[1]["id"] > said[0]["id"]
    later = client.get(f"/api/v1/chat/messages?after={said[0]['id']}", headers=headers)
    assert later.json()["messages"] == said[1:]
    assert client.get("/api/v1/chat/messages?after=x", headers=headers).status_code == 422


def test_an_officer_is_named_and_quoted_as_they_wrote(client):
    """Their words are no markup of ours: a line that begins with a number stays as it is."""
    headers = begin(client)
    say(client, headers)
    with db.transaction() as session:
        talk = session.query(Conversation).one()
        session.add(
            Message(
                conversation_id=talk.id, turn=9, author="officer", text="1. <b>Chào</b> **bà**",
                understanding='{"officer": "Hoa"}', at=real_clock.now(),
            )
        )  # fmt: skip
    shown = client.get("/chat?after=0", headers=headers).text
    assert "Cán bộ Hoa trả lời:" in shown
    assert "1. &lt;b&gt;Chào&lt;/b&gt; **bà**" in shown
    last = client.get("/api/v1/chat/messages", headers=headers).json()["messages"][-1]
    assert (last["author"], last["name"]) == ("officer", "Hoa")
    assert last["text"] == "1. <b>Chào</b> **bà**"


def test_the_streams_are_documented(client):
    paths = client.get("/openapi.json").json()["paths"]
    events = paths["/api/v1/chat/events"]["get"]
    assert set(events["responses"]["200"]["content"]) == {"text/event-stream"}
    assert "Last-Event-ID" in events["description"]


def test_a_script_that_changes_moves_those_that_import_it(client):
    url = pages.scripts("page")
    assert client.get(url).status_code == 200
    for name in ("talk", "log", "kept"):
        assert client.get(url.replace("page.js", f"{name}.js")).status_code == 200
