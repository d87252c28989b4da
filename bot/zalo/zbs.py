"""Pushes as ZBS template messages, for citizens to whom plain messages may not go any more.

The way is called `zalo_zbs`; its address is a telephone, or `uid:` and the citizen's id with us.
A receipt (`user_received_message`) proves that a message whose answer was lost has arrived.
"""

import asyncio
from functools import partial

from backend import clock, db, jobs
from backend.config import settings
from backend.notifications.contacts import CONTACTS, Contact
from backend.paces import RATES, Rate
from bot.messages import SendError
from bot.zalo import api, sent
from bot.zalo.calls import Calls

BY_ID = "uid:"
LEDGER = "zbs"  # stands in for the chat: no telephone is written down here


def is_on() -> bool:
    """Whether there is an account, and a template that Zalo approved."""
    return bool(settings().zalo_app_id and settings().zalo_zbs_templates)


async def send_push(address: str, kind: str, data: dict[str, str]) -> None:
    """One push; a kind without a template goes no such way."""
    words = " ".join((address, kind, *map(str, data.values())))
    start = partial(sent.start, chat=LEDGER, text=words, now=clock.now())
    row, arrived_as = await asyncio.to_thread(db.write, start)
    if arrived_as:
        return
    to = {"chat": address.removeprefix(BY_ID)} if address.startswith(BY_ID) else {"phone": address}
    try:
        async with Calls() as calls:
            number = await api.send_template(calls, kind, data, tracking=sent.tracking(row), **to)
    except SendError as error:
        if not error.unknown:
            await asyncio.to_thread(db.write, partial(sent.refused, row_id=row))
        raise _verdict(error) from error
    await asyncio.to_thread(db.write, partial(sent.note, row_id=row, message_id=number))


def _verdict(error: SendError) -> Exception:
    if error.permanent:
        return jobs.GiveUp(str(error))
    if error.unknown:
        return jobs.Unknown(str(error))
    return jobs.Later(error.retry_after, str(error)) if error.retry_after else error


CONTACTS["zalo_zbs"] = Contact(is_on, send_push, Rate(per_second=15))
RATES["zalo_zbs"] = CONTACTS["zalo_zbs"].rate
