"""What the clockwork tidies away that belongs to no feature."""

from datetime import timedelta

from sqlalchemy.orm import Session

from backend import clock, jobs, worker

WORKERS_FORGOTTEN_AFTER = timedelta(days=1)
PERIODIC = {
    "operations.forget": timedelta(days=1),
    "live.forget": timedelta(minutes=10),
    "notifications.forget_codes": timedelta(hours=1),
}


@jobs.job("operations.forget")
def forget(session: Session) -> None:
    """Drop the heartbeats of workers long gone."""
    worker.forget_workers(session, before=clock.now() - WORKERS_FORGOTTEN_AFTER)
