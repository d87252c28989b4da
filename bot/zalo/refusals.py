"""What to do when Zalo's Official Account or ZBS refuses, by the code in its answer.

Zalo changes its codes without notice: one that is not listed is tried again, and people see it
when it is given up.
"""

from datetime import datetime, time, timedelta
from typing import Any

from backend import clock, log
from bot.messages import SendError

logger = log.get(__name__)

STALE_TOKEN = (-216, -220, -124)
WINDOW_CLOSED = (-230, -232, -305, -311, -320, -321)
GONE = (-213, -217, -222, -227, -244)
OUR_BUG = (-201, -210, -233)
# Nobody will get anything until an operator has looked at the account.
ACCOUNT = (-204, -205, -209, -212, -221, -223, -224)
SOON, LATER = 30.0, 1800.0
WAITS = {-32: SOON, -211: LATER, -218: LATER}

ZBS_BUG = (-109, -117, -131, -1241, *range(-1129, -1119))
ZBS_NO_ONE = (-108, -114, -118, -139, -141)
ZBS_NIGHT, ZBS_NO_MONEY = -133, -115
ZBS_TOMORROW = (-144, -147, -160)
MORNING, MIDNIGHT = time(6, 5), time(0, 5)


class WindowClosed(SendError):  # noqa: N818 (it reads as a sentence where it is raised)
    """A plain message cannot go there now, or has no money; a ZBS template message might."""

    def __init__(self, why: str) -> None:
        super().__init__(why, permanent=True)


def code_of(answer: dict[str, Any]) -> int:
    """Zalo's error code; 0 where all is well."""
    stated = str(answer.get("error", ""))
    return int(stated) if stated.removeprefix("-").isdecimal() else 1


def judged(answer: dict[str, Any]) -> SendError:
    """The refusal of a consulting message, as delivery understands it."""
    code, why = code_of(answer), _why(answer)
    if code in WINDOW_CLOSED:
        return WindowClosed(why)
    if code in WAITS:
        return SendError(why, retry_after=WAITS[code])
    if code in ACCOUNT:
        logger.error("zalo.account_refused", error=why)
    return SendError(why, permanent=code in OUR_BUG, unreachable=code in GONE)


def judged_template(answer: dict[str, Any]) -> SendError:
    """The refusal of a ZBS template message; what concerns the telephone closes no chat."""
    code, why = code_of(answer), _why(answer)
    if code in WAITS:
        return SendError(why, retry_after=WAITS[code])
    if code == ZBS_NIGHT:
        return SendError(why, retry_after=_seconds_until(MORNING))
    if code in ZBS_TOMORROW:
        return SendError(why, retry_after=_seconds_until(MIDNIGHT))
    if code == ZBS_NO_MONEY:
        logger.error("zalo.zbs_without_money", error=why)
        return SendError(why, retry_after=LATER)
    if code in ZBS_BUG:
        logger.error("zalo.zbs_refused", error=why)
    return SendError(why, permanent=code in ZBS_BUG + ZBS_NO_ONE + OUR_BUG + GONE)


def _why(answer: dict[str, Any]) -> str:
    return f"Zalo {code_of(answer)}: {str(answer.get('message', ''))[:200]}"


def _seconds_until(hour: time) -> float:
    """Until the clock in Viet Nam shows this hour next."""
    now = clock.local(clock.now())
    then = datetime.combine(now.date(), hour, now.tzinfo)
    return (then - now if then > now else then + timedelta(days=1) - now).total_seconds()
