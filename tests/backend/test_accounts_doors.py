"""The other ways into an account: a link from the mailbox, a second factor; one's own sessions."""

import re
from urllib.parse import urlsplit

import pyotp
import pytest
from sqlalchemy import select

from backend import clock as now_is
from backend import config, db, jobs, security
from backend.accounts import factor, links, passwords
from backend.accounts import service as accounts
from backend.accounts.links import Purpose
from backend.accounts.models import Officer, OfficerFactor, OfficerLink, RecoveryCode
from backend.accounts.own_pages import device
from backend.accounts.roles import Role
from backend.errors import InvalidInput
from backend.notifications import account_letters, mail
from backend.people import service as people
from backend.people.duties import Duty
from tests.cast import PASSWORD, minh
from tests.page import Browser

MAILBOX = "lan@camau.gov.vn"


def learner(session) -> Officer:
    office = people.open_agency(session, "SNV", "Sở Nội vụ", since=now_is.today())
    lan = people.add_person(session, "0007", "Trần Lan", email=MAILBOX, now=now_is.now())
    people.place(session, lan.id, office.id, position="", duty=Duty.NONE, since=now_is.today())
    return accounts.create(
        session, MAILBOX, name="Trần Lan", role=Role.OFFICIAL, password="", email=MAILBOX,
        person_id=lan.id, now=now_is.now(),
    )  # fmt: skip


def token_of(session, link_id: int) -> str:
    letter = links.letter(session, link_id, now=now_is.now())
    assert letter
    return letter.url.rpartition("/")[2]


def code_of(secret: str) -> str:
    return pyotp.TOTP(secret).at(now_is.now())


def test_an_account_without_a_password_opens_for_none(session, clock):
    learner(session)
    for password in ("", "!", accounts.NO_PASSWORD * 12):
        attempt = accounts.attempt(session, MAILBOX, address="a", now=now_is.now())
        assert attempt.officer_id is None
        assert not security.check_password(attempt.password_hash, password)


def test_a_link_is_good_once_and_for_twenty_minutes(session, clock):
    learner(session)
    asked = links.request(session, " LAN@camau.gov.vn", address="a", now=now_is.now())
    assert asked.link_id
    token = token_of(session, asked.link_id)
    row = session.scalars(select(OfficerLink)).one()
    assert token not in (row.salt, row.token_digest)
    assert links.look(session, token, now=now_is.now())
    assert links.look(session, token, now=now_is.now()), "looking uses nothing up"
    assert links.use(session, token, now=now_is.now())
    assert links.use(session, token, now=now_is.now()) is None
    again = links.request(session, MAILBOX, address="a", now=now_is.now()).link_id
    assert again
    late = token_of(session, again)
    clock.move(minutes=21)
    assert links.use(session, late, now=now_is.now()) is None
    assert links.use(session, "x.y", now=now_is.now()) is None


def test_a_new_link_ends_the_older_one_and_leaving_ends_all(session, clock):
    officer = learner(session)
    first = token_of(session, links.make(session, officer.id, Purpose.INVITE, now=now_is.now()))
    second = token_of(session, links.make(session, officer.id, Purpose.INVITE, now=now_is.now()))
    assert links.look(session, first, now=now_is.now()) is None
    clock.move(days=6)
    assert links.look(session, second, now=now_is.now())
    accounts.disable(session, officer.id, now=now_is.now())
    assert links.look(session, second, now=now_is.now()) is None


def test_asking_is_limited_for_known_and_unknown_alike(session, clock):
    learner(session)
    for login in (MAILBOX, "nobody@camau.gov.vn"):
        for _ in range(5):
            assert not links.request(session, login, address=login, now=now_is.now()).retry_after
        assert links.request(session, login, address=login, now=now_is.now()).retry_after


def test_a_shared_mailbox_asks_by_login(session, clock):
    learner(session)
    accounts.create(session, "0009", name="Hà", role=Role.OFFICIAL, password="", email=MAILBOX,
                    now=now_is.now())  # fmt: skip
    assert links.request(session, MAILBOX, address="a", now=now_is.now()).link_id is None
    assert links.request(session, "0009", address="a", now=now_is.now()).link_id


def test_the_letter_goes_to_the_mailbox_and_the_queue_knows_no_link(
    database, clock, work, monkeypatch
):
    sent = []
    monkeypatch.setattr(mail, "post", lambda *letter: sent.append(letter))
    monkeypatch.setenv("SMTP_URL", "smtp://127.0.0.1:9")
    monkeypatch.setenv("MAIL_FROM", "mot-cua@example.vn")
    config.settings.cache_clear()
    try:
        with db.transaction() as session:
            officer = learner(session)
            link = links.make(session, officer.id, Purpose.INVITE, now=now_is.now())
            token = token_of(session, link)
            payloads = session.scalars(select(jobs.Job.payload)).all()
        assert work() == 1
    finally:
        monkeypatch.undo()
        config.settings.cache_clear()
    ((address, subject, body),) = sent
    assert (address, "Tài khoản học" in subject, token in body) == (MAILBOX, True, True)
    assert not any(token in payload for payload in payloads)
    assert account_letters.PART.name


@pytest.mark.parametrize(
    "password",
    ["ngắn", "123456789012", "aaaaaaaaaaaaaaaa", "abcabcabcabc", "Mật khẩu 12345", "qwertyuiopasdf",
     "tranlan123456", "Trần Lan 2026 !!!", "0912000111222333"],
)  # fmt: skip
def test_weak_passwords_are_refused(password):
    with pytest.raises(InvalidInput):
        passwords.check(password, login="tranlan@camau.gov.vn", name="Trần Lan")


@pytest.mark.parametrize("password", ["chiếc thuyền xanh đi chợ", "mot-mat-khau-du-dai"])
def test_long_phrases_are_welcome(password):
    passwords.check(password, login="lan", name="Trần Lan")


def enrolled(session) -> tuple[int, str, list[str]]:
    officer = minh(session)
    enrolment = factor.begin(session, officer.id, now=now_is.now())
    assert enrolment
    assert not factor.is_on(session, officer.id), "scanning is not enough"
    wrong, none = factor.confirm(session, officer.id, "000000", now=now_is.now())
    assert (wrong.is_right, none) == (False, [])
    right, codes = factor.confirm(session, officer.id, code_of(enrolment.secret), now=now_is.now())
    assert right.is_right
    return officer.id, enrolment.secret, codes


def test_a_code_is_taken_once_and_never_an_older_one(session, clock):
    officer_id, secret, _ = enrolled(session)
    assert factor.is_on(session, officer_id)
    used = code_of(secret)
    assert not factor.check(session, officer_id, used, now=now_is.now()).is_right
    clock.move(seconds=60)
    newer = code_of(secret)
    assert factor.check(session, officer_id, f" {newer[:3]} {newer[3:]}", now=now_is.now()).is_right
    assert not factor.check(session, officer_id, used, now=now_is.now()).is_right
    row = session.scalars(select(OfficerFactor)).one()
    assert secret not in row.salt
    assert factor.begin(session, officer_id, now=now_is.now()) is None, "no second secret"


def test_recovery_codes_are_good_once(session, clock):
    officer_id, _, codes = enrolled(session)
    assert len(set(codes)) == 8
    assert all(code not in row.digest for row in session.scalars(select(RecoveryCode))
               for code in codes)  # fmt: skip
    assert factor.check(session, officer_id, codes[0].lower(), now=now_is.now()).is_right
    assert not factor.check(session, officer_id, codes[0], now=now_is.now()).is_right
    assert factor.recovery_codes_left(session, officer_id) == 7
    new = factor.renew_recovery_codes(session, officer_id)
    assert not factor.check(session, officer_id, codes[1], now=now_is.now()).is_right
    assert factor.check(session, officer_id, new[1], now=now_is.now()).is_right


def test_guessing_ends_after_ten_tries(session, clock):
    officer_id, secret, _ = enrolled(session)
    tries = [factor.check(session, officer_id, "000000", now=now_is.now()) for _ in range(12)]
    assert tries[-1].retry_after
    clock.move(seconds=60)
    assert not factor.check(session, officer_id, code_of(secret), now=now_is.now()).is_right
    clock.move(minutes=16)
    assert factor.check(session, officer_id, code_of(secret), now=now_is.now()).is_right


def test_sessions_have_the_name_of_their_device():
    phone = "Mozilla/5.0 (Linux; Android 13) AppleWebKit/537.36 Chrome/120.0 Mobile Safari/537.36"
    assert device(phone) == "Chrome, Android"
    assert device(phone + " Zalo/22") == "Zalo, Android"
    assert device("curl") == ""


def test_by_link_to_the_first_password_and_back(page: Browser, clock):
    with db.transaction() as session:
        officer = learner(session)
        link = links.make(session, officer.id, Purpose.INVITE, now=now_is.now())
        token = token_of(session, link)
    url = f"/dang-nhap/lien-ket/{token}"
    page.get(url)
    assert "Trần Lan" in page.get(url).text
    form = page.post(url)
    assert form.path == "/quan-tri/phien/mat-khau"
    assert not form.all("input", name="old")
    assert "phổ biến" in page.post(form.path, new="matkhau12345", status=422).text
    own = page.post(form.path, new="chiếc thuyền xanh đi chợ")
    assert own.path == "/quan-tri/phien"
    assert "phiên này" in own.text
    page.post("/dang-xuat")
    assert page.get(url, status=404).h1 == "Liên kết không còn dùng được"
    page.get("/dang-nhap")
    assert (
        page.post("/dang-nhap", login=MAILBOX, password="chiếc thuyền xanh đi chợ").path == "/hoc"
    )


def test_asking_for_a_link_says_the_same_to_everybody(page: Browser, clock):
    with db.transaction() as session:
        learner(session)
    page.get("/dang-nhap/lien-ket")
    stranger = page.post("/dang-nhap/lien-ket", login="ai@do.vn")
    page.get("/dang-nhap/lien-ket")
    known = page.post("/dang-nhap/lien-ket", login=MAILBOX)
    assert "mở liên kết" not in stranger.text
    way = urlsplit(known.link("mở liên kết")).path
    page.get(way)
    page.post(way)
    assert page.get("/quan-tri/phien/mat-khau").h1 == "Đặt mật khẩu mới"


def test_staff_turn_the_second_factor_on_and_are_asked_for_it(page: Browser, clock):
    with db.transaction() as session:
        minh(session)
    page.get("/dang-nhap")
    page.post("/dang-nhap", login="minh", password=PASSWORD)
    setup = page.get("/quan-tri/phien/ma-xac-thuc")
    found = re.search(r"Khóa nhập tay: ((?:[A-Z2-7]{1,4} ?)+)", setup.text)
    assert found
    secret = found[1].replace(" ", "").removesuffix("M")[:32]
    page.post("/quan-tri/phien/ma-xac-thuc", code="000000", status=422)
    shown = page.post("/quan-tri/phien/ma-xac-thuc", code=code_of(secret))
    codes = [code.text or "" for code in shown.all("code")]
    page.post("/dang-xuat")
    page.get("/dang-nhap?next=/quan-tri/phien%3Fa%3D1")
    asked = page.post("/dang-nhap", login="minh", password=PASSWORD)
    assert asked.h1 == "Nhập mã xác thực"
    assert page.get("/quan-tri").path == "/dang-nhap", "the password alone opens nothing"
    page.get("/dang-nhap?next=/quan-tri/phien%3Fa%3D1")
    page.post("/dang-nhap", login="minh", password=PASSWORD)
    page.post("/dang-nhap/ma", code=code_of(secret), status=422)
    landed = page.post("/dang-nhap/ma", code=codes[0])
    assert landed.url.endswith("/quan-tri/phien?a=1"), "back to where they were"
    page.get("/quan-tri/phien/ma-xac-thuc")
    page.post("/quan-tri/phien/ma-xac-thuc/ma-du-phong", code=codes[1])
    page.get("/quan-tri/phien/ma-xac-thuc")
    clock.move(minutes=1)
    assert (
        page.post("/quan-tri/phien/ma-xac-thuc/tat", code=code_of(secret)).path == "/quan-tri/phien"
    )


def test_a_ticket_does_not_last_and_cannot_be_made(page: Browser, clock):
    with db.transaction() as session:
        enrolled(session)
    page.get("/dang-nhap")
    page.post("/dang-nhap", login="minh", password=PASSWORD)
    clock.move(minutes=11)
    assert page.post("/dang-nhap/ma", code="123456").path == "/dang-nhap"


def test_one_closes_ones_own_sessions_only(page: Browser, clock):
    with db.transaction() as session:
        officer = minh(session)
        other = learner(session)
        accounts.begin(session, officer.id, now=now_is.now(), device="Safari, iPhone")
        theirs = accounts.begin(session, other.id, now=now_is.now())
    page.get("/dang-nhap")
    page.post("/dang-nhap", login="minh", password=PASSWORD)
    own = page.get("/quan-tri/phien")
    (button,) = [b for b in own.all("button", name="session") if b.get("value", "").isdecimal()]
    assert (
        "Safari, iPhone"
        not in page.post("/quan-tri/phien/dong", session=button.get("value", "")).text
    )
    for number in range(1, 6):
        page.client.post("/quan-tri/phien/dong", data={"session": str(number)})
    with db.reading() as session:
        assert accounts.signed_in(session, theirs, now=now_is.now())
    page.get("/quan-tri/phien/mat-khau")
    page.post("/quan-tri/phien/mat-khau", old="sai", new="chiếc thuyền xanh đi chợ", status=422)
    page.post("/quan-tri/phien/mat-khau", old=PASSWORD, new="chiếc thuyền xanh đi chợ")


def test_whose_session_ended_comes_back_to_the_page_of_the_form(client, clock):
    answer = client.post(
        "/quan-tri/phien/dong", headers={"referer": "https://testserver/hoc/CB00?x=1"},
        follow_redirects=False,
    )  # fmt: skip
    assert answer.headers["location"] in (
        "/dang-nhap?next=%2Fhoc%2FCB00%3Fx%3D1",
        "/dang-nhap",
    )
