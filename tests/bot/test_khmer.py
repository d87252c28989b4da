"""A message in Khmer: one turn, one card, and an officer who is told why."""

from datetime import date
from functools import partial

import pytest
from sqlalchemy import select

from backend import audit, db
from backend import clock as now_is
from bot.dialogue import engine
from bot.dialogue.flows import khmer
from bot.dialogue.flows.khmer import Card
from bot.handover import desk, readers, routing
from bot.handover.models import Callback, Handover
from bot.inbox.pages import reasons
from bot.messages import Incoming, Reply
from tests.bot.handover import OTHER, UNIT, act, claim, officer, press, say, steps, talk, tick
from tests.cast import PASSWORD
from tests.conftest import Clock
from tests.page import Browser

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


def test_whoever_waits_already_gets_the_card_and_the_flag_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(khmer, "card", lambda: REVIEWED)
    minh = officer("minh", "Trần Quang Minh")
    say("gặp cán bộ")
    act(desk.transfer, minh, talk().id, UNIT, "")
    assert (talk().unit, talk().reason) == (UNIT, "asked")
    card, place = say(ASKED).messages
    assert has_khmer(card.text)
    assert "hàng chờ" in place.text
    assert (talk().unit, talk().reason) == ("", "khmer"), "nobody of that unit reads it"
    again = words(say(ASKED))
    assert "hàng chờ" in again
    assert not has_khmer(again)


def test_an_officer_who_talks_is_told_and_the_assistant_stays_silent() -> None:
    minh = officer("minh", "Trần Quang Minh")
    say("gặp cán bộ")
    claim(minh)
    assert say(ASKED).messages == ()
    assert (talk().status, talk().reason) == ("claimed", "khmer")
    assert [kind for kind, *_ in steps()] == ["requested", "claimed", "khmer"]


def test_after_hours_there_is_still_an_answer(clock: Clock) -> None:
    clock.set(2026, 1, 5, 22)
    said = words(ask())
    assert "chữ Khmer" in said
    assert "ngoài giờ" in said


def test_after_hours_it_waits_flagged_for_the_morning(clock: Clock) -> None:
    clock.set(2026, 1, 5, 22)
    ask()
    for hour in (23, 2, 8):
        clock.set(2026, 1, 5 if hour > 20 else 6, hour)
        tick()
        assert (talk().status, talk().reason) == ("waiting", "khmer")
    clock.set(2026, 1, 6, 21)
    tick()
    assert talk().status == "bot", "a whole working day without anybody: an apology"


def test_a_call_that_was_promised_says_that_it_is_in_khmer(clock: Clock) -> None:
    clock.set(2026, 1, 5, 22)
    ask()
    press("callback")
    say("0912345678")
    with db.reading() as session:
        assert session.scalars(select(Callback.reason)).one() == "khmer"


def test_it_stays_only_where_somebody_reads_it(clock: Clock) -> None:
    here, away = officer("minh", "Trần Quang Minh"), officer("sa-ray", "Thạch Sa Rây", unit=OTHER)
    with db.transaction() as session:
        now = now_is.now()
        routing.add_route(session, away, commune="phường An Xuyên", field="", unit=UNIT, now=now)
        readers.add(session, away, away.id, now=now)
        joins = partial(routing.route, session, procedure_code="", now=now_is.now(), in_khmer=True)
        assert joins(commune="phuong an xuyen") == (routing.PROVINCE, UNIT)
        readers.add(session, here, here.id, now=now)
        assert joins(commune="phuong an xuyen") == (UNIT, UNIT)
        routing.end_duty(session, away)
        names = [(r.name, r.is_on_duty) for r in readers.listed(session, now=now_is.now())]
    assert names == [("Trần Quang Minh", True), ("Thạch Sa Rây", False)]


def test_a_manager_says_who_reads_khmer_and_the_inbox_names_them(page: Browser) -> None:
    minh = officer("minh", "Trần Quang Minh")
    page.get("/dang-nhap")
    page.post("/dang-nhap", login="minh", password=PASSWORD)
    ask()
    assert "Chưa ghi ai đọc được" in page.get("/quan-tri/hoi-thoai").text
    page.get("/quan-tri/hoi-thoai/tuyen")
    page.post("/quan-tri/hoi-thoai/tuyen/khmer", officer="77", status=422)
    page.post("/quan-tri/hoi-thoai/tuyen/khmer", officer=str(minh.id))
    shown = page.get("/quan-tri/hoi-thoai").text
    assert "Trần Quang Minh (đang trực)" in shown
    page.get("/quan-tri/hoi-thoai/tuyen")
    page.post(f"/quan-tri/hoi-thoai/tuyen/khmer/{minh.id}/xoa")
    assert "Chưa ghi ai." in page.get("/quan-tri/hoi-thoai/tuyen").text
    with db.reading() as session:
        written = [(r.actor_id, r.action) for r in audit.of(session, f"account:{minh.id}")]
    assert written == [(minh.id, "khmer_reader.added"), (minh.id, "khmer_reader.removed")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (ASKED, True), ("ខ្ញុំ khai sinh ខ្ញុំចង់", True), ("khai sinh ខ្ញុំ", False),
        ("ក", False), ("", False), ("xin chào", False), ("สวัสดีครับ", False),
    ],
)  # fmt: skip
def test_what_counts_as_khmer(text: str, expected: bool) -> None:
    assert khmer.is_khmer(text) is expected
