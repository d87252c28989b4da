"""axe-core on every page that can be reached: the demo's people follow every link they are given.

One page of each route is looked at, as a telephone by day and as a wide screen by night; pages for
everybody are looked at once, by nobody in particular.
A page that is added is looked at as soon as something links to it.
"""

import re
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from starlette.routing import Match

from backend import clock, config, db, runner
from backend.accounts import service as accounts
from backend.main import PARTS
from tests.browser.axe import complaints_apart
from tests.browser.learning import device
from tests.database import TestDatabase

# Who walks, from where, and the fewest kinds of pages that they must have seen.
WALKS = {
    "": (("/", "/chat", "/thu-tuc", "/ho-so", "/dang-nhap", "/dang-nhap/lien-ket",
          "/chung-chi", "/kenh-chinh-thuc"), 9),
    "binh": (("/hoc",), 6),
    "thu": (("/quan-tri",), 12),
    "khoa": (("/quan-tri",), 8),
    "minh": (("/quan-tri",), 8),
    "hoa": (("/quan-tri",), 10),
    "admin": (("/quan-tri",), 15),
}  # fmt: skip
MOST = 60
FILE = re.compile(r"\.(xlsx|csv|pdf|zip|txt|js|svg|png|webmanifest)$|/tep|/minh-chung$|truc-tiep$")
PUBLIC = re.compile(r"^/($|chat|thu-tuc|ho-so|dang-nhap|kenh-chinh-thuc|chung-chi|nhung|dev)")


def kind_of(path: str) -> str:
    """The route that answers there, whatever the codes in the address."""
    scope = {"type": "http", "method": "GET", "path": path, "root_path": "", "headers": []}
    # The Parts' own routes: FastAPI wraps them, and a wrapped one does not say its path.
    for route in (r for part in PARTS for router in part.routers for r in router.routes):
        if route.matches(scope)[0] is Match.FULL:
            return str(getattr(route, "path", path))
    return path


@pytest.fixture
def product(monkeypatch: pytest.MonkeyPatch, site: str, database: TestDatabase) -> Iterator[str]:
    """The demo, as `make run` shows it."""
    monkeypatch.setenv("DEMO_ACCOUNTS", "true")
    config.settings.cache_clear()
    runner.load_catalogue()
    runner.seed()
    yield site
    monkeypatch.undo()
    config.settings.cache_clear()


@pytest.fixture
def phone(chromium: Browser, product: str) -> Iterator[BrowserContext]:
    with device(chromium, product) as context:
        yield context


def sign_in(context: BrowserContext, login: str, site: str) -> None:
    """A session of this account; the second step of signing in has tests of its own."""
    with db.transaction() as session:
        everybody = [row for row, _ in accounts.officers(session, now=clock.now())]
        [officer] = [row for row in everybody if row.login == login]
        token = accounts.begin(session, officer.id, now=clock.now())
    context.add_cookies([{"name": "officer", "value": token, "url": site}])


def links(page: Page) -> Iterator[str]:
    for link in page.locator("a[href]").all():
        target = urlsplit(urljoin(page.url, link.get_attribute("href")))
        if target.netloc == urlsplit(page.url).netloc and not FILE.search(target.path):
            yield target.path


@pytest.mark.slow
@pytest.mark.parametrize("login", WALKS)
def test_no_page_has_a_violation(login: str, phone: BrowserContext, product: str) -> None:
    waiting, fewest = list(WALKS[login][0]), WALKS[login][1]
    if login:
        sign_in(phone, login, product)
    seen: dict[str, str] = {}
    wrong: list[str] = []
    page = phone.new_page()
    while waiting and len(seen) < MOST:
        path = waiting.pop(0)
        if kind_of(path) in seen or (login and PUBLIC.search(path)):  # nobody has been there
            continue
        answer = page.goto(path)
        assert answer
        assert answer.ok, f"{login} at {path}: {answer.status}"
        assert not login or "/dang-nhap" not in page.url, f"{login} is not signed in at {path}"
        seen[kind_of(path)] = path
        wrong += [f"{login or 'nobody'} at {path}: {said}" for said in complaints_apart(page)]
        waiting += links(page)
    assert not wrong, "\n".join(wrong)
    assert len(seen) >= fewest, sorted(seen)
