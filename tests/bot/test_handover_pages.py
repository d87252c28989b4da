"""The inbox as officers see it: lists, one conversation, its composer, duty, calls, export."""

import json

import pytest
from sqlalchemy import select

from backend import audit, db, jobs
from backend.accounts.roles import Role, SignedIn
from backend.dossiers import proofs
from backend.jobs import Job, Status
from backend.notifications.chats import ChatRef
from bot.channels import CHANNELS
from bot.handover import demo, desk
from bot.handover.models import Handover, HandoverEvent
from tests import some_procedures
from tests.bot.handover import OTHER, act, claim, officer, press, say, steps, talk, transcript
from tests.cast import CODE, PASSWORD, make_dossier, receipt_of
from tests.page import Browser, Page, words
from tests.some_procedures import BIRTH

INBOX = "/quan-tri/hoi-thoai"
QUERIES = 20  # a conversation has a transcript, its steps, dossiers, procedures, canned answers


@pytest.fixture(autouse=True)
def catalogue(database, clock):
    """One procedure to ask about, on a Monday morning."""
    some_procedures.load(BIRTH)


@pytest.fixture
def minh() -> SignedIn:
    return officer("minh", "Trần Quang Minh")


class Desk(Browser):
    """An officer's browser: a conversation may cost more queries than a citizen's page."""

    def get(self, url: str, *, status: int = 200, queries: int = QUERIES) -> Page:
        return super().get(url, status=status, queries=queries)

    def post(self, url, fields=None, *, status=200, queries=2 * QUERIES, **named) -> Page:
        return super().post(url, fields, status=status, queries=queries, **named)


@pytest.fixture
def desk_of(page: Browser, minh) -> Browser:
    page.get("/dang-nhap")
    page.post("/dang-nhap", login="minh", password=PASSWORD)
    return Desk(page.client, page.counting)


def asked(chat: str = "lan") -> str:
    say("khai sinh cần giấy tờ gì", chat=chat)
    say("gặp cán bộ", chat=chat)
    return f"{INBOX}/{talk(chat).id}"


def typed(page) -> str:
    return (page.one("textarea", name="text").text or "").strip()


def test_strangers_sign_in_first_and_others_may_not(page: Browser):
    assert page.get(INBOX).path == "/dang-nhap"
    officer("an", "Phạm Đức An", role=Role.ADMINISTRATOR, is_on_duty=False)
    page.post("/dang-nhap", login="an", password=PASSWORD, status=403)
    for url in (INBOX, f"{INBOX}/1", f"{INBOX}/mau", f"{INBOX}/1/ban-ghi.txt"):
        assert "không có quyền" in page.get(url, status=403).text


def test_nobody_but_officers_listens(page: Browser, minh):
    answer = page.client.get(f"{INBOX}/truc-tiep", follow_redirects=False)
    assert answer.headers["location"].startswith("/dang-nhap")
    page.get("/dang-nhap")
    officer("an", "Phạm Đức An", role=Role.ADMINISTRATOR, is_on_duty=False)
    page.post("/dang-nhap", login="an", password=PASSWORD)
    assert page.client.get(f"{INBOX}/truc-tiep").status_code == 403


def test_from_the_queue_to_the_end(desk_of):
    url = asked()
    shown = desk_of.get(INBOX)
    assert "Đăng ký khai sinh" in shown.text
    opened = desk_of.post(f"{url}/nhan")
    assert "Trần Quang Minh đang trả lời" in opened.text
    assert "Đăng ký khai sinh" in opened.text, "the procedure stands beside"
    desk_of.get(url)
    assert "Mời ông/bà" in desk_of.post(f"{url}/gui", text="Mời ông/bà đến phường.").text
    say("cảm ơn cán bộ")
    assert "cảm ơn cán bộ" in words(desk_of.fragment(url))
    assert "Mới" in desk_of.post(f"{url}/ket-thuc/dong").text
    assert talk().status == "closed"
    assert "Đăng ký khai sinh" in desk_of.get(f"{INBOX}?muc=da-dong").text


def test_a_closed_talk_refuses_and_gives_back_what_was_typed(desk_of, minh, clock):
    url = asked()
    claim(minh)
    desk_of.get(url)
    act(desk.close, minh, talk().id, "")
    refused = desk_of.post(f"{url}/gui", text="Còn một điều nữa", status=409)
    assert "đã kết thúc lúc 09:00" in refused.text
    assert typed(refused) == "Còn một điều nữa"
    clock.move(minutes=1)
    say("lệ phí khai sinh")
    assert "lệ phí khai sinh" not in desk_of.get(url).text, "the assistant's again, not theirs"


def test_whoever_comes_second_reads_who_was_first(desk_of):
    hoa = officer("hoa", "Lê Thị Hoa")
    url = asked()
    desk_of.get(INBOX)
    claim(hoa)
    assert "Lê Thị Hoa đã nhận" in desk_of.post(f"{url}/nhan", status=409).text


def test_the_composer_inserts_suggests_and_notes_without_losing_a_word(desk_of, minh):
    url = asked()
    claim(minh)
    desk_of.get(f"{INBOX}/mau")
    desk_of.post(f"{INBOX}/mau", title="Hẹn", body="Thủ tục {thu_tuc} của {ten}.", shared="1")
    with db.reading() as session:
        before = session.query(Handover).count()
    page = desk_of.get(url)
    chosen = next(o.get("value", "") for o in page.all("option") if words(o) == "Hẹn")
    form = {e.get("name", ""): e.get("value", "") for e in page.form(f"{url}/gui").iter("input")}

    def send(action: str, status: int = 200, **fields: str):
        answer = desk_of.client.post(f"{url}/{action}", data={**form, **fields})
        return desk_of._shown(answer, [], status, QUERIES)

    filled = typed(send("chen", text="Chào ông/bà.", mau=chosen))
    assert filled == "Chào ông/bà.\n\nThủ tục Đăng ký khai sinh của [tên người dân]."
    refused = send("gui", 422, text=filled)
    assert "Còn chỗ chưa điền: [tên người dân]" in refused.text
    assert typed(refused) == filled
    assert typed(send("chen", 422, text="Giữ lại", mau="")) == "Giữ lại"
    say("khai sinh cần giấy tờ gì")
    suggested = typed(send("goi-y", text=""))
    assert "Giấy tờ" in suggested
    assert transcript()[-1][0] == "citizen", "a suggestion is stored nowhere"
    say("hôm nay giá vàng bao nhiêu")
    assert "không có gợi ý" in send("goi-y", 422, text="Giữ lại").text
    noted = send("ghi-chu", text="Người dân lớn tuổi, nói chậm.")
    assert "Người dân lớn tuổi" in noted.text
    assert "lớn tuổi" not in str(transcript())
    with db.reading() as session:
        assert session.query(Handover).count() == before


def test_a_dossier_is_shown_only_where_the_chat_proved_it(desk_of, minh):
    with db.transaction() as session:
        receipt = receipt_of(make_dossier(session))
    say(f"hồ sơ {CODE} đến đâu rồi")
    url = asked()
    claim(minh)
    shown = desk_of.get(url)
    assert "chưa chứng minh hồ sơ nào" in shown.text
    assert not [a for a in shown.all("a") if CODE in a.get("href", "")]
    with db.transaction() as session:
        from backend import clock

        proofs.open_by_token(session, receipt, ChatRef("console", "lan"), now=clock.now())
    assert desk_of.get(url).link(CODE).endswith(CODE)


def test_the_channels_window_stands_over_the_composer(desk_of, minh, monkeypatch):
    said = "Zalo: gửi miễn phí đến 09:00."
    monkeypatch.setattr(CHANNELS["console"], "window", lambda session, chat: said, raising=False)
    url = asked()
    assert said not in desk_of.get(url).text
    claim(minh)
    assert said in desk_of.get(url).text


def test_duty_is_a_button(page: Browser):
    officer("minh", "Trần Quang Minh", is_on_duty=False)
    page.get("/dang-nhap")
    page.post("/dang-nhap", login="minh", password=PASSWORD)
    assert "Không trực" in page.get(INBOX).text
    assert "Đang trực" in page.post(f"{INBOX}/truc", truc="co").text
    assert "Không trực" in page.post(f"{INBOX}/truc", truc="thoi").text


def test_promised_calls_are_a_list(desk_of):
    press("callback")
    say("0912345678")
    shown = desk_of.get(f"{INBOX}?muc=goi-lai")
    assert "0912 345 678" in shown.text
    action = next(f.get("action", "") for f in shown.forms if "/goi-lai/" in f.get("action", ""))
    assert "Không có cuộc gọi nào" in desk_of.post(action, result="đã gọi").text


def test_an_officer_may_step_in(desk_of):
    say("khai sinh cần giấy tờ gì")
    shown = desk_of.get(f"{INBOX}?muc=voi-may")
    action = next(f.get("action", "") for f in shown.forms if "/voi-may/" in f.get("action", ""))
    desk_of.post(action)
    assert talk().reason == "officer"
    assert say("còn lệ phí?").messages == ()
    assert [kind for kind, *_ in steps()][:2] == ["stepped_in", "claimed"]


def test_the_transcript_can_be_taken_along(desk_of, minh):
    url = asked()
    claim(minh)
    say("số của tôi 0912345678")
    answer = desk_of.client.get(f"{url}/ban-ghi.txt")
    assert answer.headers["content-type"].startswith("text/plain")
    assert "attachment" in answer.headers["content-disposition"]
    assert "Người dân: gặp cán bộ" in answer.text
    assert "0912345678" not in answer.text


def test_every_look_is_written_down_once_an_hour(desk_of, minh, clock):
    url = asked()
    for _ in range(2):
        desk_of.get(url)
    clock.move(hours=1, minutes=1)
    desk_of.get(url)
    with db.reading() as session:
        looks = session.query(HandoverEvent).filter_by(kind="viewed").all()
        assert [look.officer_name for look in looks] == ["Trần Quang Minh"] * 2


def test_transfer_and_give_back_from_the_page(desk_of, minh):
    url = asked()
    claim(minh)
    desk_of.get(url)
    desk_of.post(f"{url}/chuyen", unit=minh.agency, why="nhờ chị Hoa")
    assert (talk().status, talk().unit) == ("waiting", minh.agency)
    claim(minh)
    desk_of.get(url)
    desk_of.post(f"{url}/ket-thuc/tra-lai")
    assert talk().status == "waiting"
    claim(minh)
    desk_of.get(url)
    desk_of.post(f"{url}/ket-thuc/cho-may")
    assert talk().status == "bot"


@pytest.mark.parametrize("path", ["99999", "99999/ban-ghi.txt"])
def test_an_unknown_one_is_not_found(desk_of, path):
    desk_of.get(f"{INBOX}/{path}", status=404)


def test_the_demo_has_somebody_who_waits_however_often_it_is_seeded(database):
    from backend.accounts import demo as people

    for _ in range(2):
        with db.transaction() as session:
            people.seed(session)
            demo.seed(session)
    row = talk("dan-thu-nghiem")
    assert (row.status, row.procedure_code) == ("waiting", BIRTH)
    assert [kind for kind, *_ in steps()] == ["requested"]
    assert len(transcript()) == 3


def test_routes_are_a_page(desk_of, minh):
    desk_of.get(f"{INBOX}/tuyen")
    assert "Xin ghi xã" in desk_of.post(f"{INBOX}/tuyen", unit=minh.agency, status=422).text
    shown = desk_of.post(f"{INBOX}/tuyen", field="Hộ tịch", unit=minh.agency)
    assert "ho tich" in shown.text
    assert desk_of.get(asked()).url
    assert talk().unit == minh.agency
    desk_of.get(f"{INBOX}/tuyen")
    action = next(f.get("action", "") for f in shown.forms if "/xoa" in f.get("action", ""))
    assert "Chưa có tuyến nào" in desk_of.post(action).text


def test_who_changes_a_route_is_written_down(desk_of, minh):
    desk_of.get(f"{INBOX}/tuyen")
    for unit in (OTHER, minh.agency, minh.agency):
        shown = desk_of.post(f"{INBOX}/tuyen", field="Hộ tịch", unit=unit)
    action = next(f.get("action", "") for f in shown.forms if "/xoa" in f.get("action", ""))
    desk_of.post(action)
    with db.reading() as session:
        rows = [r for r in audit.latest(session) if r.action.startswith("handover.route")]
        changes = [(json.loads(r.details)["before"], r.action.partition("_")[2]) for r in rows]
        actors = {r.actor_id for r in rows}
    assert changes == [(minh.agency, "removed"), (OTHER, "set"), (None, "set")], "newest first"
    assert actors == {minh.id}


def test_words_that_did_not_arrive_are_marked_until_they_are_sent_again(desk_of, minh, work):
    say("gặp cán bộ", chat="42", channel="telegram")
    claim(minh, "42")
    act(desk.say, minh, talk("42").id, "Mời ông/bà mang giấy chứng sinh.", once="1")
    work()
    place, mark = f"{INBOX}/{talk('42').id}", "Chưa tới được người dân"
    shown = desk_of.get(place)
    assert shown.text.count(mark) == 1, "Telegram is off here, so nothing arrives"
    steps_shown = words(next(o for o in shown.all("ol") if o.get("class") == "steps"))
    assert "Tin của cán bộ chưa tới người dân. Mời ông/bà mang giấy" in steps_shown
    with db.transaction() as session:
        given_up = session.scalars(select(Job).where(Job.status == Status.DEAD)).all()
        (row,) = (job for job in given_up if "chứng sinh" in job.payload)
        assert jobs.revive(session, row.id)
    assert mark not in desk_of.get(place).text
