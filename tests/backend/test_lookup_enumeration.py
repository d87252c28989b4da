"""Whoever guesses dossier codes learns nothing: not from words, not from queries, not from time.

Five hundred look-ups of existing and of unknown codes, mixed, without proof: identical answers,
nothing personal, equal numbers of queries, medians of CPU time within five per cent; then the same
with the limits on. `-s` shows the figures.
"""

import random
import statistics
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from backend import clock as now_is
from backend import config, db, limits
from backend.dossiers import service as dossiers
from backend.dossiers.lookups import PER_CHAT
from tests.cast import LAN, TUAN, make_dossier

pytestmark = pytest.mark.slow

LOOKUPS = 500
CLOSE = 1.05
ROUNDS = 3
EXISTING = [f"H12-260105-{number:04d}" for number in range(LOOKUPS // 2)]
UNKNOWN = [f"H12-260105-{5000 + number}" for number in range(LOOKUPS // 2)]


@pytest.fixture
def filled(database, clock, monkeypatch):
    """Half of the codes exist; the limits are lifted."""
    monkeypatch.setenv("LOOKUP_LIMITS", "false")
    config.settings.cache_clear()
    with db.transaction() as session:
        for code in EXISTING:
            make_dossier(session, LAN, code=code)
    yield database
    monkeypatch.undo()
    config.settings.cache_clear()


def compare(database, look_up: Callable[[str], object]) -> None:
    """Mixed look-ups: what they answer, ask the database and cost must not tell them apart."""
    for code in (*EXISTING[:10], *UNKNOWN[:10]):
        look_up(code)
    answers, queries, ratios = set(), set(), []
    for attempt in range(ROUNDS):
        costs: dict[bool, list[float]] = {True: [], False: []}
        mixed = [(code, True) for code in EXISTING] + [(code, False) for code in UNKNOWN]
        random.Random(attempt).shuffle(mixed)
        for code, exists in mixed:
            with database.counting() as statements:
                started = time.process_time()
                answer = look_up(code)
                costs[exists].append(time.process_time() - started)
            answers.add(answer)
            queries.add(len(statements))
        known, unknown = (statistics.median(costs[exists]) for exists in (True, False))
        ratios.append(max(known, unknown) / min(known, unknown))
        print(f"{LOOKUPS} look-ups: {known * 1e3:.3f} ms existing, {unknown * 1e3:.3f} ms unknown")
        if ratios[-1] <= CLOSE:
            break
    assert len(answers) == 1, f"{len(answers)} different answers"
    assert len(queries) == 1, f"different numbers of queries: {queries}"
    assert min(ratios) <= CLOSE, f"the time tells: {ratios}"
    for secret in (LAN.name, LAN.phone, *EXISTING[:3]):
        assert secret not in str(answers)


def test_the_service_tells_nothing(filled):
    def look_up(code: str) -> object:
        with db.reading() as session:
            return dossiers.get_with_proof(session, TUAN.chat, code)

    compare(filled, look_up)


def test_the_page_of_a_dossier_tells_nothing(filled, client):
    client.get("/ho-so")

    def look_up(code: str) -> object:
        answer = client.get(f"/ho-so/{code}")
        return answer.status_code, answer.text

    compare(filled, look_up)


def test_asking_for_a_one_time_code_tells_nothing(filled, client):
    asks = asker(client)

    def look_up(code: str) -> object:
        answer = asks(code)
        return answer.status_code, answer.headers["location"], answer.text

    compare(filled, look_up)
    confirm = client.get("/ho-so/xac-nhan").text
    asks(EXISTING[0])
    assert client.get("/ho-so/xac-nhan").text == confirm


def test_a_wrong_one_time_code_tells_nothing(filled, client):
    asks, token = asker(client), form_token(client)

    def look_up(code: str) -> object:
        asks(code)
        answer = client.post("/ho-so/xac-nhan", data={"form_token": token, "otp": "abcdef"})
        return answer.status_code, answer.text

    compare(filled, look_up)


def test_with_limits_both_are_refused_alike(filled, client, monkeypatch):
    monkeypatch.setenv("LOOKUP_LIMITS", "true")
    config.settings.cache_clear()
    seen = []
    for codes in (EXISTING, UNKNOWN):
        client.cookies.clear()
        asks = asker(client)
        answers = [asks(code) for code in codes[:20]]
        seen.append([(a.status_code, a.headers.get("retry-after"), a.text) for a in answers])
        with db.transaction() as session:
            limits.forget(session, before=now_is.now() + timedelta(days=1))
    statuses = [status for status, _, _ in seen[0]]
    assert statuses == [303] * PER_CHAT.most + [429] * (20 - PER_CHAT.most)
    assert without_form_token(seen[0]) == without_form_token(seen[1])


def form_token(client: TestClient) -> str:
    html = client.get("/ho-so").text
    return html.partition('name="form_token" value="')[2].partition('"')[0]


def asker(client: TestClient) -> Callable[[str], Response]:
    token = form_token(client)

    def ask(code: str) -> Response:
        data = {"form_token": token, "code": code}
        return client.post("/ho-so", data=data, follow_redirects=False)

    return ask


def without_form_token(answers: list[Any]) -> list[Any]:
    """Two browsers have two form tokens; the rest must be the same."""
    from re import sub

    hidden = r'(name="form_token" value=")[^"]+'
    return [(status, wait, sub(hidden, r"\1", text)) for status, wait, text in answers]
