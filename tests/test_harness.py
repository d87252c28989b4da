"""The tools of the tests bite: a check that lets everything pass is worse than none."""

from collections.abc import Callable

import pytest
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.testclient import TestClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend import db, jobs
from tests import cast
from tests.conftest import Clock, Queued
from tests.database import TestDatabase
from tests.page import Browser, Page, check, parsed

GOOD = """<!doctype html>
<html lang="vi">
<head><meta charset="utf-8"><title>Tra cứu hồ sơ – Một Cửa</title></head>
<body><main>
<h1>Tra cứu hồ sơ</h1>
<form action="/ho-so" method="post">
<input type="hidden" name="form_token" value="x">
<label for="code">Mã hồ sơ</label> <input id="code" name="code">
<button>Tra cứu</button>
</form>
<p><a href="/thu-tuc">Thủ tục</a> <img src="/a.png" alt=""></p>
</main></body>
</html>
"""
FAULTS = {
    "two headings": ("</main>", "<h1>Hai</h1></main>"),
    "title without the heading": ("<title>Tra cứu hồ sơ", "<title>Trang"),
    "no language": (' lang="vi"', ""),
    "no main": ("main>", "div>"),
    "an id twice": ("<p>", '<p id="code">'),
    "a label for nothing": ('for="code"', 'for="other"'),
    "a link to nowhere": ('href="/thu-tuc"', 'href="#mat"'),
    "a field without label": ('<label for="code">Mã hồ sơ</label>', ""),
    "a link without text": (">Thủ tục<", "><"),
    "a picture without alt": (' alt=""', ""),
    "a form without action": (' action="/ho-so"', ""),
    "a form without its token": ('name="form_token"', 'name="other"'),
    "a form without a button": ("<button>Tra cứu</button>", ""),
    "a token in the address": ('method="post"', 'method="get"'),
    "an inline script": ("</main>", "<script>1</script></main>"),
    "an inline style": ("<p>", '<p style="color:red">'),
    "an inline handler": ("<p>", '<p onclick="x()">'),
    "None": ("Mã hồ sơ", "Mã None"),
    "None in a link": ('href="/thu-tuc"', 'href="None"'),
    "a leftover of a template": ("Mã hồ sơ", "Mã {{ code }}"),
    "letters that are not composed": ("Mã hồ", "Mã hô\u0300"),
}


def shown(html: str) -> Page:
    return Page("https://testserver/ho-so", 200, html, [])


def test_a_good_page_passes() -> None:
    check(shown(GOOD))


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_found(fault: str) -> None:
    before, after = FAULTS[fault]
    assert before in GOOD
    broken = shown(GOOD.replace(before, after))
    with pytest.raises(AssertionError):
        check(broken)


@pytest.mark.parametrize("html", ["<p>no doctype", GOOD.replace("</form>", ""), GOOD + "</div>"])
def test_what_is_not_html5_is_found(html: str) -> None:
    with pytest.raises(AssertionError, match="not HTML5"):
        parsed(html)


def test_the_browser_sends_forms_as_people_do(database: TestDatabase) -> None:
    app = FastAPI()

    @app.get("/ho-so")
    def form() -> HTMLResponse:
        with db.reading() as session:
            session.scalar(select(func.count(jobs.Job.id)))
        return HTMLResponse(GOOD)

    @app.post("/ho-so")
    async def sent(request: Request) -> RedirectResponse:
        form = await request.form()
        return RedirectResponse(f"/da-gui/{form['form_token']}/{form['code']}", status_code=303)

    @app.get("/da-gui/{token}/{code}")
    def done(token: str, code: str) -> HTMLResponse:
        return HTMLResponse(GOOD.replace("Thủ tục", f"{token} {code}"))

    browser = Browser(TestClient(app, base_url="https://testserver"), database.counting)
    assert len(browser.get("/ho-so").queries) == 1
    assert "x H12" in browser.post("/ho-so", code="H12").text
    with pytest.raises(AssertionError, match="1 queries > 0"):
        browser.get("/ho-so", queries=0)
    with pytest.raises(AssertionError, match="no form for /khac"):
        browser.post("/khac")


@pytest.mark.parametrize("_", [1, 2])
def test_a_session_is_undone(session: Session, _: int) -> None:
    assert session.scalar(select(func.count(jobs.Job.id))) == 0
    jobs.enqueue(session, "test.never_run")
    session.commit()
    assert session.scalar(select(func.count(jobs.Job.id))) == 1


@pytest.mark.parametrize("_", [1, 2])
def test_what_is_stored_is_wiped(database: TestDatabase, _: int) -> None:
    with db.transaction() as session:
        assert session.scalar(select(func.count(jobs.Job.id))) == 0
        jobs.enqueue(session, "test.never_run")


def test_the_clock_stands_still(session: Session, clock: Clock) -> None:
    dossier = cast.make_dossier(session)
    assert dossier.received_at == clock.now
    clock.move(days=3)
    assert cast.make_dossier(session, code="H12-260108-0001").received_at == clock.now


def test_the_outbox_shows_what_was_queued(
    database: TestDatabase, outbox: Callable[[], list[Queued]]
) -> None:
    with db.transaction() as session:
        jobs.enqueue(
            session, "bot.send", channel="web", chat="lan", message={"text": "Dạ", "buttons": []}
        )
    assert outbox() == [Queued("web", "lan", "Dạ", "ready")]
