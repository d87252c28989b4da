"""How the assistant does: figures of a span of days, for officers. No words of citizens in them.

Deliveries are counted from the queue, which keeps what is done for a week.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from backend import jobs
from backend.jobs import Job
from backend.procedures import service as procedures
from bot.learning.models import Answer, Status

MOST_DAYS = 92
TOP = 15
NO_QUESTION = (Status.SMALL_TALK, Status.REPORTED)
QUESTIONS = tuple(status for status in Status if status not in NO_QUESTION)


@dataclass(frozen=True)
class Day:
    """One day: how many turns got which outcome."""

    day: date
    counts: Mapping[str, int]

    @property
    def total(self) -> int:
        """All questions of the day, small talk left out."""
        return sum(self.counts.get(status, 0) for status in QUESTIONS)


@dataclass(frozen=True)
class Topic:
    """One procedure: how often it was answered from, and the thumbs."""

    code: str
    name: str
    answers: int
    up: int
    down: int


@dataclass(frozen=True)
class Delivery:
    """Messages for one channel: what was sent, given up, may have been sent, or waits."""

    channel: str
    sent: int
    dead: int
    unknown: int
    waiting: int

    @property
    def success(self) -> float | None:
        """The share that arrived, of those that are decided."""
        decided = self.sent + self.dead + self.unknown
        return self.sent / decided if decided else None


@dataclass(frozen=True)
class Figures:
    """Everything of one span, its first and last day included."""

    days: Sequence[Day]
    up: int
    down: int
    repeats: int
    topics: Sequence[Topic]
    deliveries: Sequence[Delivery]

    @property
    def counts(self) -> dict[str, int]:
        """Outcomes of the whole span."""
        return {s.value: sum(day.counts.get(s, 0) for day in self.days) for s in Status}

    @property
    def questions(self) -> int:
        """All turns but small talk."""
        return sum(day.total for day in self.days)

    @property
    def deflection(self) -> float | None:
        """The share of questions that no person had to be called for."""
        handed_over = self.counts[Status.HANDED_OVER]
        return 1 - handed_over / self.questions if self.questions else None

    @property
    def repeat_share(self) -> float | None:
        """The share of answers that the same chat had got within 24 hours before."""
        answered = self.counts[Status.ANSWERED]
        return self.repeats / answered if answered else None

    @property
    def liked(self) -> float | None:
        """The share of thumbs that are up."""
        thumbs = self.up + self.down
        return self.up / thumbs if thumbs else None


def figures(session: Session, first: date, last: date) -> Figures:
    """The figures of these days."""
    span = Answer.day.between(first.isoformat(), last.isoformat())
    rows = session.execute(
        select(Answer.day, Answer.status, func.count())
        .where(span)
        .group_by(Answer.day, Answer.status)
    )
    counts: dict[str, dict[str, int]] = {}
    for day, status, number in rows:
        counts.setdefault(day, {})[status] = number
    all_days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    up, down, repeats = session.execute(
        select(
            _sum(Answer.thumb > 0), _sum(Answer.thumb < 0), _sum(Answer.repeats.is_(True))
        ).where(span)
    ).one()
    return Figures(
        days=[Day(day, counts.get(day.isoformat(), {})) for day in all_days],
        up=up or 0, down=down or 0, repeats=repeats or 0,
        topics=_topics(session, span), deliveries=_deliveries(session, span),
    )  # fmt: skip


def _sum(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))


def _topics(session: Session, span: ColumnElement[bool]) -> list[Topic]:
    number = func.count()
    rows = session.execute(
        select(Answer.subject, number, _sum(Answer.thumb > 0), _sum(Answer.thumb < 0))
        .where(span, Answer.status == Status.ANSWERED, Answer.subject != "")
        .group_by(Answer.subject)
        .order_by(number.desc(), Answer.subject)
        .limit(TOP)
    ).all()
    names = procedures.names(session, [code for code, *_ in rows])
    return [Topic(code, names.get(code, code), n, up, down) for code, n, up, down in rows]


def _deliveries(session: Session, span: ColumnElement[bool]) -> list[Delivery]:
    channels = session.scalars(select(Answer.channel).where(span).distinct())
    found = [_delivery(session, channel) for channel in sorted(channels)]
    return [one for one in found if one.sent + one.dead + one.unknown + one.waiting]


def _delivery(session: Session, channel: str) -> Delivery:
    """Keys name the channel: `out:telegram:123` for replies, `push:telegram:123` for pushes."""
    of_channel = Job.key.startswith(f"out:{channel}:", autoescape=True) | Job.key.startswith(
        f"push:{channel}:", autoescape=True
    )
    rows = session.execute(
        select(Job.status, func.count()).where(of_channel).group_by(Job.status)
    ).all()
    by_status = {status: int(number) for status, number in rows}
    return Delivery(
        channel=channel,
        sent=by_status.get(jobs.Status.DONE, 0),
        dead=by_status.get(jobs.Status.DEAD, 0),
        unknown=by_status.get(jobs.Status.UNKNOWN, 0),
        waiting=sum(by_status.get(status, 0) for status in jobs.LIVE),
    )
