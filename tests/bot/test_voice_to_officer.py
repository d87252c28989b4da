"""A voice note: the assistant asks for words; an officer hears it, fetched from its channel."""

import base64
import json
from collections.abc import Callable
from threading import BoundedSemaphore

import pytest
from sqlalchemy import select

from backend import db
from backend.errors import NotFound, Unavailable
from bot.inbox import voices
from bot.models import Message
from tests.bot.handover import claim, officer, say, talk, text_of
from tests.cast import PASSWORD
from tests.fakes.telegram import FakeTelegram
from tests.fakes.zalo import FakeZalo
from tests.page import Browser

pytestmark = pytest.mark.usefixtures("database", "clock")

OGG = b"OggS" + bytes(range(200))


def lines() -> list[tuple[str, str]]:
    """The citizen's lines, each with the handle that is kept with it."""
    with db.reading() as session:
        written = select(Message).where(Message.author == "citizen")
        rows = session.scalars(written.order_by(Message.id))
        return [(row.text, json.loads(row.understanding).get("file", "")) for row in rows]


@pytest.mark.parametrize("channel", ["telegram", "zalo_oa", "zalo_bot"])
def test_the_assistant_asks_for_words_and_keeps_nothing(channel: str) -> None:
    assert "gõ giúp câu hỏi" in text_of(say(channel=channel, attachment="voice", file="v-1"))
    assert lines() == [("(gửi tin nhắn thoại)", "")]


def test_an_officer_gets_the_line_and_its_handle() -> None:
    minh = officer("minh", "Trần Quang Minh")
    say("gặp cán bộ")
    say(attachment="voice", file="v-1")
    claim(minh)
    assert not say(attachment="voice", file="v-2").messages
    assert not say(attachment="photo", file="p-1").messages
    handles = [("(gửi tin nhắn thoại)", "v-1"), ("(gửi tin nhắn thoại)", "v-2"), ("(gửi ảnh)", "")]
    assert lines()[-3:] == handles, "what was said while waiting too; a picture never"


@pytest.fixture
def note(page: Browser) -> Callable[[str, str], str]:
    """A voice note sent to Minh, who is signed in; where it can be heard."""

    def sent(channel: str, file: str) -> str:
        minh = officer("minh", "Trần Quang Minh")
        say("gặp cán bộ", channel=channel)
        claim(minh)
        say(channel=channel, attachment="voice", file=file)
        page.get("/dang-nhap")
        page.post("/dang-nhap", login="minh", password=PASSWORD)
        shown = page.get(f"/quan-tri/hoi-thoai/{talk().id}", queries=20)
        return str(shown.one("audio").get("src"))

    return sent


def test_telegrams_note_is_heard_whole_and_in_parts(
    page: Browser, telegram: FakeTelegram, note: Callable[[str, str], str]
) -> None:
    telegram.world.files["v"] = OGG
    sound = page.client.get(src := note("telegram", "v"))
    assert (sound.status_code, sound.content) == (200, OGG)
    assert sound.headers["content-type"] == "audio/ogg"
    assert sound.headers["cache-control"] == "no-store"
    part = page.client.get(src, headers={"Range": "bytes=4-9"})
    assert (part.status_code, part.content) == (206, OGG[4:10])
    assert part.headers["content-range"] == f"bytes 4-9/{len(OGG)}"
    assert page.client.get(src, headers={"Range": "bytes=100-"}).content == OGG[100:]
    assert page.client.get(src, headers={"Range": f"bytes={len(OGG)}-"}).status_code == 416


def test_zalos_note_is_heard_and_nobody_else_hears_it(
    page: Browser, zalo: FakeZalo, note: Callable[[str, str], str]
) -> None:
    zalo.happen("send", user="lan", kind="audio", content=base64.b64encode(OGG).decode())
    address = zalo.world.pending[-1].body["message"]["attachments"][0]["payload"]["url"]
    src = note("zalo_oa", address)
    assert page.client.get(src).content == OGG
    page.client.cookies.clear()
    stranger = page.client.get(src, follow_redirects=False)
    assert stranger.status_code != 200
    assert b"OggS" not in stranger.content


@pytest.mark.parametrize(
    "file", ["https://evil.example/a.ogg", "https://a.zdn.vn.evil.example/", "not an address"]
)
def test_a_note_that_is_gone_is_said_so(
    page: Browser, zalo: FakeZalo, note: Callable[[str, str], str], file: str
) -> None:
    gone = page.get(note("zalo_oa", file), status=404)
    assert "Không lấy được tin thoại" in gone.text


def test_a_page_in_the_place_of_a_sound_is_not_passed_on(
    page: Browser, zalo: FakeZalo, note: Callable[[str, str], str]
) -> None:
    gone = page.client.get(note("zalo_oa", zalo.world.keep(b"<script>alert(1)</script>")))
    assert gone.status_code == 404
    assert "alert(1)" not in gone.text


def test_a_bubble_without_sound_or_of_another_talk_has_none(
    page: Browser, note: Callable[[str, str], str]
) -> None:
    src = note("zalo_oa", "https://a.zdn.vn/v.aac")
    talk_of, number = src.rsplit("/", 1)
    with db.reading() as session:
        silent = session.scalars(select(Message.id).where(Message.id != int(number))).first()
    for path in (f"{talk_of}/{silent}", f"{talk_of}/99999999"):
        page.get(path, status=404)


@pytest.mark.parametrize(
    ("begins", "kind"),
    [
        (b"OggS", "audio/ogg"), (b"ID3\x04", "audio/mpeg"), (b"\xff\xfb\x90", "audio/mpeg"),
        (b"\xff\xf1P", "audio/aac"), (b"\0\0\0\x20ftypM4A ", "audio/mp4"),
        (b"#!AMR\n", "audio/amr"),
    ],
)  # fmt: skip
def test_a_sound_is_told_by_its_first_bytes(begins: bytes, kind: str, zalo: FakeZalo) -> None:
    assert voices.fetched("zalo_bot", zalo.world.keep(begins)) == (begins, kind)


def test_a_note_is_sent_piece_by_piece(
    page: Browser, telegram: FakeTelegram, note: Callable[[str, str], str]
) -> None:
    sound = OGG * 2000
    telegram.world.files["v"] = sound
    assert [len(piece) for piece in voices.pieces(sound)][:-1] == [voices.PIECE] * 6
    heard = page.client.get(note("telegram", "v"))
    assert heard.content == sound
    assert heard.headers["content-length"] == str(len(sound))


def test_only_a_few_notes_are_in_memory_at_once(
    zalo: FakeZalo, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = zalo.world.keep(OGG)
    monkeypatch.setattr(voices, "PATIENCE", 0.05)
    monkeypatch.setattr(voices, "_fetching", held := BoundedSemaphore(1))
    with held, pytest.raises(Unavailable, match="nhiều người nghe"):
        voices.fetched("zalo_oa", address)
    for _ in range(2):
        assert voices.fetched("zalo_oa", address)[0] == OGG
    with pytest.raises(NotFound):
        voices.fetched("zalo_oa", "https://evil.example/a.ogg")
    assert voices.fetched("zalo_oa", address)[0] == OGG, "a failure gives its place back"


def test_too_long_a_note_is_not_taken_into_memory(zalo: FakeZalo) -> None:
    address = zalo.world.keep(b"OggS" + bytes(voices.MOST_BYTES))
    with pytest.raises(NotFound, match="Không lấy được"):
        voices.fetched("zalo_oa", address)
