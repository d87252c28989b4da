"""Officers sign in, are limited, and are signed out when somebody says so."""

import io
import json

import pytest
from sqlalchemy import select

from backend import audit, config, db, security
from backend import clock as now_is
from backend.accounts import cli, demo
from backend.accounts import service as accounts
from backend.accounts.models import Officer, OfficerSession
from backend.accounts.roles import GRANTS, Role, may
from backend.errors import Conflict, InvalidInput
from backend.limits import LimitEvent
from backend.people import service as people
from tests.cast import PASSWORD, minh
from tests.page import Browser

LONG = "mot-mat-khau-du-dai"


def try_to_sign_in(session, login="minh", password=PASSWORD, address="203.0.113.1") -> str:
    attempt = accounts.attempt(session, login, address=address, now=now_is.now())
    if security.check_password(attempt.password_hash, password) and attempt.officer_id:
        return accounts.begin(session, attempt.officer_id, now=now_is.now())
    return ""


def test_the_right_password_opens_a_session_for_twelve_hours(session, clock):
    minh(session)
    token = try_to_sign_in(session, " MINH ")
    who = accounts.signed_in(session, token, now=now_is.now())
    assert who
    assert (who.name, who.role) == ("Trần Quang Minh", Role.ONE_STOP)
    assert token not in str(vars(session.scalars(select(OfficerSession)).one()))
    clock.move(hours=13)
    assert accounts.signed_in(session, token, now=now_is.now()) is None


@pytest.mark.parametrize(
    ("login", "password"),
    [("minh", "sai"), ("ai đó", PASSWORD), ("", ""), ("minh", ""), ("mi\0nh", "\0")],
)
def test_anything_else_opens_nothing(session, clock, login, password):
    minh(session)
    assert try_to_sign_in(session, login, password) == ""


def test_ten_tries_leave_ten_rows_and_end_it_for_a_quarter_of_an_hour(session, clock):
    minh(session)
    for _ in range(10):
        assert try_to_sign_in(session, password="sai") == ""
    rows = session.scalars(select(LimitEvent).where(LimitEvent.name == "login.name")).all()
    assert len(rows) == 10
    refused = accounts.attempt(session, "minh", address="198.51.100.9", now=now_is.now())
    assert refused.retry_after > 800
    assert refused.password_hash is None
    clock.move(minutes=16)
    assert try_to_sign_in(session)


def test_an_unknown_name_is_limited_alike(session, clock):
    for _ in range(10):
        accounts.attempt(session, "khong-co", address="a", now=now_is.now())
    assert accounts.attempt(session, "khong-co", address="a", now=now_is.now()).retry_after


def test_sessions_end_here_everywhere_and_for_those_who_left(session, clock):
    officer = minh(session)
    here, there = try_to_sign_in(session), try_to_sign_in(session)
    accounts.end(session, here, now=now_is.now())
    assert accounts.signed_in(session, here, now=now_is.now()) is None
    assert accounts.signed_in(session, there, now=now_is.now())
    assert [(o.login, n) for o, n in accounts.officers(session, now=now_is.now())] == [("minh", 1)]
    accounts.disable(session, officer.id, now=now_is.now())
    assert accounts.signed_in(session, there, now=now_is.now()) is None
    assert try_to_sign_in(session) == ""


def test_new_accounts_have_long_passwords_and_names_of_their_own(session, clock):
    def create(login: str, password: str) -> None:
        accounts.create(
            session, login, name="An", role=Role.HEAD, password=password, now=now_is.now()
        )

    with pytest.raises(InvalidInput):
        create("an", "ngắn")
    create("An", LONG)
    with pytest.raises(Conflict):
        create("an ", LONG)


def test_demo_people_sign_in_only_where_the_demo_is_on(session, clock, monkeypatch):
    demo.seed(session)
    demo.seed(session)
    assert len(session.scalars(select(Officer)).all()) == len(demo.DEMO_LOGINS)
    login, password, _ = demo.DEMO_LOGINS[0]
    assert try_to_sign_in(session, login, password) == ""
    monkeypatch.setenv("DEMO_ACCOUNTS", "true")
    config.settings.cache_clear()
    try:
        token = try_to_sign_in(session, login, password)
        assert accounts.signed_in(session, token, now=now_is.now())
    finally:
        monkeypatch.undo()
        config.settings.cache_clear()
    assert accounts.signed_in(session, token, now=now_is.now()) is None


def test_what_roles_may():
    assert set(GRANTS) == set(Role)
    assert may(Role.ONE_STOP, "dossiers.change")
    assert not may(Role.ONE_STOP, "dossiers.review")
    assert may(Role.HEAD, "dossiers.review")
    assert not may(Role.ADMINISTRATOR, "dossiers.view"), "keeping it running is not reading it"


def test_every_permission_is_granted_to_somebody(client):
    from backend.main import PARTS

    asked = {p for part in PARTS for p in part.permissions}
    asked |= {item.permission for part in PARTS for item in part.menu}
    assert {p for p in asked if not any(may(role, p) for role in Role)} == set()


@pytest.fixture
def at_the_door(page: Browser, clock) -> Browser:
    with db.transaction() as session:
        minh(session)
    page.get("/dang-nhap")
    return page


def test_signing_in_and_out(at_the_door):
    page = at_the_door
    wrong = page.post("/dang-nhap", login="minh", password="sai", status=422)
    assert "chưa đúng" in wrong.text
    assert wrong.one("input", name="login").get("value") == "minh"
    front = page.post("/dang-nhap", login="minh", password=PASSWORD)
    assert front.path == "/quan-tri"
    assert "Cán bộ một cửa" in front.text
    assert page.get("/dang-nhap").path == "/quan-tri"
    page.get("/quan-tri")
    assert page.post("/dang-xuat").path == "/dang-nhap"
    assert page.get("/quan-tri").path == "/dang-nhap"


@pytest.mark.parametrize("url", ["https://evil.example", "//evil.example", "/quan-tri//evil", "x"])
def test_the_way_back_is_never_to_somebody_else(at_the_door, url):
    at_the_door.get(f"/dang-nhap?next={url}")
    assert at_the_door.post("/dang-nhap", login="minh", password=PASSWORD).path == "/quan-tri"


def test_too_many_tries_get_a_time_to_come_back(at_the_door):
    for _ in range(10):
        at_the_door.post("/dang-nhap", login="minh", password="sai", status=422)
    page = at_the_door.post("/dang-nhap", login="minh", password=PASSWORD, status=429)
    assert "Xin thử lại sau" in page.text


def test_an_administrator_signs_others_out(page, clock):
    with db.transaction() as session:
        officer = minh(session)
        accounts.begin(session, officer.id, now=now_is.now())
        accounts.create(
            session, "an", name="An", role=Role.ADMINISTRATOR, password=LONG, now=now_is.now()
        )
    page.get("/dang-nhap")
    page.post("/dang-nhap", login="an", password=LONG)
    button = "Đăng xuất mọi nơi: Trần Quang Minh"
    assert button in page.get("/quan-tri/tai-khoan").text
    shown = page.post("/quan-tri/tai-khoan/phien", officer=str(officer.id))
    assert button not in shown.text


def test_learning_is_offered_to_who_stands_in_the_directory(page, clock):
    with db.transaction() as session:
        person = people.add_person(session, "7", "Nguyễn Văn Bình", now=now_is.now()).id
        for login, of in (("an", None), ("binh", person)):
            accounts.create(
                session, login, name="An", role=Role.HEAD, password=LONG, person_id=of,
                now=now_is.now(),
            )  # fmt: skip
    for login, is_offered in (("an", False), ("binh", True)):
        page.get("/dang-nhap")
        page.post("/dang-nhap", login=login, password=LONG)
        assert ("Học tập" in page.get("/quan-tri").text) is is_offered
        page.post("/dang-xuat")


@pytest.mark.parametrize(("role", "is_long"), [(Role.ONE_STOP, False), (Role.ADMINISTRATOR, True)])
def test_a_long_menu_stands_under_headings_and_a_short_one_without(page, clock, role, is_long):
    headings = ("Phục vụ người dân", "Đào tạo", "Cán bộ và tài khoản", "Vận hành hệ thống")
    with db.transaction() as session:
        accounts.create(session, "an", name="An", role=role, password=LONG, now=now_is.now())
    page.get("/dang-nhap")
    page.post("/dang-nhap", login="an", password=LONG)
    for path in ("/quan-tri", "/quan-tri/phien"):
        text = page.get(path).text
        assert "Đăng nhập và bảo mật" in text
        places = [text.find(heading) for heading in headings if heading in text]
        assert len(places) == (len(headings) if is_long else 0)
        assert places == sorted(places)


def test_an_administrator_changes_a_role_and_it_is_written_down(page, clock):
    with db.transaction() as session:
        officer = minh(session)
        own = accounts.create(
            session, "an", name="An", role=Role.ADMINISTRATOR, password=LONG, now=now_is.now()
        ).id
    page.get("/dang-nhap")
    page.post("/dang-nhap", login="an", password=LONG)
    page.get("/quan-tri/tai-khoan")
    page.post("/quan-tri/tai-khoan/vai-tro", officer=str(officer.id), role="head")
    page.post("/quan-tri/tai-khoan/vai-tro", officer=str(own), role="head", status=409)
    page.get("/quan-tri/tai-khoan")
    page.post("/quan-tri/tai-khoan/vai-tro", officer=str(officer.id), role="king", status=422)
    with db.reading() as session:
        assert session.get_one(Officer, officer.id).role == "head"
        *_, row = audit.of(session, f"account:{officer.id}")
        assert (row.action, row.actor_id) == ("account.role", own)
        assert json.loads(row.details) == {"before": "one_stop", "after": "head"}


def test_old_sessions_are_dropped(session, clock):
    minh(session)
    try_to_sign_in(session)
    clock.move(days=20)
    accounts.forget_sessions(session)
    assert session.scalars(select(OfficerSession)).all()
    clock.move(days=20)
    accounts.forget_sessions(session)
    assert session.scalars(select(OfficerSession)).all() == []


def test_the_first_officer_of_production_is_added_from_the_command_line(
    database, monkeypatch, capsys
):
    wanted = ["add", "thu", "--name", "Lê Văn Thử", "--role", "administrator"]
    monkeypatch.setattr("sys.stdin", io.StringIO("ngan\n"))
    assert cli.main(wanted) == 1
    assert "Mật khẩu" in capsys.readouterr().err
    monkeypatch.setattr("sys.stdin", io.StringIO("mot-mat-khau-du-dai\n"))
    assert cli.main(wanted) == 0
    monkeypatch.setattr("sys.stdin", io.StringIO("mot-mat-khau-du-dai\n"))
    assert cli.main(wanted) == 1, "the same login twice"
