"""A learner in a real browser: sign in, walk through the small course, look at what is stored."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import select

from backend import clock, db
from lms.attempts import service as attempts
from lms.attempts.models import Attempt, SavedAnswer
from lms.courses.models import LessonProgress
from tests.browser.conftest import PATIENCE, PHONE
from tests.cast import PASSWORD
from tests.lms.course import CODE, make_course, make_official

# A request that fails is said on the console, and here the network fails on purpose.
EXPECTED = ("Failed to load resource", "net::ERR_INTERNET_DISCONNECTED", "ERR_FAILED")


def make_school() -> None:
    """The small course and somebody who takes it."""
    with db.transaction() as session:
        make_course(session, now=clock.now())
        make_official(session)


def enrol(login: str) -> None:
    """One more learner."""
    with db.transaction() as session:
        make_official(session, login, f"Học viên {login}")


@contextmanager
def device(chromium: Browser, site: str, *, wrong_clock: bool = False) -> Iterator[BrowserContext]:
    """A telephone of its own; mistakes of scripts on it are mistakes of the test."""
    context = chromium.new_context(base_url=site, locale="vi-VN", viewport=PHONE)  # type: ignore[arg-type]  # a TypedDict
    context.set_default_timeout(PATIENCE)
    wrong: list[str] = []
    context.on("weberror", lambda error: wrong.append(str(error.error)))
    context.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    if wrong_clock:
        context.add_init_script("{const n = Date.now; Date.now = () => n() - 86400000 * 400;}")
    try:
        yield context
    finally:
        context.close()
    bad = [text for text in wrong if not any(known in text for known in EXPECTED)]
    assert not bad, bad


def sign_in(page: Page, login: str = "binh", to: str = "/hoc") -> None:
    page.goto(f"/dang-nhap?next={to}")
    page.get_by_label("Tên đăng nhập").fill(login)
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập").click()
    expect(page.get_by_label("Mật khẩu")).to_have_count(0)


def begin_course(page: Page) -> None:
    page.goto(f"/hoc/{CODE}")
    page.get_by_role("button", name="Bắt đầu học").click()
    expect(page.get_by_role("heading", level=1, name="Thư lạ")).to_be_visible()


def begin_quiz(page: Page, lesson: str = "cuoi-khoa") -> str:
    """The token of the attempt that is open now."""
    page.goto(f"/hoc/{CODE}/{lesson}")
    page.get_by_role("button", name="Bắt đầu làm bài").click()
    expect(page.locator("[data-sheet]")).to_be_visible()
    return page.url.rpartition("/")[2]


# Asked again by a script of its own: Playwright's waiting evaluates text, which our pages forbid.
READY_OFFLINE = """async (patience) => {
  const isReady = async () =>
    navigator.serviceWorker.controller && (await caches.match(location.pathname));
  for (let waited = 0; !(await isReady()); waited += 50) {
    if (waited > patience) throw new Error("not ready to be offline");
    await new Promise((done) => setTimeout(done, 50));
  }
}"""


def ready_offline(page: Page) -> None:
    """The worker runs, and the page that is open is kept."""
    page.evaluate(READY_OFFLINE, 10_000)


def keys(token: str) -> dict[int, dict[str, list[str]]]:
    """The fields that are right, by place."""
    with db.reading() as session:
        attempt = session.scalars(select(Attempt).where(Attempt.token == token)).one()
        return {
            item.place: item.banked.question.write(
                item.banked.question.key(), f"{attempt.seed}/{item.place}"
            )
            for item in attempts.items(session, attempt)
        }


def answer(page: Page, place: int, fields: dict[str, list[str]]) -> None:
    """Give this answer as a person does."""
    box = page.locator(f"fieldset[data-place='{place}']")
    for name, values in fields.items():
        field = box.locator(f"[name='p{place}.{name}']:not([type=hidden])")
        kind = field.first.evaluate("(e) => e.tagName === 'SELECT' ? 'select' : e.type")
        if kind == "select":
            field.select_option(index=int(values[0]) + 1)  # by value it would try labels too
        elif kind == "text":
            field.fill(values[0])
        else:
            for value in values:
                field.and_(page.locator(f"[value='{value}']")).check()


def stored(token: str) -> dict[int, Any]:
    """What the server has, by place."""
    with db.reading() as session:
        rows = session.execute(
            select(SavedAnswer.place, SavedAnswer.answer)
            .join(Attempt, Attempt.id == SavedAnswer.attempt_id)
            .where(Attempt.token == token)
        ).all()
    return {row.place: json.loads(row.answer) for row in rows}


def attempt_of(token: str) -> Attempt:
    with db.reading() as session:
        found = session.scalars(select(Attempt).where(Attempt.token == token)).one()
        session.expunge(found)
        return found


def seconds_in(lesson: str) -> int:
    with db.reading() as session:
        found = session.scalar(
            select(LessonProgress.seconds).where(LessonProgress.lesson == lesson)
        )
    return found or 0
