"""Tell people what they follow; `bot/delivery` sends what is put into the outbox here.

One event is one message for one person, whatever number of chats they have: it takes the first way
that works, and every way that was tried is a row. The job `notifications.deliver` carries the
`attempt`, `channel`, `chat`, `kind` and `data`; whoever sends it turns them into text with `render`
at the moment of sending.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from backend import db, ids, jobs
from backend import render as templates
from backend.notifications import quiet
from backend.notifications.chats import ChatRef, Person, is_reachable
from backend.notifications.contacts import CONTACTS
from backend.notifications.kinds import KINDS
from backend.notifications.models import Attempt, Notification

REPLACED = "superseded"

# What ends a way without reaching anybody. An unknown end may have reached them: no second way.
FAILED = jobs.Status.DEAD

Heard = Callable[[Session, Sequence[ChatRef]], Mapping[ChatRef, datetime]]


def _never(_: Session, __: Sequence[ChatRef]) -> Mapping[ChatRef, datetime]:
    return {}


_heard: list[Heard] = [_never]


def ask_when_heard(heard: Heard) -> None:
    """Let whoever keeps the conversations say when a chat last wrote to us."""
    _heard[0] = heard


def notify(
    session: Session,
    chat: ChatRef,
    kind: str,
    *,
    data: dict[str, str],
    dedupe: str,
    now: datetime,
) -> bool:
    """Tell one chat, once for each `dedupe`; False if it was told before or takes no messages."""
    person = Person(f"{chat.channel}:{chat.chat}", (chat,))
    return bool(tell(session, [person], kind, data=data, event=dedupe, now=now))


def tell(
    session: Session,
    people: Sequence[Person],
    kind: str,
    *,
    data: dict[str, str],
    event: str,
    now: datetime,
    topic: str | None = None,
) -> int:
    """Tell each of them once; how many will be told.

    What is still waiting to be told about the same `topic` is dropped: the newest is what counts.
    """
    heard = _heard[0](session, [way for person in people for way in person.ways])
    return sum(
        _tell_one(session, person, kind, heard, data=data, event=event, now=now, topic=topic)
        for person in people
    )


def _tell_one(
    session: Session,
    person: Person,
    kind: str,
    heard: Mapping[ChatRef, datetime],
    *,
    data: dict[str, str],
    event: str,
    now: datetime,
    topic: str | None,
) -> bool:
    ways = [way for way in in_order(person.ways, heard) if _is_open(session, way)]
    if not ways:
        return False
    if topic:
        _replace(session, topic, person.key)
    values = {
        "kind": kind, "channel": ways[0].channel, "chat": _shown(ways[0]), "created_at": now,
        "dedupe": f"{event}:{person.key}", "data": json.dumps(data, ensure_ascii=False),
        "person": person.key, "topic": topic,
        "ways": json.dumps([[way.channel, way.chat] for way in ways[1:]]),
    }  # fmt: skip
    stored = db.insert_once(session, Notification, values, unique=("dedupe",))
    if stored is None:
        return False
    _try(session, stored, 1, ways[0], kind, data, told_at=now, now=now)
    return True


def in_order(ways: Sequence[ChatRef], heard: Mapping[ChatRef, datetime]) -> list[ChatRef]:
    """Where they spoke with us last comes first; the rest stays as it was given."""
    last = max((way for way in ways if way in heard), key=lambda way: heard[way], default=None)
    return sorted(dict.fromkeys(ways), key=lambda way: way != last)


def _replace(session: Session, topic: str, person: str) -> None:
    """The older news of this topic that has not gone yet will not go."""
    waiting = (
        select(Attempt.job_id)
        .join(Notification, Notification.id == Attempt.notification_id)
        .where(Notification.topic == topic, Notification.person == person)
        .where(Attempt.outcome == "queued", Attempt.job_id.is_not(None))
    )
    if older := [job for job in session.scalars(waiting) if job is not None]:
        jobs.drop(session, older, REPLACED)


def _try(
    session: Session,
    notification: int,
    number: int,
    way: ChatRef,
    kind: str,
    data: dict[str, str],
    *,
    told_at: datetime,
    now: datetime,
) -> None:
    row = Attempt(notification_id=notification, number=number, channel=way.channel, at=now)
    session.add(row)
    session.flush()
    wanted = KINDS[kind]
    starts = now if wanted.is_urgent else quiet.until(now) or now
    row.job_id = jobs.enqueue(
        session, "notifications.deliver", key=f"push:{way.channel}:{_named(way)}",
        dedupe=f"push:{notification}:{number}", lane=wanted.lane, flow=way.channel, run_at=starts,
        expires_at=told_at + wanted.good_for, attempt=row.id, channel=way.channel, chat=way.chat,
        kind=kind, data=data,
    )  # fmt: skip


def _is_open(session: Session, way: ChatRef) -> bool:
    if way.channel in CONTACTS and not CONTACTS[way.channel].is_on():
        return False
    return is_reachable(session, way)


def _named(way: ChatRef) -> str:
    """Addresses and telephone numbers are no names for rows that are kept."""
    return ids.digest(way.chat)[:20] if way.channel in CONTACTS else way.chat


def _shown(way: ChatRef) -> str:
    return "" if way.channel in CONTACTS else way.chat


def ended(
    session: Session, attempt: int, status: jobs.Status, why: str, *, now: datetime
) -> ChatRef | None:
    """How a way ended; where it reached nobody, the next one is tried (and returned)."""
    number = session.scalar(
        update(Attempt)
        .where(Attempt.id == attempt)
        .values(outcome=status.value, why=why[:500], ended_at=now)
        .returning(Attempt.notification_id)
    )
    if number is None:
        return None
    if status is not FAILED:
        session.execute(
            update(Notification)
            .where(Notification.id == number, Notification.ways != "[]")
            .values(ways="[]")
        )
        return None
    return _try_next(session, number, now=now)


def _try_next(session: Session, number: int, *, now: datetime) -> ChatRef | None:
    notification = session.get_one(Notification, number, with_for_update=True)
    ways = [ChatRef(*way) for way in json.loads(notification.ways)]
    left = [way for way in ways if _is_open(session, way)]
    notification.ways = json.dumps([[way.channel, way.chat] for way in left[1:]])
    if not left:
        return None
    notification.channel, notification.chat = left[0].channel, _shown(left[0])
    tried = session.scalar(
        select(func.max(Attempt.number)).where(Attempt.notification_id == number)
    )
    _try(
        session, notification.id, (tried or 0) + 1, left[0], notification.kind,
        json.loads(notification.data), told_at=notification.created_at, now=now,
    )  # fmt: skip
    return left[0]


def was_told_otherwise(session: Session, attempt: int) -> bool:
    """Whether the same news reached, or may still reach, this person by another way."""
    mine = select(Attempt.notification_id).where(Attempt.id == attempt).scalar_subquery()
    others = select(Attempt.id).where(
        Attempt.notification_id == mine, Attempt.id != attempt,
        Attempt.outcome.in_(("queued", "done", "unknown")),
    )  # fmt: skip
    return session.scalar(others.limit(1)) is not None


def resume(session: Session, attempt: int) -> None:
    """An officer sends it again: it is under way once more."""
    session.execute(
        update(Attempt).where(Attempt.id == attempt).values(outcome="queued", ended_at=None)
    )


def attempts(session: Session, notification: int) -> list[Attempt]:
    """Every way that was tried for one notification, in order."""
    tried = select(Attempt).where(Attempt.notification_id == notification)
    return list(session.scalars(tried.order_by(Attempt.number)))


def outcomes(session: Session, dedupes: Sequence[str]) -> dict[str, str]:
    """How the last way of each of these notifications ended, by what it was told once for."""
    rows = session.execute(
        select(Notification.dedupe, Attempt.outcome)
        .join(Attempt, Attempt.notification_id == Notification.id)
        .where(Notification.dedupe.in_(dedupes))
        .order_by(Attempt.number)
    )
    return {row.dedupe: row.outcome for row in rows}


def render(kind: str, data: dict[str, str]) -> str:
    """The text of a message, in the language in use."""
    if kind not in KINDS:
        raise KeyError(kind)
    return templates.render(f"notifications/{kind}.txt", **data).strip()
