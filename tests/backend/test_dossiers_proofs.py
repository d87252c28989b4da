"""How a chat proves that a dossier is its own, and what everybody else gets: nothing."""

import json

import pytest
from sqlalchemy import select

from backend import clock as now_is
from backend import config, jobs
from backend.dossiers import challenges, proofs, senders
from backend.dossiers import service as dossiers
from backend.dossiers.models import DossierChat, LookupChallenge
from backend.dossiers.status import Status
from backend.limits import LimitEvent
from backend.notifications.chats import ChatRef
from backend.notifications.models import Notification
from tests.cast import CODE, LAN, TUAN, UNKNOWN_CODE, make_dossier, receipt_of

PHONE = ChatRef("telegram", "1001")
SON = ChatRef("telegram", "1002")
NEIGHBOUR = ChatRef("telegram", "1003")


@pytest.fixture
def dossier(session, clock):
    return make_dossier(session)


def challenge_of(session):
    return session.scalars(select(LookupChallenge).order_by(LookupChallenge.id.desc())).first()


def code_sent(session) -> str:
    return challenges.one_time_code(challenge_of(session).salt)


def ask(session, code=CODE, chat=LAN.chat, address="203.0.113.7"):
    return challenges.ask(session, code, chat, address=address, now=now_is.now())


def answer(session, asked, typed, chat=LAN.chat):
    return challenges.answer(session, asked.token, typed, chat, now=now_is.now())


def open_receipt(session, dossier, chat):
    return proofs.open_by_token(session, receipt_of(dossier), chat, now=now_is.now())


# The receipt.


def test_the_receipt_opens_everything_a_reply_needs(session, dossier):
    standing = open_receipt(session, dossier, LAN.chat)
    assert standing is not None
    assert (standing.code, standing.status) == (CODE, Status.PROCESSING)
    assert standing.status_label == "Đang xử lý"
    assert "chưa phải làm gì" in standing.who_acts
    assert standing.history[0].label == "Đang xử lý"
    assert dossiers.get_with_proof(session, LAN.chat, CODE) == standing
    assert dossiers.known(session, LAN.chat) == [standing]


def test_the_token_fits_a_telegram_link_and_is_stored_nowhere(session, dossier):
    token = receipt_of(dossier)
    assert len(token) <= 64
    assert set(token) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")
    assert token not in str(vars(dossier))
    assert token != proofs.receipt_token(CODE, 2)


def test_a_wrong_token_opens_nothing(session, dossier):
    for token in ("", "x", receipt_of(dossier)[:-1], receipt_of(dossier) + "a", "\0", "đ"):
        assert proofs.open_by_token(session, token, TUAN.chat, now=now_is.now()) is None
    assert dossiers.known(session, TUAN.chat) == []


def test_three_chats_open_a_receipt_and_each_is_told_of_the_others(session, dossier):
    for chat in (LAN.chat, PHONE, SON):
        assert open_receipt(session, dossier, chat)
    assert open_receipt(session, dossier, NEIGHBOUR) is None
    told = session.execute(select(Notification.chat, Notification.kind)).all()
    assert sorted(told) == sorted(
        [(LAN.chat.chat, "dossier_opened")] * 2 + [("1001", "dossier_opened")]
    )
    standing = dossiers.get_with_proof(session, SON, CODE)
    assert standing is not None
    assert standing.opened_elsewhere == 2


def test_opening_again_takes_no_second_place_and_tells_nobody(session, dossier):
    for _ in range(4):
        assert open_receipt(session, dossier, LAN.chat)
    assert len(dossiers.chats_of(session, LAN.chat, CODE)) == 1
    assert session.scalars(select(Notification)).all() == []


def test_one_chat_shuts_out_another_for_good(session, dossier):
    open_receipt(session, dossier, LAN.chat)
    open_receipt(session, dossier, NEIGHBOUR)
    stranger = next(c for c in dossiers.chats_of(session, LAN.chat, CODE) if not c.is_this)
    assert dossiers.revoke(session, LAN.chat, CODE, stranger.id, now_is.now())
    assert dossiers.get_with_proof(session, NEIGHBOUR, CODE) is None
    assert open_receipt(session, dossier, NEIGHBOUR) is None, "the same receipt opens it no more"
    assert open_receipt(session, dossier, SON), "its place is free"


def test_whoever_leaves_may_come_back(session, dossier):
    open_receipt(session, dossier, LAN.chat)
    own = dossiers.chats_of(session, LAN.chat, CODE)[0]
    assert dossiers.revoke(session, LAN.chat, CODE, own.id, now_is.now())
    assert dossiers.get_with_proof(session, LAN.chat, CODE) is None
    assert open_receipt(session, dossier, LAN.chat)


def test_nobody_revokes_or_lists_without_proof(session, dossier):
    open_receipt(session, dossier, LAN.chat)
    link = session.scalars(select(DossierChat)).one()
    assert not dossiers.revoke(session, TUAN.chat, CODE, link.id, now_is.now())
    assert dossiers.chats_of(session, TUAN.chat, CODE) == []
    other = make_dossier(session, TUAN, code="H12-260105-0002")
    open_receipt(session, other, TUAN.chat)
    assert not dossiers.revoke(session, TUAN.chat, other.code, link.id, now_is.now())


def test_a_proof_lasts_ninety_days(session, dossier, clock):
    open_receipt(session, dossier, LAN.chat)
    clock.move(days=89)
    assert dossiers.get_with_proof(session, LAN.chat, CODE)
    clock.move(days=2)
    assert dossiers.get_with_proof(session, LAN.chat, CODE) is None
    assert open_receipt(session, dossier, LAN.chat), "and may be given again"


def test_forgetting_a_chat_forgets_what_it_proved(session, dossier):
    open_receipt(session, dossier, LAN.chat)
    ask(session)
    proofs.page_link(session, LAN.chat, now=now_is.now())
    dossiers.forget_chat(session, LAN.chat)
    assert dossiers.known(session, LAN.chat) == []
    assert session.scalars(select(LookupChallenge)).all() == []


# The telephone number that Telegram vouches for.


def test_the_own_number_opens_the_dossiers_of_that_number(session, dossier):
    make_dossier(session, LAN, code="H12-260105-0003")
    make_dossier(session, TUAN, code="H12-260105-0002")
    opened = proofs.open_by_contact(session, "+84912000001", PHONE, now=now_is.now())
    assert {standing.code for standing in opened} == {CODE, "H12-260105-0003"}
    assert dossiers.get_with_proof(session, PHONE, "H12-260105-0002") is None


def test_with_a_code_the_number_opens_that_dossier_only(session, dossier):
    make_dossier(session, LAN, code="H12-260105-0003")
    opened = proofs.open_by_contact(session, LAN.phone, PHONE, "h12 260105 0003", now=now_is.now())
    assert [standing.code for standing in opened] == ["H12-260105-0003"]
    assert proofs.open_by_contact(session, TUAN.phone, SON, CODE, now=now_is.now()) == []


def test_no_number_opens_a_dossier_without_one(session, dossier):
    dossier.phone = ""
    session.flush()
    assert proofs.open_by_contact(session, "", PHONE, now=now_is.now()) == []
    assert proofs.open_by_contact(session, "không có số", PHONE, now=now_is.now()) == []


# The one-time code.


def test_the_right_code_opens_once(session, dossier):
    asked = ask(session, "h12 260105 0001")
    assert answer(session, asked, code_sent(session))
    assert dossiers.get_with_proof(session, LAN.chat, CODE)
    assert answer(session, asked, code_sent(session)) is None, "a code is used once"


def test_a_code_belongs_to_its_browser_and_its_chat(session, dossier):
    asked, other = ask(session), ask(session, chat=TUAN.chat)
    lans = session.scalars(select(LookupChallenge).order_by(LookupChallenge.id)).first()
    code = challenges.one_time_code(lans.salt)
    assert answer(session, other, code, TUAN.chat) is None
    assert answer(session, asked, code, TUAN.chat) is None
    assert answer(session, asked, code, LAN.chat)


def test_a_code_lives_ten_minutes(session, dossier, clock):
    asked = ask(session)
    clock.move(minutes=11)
    assert answer(session, asked, code_sent(session)) is None


def test_five_wrong_codes_leave_five_tries_and_end_it(session, dossier):
    asked, right = ask(session), code_sent(session)
    wrong = f"{(int(right) + 1) % 10**6:06d}"
    for _ in range(5):
        assert answer(session, asked, wrong) is None
    assert challenge_of(session).tries == 5
    assert answer(session, asked, right) is None


def test_a_challenge_for_nothing_opens_nothing(session, dossier):
    asked = ask(session, UNKNOWN_CODE)
    assert asked.token
    assert answer(session, asked, code_sent(session)) is None
    assert challenges.message(session, challenge_of(session).id, now=now_is.now()) is None


def test_the_six_digits_are_stored_nowhere(session, dossier):
    ask(session)
    code, row = code_sent(session), challenge_of(session)
    job = session.scalars(select(jobs.Job).where(jobs.Job.name == "dossiers.send_code")).one()
    assert json.loads(job.payload) == {"challenge": row.id}
    stored = {column.name: getattr(row, column.name) for column in row.__table__.columns}
    assert code not in [str(value) for value in stored.values()]
    sent = challenges.message(session, row.id, now=now_is.now())
    assert sent is not None
    assert (sent.code, sent.phone, sent.tail) == (code, LAN.phone, "0001")


def test_a_page_speaks_for_the_chat_that_sent_its_link(session, clock):
    url = proofs.page_link(session, PHONE, now=now_is.now())
    token = url.partition("trang=")[2]
    assert url.startswith("http")
    assert proofs.chat_of_page(session, token, now=now_is.now()) == PHONE
    assert proofs.chat_of_page(session, token + "x", now=now_is.now()) is None
    clock.move(minutes=31)
    assert proofs.chat_of_page(session, token, now=now_is.now()) is None


# How often.


def test_codes_are_asked_for_five_times_a_day(session, dossier, clock):
    for number in range(5):
        assert ask(session, chat=ChatRef("web", str(number)), address=f"203.0.113.{number}").token
    refused = ask(session, chat=PHONE)
    assert not refused.token
    assert refused.retry_after > 23 * 3600
    clock.move(hours=25)
    assert ask(session, chat=PHONE).token


def test_an_unknown_code_is_refused_after_as_many_tries(session, dossier):
    tries = {CODE: 0, UNKNOWN_CODE: 0}
    for code in tries:
        for number in range(8):
            chat = ChatRef("web", f"{code}-{number}")
            tries[code] += bool(ask(session, code, chat, address=f"{code}{number}").token)
    assert tries == {CODE: 5, UNKNOWN_CODE: 5}


def test_one_chat_and_one_address_ask_so_often(session, dossier):
    def asked(number, chat, address):
        return bool(ask(session, f"H12-260105-{number:04d}", chat, address).token)

    assert sum(asked(number, LAN.chat, "a") for number in range(20)) == 10
    chats = [ChatRef("web", f"chat-{number}") for number in range(40)]
    assert sum(asked(n + 100, chat, "b") for n, chat in enumerate(chats)) == 30


def test_too_many_failures_of_everybody_stop_everybody_but_receipts(session, dossier, clock):
    asked = [
        ask(session, f"H12-260105-{5000 + n}", ChatRef("web", str(n)), f"203.0.{n}.1").token
        for n in range(205)
    ]
    assert all(asked[:200])
    assert not any(asked[200:])
    assert not ask(session).token
    assert proofs.open_by_contact(session, LAN.phone, PHONE, now=now_is.now()) == []
    assert open_receipt(session, dossier, LAN.chat), "receipts go on working"
    clock.move(minutes=6)
    assert ask(session).token


def test_limits_are_lifted_by_a_setting(session, dossier, monkeypatch):
    monkeypatch.setenv("LOOKUP_LIMITS", "false")
    config.settings.cache_clear()
    try:
        assert all(ask(session).token for _ in range(12))
    finally:
        monkeypatch.undo()
        config.settings.cache_clear()


def test_old_challenges_and_counts_are_dropped(session, dossier, clock):
    ask(session)
    clock.move(days=1)
    senders.forget(session)
    assert challenge_of(session) is not None
    clock.move(days=2)
    senders.forget(session)
    assert challenge_of(session) is None
    assert session.scalars(select(LimitEvent)).all() == []
