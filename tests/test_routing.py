"""Routers that are only searched for their own paths find what they would find without that."""

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.testclient import TestClient
from starlette.routing import Match

from backend.main import PARTS, create_app
from backend.routing import Router


def made() -> Router:
    router = Router(prefix="/hoc")

    @router.get("/{code}/bai-lam")
    def sheet(code: str) -> str:
        return code

    return router


def test_a_foreign_path_is_refused_without_asking_the_routes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    router = made()
    monkeypatch.setattr(APIRouter, "matches", lambda *_: pytest.fail("the routes were asked"))
    assert router.matches({"type": "http", "path": "/ho-so/hoc"}) == (Match.NONE, {})


def test_own_paths_methods_and_slashes_are_found_as_ever() -> None:
    app = FastAPI()
    app.include_router(made())
    client = TestClient(app)
    assert client.get("/hoc/at/bai-lam").json() == "at"
    assert client.get("/hoc/at/bai-lam/").json() == "at", "sent on without the slash"
    assert client.post("/hoc/at/bai-lam").status_code == 405
    assert client.get("/hoc/at").status_code == 404


def test_every_router_of_ours_is_one() -> None:
    assert create_app().routes
    routers = [router for part in PARTS for router in (*part.routers, *part.content)]
    assert routers
    assert [router for router in routers if not isinstance(router, Router)] == []
