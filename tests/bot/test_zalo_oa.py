"""The Official Account's webhook, and what comes in by it, through real HTTP bodies."""

import asyncio
import json
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from backend import clock as real_clock
from backend import db, metrics
from backend.config import settings
from bot.channels import zalo_oa
from bot.channels.zalo_oa import ZaloOA
from bot.messages import Incoming, Outgoing
from bot.zalo import sent, windows
from tests.fakes.zalo import APP, FakeZalo
from tests.fakes.zalo.official import event
from tests.fakes.zalo.webhooks import signature

pytestmark = pytest.mark.usefixtures("database")
LAN = "5510185758261927916"


class Inbox:
    """Stands for the database: remembers what it was given."""

    def __init__(self) -> None:
        self.rows: dict[str, tuple[Incoming, int]] = {}
        self.is_away = False

    async def receive(self, incoming: Incoming, position: int) -> bool:
        if self.is_away:
            raise OSError("the database is away")
        is_new = incoming.external_id not in self.rows
        self.rows.setdefault(incoming.external_id, (incoming, position))
        return is_new

    @property
    def last(self) -> Incoming:
        return list(self.rows.values())[-1][0]


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def hook(zalo: FakeZalo, inbox: Inbox) -> Iterator[TestClient]:
    """The webhook, as Zalo calls it."""
    app = FastAPI()
    app.include_router(ZaloOA().routes(inbox.receive))
    with TestClient(app) as client:
        yield client


def bring(hook: TestClient, body: Any, **headers: str) -> int:
    raw = json.dumps(body, ensure_ascii=False).encode()
    timestamp = str(body.get("timestamp", "")) if isinstance(body, dict) else ""
    signed = signature(raw, timestamp) | headers
    return hook.post("/webhooks/zalo", content=raw, headers=signed).status_code


def said(text: str = "xin chào", number: str = "m1", **more: Any) -> dict[str, Any]:
    message = {"text": text, "msg_id": number}
    return event("user_send_text", sender=LAN, message=message) | more


def counted(outcome: str) -> float:
    return float(metrics.UPDATES.labels("zalo_oa", outcome)._value.get())


def test_the_unsigned_probe_of_the_console_hears_200(hook: TestClient, inbox: Inbox) -> None:
    before = counted("probe")
    assert hook.post("/webhooks/zalo", json={}).status_code == 200
    assert counted("probe") == before + 1
    assert not inbox.rows


@pytest.mark.parametrize("forged", ["", "mac=", "mac=00", "x" * 64])
def test_a_forged_event_is_dropped_and_counted(hook: TestClient, inbox: Inbox, forged: str) -> None:
    before = counted("forbidden")
    headers = {"X-ZEvent-Signature": forged}
    assert bring(hook, said(), **headers) == 200  # a refusal would switch the webhook off
    assert counted("forbidden") == before + 1
    assert not inbox.rows


def test_the_app_s_secret_is_not_the_account_s(
    hook: TestClient, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZALO_OA_SECRET_KEY", APP.secret)
    settings.cache_clear()
    assert bring(hook, said()) == 200
    assert not inbox.rows


def test_without_a_secret_everybody_is_a_stranger(
    hook: TestClient, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZALO_OA_SECRET_KEY", "")
    settings.cache_clear()
    assert bring(hook, said()) == 200
    assert not inbox.rows


def test_the_prefix_of_the_signature_may_be_missing(hook: TestClient, inbox: Inbox) -> None:
    body = said()
    raw = json.dumps(body, ensure_ascii=False).encode()
    bare = signature(raw, body["timestamp"])["X-ZEvent-Signature"].removeprefix("mac=")
    assert bring(hook, body, **{"X-ZEvent-Signature": bare}) == 200
    assert inbox.rows


def test_it_is_the_raw_bytes_that_are_signed(hook: TestClient, inbox: Inbox) -> None:
    body = said("giấy khai sinh")
    spaced = json.dumps(body, ensure_ascii=True, indent=3).encode()
    headers = signature(spaced, body["timestamp"])
    hook.post("/webhooks/zalo", content=spaced, headers=headers)
    assert inbox.last.text == "giấy khai sinh"


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[" * 100_000])
def test_what_is_not_json_hears_200(hook: TestClient, inbox: Inbox, body: bytes) -> None:
    assert hook.post("/webhooks/zalo", content=body).status_code == 200
    assert not inbox.rows


def test_an_event_is_stored_once_in_its_place(hook: TestClient, inbox: Inbox) -> None:
    before, body = counted("repeat"), said()
    for _ in range(3):
        assert bring(hook, body) == 200
    ((came, position),) = inbox.rows.values()
    assert (came.text, came.chat, came.external_id) == ("xin chào", LAN, "m1")
    assert position == int(body["timestamp"])
    assert counted("repeat") == before + 2


def test_what_comes_out_of_order_keeps_the_order_of_its_times(
    hook: TestClient, inbox: Inbox
) -> None:
    now = int(time.time() * 1000)
    for number in (3, 1, 2):
        bring(hook, said(f"câu {number}", f"m{number}", timestamp=str(now - 10_000 + number)))
    ordered = sorted(inbox.rows.values(), key=lambda row: row[1])
    assert [came.text for came, _ in ordered] == ["câu 1", "câu 2", "câu 3"]


def test_an_old_event_that_somebody_replays_is_dropped(hook: TestClient, inbox: Inbox) -> None:
    before = counted("stale")
    two_days = int((time.time() - 2 * 86_400) * 1000)
    assert bring(hook, said(timestamp=str(two_days))) == 200
    assert counted("stale") == before + 1
    two_hours = int((time.time() - 2 * 3600) * 1000)  # Zalo itself brings nothing older
    bring(hook, said(timestamp=str(two_hours)))
    assert len(inbox.rows) == 1


@pytest.mark.parametrize(
    ("name", "outcome"),
    [("user_does_something_new", "unknown"), ("user_seen_message", "ignored"), ("", "unknown")],
)
def test_unknown_events_are_taken_and_counted(
    hook: TestClient, inbox: Inbox, name: str, outcome: str
) -> None:
    before = counted(outcome)
    assert bring(hook, event(name, sender=LAN, message={"msg_ids": ["x"]})) == 200
    assert counted(outcome) == before + 1
    assert not inbox.rows


@pytest.mark.parametrize("timestamp", ["x", "", None, "9" * 30])
def test_an_event_of_no_time_is_ignored(hook: TestClient, inbox: Inbox, timestamp: Any) -> None:
    assert bring(hook, said(timestamp=timestamp)) == 200
    assert not inbox.rows


def test_a_database_that_is_away_asks_to_come_back(hook: TestClient, inbox: Inbox) -> None:
    inbox.is_away = True
    raw = json.dumps(said()).encode()
    answer = hook.post(
        "/webhooks/zalo", content=raw, headers=signature(raw, json.loads(raw)["timestamp"])
    )
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")


# Windows


def window(chat: str = LAN, **later: float) -> str:
    with db.reading() as session:
        return windows.window(session, chat, now=real_clock.now() + timedelta(**later))


def test_whatever_the_citizen_does_opens_the_window(hook: TestClient) -> None:
    assert "chưa rõ" in window()
    bring(hook, said())
    assert "miễn phí đến" in window(hours=47)
    assert "bị tính phí" in window(hours=49)
    assert "đã quá 7 ngày" in window(days=7, minutes=1)


@pytest.mark.parametrize("name", ["follow", "user_click_chatnow"])
def test_a_follow_and_a_click_open_it_too(hook: TestClient, name: str) -> None:
    holder: dict[str, Any] = {"follower": {"id": LAN}} if name == "follow" else {"user_id": LAN}
    assert bring(hook, event(name, **holder)) == 200
    assert "miễn phí đến" in window()


@pytest.mark.parametrize("name", ["user_received_message", "user_seen_message", "oa_send_text"])
def test_what_is_no_doing_of_theirs_does_not(hook: TestClient, name: str) -> None:
    ends = {"sender": LAN} if name.startswith("user") else {"sender": "oa", "recipient": LAN}
    bring(hook, event(name, **ends, message={"msg_id": "m", "text": "x"}))
    assert "chưa rõ" in window()


def test_an_event_that_comes_late_moves_the_window_nowhere(hook: TestClient) -> None:
    bring(hook, said())
    late = int((time.time() - 20 * 3600) * 1000)
    bring(hook, said(number="m0", timestamp=str(late)))
    assert "miễn phí đến" in window(hours=47)


# Echoes


def test_what_a_colleague_writes_in_oa_manager_is_by_staff(hook: TestClient, inbox: Inbox) -> None:
    echo = event(
        "oa_send_text", sender="oa", recipient=LAN, message={"text": "Chào", "msg_id": "e"}
    )
    assert bring(hook, echo) == 200
    assert (inbox.last.by_staff, inbox.last.text, inbox.last.chat) == (True, "Chào", LAN)


def test_our_own_echo_is_dropped(hook: TestClient, inbox: Inbox) -> None:
    with db.transaction() as session:
        row, _ = sent.start(session, LAN, "Chào ông/bà", now=real_clock.now())
        sent.note(session, row, "e")
    before = counted("echo")
    echo = event("oa_send_text", sender="oa", recipient=LAN, message={"text": "?", "msg_id": "e"})
    assert bring(hook, echo) == 200
    assert counted("echo") == before + 1
    assert not inbox.rows


def test_an_echo_that_is_quicker_than_the_answer_is_ours(hook: TestClient, inbox: Inbox) -> None:
    with db.transaction() as session:
        sent.start(session, LAN, "Chào  ông/bà", now=real_clock.now())
    message = {"text": "Chào ông/bà ", "msg_id": "e"}
    bring(hook, event("oa_send_text", sender="oa", recipient=LAN, message=message))
    assert not inbox.rows


@pytest.mark.parametrize("order", ["ab", "ba"])
def test_the_echo_of_a_process_that_was_killed_is_ours_however_late(
    hook: TestClient, inbox: Inbox, order: str
) -> None:
    """It sent and died; another sent again. Who takes an echo for a colleague falls silent."""
    with db.transaction() as session:
        sent.start(session, LAN, "Chào ông/bà", now=real_clock.now())  # Zalo took it as "a"
        again, arrived_as = sent.start(session, LAN, "Chào ông/bà", now=real_clock.now())
        assert not arrived_as
    message = {"text": "Chào ông/bà", "msg_id": order[0]}
    assert bring(hook, event("oa_send_text", sender="oa", recipient=LAN, message=message)) == 200
    with db.transaction() as session:
        sent.note(session, again, "b")
    message = {"text": "Chào ông/bà", "msg_id": order[1]}
    assert bring(hook, event("oa_send_text", sender="oa", recipient=LAN, message=message)) == 200
    assert not inbox.rows
    with db.transaction() as session:
        _, arrived_as = sent.start(session, LAN, "Chào ông/bà", now=real_clock.now())
    assert not arrived_as, "the same words in answer to a later question are sent"


def test_other_words_while_ours_are_on_their_way_wait_for_the_answer(
    hook: TestClient, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zalo_oa, "ECHO_PAUSE", 0.01)
    with db.transaction() as session:
        sent.start(session, LAN, "Chào ông/bà", now=real_clock.now())
    message = {"text": "Em là cán bộ", "msg_id": "e"}
    bring(hook, event("oa_send_text", sender="oa", recipient=LAN, message=message))
    assert inbox.last.by_staff


def test_the_whole_wait_for_an_echo_stays_within_two_seconds() -> None:
    assert zalo_oa.ECHO_LOOKS * zalo_oa.ECHO_PAUSE < 1.5


def test_a_receipt_is_written_down(hook: TestClient) -> None:
    with db.transaction() as session:
        row, _ = sent.start(session, LAN, "Chào ông/bà", now=real_clock.now())
        sent.note(session, row, "e")
    before = metrics.SENDS.labels("zalo_oa", "delivered")._value.get()
    body = event("user_received_message", sender=LAN, message={"msg_id": "e"})
    bring(hook, body)
    assert metrics.SENDS.labels("zalo_oa", "delivered")._value.get() == before + 1


def test_every_kind_of_attachment_is_understood(
    zalo: FakeZalo, hook: TestClient, inbox: Inbox
) -> None:
    expected = {
        "image": "photo", "gif": "sticker", "sticker": "sticker", "audio": "voice",
        "video": "file", "file": "file", "location": "location", "link": "", "business_card": "",
    }  # fmt: skip
    for kind, attachment in expected.items():
        zalo.happen("send", user=LAN, kind=kind)
        assert bring(hook, zalo.world.pending[-1].body) == 200
        assert inbox.last.attachment == attachment, kind
    assert inbox.last.contact is not None
    assert inbox.last.contact.phone == "0912000001"
    assert not inbox.last.contact.is_own  # a telephone on a card, or typed, proves nothing


def test_nothing_is_sent_where_zalo_is_off() -> None:
    assert ZaloOA().standing() == "off"
    with pytest.raises(Exception, match="ZALO_APP_ID"):
        asyncio.run(ZaloOA().send(Outgoing("x"), LAN))
