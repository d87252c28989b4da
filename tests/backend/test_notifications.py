"""Pushes: once, without personal details, and not to those who cannot be reached."""

import json

import pytest
from sqlalchemy import select

from backend import clock as now_is
from backend import render
from backend.i18n import LOCALES, speaking
from backend.jobs import Job, Lane
from backend.notifications import chats
from backend.notifications import service as notifications
from backend.notifications.chats import ChatRef
from backend.notifications.kinds import KINDS

CHAT = ChatRef("telegram", "1001")
DATA = {
    "tail": "0001", "channel": "telegram", "course": "Khoá 0001", "deadline": "30/06/2026",
    "when": "late", "count": "3", "lesson": "Thư lạ", "what": "changed", "day": "30/06/2026",
    "since": "8 giờ", "until": "10 giờ", "place": "Hội trường", "reason": "",
}  # fmt: skip


def notify(session, chat=CHAT, dedupe="event:1"):
    return notifications.notify(
        session, chat, "dossier_status", data={"tail": "0001"}, dedupe=dedupe, now=now_is.now()
    )


def pushes(session):
    return session.scalars(select(Job).where(Job.name == "notifications.deliver")).all()


def test_a_push_is_queued_once_for_each_chat(session, clock):
    assert notify(session)
    assert not notify(session)
    assert notify(session, ChatRef("web", "1001"))
    first, second = pushes(session)
    payload = json.loads(first.payload)
    assert payload.pop("attempt")
    assert payload == {
        "channel": "telegram", "chat": "1001", "kind": "dossier_status", "data": {"tail": "0001"},
    }  # fmt: skip
    assert (first.key, first.lane) == ("push:telegram:1001", Lane.PUSH)
    assert second.key == "push:web:1001"
    assert (first.expires_at - first.run_at).days == 3


def test_a_closed_chat_is_passed_over_until_it_writes_again(session, clock):
    chats.unreachable(session, CHAT, now=now_is.now())
    chats.unreachable(session, CHAT, now=now_is.now())
    assert not notify(session)
    assert pushes(session) == []
    chats.reachable(session, CHAT)
    assert notify(session, dedupe="event:2")


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_words_without_links_or_names(kind, locale):
    assert render.exists(f"notifications/{kind}.txt")
    with speaking(locale):
        text = notifications.render(kind, DATA)
    assert "0001" in text
    assert "http" not in text
    assert len(text) < 400


def test_an_unknown_kind_is_a_bug():
    with pytest.raises(KeyError):
        notifications.render("khong-co", DATA)
