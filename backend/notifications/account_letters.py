"""Carries the links of accounts to official mailboxes; the accounts lie below and know no mail.

The job holds the number of the link only: the link itself is made at the moment of sending. One
that may have arrived is never sent again; whoever waits in vain asks for a new one.
"""

import asyncio

from backend import clock, db, jobs
from backend.accounts import links
from backend.accounts.links import Letter
from backend.jobs import Resend
from backend.notifications import mail
from backend.parts import Part
from backend.render import render


@jobs.send("accounts.letter", resend=Resend.NEVER, max_attempts=5)
async def send(claimed: jobs.Claimed) -> None:
    """Send one link; nothing where it was used or is too old."""
    letter = await asyncio.to_thread(_prepared, claimed.payload["link"])
    if letter is None:
        return
    text = render("accounts/link_letter.txt", letter=letter, invited=letter.purpose == "invite")
    subject, _, body = text.strip().partition("\n")
    await asyncio.to_thread(mail.post, letter.address, subject, body.strip() + "\n")


def _prepared(link_id: int) -> Letter | None:
    with db.reading() as session:
        return links.letter(session, link_id, now=clock.now())


PART = Part(name="account letters")
