"""What the tests of the hand-over share: officers, a citizen who writes, one who waits."""

from collections.abc import Iterator
from itertools import count

from sqlalchemy import select

from backend import clock, db
from backend.accounts.roles import Role, SignedIn
from bot.dialogue import engine
from bot.handover import clockwork, desk, routing
from bot.handover.models import Handover, HandoverEvent
from bot.messages import Incoming, Reply
from bot.models import Conversation, Message
from tests.cast import make_officer

UNIT = "Trung tâm Phục vụ hành chính công phường An Xuyên"
OTHER = "Trung tâm Phục vụ hành chính công xã Vĩnh Mỹ"
PROVINCE = ""
_numbers: Iterator[int] = count()


def officer(
    login: str,
    name: str,
    *,
    role: Role = Role.ONE_STOP,
    unit: str = UNIT,
    is_on_duty: bool = True,
) -> SignedIn:
    """Somebody who may answer, on duty unless said otherwise."""
    with db.transaction() as session:
        row = make_officer(session, login, name, role)
        row.agency = unit
        signed_in = SignedIn(row.id, login, name, role, unit)
        if is_on_duty:
            routing.begin_duty(session, signed_in, now=clock.now())
    return signed_in


def say(text: str = "", chat: str = "lan", channel: str = "console", **more) -> Reply:
    """The citizen writes."""
    return engine.handle(Incoming(channel, chat, f"tin-{next(_numbers)}", text=text, **more))


def press(payload: str, chat: str = "lan") -> Reply:
    """The citizen presses a button."""
    return say(chat=chat, payload=payload)


def text_of(reply: Reply) -> str:
    """What was answered."""
    return "\n".join(message.text for message in reply.messages)


def talk(chat: str = "lan") -> Handover:
    """The latest hand-over of a chat, as it stands."""
    with db.reading() as session:
        query = select(Handover).join(Conversation).where(Conversation.chat == chat)
        row = session.scalars(query.order_by(Handover.id.desc()).limit(1)).one()
        session.expunge(row)
        return row


def claim(who: SignedIn, chat: str = "lan") -> Handover:
    """Take it from the queue."""
    row = talk(chat)
    act(desk.claim, who, row.id, version=row.version)
    return talk(chat)


def act(what, who: SignedIn, *arguments, **named):
    """One of the desk's acts, in a transaction of its own."""
    with db.transaction() as session:
        return what(session, who, *arguments, **named, now=clock.now())


def tick() -> None:
    """A minute's work of the clock."""
    with db.transaction() as session:
        clockwork.tick(session)


def transcript() -> list[tuple[str, str]]:
    """Everything that was said, by whom."""
    with db.reading() as session:
        rows = session.scalars(select(Message).order_by(Message.id))
        return [(row.author, row.text) for row in rows]


def steps() -> list[tuple[str, str, str, str]]:
    """Every step: what, from, to, by whom."""
    with db.reading() as session:
        rows = session.scalars(select(HandoverEvent).order_by(HandoverEvent.id))
        return [(e.kind, e.from_status, e.to_status, e.officer_name or e.actor) for e in rows]
