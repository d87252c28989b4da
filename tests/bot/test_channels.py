"""The contract of a channel, judged for every line of the registry."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import example, given
from hypothesis import strategies as st

from bot.channels import CHANNELS
from bot.messages import Button, Incoming, Limits, Outgoing, fit, plain, split

PAYLOADS = Path(__file__).parent.parent / "payloads"
ROOT = Path(__file__).parent.parent.parent
channels = pytest.mark.parametrize("channel", CHANNELS.values(), ids=list(CHANNELS))


# Other servers' payloads lie beside those of channels.
CAPTURED = [file for kind in CHANNELS for file in sorted(PAYLOADS.glob(f"{kind}/*.json"))]


def captured() -> list[Any]:
    return [pytest.param(file, id=f"{file.parent.name}-{file.stem}") for file in CAPTURED]


@channels
def test_is_named_as_it_is_registered(channel: Any) -> None:
    assert CHANNELS[channel.kind] is channel
    assert channel.limits.text >= 500, "a bubble must hold a sentence or two"


@pytest.mark.parametrize("file", captured())
def test_a_captured_payload_means_what_it_should(file: Path) -> None:
    case = json.loads(file.read_text(encoding="utf-8"))
    came = CHANNELS[file.parent.name].parse(case["update"])
    if case["expect"] is None:
        assert came is None
    else:
        assert came is not None
        assert came.channel == file.parent.name
        assert case["expect"].items() <= came.as_dict().items()
        assert Incoming.from_dict(json.loads(json.dumps(came.as_dict()))) == came


@channels
def test_no_payload_of_any_channel_breaks_it(channel: Any) -> None:
    for file in CAPTURED:
        channel.parse(json.loads(file.read_text(encoding="utf-8"))["update"])
    junk: Any
    for junk in ({}, [], "x", None, {"message": None}, {"update_id": "x"}, {"text": ""}):
        channel.parse(junk)


@channels
def test_every_webhook_refuses_strangers_and_counts_them(channel: Any) -> None:
    async def receive(incoming: Incoming, position: int) -> bool:
        raise AssertionError("a stranger was let in")

    router = channel.routes(receive)
    app = FastAPI()
    if router is not None:
        app.include_router(router)
    paths = [route.path for route in (router.routes if router else ())]
    for path in [path for path in paths if path.startswith("/webhooks/")]:
        answer = TestClient(app).post(path, json={"update_id": 1})
        assert answer.status_code in (200, 403), path  # what each channel's server wants to hear


@channels
def test_too_many_buttons_become_numbered_lines(channel: Any) -> None:
    buttons = tuple(Button(f"Thủ tục {n}", f"c:{n}") for n in range(channel.limits.buttons + 1))
    (bubble,) = fit(Outgoing("Ông/bà hỏi thủ tục nào?", buttons), channel.limits)
    assert not bubble.buttons
    for number, button in enumerate(buttons, 1):
        assert f"{number}. {button.label}" in bubble.text


@channels
def test_long_text_becomes_bubbles_cut_at_sentences(channel: Any) -> None:
    sentence = "Ông/bà mang theo căn cước và giấy chứng sinh. "
    text = (sentence * (2 * channel.limits.text // len(sentence) + 2)).strip()
    last = Button("Lệ phí", "a:fees")
    buttons = (last,) if channel.limits.buttons else ()
    bubbles = fit(Outgoing(text, buttons), channel.limits)
    assert len(bubbles) > 2
    assert all(len(bubble.text) <= channel.limits.text for bubble in bubbles)
    assert all(bubble.text.endswith(".") for bubble in bubbles)
    assert " ".join(bubble.text for bubble in bubbles) == text
    assert [bubble.buttons for bubble in bubbles] == [()] * (len(bubbles) - 1) + [buttons]


def test_only_its_own_file_and_the_registry_know_a_channel_by_name() -> None:
    """Adding one touches two files: nobody else may need to be told."""
    registry = (ROOT / "bot" / "channels" / "__init__.py").read_text(encoding="utf-8")
    for kind, channel in CHANNELS.items():
        assert registry.count(type(channel).__name__) == 2, "one import, one line"
        for module in (ROOT / "bot" / "routes.py", *(ROOT / "bot" / "delivery").glob("*.py")):
            assert f'"{kind}"' not in module.read_text(encoding="utf-8"), module.name


WORDS = st.text(st.sampled_from("ăđệ oư.,;\n ab"), max_size=400)


@given(text=WORDS, limit=st.integers(10, 80))
def test_splitting_loses_no_word_and_respects_the_limit(text: str, limit: int) -> None:
    pieces = split(text, limit)
    assert all(0 < len(piece) <= limit for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())


@given(
    words=st.lists(st.text("ăđệoư", min_size=1, max_size=12), min_size=1, max_size=80),
    limit=st.integers(20, 60),
)
def test_splitting_never_cuts_a_word(words: list[str], limit: int) -> None:
    assert " ".join(split(" ".join(words), limit)).split() == words


SPAN = st.tuples(st.text("ab .\n", max_size=40), st.text("cd", min_size=1, max_size=15))


@given(spans=st.lists(SPAN, min_size=1, max_size=8), limit=st.integers(50, 90))
@example(spans=[("\nccb.c c ...bb.   cac. c", "d dccd"), ("bb a..ab aab.bbba  ", "d c")], limit=63)
@example(spans=[("", "c"), ("", "c" * 14), *[("a", "c")] * 3, ("aa", "cc"), ("", "c")], limit=62)
def test_splitting_never_cuts_strong_text(spans: list[tuple[str, str]], limit: int) -> None:
    text = "".join(f"{before}**{strong} x**" for before, strong in spans)
    for piece in split(text, limit):
        assert piece.count("**") % 2 == 0, piece


def test_what_shows_no_strong_text_is_sent_without_marks() -> None:
    (bubble,) = fit(Outgoing("Lệ phí: **50.000 đ**"), Limits(text=100, buttons=0))
    assert bubble.text == plain(bubble.text) == "Lệ phí: 50.000 đ"


def test_a_bubble_can_be_stored() -> None:
    bubble = Outgoing("Chọn:", (Button("Giấy tờ", "c:1"), Button("Trang", url="https://a.vn")))
    assert Outgoing.from_dict(json.loads(json.dumps(bubble.as_dict()))) == bubble


def test_the_terminal_of_nobody_cannot_be_reached() -> None:
    from bot.channels.console import Console
    from bot.messages import SendError

    with pytest.raises(SendError) as refused:
        asyncio.run(Console().send(Outgoing("xin chào"), "x"))
    assert refused.value.unreachable
