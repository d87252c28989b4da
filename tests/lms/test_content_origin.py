"""Uploaded files on a host of their own: what it answers, and that nothing else does."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from fastapi.testclient import TestClient

from backend import clock as real_clock
from backend import config, db
from backend.middleware import CSP
from lms.courses import loader
from lms.courses import service as courses
from lms.study.files import PIECE
from tests.cast import PASSWORD
from tests.conftest import Clock
from tests.database import TestDatabase
from tests.lms import word
from tests.lms.course import CODE, make_course, make_official
from tests.page import Browser

ORIGIN = "https://noidung.example.vn"
TEST = {"ENVIRONMENT": "test", "PUBLIC_URL": "https://a.vn"}
PDF = b"%PDF-1.7\n" + b"x" * 3000


@pytest.fixture
def school(database: TestDatabase, clock: Clock) -> dict[str, str]:
    """A course with a picture and a document; the path of each on the app's host."""
    with db.transaction() as session:
        make_course(session, now=real_clock.now())
        make_official(session, "binh")
        course = courses.find(session, CODE).id
        loader.add_file(session, course, "img/thu.svg", b"<svg/>")
        loader.add_file(session, course, "img/thu.png", word.png())
        loader.add_file(session, course, "tai-lieu/luat.pdf", PDF)
        loader.add_file(session, course, "video/bai.mp4", bytes(PIECE + 10))
        return {file.name: file.path for file in loader.newest_files(session, course)}


@pytest.fixture
def apart(
    school: dict[str, str], database: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Browser]:
    """The app with CONTENT_ORIGIN set, and Bình signed in."""
    monkeypatch.setenv("CONTENT_ORIGIN", ORIGIN)
    monkeypatch.setenv("PUBLIC_URL", "https://testserver")
    config.settings.cache_clear()
    from backend.main import create_app

    browser = Browser(TestClient(create_app(), base_url="https://testserver"), database.counting)
    browser.get("/dang-nhap?next=/hoc")
    browser.post("/dang-nhap", login="binh", password=PASSWORD)
    yield browser
    monkeypatch.undo()
    config.settings.cache_clear()


def address(name: str) -> str:
    with db.reading() as session:
        return loader.addresses(session, courses.find(session, CODE).id)[name]


def test_pages_show_files_of_the_other_host_and_may_load_them(apart: Browser) -> None:
    apart.get(f"/hoc/{CODE}")
    lesson = apart.post(f"/hoc/{CODE}")
    shown = address("img/thu.svg")
    assert shown.startswith(f"{ORIGIN}/hoc-lieu/")
    assert lesson.one("img", alt="Thư").get("src") == shown
    policy = apart.client.get("/hoc").headers["content-security-policy"]
    for rule in ("img-src 'self' data:", "connect-src 'self'", "media-src 'self'"):
        assert f"{rule} {ORIGIN};" in policy
    assert "script-src 'self';" in policy


def test_the_other_host_needs_a_signature_that_ends_and_no_cookie(
    apart: Browser, clock: Clock
) -> None:
    stranger = TestClient(apart.client.app, base_url=ORIGIN)
    url = address("img/thu.png")
    answer = stranger.get(url)
    assert (answer.status_code, answer.content) == (200, word.png())
    assert answer.headers["access-control-allow-origin"] == "https://testserver"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert answer.headers["content-disposition"].startswith("inline")
    assert "set-cookie" not in answer.headers
    document = stranger.get(address("tai-lieu/luat.pdf"))
    assert document.headers["content-disposition"].startswith("attachment")
    assert stranger.get(url.partition("?")[0]).status_code == 403
    other = urlsplit(address("tai-lieu/luat.pdf")).query
    assert stranger.get(f"{url.partition('?')[0]}?{other}").status_code == 403
    clock.move(days=2)
    gone = stranger.get(url)
    assert (gone.status_code, "set-cookie" in gone.headers) == (403, False)


@pytest.mark.parametrize(
    "path", ["/", "/dang-nhap", "/hoc", "/static/x/css/base.css", "/api/v1/procedures", "/readyz"]
)
def test_the_other_host_answers_nothing_else(apart: Browser, path: str) -> None:
    answer = TestClient(apart.client.app, base_url=ORIGIN).get(path)
    assert (answer.status_code, "set-cookie" in answer.headers) == (404, False)
    assert TestClient(apart.client.app, base_url=ORIGIN).post("/dang-nhap").status_code == 404


def test_the_apps_host_leads_there_whoever_is_signed_in(
    apart: Browser, school: dict[str, str]
) -> None:
    led = apart.client.get(school["tai-lieu/luat.pdf"], follow_redirects=False)
    assert (led.status_code, led.headers["location"]) == (302, address("tai-lieu/luat.pdf"))
    apart.client.cookies.clear()
    assert apart.client.get(school["tai-lieu/luat.pdf"]).status_code == 404


def test_without_it_the_app_serves_files_itself_under_the_usual_policy(
    page: Browser, school: dict[str, str]
) -> None:
    answer = page.client.get(school["img/thu.png"])
    assert (answer.status_code, answer.content) == (200, word.png())
    assert "immutable" in answer.headers["cache-control"]
    assert page.client.get("/dang-nhap").headers["content-security-policy"] == CSP


@pytest.mark.parametrize(
    ("asked", "status", "first", "count"),
    [("bytes=0-9", 206, 0, 10), ("bytes=5-", 206, 5, PIECE), (f"bytes={PIECE}-", 206, PIECE, 10),
     ("bytes=99999999-", 200, 0, PIECE + 10), ("bytes=9-2", 200, 0, PIECE + 10),
     ("lines=1-2", 200, 0, PIECE + 10)],
)  # fmt: skip
def test_a_player_may_jump_about_in_a_video(
    page: Browser, school: dict[str, str], asked: str, status: int, first: int, count: int
) -> None:
    answer = page.client.get(school["video/bai.mp4"], headers={"range": asked})
    assert (answer.status_code, len(answer.content)) == (status, count)
    if status == 206:
        last = first + count - 1
        assert answer.headers["content-range"] == f"bytes {first}-{last}/{PIECE + 10}"


def test_the_apps_own_name_is_refused() -> None:
    same = config.read(TEST | {"CONTENT_ORIGIN": "https://a.vn:8443"})
    assert "CONTENT_ORIGIN" in same.problems()[0]
    assert config.read(TEST | {"CONTENT_ORIGIN": ORIGIN}).problems() == []
