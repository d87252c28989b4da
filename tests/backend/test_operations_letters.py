"""What did not go: seen, explained, sent again once; and the switches."""

import pytest
from sqlalchemy import select

from backend import clock as now_is
from backend import db, jobs, paces, switches
from backend.accounts.roles import Role, SignedIn
from backend.errors import Conflict, Forbidden, InvalidInput, NotFound
from backend.jobs import Job, Lane, Status
from backend.notifications import service as notifications
from backend.notifications.chats import ChatRef, Person
from backend.notifications.models import Attempt
from backend.operations import letters, turning
from backend.operations.letters import Filter, Standing
from backend.operations.models import Resent
from backend.switches import Switch, SwitchChange
from tests.cast import PASSWORD, make_officer, minh
from tests.page import Browser

LETTERS = "/quan-tri/tin-chua-gui"


@pytest.fixture(autouse=True)
def _paced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(paces.RATES, "telegram", paces.Rate())


def keeper(session, role=Role.ADMINISTRATOR) -> SignedIn:
    row = make_officer(session, "giu-may", "Lê Văn Giữ", role)
    return SignedIn(row.id, row.login, row.name, role)


def given_up(session, text="Số của bà là 0912000001", why="Forbidden: bot was blocked") -> int:
    job = jobs.enqueue(
        session, "bot.send", key="out:telegram:7", flow="telegram", lane=Lane.REPLY,
        channel="telegram", chat="7", message={"text": text, "buttons": []},
    )  # fmt: skip
    row = session.get_one(Job, job)
    row.status, row.last_error, row.done_at = Status.DEAD, why, now_is.now()
    session.flush()
    return int(row.id)


def test_words_of_a_chat_are_not_for_whoever_keeps_the_product_running(session, clock):
    given_up(session, "**Cán bộ Hoa:** Chào bà Trần Thị Lan")
    (letter,), _total = letters.listed(session, keeper(session), Filter(), page=1)
    assert letter.excerpt == ""


def test_a_letter_says_why_it_did_not_go_and_hides_numbers(session, clock, monkeypatch):
    officer = keeper(session)
    monkeypatch.setattr(SignedIn, "may", lambda *_: True)
    given_up(session)
    (letter,), total = letters.listed(session, officer, Filter(), page=1)
    assert total == 1
    assert letter.reason == "Người nhận đã chặn hoặc không còn dùng tài khoản"
    assert "0912000001" not in letter.excerpt
    assert letter.excerpt.startswith("Số của bà là")
    assert letters.counts(session) == {
        Standing.DEAD: 1, Standing.UNKNOWN: 0, Standing.RETRYING: 0
    }  # fmt: skip
    assert letters.channels(session) == ["telegram"]


@pytest.mark.parametrize(
    ("error", "meaning"),
    [
        ("SendError: -230 out of time", "Đã quá thời hạn được gửi tin của kênh"),
        ("RetryAfter: Too Many Requests: retry after 5", "Kênh yêu cầu gửi chậm lại"),
        ("may have been sent", "Không rõ tin đã tới hay chưa"),
        ("GiveUp: mailbox refused: 550", "Không có người nhận này"),
        ("ValueError: 42", "Kênh báo lỗi khác"),
    ],
)
def test_reasons_are_told_in_words(error, meaning):
    assert letters.reason(error) == meaning


def test_pressing_twice_sends_once_and_is_written_down_once(session, clock):
    officer, job = keeper(session), given_up(session)
    letters.send_again(session, officer, job, now=now_is.now())
    letters.send_again(session, officer, job, now=now_is.now())
    assert session.get_one(Job, job).status == Status.READY
    (row,) = session.scalars(select(Resent))
    assert (row.job_id, row.officer_name) == (job, "Lê Văn Giữ")


def test_only_those_who_may_see_and_send(session, clock):
    stranger, job = keeper(session, Role.ONE_STOP), given_up(session)
    assert letters.listed(session, stranger, Filter(), page=1) == ([], 0)
    with pytest.raises(NotFound):
        letters.send_again(session, stranger, job, now=now_is.now())


def test_news_that_went_another_way_is_not_sent_again(session, clock, monkeypatch):
    monkeypatch.setitem(paces.RATES, "web", paces.Rate())
    officer = keeper(session)
    person = Person("owner:1", (ChatRef("telegram", "7"), ChatRef("web", "w")))
    notifications.tell(
        session, [person], "dossier_status", data={"tail": "1"}, event="e:1", now=now_is.now()
    )
    first = session.scalars(select(Attempt)).one()
    row = session.get_one(Job, first.job_id)
    row.status = Status.DEAD
    assert notifications.ended(session, first.id, Status.DEAD, "blocked", now=now_is.now())
    with pytest.raises(Conflict):
        letters.send_again(session, officer, row.id, now=now_is.now())


def test_the_page_lists_filters_and_sends(page: Browser, clock) -> None:
    with db.transaction() as session:
        keeper(session)
        job = given_up(session)
    page.get("/dang-nhap")
    page.post("/dang-nhap", {"login": "giu-may", "password": PASSWORD})
    shown = page.get(LETTERS)
    assert "0912000001" not in shown.text
    assert "đã chặn" in shown.text
    page.post(f"{LETTERS}/gui-lai", {"letter": str(job), "query": "loai=dead"})
    assert "Có 0 tin." in page.get(f"{LETTERS}?loai=dead&kenh=telegram").text


def test_those_at_the_desk_have_no_business_there(page: Browser, clock) -> None:
    with db.transaction() as session:
        login = minh(session).login
    page.get("/dang-nhap")
    page.post("/dang-nhap", {"login": login, "password": PASSWORD})
    page.get(LETTERS, status=403)
    page.get("/quan-tri/cong-tac", status=403)


def test_a_switch_is_turned_with_words_for_citizens_and_written_down(session, clock):
    officer = keeper(session)
    assert switches.is_on(session, Switch.ANSWERS)
    with pytest.raises(InvalidInput):
        turning.turn(session, officer, Switch.ANSWERS, is_on=False, notice="", now=now_is.now())
    turning.turn(
        session, officer, Switch.ANSWERS, is_on=False, notice="Đang sửa.", now=now_is.now()
    )
    assert switches.notice(session, Switch.ANSWERS) == "Đang sửa."
    turning.turn(session, officer, Switch.ANSWERS, is_on=True, notice="", now=now_is.now())
    turning.turn(session, officer, Switch.ANSWERS, is_on=True, notice="", now=now_is.now())
    assert switches.notice(session, Switch.ANSWERS) is None
    assert [change.is_on for change in turning.history(session)] == [True, False]


def test_nobody_else_turns_a_switch(session, clock):
    with pytest.raises(Forbidden):
        turning.turn(
            session, keeper(session, Role.HEAD), Switch.NOTIFICATIONS, is_on=False, notice="",
            now=now_is.now(),
        )  # fmt: skip


def test_pushes_wait_while_they_are_off(session, clock):
    jobs.enqueue(session, "t", lane=Lane.PUSH, dedupe="p")
    reply = jobs.enqueue(session, "t", lane=Lane.REPLY, dedupe="r")
    session.add(
        SwitchChange(
            name=Switch.NOTIFICATIONS, is_on=False, officer_id=1, officer_name="", at=now_is.now()
        )
    )
    session.flush()
    assert [item.id for item in jobs.claim(session, "me", limit=9)] == [reply]


def test_the_page_of_switches(page: Browser, clock) -> None:
    with db.transaction() as session:
        keeper(session)
    page.get("/dang-nhap")
    page.post("/dang-nhap", {"login": "giu-may", "password": PASSWORD})
    page.get("/quan-tri/cong-tac")
    page.post("/quan-tri/cong-tac", {"switch": "answers", "turn": "off", "notice": ""}, status=422)
    page.post("/quan-tri/cong-tac", {"switch": "answers", "turn": "off", "notice": "Đang sửa."})
    assert "Đang sửa." in page.get("/quan-tri/cong-tac").text
