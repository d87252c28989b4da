"""How learners hear of something: linked chats first, then the official mailbox."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend import clock
from backend.notifications import follow
from backend.notifications.chats import ChatRef, Person
from backend.people import service as people


def key(person: int) -> str:
    """How notifications name an official."""
    return f"official:{person}"


def reachable(session: Session, persons: Sequence[int]) -> list[Person]:
    """Each of them with their ways, perhaps none, in the same order."""
    chats = follow.chats_of(session, persons)
    here = people.directory(clock.today()).subquery()
    rows = session.execute(
        select(here.c.person_id, here.c.email).where(here.c.person_id.in_(persons))
    )
    mail = {row.person_id: (ChatRef("email", row.email),) for row in rows if row.email}
    return [Person(key(one), (*chats.get(one, ()), *mail.get(one, ()))) for one in persons]
