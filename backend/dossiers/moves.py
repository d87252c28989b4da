"""Move a dossier: its status, its history, its due date and the news for those who follow it.

The one-stop system (`sync.py`) and officers (`desk.py`) both come through here, so that no status
ever changes without a line in the history.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend.dossiers import due
from backend.dossiers.models import Dossier, DossierChat, DossierEvent, DossierRequest
from backend.dossiers.spelling import tail_of
from backend.dossiers.standing import is_live
from backend.dossiers.status import CLOCK_STOPPED, HANDLED, Status
from backend.notifications import service as notifications
from backend.notifications.chats import ChatRef, Person

PROVED_PHONE = ("code", "contact")

Moved = tuple[Dossier, DossierEvent]


def apply(session: Session, dossier: Dossier, event: DossierEvent) -> None:
    """Take the dossier to the status of this event, and store the event."""
    to = Status(event.to_status or dossier.status)
    if dossier.status == Status.SUPPLEMENT and to is not Status.SUPPLEMENT:
        _close_requests(session, dossier, event.at)
    dossier.status, dossier.status_since = to.value, event.at
    if to not in HANDLED:
        dossier.finished_at = None
    elif to in (Status.DONE, Status.RETURNED):
        dossier.finished_at = dossier.finished_at or event.at
    dossier.is_flagged = dossier.is_flagged or bool(event.is_flagged)
    session.add(event)


def reckon_due(session: Session, dossiers: Collection[Dossier]) -> None:
    """Work the due dates out again from what was said and for how long the clock stood still."""
    dated = {dossier.id: dossier for dossier in dossiers if dossier.due_base is not None}
    session.flush()
    steps: dict[int, list[due.Step]] = {dossier_id: [] for dossier_id in dated}
    paused = (
        select(DossierEvent.dossier_id)
        .where(DossierEvent.to_status.in_([status.value for status in CLOCK_STOPPED]))
        .where(DossierEvent.dossier_id.in_(dated))
    )
    for event in session.scalars(
        select(DossierEvent).where(
            DossierEvent.dossier_id.in_(paused), DossierEvent.to_status.is_not(None)
        )
    ):
        steps[event.dossier_id].append(due.Step(event.at, Status(event.to_status or "")))
    for dossier in dated.values():
        if dossier.due_base is not None and dossier.due_base_at is not None:
            dossier.due_at = due.due_at(dossier.due_base, dossier.due_base_at, steps[dossier.id])


def tell_followers(session: Session, moved: Sequence[Moved], *, now: datetime) -> None:
    """One push for each move and each person who follows the dossier."""
    session.flush()
    by_id: dict[int, list[Moved]] = {}
    for dossier, event in moved:
        by_id.setdefault(dossier.id, []).append((dossier, event))
    followers: dict[int, list[DossierChat]] = {}
    for follower in session.scalars(
        select(DossierChat)
        .where(DossierChat.dossier_id.in_(by_id), is_live(now))
        .where(DossierChat.followed_at.is_not(None))
        .order_by(DossierChat.id)
    ):
        followers.setdefault(follower.dossier_id, []).append(follower)
    for dossier_id, chats in followers.items():
        for dossier, event in by_id[dossier_id]:
            notifications.tell(
                session, _people(dossier, chats), "dossier_status",
                data={"tail": tail_of(dossier.code)}, event=f"event:{event.id}", now=now,
                topic=f"dossier:{dossier.id}",
            )  # fmt: skip


def _people(dossier: Dossier, chats: Sequence[DossierChat]) -> list[Person]:
    """Chats that proved the dossier's own telephone are its owner's; any other is by itself."""
    owners = [chat for chat in chats if chat.via in PROVED_PHONE]
    people = [
        Person(f"{chat.channel}:{chat.chat}", (ChatRef(chat.channel, chat.chat),))
        for chat in chats
        if chat not in owners
    ]
    if owners:
        ways = [ChatRef(chat.channel, chat.chat) for chat in owners]
        ways += [ChatRef("zalo_zbs", dossier.phone)] if dossier.phone else []
        ways += [ChatRef("email", dossier.email)] if dossier.email else []
        people.append(Person(f"owner:{dossier.id}", tuple(ways)))
    return people


def _close_requests(session: Session, dossier: Dossier, at: datetime) -> None:
    session.flush()
    session.execute(
        update(DossierRequest)
        .where(DossierRequest.dossier_id == dossier.id, DossierRequest.answered_at.is_(None))
        .values(answered_at=at)
    )
