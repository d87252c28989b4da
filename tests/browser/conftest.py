"""Journeys in a real browser: Debian's Chromium, driven by Playwright, on an old phone's screen.

The app runs in this process on a free port of 127.0.0.1, with its own runner, so that messages are
answered as they are in production; `database` and the cast are at hand to arrange what is needed.
"""

import os
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, expect, sync_playwright

from backend import streams
from tests.conftest import found
from tests.database import TestDatabase

PHONE = {"width": 360, "height": 740}
PATIENCE = 10_000  # milliseconds
expect.set_options(timeout=PATIENCE)  # a machine busy with other runs is slow, not wrong
FLAGS = [
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip

Phone = Callable[..., AbstractContextManager[Page]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever lies here is a journey."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for all journeys of this worker."""
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
    program = found(Path(path) if path else None, "Chromium")
    flags = [*FLAGS, "--no-sandbox"] if os.geteuid() == 0 else FLAGS
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=flags)
        yield browser
        browser.close()


@pytest.fixture
def site(database: TestDatabase) -> Iterator[str]:
    """The running product and its address."""
    from backend.main import create_app

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(
            uvicorn.Config(create_app(), log_config=None, timeout_graceful_shutdown=1)
        )
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        while not server.started:
            assert thread.is_alive(), "the web did not start"
            time.sleep(0.05)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        streams.end_all()  # what a signal does where there is one
        server.should_exit = True
        thread.join(timeout=15)


@pytest.fixture
def phone(chromium: Browser, site: str) -> Phone:
    """`with phone() as page:` a person with a small screen; `phone(scripts=False)` without scripts.

    Errors on the page's console and requests that fail are failures of the test.
    """

    @contextmanager
    def opened(*, scripts: bool = True, width: int = PHONE["width"]) -> Iterator[Page]:
        context = chromium.new_context(
            base_url=site, java_script_enabled=scripts, locale="vi-VN",
            viewport={"width": width, "height": PHONE["height"]},
        )  # fmt: skip
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        wrong: list[str] = []
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
        yield page
        if scripts:
            needed, given = page.evaluate("[document.body.scrollWidth, window.innerWidth]")
            assert needed <= given, f"{page.url} is {needed} px wide on a screen of {given}"
        context.close()
        assert not wrong, wrong

    return opened
