"""The learner's page that says in which chats they are reminded."""

import re
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from backend import clock as now_is
from backend import db
from backend.accounts.models import Officer
from backend.config import settings
from backend.notifications import follow
from backend.notifications.chats import ChatRef
from tests.cast import PASSWORD
from tests.lms.course import make_official
from tests.page import Browser, Page

HERE = "/hoc/nhac-han"
LAN = ChatRef("zalo_oa", "lan")


@pytest.fixture
def binh(page: Browser, clock) -> Page:
    with db.transaction() as session:
        make_official(session)
    page.get(f"/dang-nhap?next={HERE}")
    return page.post("/dang-nhap", login="binh", password=PASSWORD)


def test_a_code_is_shown_once_and_what_it_linked_can_be_stopped(page: Browser, binh: Page) -> None:
    assert "Chưa có cuộc trò chuyện nào" in binh.text
    code = re.search(r"NHAC ([A-Z0-9]{8})", page.post(HERE).text)
    assert code
    assert code[1] not in page.get(HERE).text
    with db.transaction() as session:
        assert follow.link(session, LAN, code[1], now=now_is.now())
    shown = page.get(HERE)
    assert "Zalo từ" in shown.text
    page.post(f"{HERE}/thoi", chat=str(shown.one("button", name="chat").get("value")))
    assert "Chưa có cuộc trò chuyện nào" in page.get(HERE).text


def test_nobody_stops_the_reminders_of_others(page: Browser, binh: Page) -> None:
    with db.transaction() as session:
        person = session.scalars(select(Officer.person_id).where(Officer.login == "binh")).one()
        assert person is not None
        other = person + 1
        for whose in (person, other):
            made = follow.code(session, whose, now=now_is.now())
            follow.link(session, LAN, made, now=now_is.now())
        theirs = follow.linked(session, other)[0].id
    page.get(HERE)
    page.post(f"{HERE}/thoi", chat=str(theirs))
    with db.reading() as session:
        assert follow.chats_of(session, [other]) == {other: (LAN,)}


@pytest.fixture
def known_bot(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The bot has a name; nobody's after this test."""
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "1:a")
    monkeypatch.setenv("TELEGRAM_BOT_NAME", "motcua_bot")
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


@pytest.mark.usefixtures("known_bot")
def test_where_the_bot_is_known_a_link_opens_it(page: Browser, binh: Page) -> None:
    shown = page.post(HERE)
    url = shown.link("Mở Telegram")
    assert re.fullmatch(r"https://t\.me/motcua_bot\?start=nhac-[A-Z0-9]{8}", url)
