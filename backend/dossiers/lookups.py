"""How often somebody may try to open a dossier, and what happens when too many try at once.

One office makes some hundred codes a day, so a code is quickly guessed: what protects a dossier is
the second factor, and what protects the second factor is counted here. Failures of everybody
together trip a breaker: for five minutes no code is sent and no telephone number is believed;
receipts, whose tokens nobody guesses, go on working.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from backend import limits, log
from backend.config import settings
from backend.limits import Allowance, Rule

PER_CODE = Rule("lookup.code", 5, timedelta(hours=24))
PER_CHAT = Rule("lookup.chat", 10, timedelta(hours=1))
PER_ADDRESS = Rule("lookup.address", 30, timedelta(hours=1))
BREAKER = Rule("lookup.failures", 200, timedelta(minutes=5))
_EVERYBODY = "everybody"

logger = log.get(__name__)


@dataclass(frozen=True)
class Asking:
    """Who tries: from which chat and, on the web, from which address."""

    chat: str
    address: str = ""


def hit(
    session: Session, asking: Asking, *, code: str = "", heeds_breaker: bool = True, now: datetime
) -> Allowance:
    """Count one try; the answer depends on what was tried before, never on what exists."""
    if not settings().lookup_limits:
        return Allowance(allowed=True)
    subjects = [(PER_CHAT, asking.chat)]
    if asking.address:
        subjects.append((PER_ADDRESS, asking.address))
    if code:
        subjects.append((PER_CODE, code))
    verdicts = [limits.check(session, rule, subject, now=now) for rule, subject in subjects]
    if heeds_breaker:
        verdicts.append(limits.check(session, BREAKER, _EVERYBODY, now=now))
    refused = [verdict for verdict in verdicts if not verdict.allowed]
    if refused:
        return max(refused, key=lambda verdict: verdict.retry_after)
    for rule, subject in subjects:
        limits.count(session, rule, subject, now=now)
    return Allowance(allowed=True)


def note_outcome(session: Session, *, is_failure: bool, now: datetime) -> None:
    """Failures count towards the breaker; a success costs the same queries under another name."""
    limits.count(session, BREAKER, _EVERYBODY if is_failure else "success", now=now)
    if not limits.check(session, BREAKER, _EVERYBODY, now=now).allowed and is_failure:
        logger.error("lookup.breaker_open", failures=BREAKER.most)
