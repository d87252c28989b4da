"""A message in Khmer: one turn, one card, and an officer who is told why."""

from datetime import date

import pytest
from sqlalchemy import select

from backend import db
from bot.dialogue import engine
from bot.dialogue.flows import khmer
from bot.dialogue.flows.khmer import Card
from bot.handover.models import Handover
from bot.inbox.pages import reasons
from bot.messages import Incoming, Reply
from tests.conftest import Clock

pytestmark = pytest.mark.usefixtures("database", "clock")
ASKED = "សួស្តី ខ្ញុំចង់ធ្វើសំបុត្រកំណើត"
REVIEWED = Card("សូមជម្រាបសួរ {centre} {phone}", "Thạch Sa Rây", date(2026, 12, 1))


def ask(text: str = ASKED) -> Reply:
    return engine.handle(Incoming("console", "lan", "1", text=text))


def words(reply: Reply) -> str:
    return "\n".join(message.text for message in reply.messages)


def has_khmer(text: str) -> bool:
    return any("\u1780" <= c <= "\u17ff" for c in text)


def test_the_card_that_is_shipped_is_off_until_somebody_answers_for_it() -> None:
    held = khmer.card()
    assert has_khmer(held.text)
    assert held.text.format(centre="", phone="")
    assert held.is_on is bool(held.reviewer and held.reviewed_on)


@pytest.mark.parametrize(
    "card",
    [
        Card(REVIEWED.text, "", REVIEWED.reviewed_on), Card(REVIEWED.text, "Sa Rây", None),
        Card(REVIEWED.text, " ", REVIEWED.reviewed_on), Card("", "Sa Rây", REVIEWED.reviewed_on),
    ],
)  # fmt: skip
def test_without_name_and_date_it_is_said_in_vietnamese_and_english(
    monkeypatch: pytest.MonkeyPatch, card: Card
) -> None:
    monkeypatch.setattr(khmer, "card", lambda: card)
    said = words(ask())
    assert not has_khmer(said)
    assert "chữ Khmer" in said
    assert "Khmer" in said.split("You wrote in")[1]


def test_a_reviewed_card_is_shown_in_the_same_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(khmer, "card", lambda: REVIEWED)
    first, queued = ask().messages
    assert has_khmer(first.text)
    assert "{" not in first.text
    assert queued.buttons


def test_officers_are_told_that_it_is_khmer() -> None:
    ask()
    with db.reading() as session:
        (reason,) = session.scalars(select(Handover.reason))
    assert reason == "khmer"
    assert "Khmer" in reasons()[reason]


def test_after_hours_there_is_still_an_answer(clock: Clock) -> None:
    clock.set(2026, 1, 5, 22)
    said = words(ask())
    assert "chữ Khmer" in said
    assert "ngoài giờ" in said


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (ASKED, True), ("ខ្ញុំ khai sinh ខ្ញុំចង់", True), ("khai sinh ខ្ញុំ", False),
        ("ក", False), ("", False), ("xin chào", False), ("สวัสดีครับ", False),
    ],
)  # fmt: skip
def test_what_counts_as_khmer(text: str, expected: bool) -> None:
    assert khmer.is_khmer(text) is expected
