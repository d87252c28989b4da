"""Staff pages that belong to no feature, and what this package gives to the whole."""

from datetime import timedelta

from sqlalchemy.orm import Session

from backend import clock, jobs, worker
from backend.operations import health, look
from backend.parts import Part

FORGET_WORKERS_AFTER = timedelta(days=1)


@jobs.job("operations.forget")
def forget(session: Session) -> None:
    """Drop the heartbeats of workers long gone."""
    worker.forget_workers(session, before=clock.now() - FORGET_WORKERS_AFTER)


PART = Part(
    name="operations",
    routers=(health.router, look.router),
    periodic={"operations.forget": timedelta(days=1)},
    readiness=health.READINESS,
)
