"""The night, in which nobody is told what can wait until morning."""

from datetime import datetime, time, timedelta

from backend import clock

BEGINS, ENDS = time(22), time(6)


def until(now: datetime) -> datetime | None:
    """When the night is over; None while it is day in Viet Nam."""
    local = clock.local(now)
    if ENDS <= local.time() < BEGINS:
        return None
    morning = datetime.combine(local.date(), ENDS, clock.VIETNAM)
    return morning if local.time() < ENDS else morning + timedelta(days=1)
