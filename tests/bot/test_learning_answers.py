"""What is kept of each turn, and the thumbs under answers."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from backend import db
from bot import language
from bot.catalogue import catalogue
from bot.channels import CHANNELS
from bot.channels.telegram.drawing import PAYLOAD_BYTES
from bot.dialogue import engine
from bot.learning.models import Answer, Status
from bot.messages import Button, Incoming, Limits, Outgoing, Reply, fit
from bot.models import Conversation
from tests import some_procedures
from tests.some_procedures import BIRTH, MARRIAGE

QUESTION = "làm khai sinh cho con cần giấy tờ gì"
Say = Callable[..., Reply]


@pytest.fixture
def say(database, clock) -> Say:
    """Somebody says something in the chat of Lan, or of whoever is named."""
    some_procedures.load(BIRTH, MARRIAGE)
    catalogue.forget()
    count = iter(range(1000))

    def one(text: str = "", *, press: str = "", chat: str = "lan") -> Reply:
        return engine.handle(Incoming("console", chat, str(next(count)), text=text, payload=press))

    return one


def kept() -> list[Answer]:
    with db.reading() as session:
        found = list(session.scalars(select(Answer).order_by(Answer.id)))
        session.expunge_all()
    return found


def buttons(reply: Reply) -> dict[str, Button]:
    return {b.label: b for message in reply.messages for b in message.buttons}


@pytest.mark.parametrize(
    ("text", "status"),
    [
        (QUESTION, Status.ANSWERED),
        ("cấp phép phóng tên lửa dân dụng cần giấy tờ gì", Status.NO_CONTENT),
        ("tối nay đội nào đá bóng", Status.OUT_OF_SCOPE),
        ("tôi muốn gặp cán bộ", Status.HANDED_OVER),
        ("xin chào", Status.SMALL_TALK),
    ],
)
def test_each_turn_has_its_status(say: Say, text: str, status: Status) -> None:
    say(text)
    assert [answer.status for answer in kept()] == [status]


def test_a_question_back_is_clarified(say: Say) -> None:
    some_procedures.load("1.004884", "2.000635")
    assert say("mất giấy khai sinh rồi làm lại sao").behavior == "clarify"
    assert [(a.status, a.subject) for a in kept()] == [(Status.CLARIFIED, "")]


def test_a_bug_is_an_error_and_the_question_is_kept(say, monkeypatch) -> None:
    monkeypatch.setattr(engine, "converse", lambda *_: 1 / 0)
    say(QUESTION)
    (answer,) = kept()
    assert (answer.status, answer.is_typed) == (Status.ERROR, True)


def test_what_is_known_of_an_answer_is_kept_and_no_words(say: Say) -> None:
    say(QUESTION + " 0912000001")
    (answer,) = kept()
    assert answer.subject == BIRTH
    assert answer.aspects == "documents"
    assert answer.engine == "embedded"
    assert len(answer.model) == 16
    assert answer.model == language.language.loaded().model
    assert answer.day == "2026-01-05"
    assert answer.in_domain > 0.5
    assert not [c.name for c in Answer.__table__.columns if c.name in ("text", "question")]


def test_the_same_message_twice_is_one_row(say: Say) -> None:
    incoming = Incoming("console", "lan", "x1", text=QUESTION)
    engine.handle(incoming)
    assert engine.handle(incoming).repeat
    assert len(kept()) == 1


def test_asked_again_within_a_day_counts_as_repeated(say: Say, clock) -> None:
    say(QUESTION)
    clock.move(hours=20)
    say(QUESTION)
    say("đăng ký kết hôn cần giấy tờ gì")
    say(QUESTION, chat="hoa")
    clock.move(hours=30)
    say(QUESTION)
    assert [answer.repeats for answer in kept()] == [False, True, False, False, False]


def test_thumbs_stand_under_answers_only(say: Say) -> None:
    assert {"Hữu ích", "Chưa hữu ích"} <= set(buttons(say(QUESTION)))
    for text in ("xin chào", "cảm ơn", "tối nay đội nào đá bóng", "tôi muốn gặp cán bộ"):
        assert "Hữu ích" not in buttons(say(text)), text


def test_a_thumb_is_kept_and_pressed_twice_it_is_one(say: Say) -> None:
    payload = buttons(say(QUESTION))["Chưa hữu ích"].payload
    first, second = say(press=payload), say(press=payload)
    assert first.messages == second.messages
    assert "Gặp cán bộ" in buttons(first)
    assert [answer.thumb for answer in kept()] == [-1, 0, 0]
    say(press=payload.replace("down", "up"))
    assert kept()[0].thumb == 1


def test_a_thumb_can_be_typed(say: Say) -> None:
    say(QUESTION)
    say("huu ich")
    assert kept()[0].thumb == 1


def test_a_thumb_reaches_no_other_chat(say: Say) -> None:
    payload = buttons(say(QUESTION))["Hữu ích"].payload
    say("xin chào", chat="tuan")
    say(press=payload, chat="tuan")
    assert [answer.thumb for answer in kept()] == [0, 1, 0]
    assert kept()[1].status == Status.SMALL_TALK, "his own greeting, not her answer"


@pytest.mark.parametrize("payload", ["up:", "up:x", "down:99999", "up:" + "9" * 50, "up:²"])
def test_a_thumb_about_nothing_is_harmless(say: Say, payload: str) -> None:
    say(QUESTION)
    assert say(press=payload).messages
    assert kept()[0].thumb == 0


def test_thumbs_keep_to_what_channels_take(say: Say) -> None:
    for turn in range(3):
        thumbs = [b for b in buttons(say(QUESTION)).values() if b.optional]
        assert len(thumbs) == 2, turn
        assert all(len(b.payload.encode()) <= PAYLOAD_BYTES for b in thumbs)
    message = say(QUESTION).messages[-1]
    assert message.buttons[-2:] == fit(message, CHANNELS["telegram"].limits)[-1].buttons[-2:]


def test_where_there_is_no_room_the_thumbs_go_first() -> None:
    others = tuple(Button(str(n), f"a:{n}") for n in range(4))
    thumbs = (Button("Hữu ích", "up:1", optional=True), Button("Chưa", "down:1", optional=True))
    (shown,) = fit(Outgoing("Xin chọn:", (*others, *thumbs)), Limits(text=500, buttons=5))
    assert shown.buttons == others
    (listed,) = fit(Outgoing("Xin chọn:", (*others, *thumbs)), Limits(text=500, buttons=0))
    assert listed.text.endswith("4. 3")


def test_when_a_conversation_is_deleted_so_is_what_was_kept_of_it(say: Say) -> None:
    say(QUESTION)
    with db.transaction() as session:
        session.delete(session.scalars(select(Conversation)).one())
    assert kept() == []
