"""What a telephone is given to keep: manifest, worker, downloads; what the first view weighs."""

import gzip
import json
import re
from urllib.parse import urlsplit

import pytest

from backend import clock as real_clock
from backend import db
from lms.courses import loader, shelf
from lms.courses.models import LessonProgress
from lms.study import shell
from tests.database import TestDatabase
from tests.lms.course import CODE, make_course, make_official
from tests.lms.test_study_pages import sign_in
from tests.page import Browser, Page

FIRST_VIEW = 60_000
WHOLE_COURSE = 3_000_000

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(autouse=True)
def school(database: TestDatabase) -> None:
    with db.transaction() as session:
        make_course(session, now=real_clock.now())
        make_official(session)


def compressed(page: Browser, url: str) -> int:
    answer = page.client.get(url)
    assert answer.status_code == 200, url
    return len(gzip.compress(answer.content, 6))


def loaded_by(view: Page) -> set[str]:
    """What a browser fetches for a page at once: styles, scripts and what those import, icons."""
    found = {e.get("href", "") for e in view.all("link") if e.get("rel") != "icon"}
    found |= {e.get("src", "") for e in [*view.all("script"), *view.all("img")]}
    return {url for url in found if url}


def imports(text: str, url: str) -> set[str]:
    base = url.rpartition("/")[0]
    return {f"{base}/{name}" for name in re.findall(r'from "\./([\w.]+)"', text)}


def test_the_first_view_is_light(page: Browser) -> None:
    view = sign_in(page)
    urls = loaded_by(view)
    for _ in range(3):
        modules = [url for url in urls if "/js/learn/" in url]
        urls |= set().union(*(imports(page.client.get(url).text, url) for url in modules))
    sizes = {url: compressed(page, url) for url in urls}
    whole = sum(sizes.values()) + len(gzip.compress(view.html.encode(), 6))
    assert any("outbox.js" in url for url in sizes), "imports are counted"
    assert whole <= FIRST_VIEW, sorted(sizes.items(), key=lambda item: -item[1])


def test_the_worker_keeps_the_frame_and_names_its_release(page: Browser) -> None:
    answer = page.client.get("/hoc-sw.js")
    assert answer.headers["cache-control"] == "no-cache"
    head = answer.text.partition("\n")[0]
    frame = json.loads(head.removeprefix("self.SHELL = ").removesuffix(";"))
    assert frame["version"] == shell.version()
    for url in frame["urls"]:
        assert page.client.get(url).status_code == 200, url
    assert page.get(frame["offline"]).h1 == "Chưa có mạng"
    assert answer.text.count("\n") <= 200


def test_it_can_be_installed(page: Browser) -> None:
    manifest = page.client.get("/hoc.webmanifest").json()
    assert (manifest["start_url"], manifest["display"]) == ("/hoc", "standalone")
    assert {"192x192", "512x512", "any"} == {icon["sizes"] for icon in manifest["icons"]}
    for icon in manifest["icons"]:
        picture = page.client.get(icon["src"])
        assert picture.status_code == 200
        assert picture.headers["content-type"] == icon["type"]


def test_what_is_promised_is_what_comes_and_opens_nothing(page: Browser) -> None:
    with db.transaction() as session:
        loader.load(session, shelf.read(shelf.DATA / "CB00"), now=real_clock.now())
    sign_in(page)
    page.get(f"/hoc/{CODE}")
    page.post(f"/hoc/{CODE}")
    course = page.get(f"/hoc/{CODE}")
    box = course.one("section", class_="download")
    promised = int(re.findall(r"Tải về máy \((\d+) kB\)", course.text)[0])
    before = opened()
    came = 0
    for url in (box.get("data-urls") or "").split():
        answer = page.client.get(url, headers={"X-Download": "1"})
        assert answer.status_code == 200, url
        assert urlsplit(str(answer.url)).path == url
        came += len(answer.content)
    assert opened() == before
    assert 0.7 * promised <= came / 1000 <= 1.1 * promised, (promised, came)
    assert came <= WHOLE_COURSE


def opened() -> int:
    with db.reading() as session:
        return session.query(LessonProgress).count()


def test_a_new_version_is_another_download(page: Browser) -> None:
    sign_in(page)
    page.get(f"/hoc/{CODE}")
    page.post(f"/hoc/{CODE}")
    version = page.get(f"/hoc/{CODE}").one("section", class_="download").get("data-version") or ""
    assert version.endswith(shell.version())


@pytest.mark.parametrize("agent", ["Zalo android/12.1", "Mobile [FBAN/FBIOS;FBAV/400]"])
def test_inside_another_app_the_way_out_is_shown(page: Browser, agent: str) -> None:
    sign_in(page)
    assert not page.get("/hoc").all("button", data_copied="Đã chép địa chỉ")
    page.client.headers["User-Agent"] = agent
    front = page.get("/hoc")
    links = [a.get("href", "") for a in front.all("a")]
    assert [
        link for link in links if link.startswith("intent://testserver/hoc#Intent;scheme=https")
    ]
    front.one("button", data_copied="Đã chép địa chỉ")


def test_the_owner_of_copies_is_told_apart_without_saying_who(page: Browser) -> None:
    with db.transaction() as session:
        make_official(session, "tuan", "Trần Anh Tuấn")
    owners = []
    for login in ("binh", "tuan"):
        page.client.cookies.clear()
        view = sign_in(page, login)
        owners += [e.get("data-owner") for e in view.all("div") if e.get("data-owner")]
    assert len(set(owners)) == 2


def test_a_device_that_was_overtaken_is_told_so(page: Browser) -> None:
    sign_in(page)
    page.get(f"/hoc/{CODE}")
    page.post(f"/hoc/{CODE}")
    page.get(f"/hoc/{CODE}/luyen")
    sheet = page.post(f"/hoc/{CODE}/luyen/bai-lam")
    token = sheet.all("input", name="form_token")[0].get("value") or ""

    def send(device: str, value: str, seq: int) -> dict[str, dict[str, int]]:
        answers = [{"place": 0, "fields": {"a": [value]}, "seq": seq}]
        sent = page.client.post(
            f"{sheet.path}/luu", json={"device": device, "answers": answers},
            headers={"x-form-token": token},
        )  # fmt: skip
        return {name: sent.json()[name] for name in ("saved", "overtaken")}

    assert send("may-1", "1", 1) == {"saved": {"0": 1}, "overtaken": {}}
    assert send("may-2", "0", 1) == {"saved": {}, "overtaken": {"0": 1}}, "never called saved"
    assert send("may-2", "0", 2) == {"saved": {"0": 2}, "overtaken": {}}
    assert send("may-1", "1", 1) == {"saved": {}, "overtaken": {"0": 2}}
    assert send("may-2", "0", 2) == {"saved": {"0": 2}, "overtaken": {}}, "come twice"
