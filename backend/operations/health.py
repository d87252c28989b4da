"""Is it alive, is it ready, how is it doing: `/healthz`, `/readyz`, `/metrics`."""

import ipaddress
from collections.abc import Callable
from datetime import timedelta

from fastapi import Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response

from backend import clock, db, jobs, metrics, migrations, security, worker
from backend.config import settings
from backend.errors import NotFound
from backend.parts import Check
from backend.routing import Router

router = Router()
BEAT_WITHIN = timedelta(seconds=30)


@router.get("/healthz", include_in_schema=True)
def healthz() -> PlainTextResponse:
    """Alive: the process answers."""
    return PlainTextResponse("ok")


@router.get("/readyz")
def readyz(request: Request) -> JSONResponse:
    """Ready: every check of every package passes; 503 and the reasons where one does not."""
    results = {name: _run(check) for name, check in request.app.state.readiness.items()}
    ready = all(result.ok for result in results.values())
    body = {
        "ready": ready,
        "checks": {name: {"ok": r.ok, "detail": r.detail} for name, r in results.items()},
    }
    return JSONResponse(body, status_code=200 if ready else 503)


@router.get("/metrics", include_in_schema=False)
def exposition(request: Request) -> Response:
    """For Prometheus on this host, or from elsewhere with the token."""
    if not (_is_loopback(request) or _has_token(request)):
        raise NotFound("not_found", "Not Found")
    with db.reading() as session:
        gauges = {f'motcua_jobs{{status="{k}"}}': float(v) for k, v in jobs.counts(session).items()}
        oldest = jobs.oldest_ready(session)
    age = (clock.now() - oldest).total_seconds() if oldest else 0.0
    gauges["motcua_jobs_oldest_ready_seconds"] = age
    return Response(metrics.exposition(gauges), media_type="text/plain; version=0.0.4")


def _run(check: Callable[[], Check]) -> Check:
    try:
        return check()
    except Exception as error:  # noqa: BLE001 (a check that breaks is a check that fails)
        return Check(ok=False, detail=type(error).__name__)


def _is_loopback(request: Request) -> bool:
    if request.client is None or "x-forwarded-for" in request.headers:
        return False
    try:
        return ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False


def _has_token(request: Request) -> bool:
    given = request.headers.get("authorization", "").removeprefix("Bearer ")
    return security.same(given, settings().metrics_token)


def database_answers() -> Check:
    """The database answers a query."""
    with db.reading() as session:
        jobs.oldest_ready(session)
    return Check(ok=True, detail=session.get_bind().dialect.name)


def migrations_current() -> Check:
    """The tables are those of this release."""
    present, wanted = migrations.current(), migrations.head()
    return Check(ok=present == wanted, detail=f"{present or 'none'} / {wanted}")


def worker_beats() -> Check:
    """A worker was alive within the last thirty seconds."""
    with db.reading() as session:
        beat = worker.last_beat(session)
    if beat is None:
        return Check(ok=False, detail="no worker yet")
    age = clock.now() - beat
    return Check(ok=age <= BEAT_WITHIN, detail=f"{age.total_seconds():.0f} s ago")


READINESS = {
    "database": database_answers,
    "migrations": migrations_current,
    "worker": worker_beats,
}
