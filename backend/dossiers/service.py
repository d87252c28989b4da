"""What a citizen's chat may do with the dossiers that it proved; `proofs.py` is how it proves them.

`get_with_proof` is the citizens' only way from a code to a dossier: an unknown code and an unproved
one take the same path, the same queries, and give the same `None`.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from backend import clock
from backend.dossiers.models import Dossier, DossierChat, LookupChallenge, LookupPage
from backend.dossiers.spelling import code_of
from backend.dossiers.standing import Standing, is_live, standings
from backend.notifications.chats import ChatRef

# `ChatRef` and `Standing` are part of every call here, so callers find them here too.
__all__ = [
    "ChatRef", "OpenedBy", "Standing", "chats_of", "follow", "forget_chat", "get_with_proof",
    "known", "revoke", "unfollow",
]  # fmt: skip

_MOST_SHOWN = 20


@dataclass(frozen=True)
class OpenedBy:
    """A chat that may look at a dossier, as the other chats of that dossier see it."""

    id: int
    channel: str
    since: datetime
    via: str
    is_this: bool
    is_following: bool


def known(session: Session, chat: ChatRef) -> list[Standing]:
    """The dossiers that this chat proved, the latest first."""
    now = clock.now()
    query = _proved(chat, now).order_by(DossierChat.proved_at.desc(), Dossier.id.desc())
    rows = [(dossier, link) for dossier, link in session.execute(query.limit(_MOST_SHOWN))]
    return standings(session, rows, now=now)


def get_with_proof(session: Session, chat: ChatRef, code: str) -> Standing | None:
    """The dossier of this code, if this chat proved it; None for unknown and unproved alike."""
    now = clock.now()
    row = session.execute(_proved(chat, now).where(Dossier.code == code_of(code))).first()
    if row is None:
        return None
    dossier, link = row
    return standings(session, [(dossier, link)], now=now)[0]


def follow(session: Session, chat: ChatRef, code: str, now: datetime) -> bool:
    """Tell this chat when the dossier moves; False where the chat has no proof of it."""
    link = _link(session, chat, code, now)
    if link is None:
        return False
    link.followed_at = link.followed_at or now
    return True


def unfollow(session: Session, chat: ChatRef, code: str, now: datetime) -> bool:
    """Tell this chat no more; False where it has no proof."""
    link = _link(session, chat, code, now)
    if link is None:
        return False
    link.followed_at = None
    return True


def chats_of(session: Session, chat: ChatRef, code: str) -> list[OpenedBy]:
    """Every chat that may look at a dossier, told to one of them; nothing to anybody else."""
    now = clock.now()
    own = _link(session, chat, code, now)
    if own is None:
        return []
    rows = session.scalars(
        select(DossierChat)
        .where(DossierChat.dossier_id == own.dossier_id, is_live(now))
        .order_by(DossierChat.proved_at, DossierChat.id)
    )
    return [
        OpenedBy(
            row.id, row.channel, row.proved_at, row.via, row.id == own.id,
            row.followed_at is not None,
        )
        for row in rows
    ]  # fmt: skip


def revoke(session: Session, chat: ChatRef, code: str, link_id: int, now: datetime) -> bool:
    """Take the right to look from one chat of a dossier.

    Another chat is shut out until the receipt is replaced; this one may come back.
    """
    own = _link(session, chat, code, now)
    row = session.get(DossierChat, link_id)
    if own is None or row is None or row.dossier_id != own.dossier_id:
        return False
    if row.id == own.id:
        session.delete(row)
        return True
    row.revoked_at, row.followed_at = now, None
    return True


def forget_chat(session: Session, chat: ChatRef) -> None:
    """This chat proved nothing, asked nothing, follows nothing any more."""
    for table in (DossierChat, LookupChallenge, LookupPage):
        session.execute(delete(table).where(table.channel == chat.channel, table.chat == chat.chat))


def _proved(chat: ChatRef, now: datetime) -> Select[Dossier, DossierChat]:
    return (
        select(Dossier, DossierChat)
        .join(DossierChat, DossierChat.dossier_id == Dossier.id)
        .where(
            DossierChat.channel == chat.channel,
            DossierChat.chat == chat.chat,
            is_live(now),
        )
    )


def _link(session: Session, chat: ChatRef, code: str, now: datetime) -> DossierChat | None:
    row = session.execute(_proved(chat, now).where(Dossier.code == code_of(code))).first()
    if row is None:
        return None
    _, link = row
    return link
