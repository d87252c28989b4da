"""Ways to reach somebody that are no chats: they carry a push, and nobody can answer there.

To add one: a line here, or `CONTACTS["…"] = Contact(…)` where a channel brings its own (Zalo's
template messages, by telephone number). They are tried after all chats, in this order.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from backend.notifications import mail
from backend.paces import Rate


@dataclass(frozen=True)
class Contact:
    """`send(address, kind, data)` raises `jobs.GiveUp`, `jobs.Unknown`, or anything else to retry.

    `is_on`: whether the settings for it are there; without them nobody is sent that way.
    """

    is_on: Callable[[], bool]
    send: Callable[[str, str, dict[str, str]], Awaitable[None]]
    rate: Rate = Rate()  # noqa: RUF009 (frozen)


CONTACTS: dict[str, Contact] = {
    "email": Contact(mail.is_on, mail.send_push, Rate(per_second=10)),
}
