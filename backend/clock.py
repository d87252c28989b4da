"""The only place that asks what time it is, so that tests can move the clock."""

import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")

_source: Callable[[], datetime] = lambda: datetime.now(UTC)  # noqa: E731 (replaced in tests)


def now() -> datetime:
    """This moment, in UTC."""
    return _source()


def today() -> date:
    """The date in Viet Nam."""
    return local(now()).date()


def local(moment: datetime) -> datetime:
    """The same moment on a clock in Viet Nam."""
    return moment.astimezone(VIETNAM)


def stopwatch() -> float:
    """Seconds on a clock that never jumps; only differences mean anything."""
    return time.perf_counter()


def set_source(source: Callable[[], datetime] | None) -> None:
    """Let tests and the demo move time; `None` puts the real clock back."""
    global _source  # noqa: PLW0603 (the one switch of the one clock)
    _source = source or (lambda: datetime.now(UTC))
