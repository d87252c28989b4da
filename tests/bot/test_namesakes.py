"""A procedure known by its name only shows its namesake that has content."""

from collections.abc import Iterator

import pytest

from backend import clock, db
from backend.procedures import service as procedures
from backend.procedures.importers import Parsed
from backend.procedures.record import Record, Tier
from bot.catalogue import catalogue
from bot.dialogue import engine
from bot.messages import Incoming, Reply, plain
from tests import some_procedures

DIVIDING, DIVIDING_BY_NAME, AGAIN_BY_NAME = "1.012784", "1.115932", "1.115933"
NAMES = {
    DIVIDING_BY_NAME: "Tách thửa, hợp thửa đất",
    AGAIN_BY_NAME: "Cấp lại văn bản cho phép tách thửa đất",
}


@pytest.fixture
def scene(database, clock) -> Iterator[None]:
    """The shipped dividing of land, and two procedures of a province by their names."""
    some_procedures.load(DIVIDING)
    with_names()
    yield
    catalogue.forget()


def with_names() -> None:
    found = [
        Parsed(f"names:{n}", Record(code=code, name=name, tier=Tier.NAME_ONLY), "names")
        for n, (code, name) in enumerate(NAMES.items(), 1)
    ]
    with db.transaction() as session:
        procedures.apply(session, procedures.plan(session, found), clock.now())
    catalogue.forget()


def ask(text: str) -> Reply:
    said = Incoming(channel="console", chat="t", external_id=text, text=text)
    return engine.handle(said)


def text_of(reply: Reply) -> str:
    return "\n".join(plain(message.text) for message in reply.messages)


def test_the_namesake_with_content_is_named_and_a_tap_away(scene: None) -> None:
    reply = ask(f"thủ tục {DIVIDING_BY_NAME} phí bao nhiêu")
    assert reply.codes[0] == DIVIDING_BY_NAME
    assert f"mã {DIVIDING}" in text_of(reply)
    payloads = [button.payload for message in reply.messages for button in message.buttons]
    assert payloads[0] == f"a:fees:{DIVIDING}"


def test_another_stage_of_the_same_matter_is_no_namesake(scene: None) -> None:
    reply = ask(f"thủ tục {AGAIN_BY_NAME} phí bao nhiêu")
    assert reply.codes[0] == AGAIN_BY_NAME
    assert DIVIDING not in text_of(reply)
