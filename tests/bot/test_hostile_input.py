"""What is sent to break things, on its way from every door to the answer."""

import json

import pytest

from backend import db, jobs
from backend.db import Base
from backend.http import cookie_name
from bot import routes
from bot.messages import Incoming
from bot.models import Message
from tests import some_procedures
from tests.some_procedures import BIRTH

HOSTILE = [
    "", "\0", "\ud83d", "\x07\x1b[31m", "😀" * 200, "a" * 10_000, "<script>alert(1)</script>",
    "{{ 7 * 7 }}", "{% raw %}", "**" * 500, "---\n---", "%s %d {0}", "'; DROP TABLE jobs; --",
    "gia\u0302\u0301y khai sinh", "Lµm giÊy khai sinh", "\u202e\u200b\ufeff", "H12-260105-000l",
]  # fmt: skip
PAYLOADS = ["d:²", "d:-1", "d:", "p:²", "c:0", "a:1.001193:zzz", ":", "x" * 200, "follow", "\ud800"]


@pytest.fixture(autouse=True)
def catalogue(database, clock):
    """One procedure to ask about."""
    some_procedures.load(BIRTH)


def statuses() -> set[str]:
    with db.reading() as session:
        turns = session.query(jobs.Job).filter_by(name="bot.turn")
        return {row.status for row in turns}


def apologies() -> int:
    with db.reading() as session:
        understood = [json.loads(row.understanding) for row in session.query(Message)]
    return sum(item.get("behavior") == "handover" for item in understood)


def test_no_text_and_no_button_stops_a_chat_on_telegram(work):
    for number, text in enumerate(HOSTILE):
        routes.store(Incoming("telegram", "42", f"t{number}", text=text, attachment="other"))
    for number, payload in enumerate(PAYLOADS):
        routes.store(Incoming("telegram", "42", f"p{number}", payload=payload))
    routes.store(Incoming("telegram", "42", "s", start="\ud800" + "x" * 500))
    work()
    assert statuses() == {"done"}
    assert apologies() == 0


def test_no_text_and_no_button_breaks_the_api(client):
    token = client.post("/api/v1/chat/conversations").json()["token"]

    def say(number: str, **said: str) -> int:
        body = json.dumps({"token": token, "message_id": number, **said}).encode()
        headers = {"content-type": "application/json"}
        return int(client.post("/api/v1/chat", content=body, headers=headers).status_code)

    answers = {say(f"t{n}", text=text) for n, text in enumerate(HOSTILE)}
    answers |= {say(f"p{n}", payload=payload) for n, payload in enumerate(PAYLOADS)}
    assert answers <= {200, 413, 422, 429}
    assert apologies() == 0


NUMBERS = "cccd 001088012345, đt 0912 345 678, thư lan.nt@gmail.com, hồ sơ H12-260105-0001"


def test_personal_numbers_are_written_down_nowhere(client):
    """Whether they were typed or, by a program, sent as a button."""
    routes.store(Incoming("telegram", "42", "1", text=NUMBERS))
    token = client.post("/api/v1/chat/conversations").json()["token"]
    for said in ({"text": NUMBERS}, {"payload": NUMBERS}):
        body = {"token": token, "message_id": next(iter(said)), **said}
        assert client.post("/api/v1/chat", json=body).status_code == 200
    with db.reading() as session:
        stored = [
            str(row)
            for table in Base.metadata.sorted_tables
            for row in session.execute(table.select())
        ]
    everything = "\n".join(stored)
    assert "H12-260105-0001" in everything
    for number in ("001088012345", "0912 345 678", "0912345678", "lan.nt@gmail.com"):
        assert number not in everything


def test_what_a_link_types_into_the_box_does_nothing(client):
    home = client.get("/", params={"hoi": "<script>alert(1)</script>"}).text
    assert "<script>alert" not in home
    assert "&lt;script&gt;alert(1)" in home


def test_a_number_that_is_none_shows_everything_from_the_start(client):
    token = client.post("/api/v1/chat/conversations").json()["token"]
    body = {"token": token, "message_id": "1", "text": "xin chào"}
    assert client.post("/api/v1/chat", json=body).status_code == 200
    client.cookies.set(cookie_name("chat"), token)
    for after in ("9" * 30, "-1", "x", "²", ""):
        answer = client.get("/chat", params={"after": after}, headers={"hx-request": "1"})
        assert (answer.status_code, "xin chào" in answer.text) == (200, True), after
