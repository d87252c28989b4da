"""A voice note: the assistant asks for words; an officer gets a line and the handle of it."""

import json

import pytest
from sqlalchemy import select

from backend import db
from bot.models import Message
from tests.bot.handover import claim, officer, say, text_of

pytestmark = pytest.mark.usefixtures("database", "clock")


def lines() -> list[tuple[str, str]]:
    """The citizen's lines, each with the handle that is kept with it."""
    with db.reading() as session:
        rows = session.scalars(select(Message).where(Message.author == "citizen"))
        return [(row.text, json.loads(row.understanding).get("file", "")) for row in rows]


def test_the_assistant_asks_for_words_and_keeps_nothing() -> None:
    assert "gõ giúp câu hỏi" in text_of(say(attachment="voice", file="v-1"))
    assert lines() == [("(gửi tin nhắn thoại)", "")]


def test_an_officer_gets_the_line_and_its_handle() -> None:
    minh = officer("minh", "Trần Quang Minh")
    say("gặp cán bộ")
    claim(minh)
    assert not say(attachment="voice", file="v-2").messages
    assert lines()[-1] == ("(gửi tin nhắn thoại)", "v-2")
