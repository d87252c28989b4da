"""What the queue keeps, and for how long."""

from datetime import timedelta

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from backend import clock, jobs, paces
from backend.jobs import Job, Status
from backend.notifications import figures

KEPT = timedelta(days=7)
DEAD_KEPT = timedelta(days=30)
PERSONAL = ("bot.turn", "bot.presence", "bot.send", "notifications.deliver")
ENDED_WELL = (Status.DONE, Status.DROPPED)
GIVEN_UP = (Status.DEAD, Status.UNKNOWN)


@jobs.job("bot.forget")
def forget(session: Session) -> None:
    """Keep no personal words in the queue: done rows are emptied, then dropped after a week.

    A week is how long a channel may bring the same update again; rows given up are kept for
    people to look at, and dropped after a month. What remains of both are the day's figures.
    """
    now = clock.now()
    session.execute(
        update(Job)
        .where(Job.name.in_(PERSONAL), Job.status.in_(ENDED_WELL), Job.payload != "{}")
        .values(payload="{}")
    )
    for statuses, kept in ((ENDED_WELL, KEPT), (GIVEN_UP, DEAD_KEPT)):
        old = (Job.status.in_(statuses), Job.done_at < now - kept)
        figures.keep(session, *old)
        session.execute(delete(Job).where(*old))
    paces.forget(session, now=now)
