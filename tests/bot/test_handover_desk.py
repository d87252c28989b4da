"""The officers' side: every move and its row, refusals, the clock, routes, canned answers."""

from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from threading import Barrier

import pytest

from backend import clock as now_is
from backend import db
from backend.accounts.roles import Role, SignedIn
from backend.config import settings
from backend.errors import AppError, Conflict, InvalidInput, NotFound
from bot.channels import CHANNELS
from bot.dialogue import engine
from bot.handover import callbacks, clockwork, desk, queue, routing, status
from bot.handover.models import Callback, Handover, HandoverRoute
from bot.handover.status import MOVES, SYSTEM, Status
from bot.inbox import canned, lists
from bot.inbox.lists import Tab
from bot.messages import Incoming
from bot.models import Conversation, Message
from nlu.text import fold
from tests import some_procedures
from tests.bot.handover import (
    OTHER,
    PROVINCE,
    UNIT,
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
    return officer("minh", "Trần Quang Minh")


@pytest.fixture
def hoa() -> SignedIn:
    return officer("hoa", "Lê Thị Hoa")


def ask(chat: str = "lan") -> Handover:
    say("gặp cán bộ", chat=chat)
    return talk(chat)


@pytest.mark.parametrize("before", Status)
@pytest.mark.parametrize("to", Status)
def test_moves_go_by_the_table_and_each_leaves_a_row(before, to, minh):
    row = ask()
    with db.transaction() as session:
        held = session.get_one(Handover, row.id)
        held.status = before.value
        if to in MOVES[before]:
            status.move(session, held, to, "returned", by=SYSTEM, now=now_is.now())
        else:
            with pytest.raises(Conflict):
                status.move(session, held, to, "returned", by=SYSTEM, now=now_is.now())
    moved = ("returned", before.value, to.value, "system")
    assert (moved in steps()) is (to in MOVES[before])
    assert (talk().version == row.version + 1) is (to in MOVES[before])


def test_the_way_through_the_queue_is_written_down(minh, hoa):
    far = officer("far", "Phan Văn Xa", unit=OTHER)
    row = ask()
    claim(minh)
    act(desk.say, minh, row.id, "Chào ông/bà.", once="1")
    act(desk.give_back, minh, row.id)
    claim(hoa)
    act(desk.transfer, hoa, row.id, OTHER, "hồ sơ đất đai")
    with pytest.raises(NotFound):
        act(desk.close, hoa, row.id, "")
    act(desk.close, far, row.id, "người dân đã đến nơi")
    assert steps() == [
        ("requested", "bot", "waiting", "citizen"),
        ("claimed", "waiting", "claimed", "Trần Quang Minh"),
        ("returned", "claimed", "waiting", "Trần Quang Minh"),
        ("claimed", "waiting", "claimed", "Lê Thị Hoa"),
        ("transferred", "claimed", "waiting", "Lê Thị Hoa"),
        ("closed", "waiting", "closed", "Phan Văn Xa"),
    ]
    assert talk().closed_at is not None


def test_what_an_officer_writes_is_in_the_transcript_and_goes_to_the_channel(minh, work, outbox):
    assert "telegram" in CHANNELS
    say("gặp cán bộ", chat="42", channel="telegram")
    claim(minh, "42")
    act(desk.say, minh, talk("42").id, "Ông/bà mang theo giấy chứng sinh.", once="1")
    act(desk.say, minh, talk("42").id, "Ông/bà mang theo giấy chứng sinh.", once="1")
    assert transcript()[-1] == ("officer", "Ông/bà mang theo giấy chứng sinh.")
    with db.transaction() as session:
        for row in session.query(Message).filter(Message.author != "citizen"):
            session.expunge(row)
    work()
    texts = [queued.text for queued in outbox() if queued.chat == "42"]
    answers = [text for text in texts if "giấy chứng sinh" in text]
    assert answers == ["**Cán bộ Trần Quang Minh:** Ông/bà mang theo giấy chứng sinh."]
    assert any("đang trả lời ông/bà" in text for text in texts)


def test_on_the_web_the_transcript_is_all_that_is_needed(minh, outbox, work):
    say("gặp cán bộ", chat="w", channel="web")
    claim(minh, "w")
    act(desk.say, minh, talk("w").id, "Chào ông/bà.", once="1")
    work()
    assert outbox() == []
    assert transcript()[-1] == ("officer", "Chào ông/bà.")


@pytest.mark.parametrize(
    ("text", "why"), [("", "chưa viết"), ("x" * 4001, "dài quá"), ("Hồ sơ [mã hồ sơ]", "chưa điền")]
)
def test_what_cannot_be_sent_is_refused(minh, text, why):
    row = ask()
    claim(minh)
    with pytest.raises(InvalidInput, match=why):
        act(desk.say, minh, row.id, text, once="1")


def test_only_whoever_claimed_it_speaks(minh, hoa):
    row = ask()
    with pytest.raises(Conflict, match="Xin nhận"):
        act(desk.say, minh, row.id, "Chào", once="1")
    claim(minh)
    for what in (desk.give_back, desk.to_assistant):
        with pytest.raises(Conflict, match="Trần Quang Minh đã nhận"):
            act(what, hoa, row.id)
    with pytest.raises(Conflict, match="Trần Quang Minh đã nhận"):
        act(desk.say, hoa, row.id, "Chào", once="1")
    with pytest.raises(Conflict, match="Trần Quang Minh đã nhận"):
        act(desk.transfer, hoa, row.id, OTHER, "")
    act(desk.close, minh, row.id, "")
    with pytest.raises(Conflict, match="kết thúc lúc 09:00"):
        act(desk.say, minh, row.id, "Còn một việc", once="2")


def test_an_old_page_cannot_claim(minh):
    row = ask()
    claim(minh)
    act(desk.give_back, minh, row.id)
    with pytest.raises(Conflict, match="vừa thay đổi"):
        act(desk.claim, minh, row.id, version=row.version)


def test_a_stranger_to_the_unit_finds_nothing(minh):
    far = officer("far", "Cán bộ xã khác", unit=OTHER)
    head = officer("head", "Lãnh đạo tỉnh", unit="Sở Nội vụ", role=Role.HEAD)
    with db.transaction() as session:
        session.add(HandoverRoute(commune_folded="", field_folded=fold("Hộ tịch"), unit=UNIT))
    say("khai sinh cần giấy tờ gì")
    row = ask()
    assert row.unit == UNIT
    for who, found in ((far, False), (head, True), (minh, True)):
        with db.reading() as session:
            shown = [line.talk.id for line in lists.open_lines(session, who)[Tab.NEW]]
            assert (row.id in shown) is found
            if found:
                assert desk.held(session, who, row.id, locked=False)
            else:
                with pytest.raises(NotFound):
                    desk.held(session, who, row.id, locked=False)


def test_two_at_once_one_wins_and_the_other_is_told_who(minh, hoa):
    row = ask()
    start = Barrier(2)

    def try_it(who: SignedIn) -> str:
        start.wait()
        try:
            act(desk.claim, who, row.id, version=row.version)
        except AppError as refusal:
            return refusal.message
        return "mine"

    with ThreadPoolExecutor(2) as pool:
        said = sorted(pool.map(try_it, (minh, hoa)), key=lambda words: words != "mine")
    assert said[0] == "mine"
    assert said[1] == f"{talk().officer_name} đã nhận cuộc trò chuyện này."
    assert [kind for kind, *_ in steps()].count("claimed") == 1


def test_no_answer_of_the_assistant_follows_a_claim(minh, monkeypatch):
    """The officer claims while the assistant composes: it answers before the claim, or not at all.

    On SQLite one waits for the other's transaction; on PostgreSQL for the conversation's row.
    """
    row = ask()
    with db.transaction() as session:
        queue.leave(session, session.get_one(Handover, row.id), now=now_is.now())
    understood = engine.understand(Incoming("console", "lan", "x", text="lệ phí khai sinh"))
    monkeypatch.setattr(engine, "understand", lambda *_: understood)
    with db.reading() as session:
        conversation_id = session.query(Conversation).one().id

    def come_and_go() -> None:
        for _ in range(4):
            act(desk.step_in, minh, conversation_id)
            act(desk.to_assistant, minh, talk().id)

    with ThreadPoolExecutor(4) as pool:
        jobs: list[Future[object]] = [pool.submit(say, "lệ phí khai sinh") for _ in range(6)]
        jobs.append(pool.submit(come_and_go))
        jobs += [pool.submit(say, "lệ phí khai sinh") for _ in range(18)]
        for job in jobs:
            job.result()
    with db.reading() as session:
        said = session.query(Message).order_by(Message.id).all()
        joined = [m.id for m in said if "đang trả lời ông/bà" in m.text]
        left = [m.id for m in said if "xin trả lời tiếp ông/bà" in m.text]
        answers = [m.id for m in said if m.author == "bot" and "Lệ phí" in m.text]
    assert len(joined) == len(left) == 4
    assert answers
    for since, until in zip(joined, left, strict=True):
        assert not [a for a in answers if since < a < until], (since, until)


def test_a_silent_officer_loses_it_to_the_queue(minh, clock):
    ask()
    claim(minh)
    clock.move(minutes=settings().handover_return_minutes - 1)
    tick()
    assert talk().status == "claimed"
    clock.move(minutes=1)
    tick()
    assert (talk().status, talk().officer_id) == ("waiting", None)
    assert "trở lại hàng chờ" in transcript()[-1][1]
    assert steps()[-1] == ("returned", "claimed", "waiting", "system")


def test_a_silent_citizen_is_asked_and_then_let_go(minh, clock):
    row = ask()
    claim(minh)
    act(desk.say, minh, row.id, "Ông/bà còn hỏi gì không?", once="1")
    clock.move(minutes=settings().handover_idle_minutes)
    tick()
    assert "còn cần hỏi thêm" in transcript()[-1][1]
    tick()
    assert talk().status == "claimed"
    clock.move(minutes=settings().handover_idle_minutes)
    tick()
    assert talk().status == "closed"
    assert steps()[-1][0] == "idle"
    assert "Cảm ơn" in text_of(say("5"))


def test_who_answers_the_reminder_is_not_let_go(minh, clock):
    row = ask()
    claim(minh)
    act(desk.say, minh, row.id, "Còn gì không?", once="1")
    clock.move(minutes=settings().handover_idle_minutes)
    tick()
    say("còn, tôi hỏi thêm")
    clock.move(minutes=5)
    act(desk.say, minh, row.id, "Mời ông/bà.", once="2")
    clock.move(minutes=settings().handover_idle_minutes - 1)
    tick()
    assert talk().status == "claimed"


def test_when_all_have_gone_home_whoever_waits_is_told(minh, clock):
    ask()
    with db.transaction() as session:
        routing.end_duty(session, minh)
    clock.set(2026, 1, 5, 17, 1)
    tick()
    assert talk().status == "bot"
    assert "07:00 ngày 06/01/2026" in transcript()[-1][1]
    press("callback")
    assert "17:00 ngày 06/01/2026" in text_of(say("0912345678"))


def test_duty_ends_at_midnight(minh, clock):
    with db.reading() as session:
        assert routing.is_staffed(session, UNIT, now=now_is.now())
    clock.set(2026, 1, 6, 0, 1)
    with db.reading() as session:
        assert not routing.is_staffed(session, UNIT, now=now_is.now())


def test_a_conversation_that_was_forgotten_is_closed(minh):
    ask()
    with db.transaction() as session:
        session.query(Conversation).one().ended_at = now_is.now()
    tick()
    assert (talk().status, steps()[-1][0]) == ("closed", "gone")


def test_the_commune_leads_to_its_unit_and_an_empty_unit_to_the_province(minh):
    route = partial(routing.route, procedure_code="", now=now_is.now())
    with db.transaction() as session:
        assert route(session, commune="phuong an xuyen") == (UNIT, UNIT)
        assert route(session, commune="xa la") == (PROVINCE, PROVINCE)
        routing.end_duty(session, minh)
        assert route(session, commune="phuong an xuyen") == (PROVINCE, UNIT)


def test_the_most_exact_route_wins(minh):
    with db.transaction() as session:
        for commune, field, unit in (
            ("xa vinh my", "", OTHER), ("", fold("Hộ tịch"), UNIT),
            ("xa vinh my", fold("Hộ tịch"), "Tổ hộ tịch"),
        ):  # fmt: skip
            session.add(HandoverRoute(commune_folded=commune, field_folded=field, unit=unit))
        session.flush()
        wanted = [
            routing.route(session, procedure_code=code, commune=commune, now=now_is.now())[1]
            for code, commune in ((BIRTH, ""), ("", "xa vinh my"), (BIRTH, "xa vinh my"))
        ]
    assert wanted == [UNIT, OTHER, "Tổ hộ tịch"]


def test_a_queue_nobody_sees_any_more_moves_to_the_province(minh):
    far = officer("far", "Cán bộ xã khác", unit=OTHER)
    row = ask()
    act(desk.transfer, far, row.id, OTHER, "")
    with db.transaction() as session:
        routing.end_duty(session, far)
    tick()
    assert (talk().unit, talk().wanted_unit) == (PROVINCE, OTHER)


def test_the_usual_wait_is_counted_never_guessed(minh, clock):
    for number in range(5):
        ask(f"dan-{number}")
        clock.move(minutes=3)
        claim(minh, f"dan-{number}")
    assert "khoảng 3 phút" in text_of(say("gặp cán bộ", chat="sau"))


def test_calls_are_listed_by_their_due_time_and_made_once(minh, hoa, clock):
    for chat in ("lan", "tuan"):
        press("callback", chat)
        say("0912345678", chat)
        clock.move(days=1)
    with db.reading() as session:
        first, second = (call for call, _ in callbacks.listed(session, minh))
        assert first.due_at < second.due_at
        call_id = first.id
    act(callbacks.done, minh, call_id, "đã hướng dẫn")
    with pytest.raises(Conflict, match="Trần Quang Minh đã gọi"):
        act(callbacks.done, hoa, call_id, "")
    clock.move(days=31)
    with db.transaction() as session:
        clockwork.forget(session)
        phones = {call.id: call.phone for call in session.query(Callback)}
    assert phones[call_id] == ""
    assert "0912345678" in phones.values(), "the other one still has to be called"


def test_canned_answers_are_filled_and_what_is_missing_is_named():
    body = "Hồ sơ {ma_ho_so} của {ten}, thủ tục {thu_tuc}. {khac}"
    text = canned.filled(body, {"ma_ho_so": "H12-260105-0001", "thu_tuc": ""})
    assert text == ("Hồ sơ H12-260105-0001 của [tên người dân], thủ tục [tên thủ tục]. {khac}")


def test_canned_answers_belong_to_one_or_to_all(minh, hoa):
    act(canned.add, minh, title="Của tôi", body="Chào", is_shared=False)
    shared = act(canned.add, minh, title="Của chung", body="Chào {ten}", is_shared=True)
    with pytest.raises(InvalidInput, match=r"\{tuoi\}"):
        act(canned.add, minh, title="Sai", body="{tuoi}", is_shared=False)
    with db.transaction() as session:
        assert [row.title for row in canned.listed(session, minh)] == ["Của tôi", "Của chung"]
        assert [row.title for row in canned.listed(session, hoa)] == ["Của chung"]
        canned.remove(session, hoa, shared.id)
        with pytest.raises(NotFound):
            canned.text_of(session, hoa, shared.id, {})
