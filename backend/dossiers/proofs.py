"""How a chat proves that it may look at a dossier.

* The receipt's token (its QR code, its link): derived from the dossier's code, a serial number and
  the product's secret key, so that it can be printed again and is stored nowhere; the table has its
  digest. It opens up to three chats; each is told when another comes.
* The telephone number that Telegram vouches for (`Contact.is_own`, which the caller checks).
* Our own page, opened from a link in the chat: `challenges.py`. That link only says for which chat
  the page speaks; it lets nobody read anything.

Wrong and unknown are the same `None`, and both are counted, so nothing here raises.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend import ids, official, security
from backend.config import settings
from backend.dossiers import lookups
from backend.dossiers.models import Dossier, DossierChat, LookupPage
from backend.dossiers.spelling import code_of, phone_of, tail_of
from backend.dossiers.standing import PROOF_LASTS, Standing, is_live, standings
from backend.notifications import service as notifications
from backend.notifications.chats import ChatRef

CHATS_PER_RECEIPT = 3
PAGE_LASTS = timedelta(minutes=30)
_MOST_BY_PHONE = 20


def receipt_token(code: str, serial: int) -> str:
    """The token on a receipt: fits into a Telegram deep link (64 characters of A-Za-z0-9_-)."""
    return security.sign("receipt", f"{code}:{serial}").rpartition(".")[2]


def receipt_digest(code: str, serial: int) -> str:
    """What the table has in its place."""
    return ids.digest(receipt_token(code, serial))


def tracking_url(code: str, serial: int) -> str:
    """The link on a receipt."""
    return f"{settings().base_url}/ho-so/mo/{receipt_token(code, serial)}"


def telegram_url(code: str, serial: int) -> str:
    """The same for Telegram, whose chat then has the dossier open; empty while that is off."""
    return official.telegram_url(receipt_token(code, serial))


def page_link(session: Session, chat: ChatRef, *, now: datetime) -> str:
    """Our page, speaking for this chat for half an hour."""
    token = ids.token()
    session.add(
        LookupPage(
            token_digest=ids.digest(token), channel=chat.channel, chat=chat.chat,
            expires_at=now + PAGE_LASTS,
        )
    )  # fmt: skip
    session.flush()
    return f"{settings().base_url}/ho-so?trang={token}"


def chat_of_page(session: Session, token: str, *, now: datetime) -> ChatRef | None:
    """The chat for which a page speaks."""
    row = session.scalar(
        select(LookupPage).where(
            LookupPage.token_digest == ids.digest(token), LookupPage.expires_at > now
        )
    )
    return ChatRef(row.channel, row.chat) if row else None


def open_by_token(session: Session, token: str, chat: ChatRef, *, now: datetime) -> Standing | None:
    """The dossier of a receipt, now open to this chat; None for a token that opens nothing."""
    asking = lookups.Asking(f"token:{chat.channel}:{chat.chat}")
    if not lookups.hit(session, asking, heeds_breaker=False, now=now).allowed:
        return None
    dossier = session.scalar(
        select(Dossier).where(Dossier.receipt_digest == ids.digest(token)).with_for_update()
    )
    if dossier is None or not _has_room(session, dossier, chat, now):
        return None
    return open_to(session, dossier, chat, via="receipt", now=now)


def open_by_contact(
    session: Session, phone: str, chat: ChatRef, code: str | None = None, *, now: datetime
) -> list[Standing]:
    """The dossiers of a telephone number that the channel vouches for; with `code`, that one."""
    asking = lookups.Asking(f"contact:{chat.channel}:{chat.chat}")
    if not lookups.hit(session, asking, now=now).allowed:
        return []
    query = select(Dossier).where(Dossier.phone == phone_of(phone), Dossier.phone != "")
    if code:
        query = query.where(Dossier.code == code_of(code))
    latest = query.order_by(Dossier.received_at.desc(), Dossier.id.desc()).limit(_MOST_BY_PHONE)
    found = session.scalars(latest).all()
    lookups.note_outcome(session, is_failure=not found, now=now)
    return [open_to(session, dossier, chat, via="contact", now=now) for dossier in found]


def open_to(
    session: Session, dossier: Dossier, chat: ChatRef, *, via: str, now: datetime
) -> Standing:
    """Bind the chat to the dossier and tell the other chats of it."""
    link = session.scalar(
        select(DossierChat).where(
            DossierChat.dossier_id == dossier.id,
            DossierChat.channel == chat.channel,
            DossierChat.chat == chat.chat,
        )
    )
    is_new = link is None or link.revoked_at is not None
    if link is None:
        link = DossierChat(dossier_id=dossier.id, channel=chat.channel, chat=chat.chat)
        session.add(link)
    link.via, link.proved_at, link.revoked_at = via, now, None
    session.flush()
    if is_new:
        _tell_the_others(session, dossier, chat, now)
    return standings(session, [(dossier, link)], now=now)[0]


def close_by_number(session: Session, dossier_ids: Sequence[int], *, now: datetime) -> None:
    """The telephone number changed: whoever proved the old one proves nothing any more."""
    session.execute(
        update(DossierChat)
        .where(DossierChat.dossier_id.in_(dossier_ids), DossierChat.via.in_(("code", "contact")))
        .where(DossierChat.revoked_at.is_(None))
        .values(revoked_at=now, followed_at=None)
    )


def _has_room(session: Session, dossier: Dossier, chat: ChatRef, now: datetime) -> bool:
    """Three chats at once; one that was shut out stays out until the receipt is replaced."""
    links = session.scalars(
        select(DossierChat).where(
            DossierChat.dossier_id == dossier.id, DossierChat.via == "receipt"
        )
    ).all()
    own = [row for row in links if (row.channel, row.chat) == (chat.channel, chat.chat)]
    if own:
        return own[0].revoked_at is None
    live = [row for row in links if not row.revoked_at and row.proved_at > now - PROOF_LASTS]
    return len(live) < CHATS_PER_RECEIPT


def _tell_the_others(session: Session, dossier: Dossier, chat: ChatRef, now: datetime) -> None:
    newcomer = ids.digest(f"{chat.channel}:{chat.chat}")[:16]
    others = session.scalars(
        select(DossierChat).where(DossierChat.dossier_id == dossier.id, is_live(now))
    )
    for other in others:
        if (other.channel, other.chat) != (chat.channel, chat.chat):
            notifications.notify(
                session, ChatRef(other.channel, other.chat), "dossier_opened",
                data={"tail": tail_of(dossier.code), "channel": chat.channel},
                dedupe=f"opened:{dossier.id}:{newcomer}:{now.timestamp():.0f}",
                now=now,
            )  # fmt: skip
