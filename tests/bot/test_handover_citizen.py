"""The citizen's side of the hand-over: asking, waiting, silence, hours, calls, ratings."""

import pytest
from sqlalchemy import select

from backend import clock as now_is
from backend import db
from backend.accounts.roles import SignedIn
from bot import routes
from bot.dialogue import engine
from bot.handover import desk
from bot.handover.models import Callback
from bot.messages import Contact, Incoming
from tests import some_procedures
from tests.bot.handover import (
    act,
    claim,
    officer,
    press,
    say,
    steps,
    talk,
    text_of,
    tick,
    transcript,
)
from tests.some_procedures import BIRTH


@pytest.fixture(autouse=True)
def catalogue(database, clock):
    """One procedure to ask about, on a Monday morning."""
    some_procedures.load(BIRTH)


@pytest.fixture
def minh() -> SignedIn:
    """Minh, on duty."""
    return officer("minh", "Trần Quang Minh")


def test_whoever_asks_stands_in_the_queue_and_is_told_where(minh):
    first = say("cho tôi gặp cán bộ")
    assert first.behavior == "handover"
    assert "đầu hàng chờ" in text_of(first)
    say("gặp cán bộ đi", chat="tuan")
    assert "Trước ông/bà còn 1 người" in text_of(say("alo", chat="tuan"))
    assert talk().status == "waiting"
    assert [kind for kind, *_ in steps()] == ["requested", "requested"]


def test_nobody_on_duty_is_said_as_it_is():
    reply = say("cho tôi gặp cán bộ")
    assert "chưa có cán bộ nào đang trực" in text_of(reply)
    assert "phút" not in text_of(reply), "no waiting time is invented"


def test_the_assistant_is_silent_while_an_officer_talks(minh):
    say("gặp cán bộ")
    claim(minh)
    reply = say("khai sinh cho con cần giấy tờ gì")
    assert reply.messages == ()
    assert transcript()[-1] == ("citizen", "khai sinh cho con cần giấy tờ gì")
    assert talk().citizen_at == now_is.now()
    assert press(f"p:{BIRTH}").messages == ()


def test_a_bug_while_an_officer_talks_disturbs_nobody(minh, monkeypatch):
    say("gặp cán bộ")
    claim(minh)
    monkeypatch.setattr(engine, "converse", lambda *_: 1 / 0)
    assert say("alo").messages == ()
    assert transcript()[-1] == ("citizen", "alo")


def test_numbers_are_dots_in_the_transcript_but_the_phone_is_beside_it(minh):
    say("gặp cán bộ")
    claim(minh)
    say("số tôi 0912 345 678, căn cước 001099123456")
    assert "0912" not in transcript()[-1][1]
    assert "001099123456" not in transcript()[-1][1]
    assert talk().phone == "0912345678"


def test_what_was_being_typed_when_the_officer_closed_is_answered_and_no_rating(minh):
    """They close, and the citizen's words come a moment later: the assistant has them."""
    say("gặp cán bộ")
    claim(minh)
    act(desk.close, minh, talk().id, "")
    reply = say("khai sinh cho con cần giấy tờ gì")
    assert reply.behavior == "answer"
    assert ("citizen", "khai sinh cho con cần giấy tờ gì") in transcript()
    assert talk().rating is None
    press("rate:5")
    assert talk().rating == 5, "the button that asked is still there"


@pytest.mark.parametrize("words", ["thôi", "Hỏi máy", "hoi may tiep"])
def test_back_to_the_assistant(minh, words):
    say("gặp cán bộ")
    claim(minh)
    assert "trả lời tiếp" in text_of(say(words))
    assert talk().status == "bot"
    assert say("lệ phí khai sinh").behavior == "answer"


def test_in_the_queue_life_and_death_are_answered_at_once(minh):
    say("gặp cán bộ")
    assert "115" in text_of(say("tôi không muốn sống nữa"))
    assert talk().status == "waiting"


def test_after_hours_a_call_is_offered_and_promised(clock):
    clock.set(2026, 1, 9, 18)  # Friday evening
    reply = say("gặp cán bộ")
    assert "07:00 ngày 12/01/2026" in text_of(reply)
    assert "Để lại số điện thoại" in [b.label for b in reply.messages[-1].buttons]
    press("callback")
    noted = say("0912345678 nhé")
    assert "17:00 ngày 12/01/2026" in text_of(noted)
    assert "Buổi sáng" in text_of(say("Buổi sáng"))
    with db.reading() as session:
        call = session.scalars(select(Callback)).one()
        assert (call.phone, call.wish) == ("0912345678", "Buổi sáng")
    assert all("0912345678" not in text for author, text in transcript() if author == "citizen")


def test_before_a_holiday_the_call_is_due_after_it(clock):
    clock.set(2026, 4, 29, 18)
    press("callback")
    assert "17:00 ngày 04/05/2026" in text_of(say("0912345678")), "30 April, 1 May, a weekend"


def test_a_shared_contact_will_do_and_a_half_number_will_not():
    press("callback")
    assert "chưa đọc được số" in text_of(say("09123456"))
    contact = Contact("0912345678", is_own=False)
    assert "0912 345 678" in text_of(say(contact=contact))


def test_a_number_passes_the_inbox_only_where_it_was_asked_for(work):
    routes.store(Incoming("telegram", "42", "1", text="0912345678"))
    routes.store(Incoming("telegram", "42", "2", payload="callback"))
    work()
    with db.reading() as session:
        assert session.scalars(select(Callback)).all() == []
    routes.store(Incoming("telegram", "42", "9", text="số tôi 0912345678"))
    work()
    with db.reading() as session:
        assert session.scalars(select(Callback)).one().phone == "0912345678"
    assert "0912345678" not in str([text for who, text in transcript() if who == "citizen"])


def test_instead_of_a_number_a_question_may_come():
    press("callback")
    assert say("lệ phí khai sinh").behavior == "answer"
    assert say("0912345678").behavior != "handover", "nobody waits for a number any more"


def test_a_time_may_be_said_freely_and_a_question_is_no_time():
    press("callback")
    say("0912345678")
    assert "sau 9 giờ sáng" in text_of(say("sau 9 giờ sáng"))
    press("callback")
    say("0912345678")
    assert say("khai sinh cần giấy tờ gì").behavior == "answer"


def test_a_closed_talk_is_rated_by_number_and_commented(minh):
    say("gặp cán bộ")
    row = claim(minh)
    act(desk.close, minh, row.id, "")
    assert transcript()[-1][0] == "bot"
    assert "Cảm ơn" in text_of(say("4"))
    assert talk().rating == 4
    press("comment")
    say("cán bộ làm khai sinh rất tận tình, số tôi 0912345678")
    assert talk().rating_comment == "cán bộ làm khai sinh rất tận tình, số tôi •••"


def test_a_rating_may_be_said_in_words_or_come_from_the_channel(minh):
    say("gặp cán bộ")
    row = claim(minh)
    act(desk.close, minh, row.id, "")
    say("rất hài lòng")
    assert talk().rating == 5
    say(rating=2)
    assert talk().rating == 2
    press("rate:3")
    assert talk().rating == 3


def test_a_number_later_is_no_rating(minh):
    say("gặp cán bộ")
    row = claim(minh)
    act(desk.close, minh, row.id, "")
    say("lệ phí khai sinh")
    say("4")
    assert talk().rating is None


@pytest.mark.parametrize(
    "payload", ["rate:9", "rate:", "rate:²", "rate:4", "calltime:sang", "nocall"]
)
def test_buttons_out_of_their_time_do_no_harm(payload):
    assert press(payload).messages


def test_a_colleague_elsewhere_silences_the_assistant_until_it_is_quiet(clock):
    say("xin chào")
    assert say("Chào bác, em là Hương ở trung tâm", by_staff=True).messages == ()
    assert talk().status == "outside"
    assert say("khai sinh cần giấy tờ gì").messages == ()
    clock.move(minutes=29)
    tick()
    assert talk().status == "outside"
    clock.move(minutes=1)
    tick()
    assert talk().status == "bot"
    assert say("khai sinh cần giấy tờ gì").behavior == "answer"
    assert ("officer", "Chào bác, em là Hương ở trung tâm") in transcript()


def test_what_a_colleague_sends_twice_is_there_once():
    say("xin chào")
    for _ in range(2):
        engine.handle(Incoming("console", "lan", "m1", attachment="photo", by_staff=True))
    assert [text for author, text in transcript() if author == "officer"] == ["(gửi tệp)"]


def test_two_misses_bring_the_offer_of_a_person(minh):
    labels = [[b.label for m in press("none").messages for b in m.buttons] for _ in range(2)]
    assert ["Gặp cán bộ" in offered for offered in labels] == [False, True]
    press("person:misses")
    assert talk().reason == "misses"


def test_a_complaint_gets_the_legal_way_first_then_the_offer(minh):
    reply = say("cán bộ ở xã thái độ quá tệ, tôi muốn phản ánh")
    assert "Phản ánh kiến nghị" in text_of(reply)
    assert "Gặp cán bộ" in [b.label for b in reply.messages[-1].buttons]
    say("gặp cán bộ")
    assert talk().reason == "complaint"
