"""News by e-mail, through the server of `SMTP_URL`: for those whom no chat reaches."""

import asyncio
import smtplib
import ssl
from email.headerregistry import Address
from email.message import EmailMessage
from urllib.parse import SplitResult, unquote, urlsplit

from backend import ids, jobs
from backend.config import settings
from backend.notifications.kinds import KINDS
from backend.render import render

TIMEOUT = 10


def is_on() -> bool:
    """Whether there is a server to send by."""
    return bool(settings().smtp_url and settings().mail_from)


async def send_push(address: str, kind: str, data: dict[str, str]) -> None:
    """One push as a letter; the first line of its template is the subject."""
    if not (letter := KINDS[kind].letter):
        raise jobs.GiveUp(f"{kind} has no letter")
    text = render(f"notifications/{letter}.txt", **data).strip()
    subject, _, body = text.partition("\n")
    await asyncio.to_thread(post, address, subject, body.strip() + "\n")


def written(address: str, subject: str, body: str) -> EmailMessage:
    """A plain letter; `ValueError` for what is no address."""
    letter = EmailMessage()
    letter["To"] = Address(addr_spec=address)
    letter["From"], letter["Subject"] = settings().mail_from, subject
    letter["Message-ID"] = f"<{ids.token()}@{urlsplit(settings().base_url).hostname}>"
    letter["Auto-Submitted"] = "auto-generated"  # no out-of-office answers, please
    letter.set_content(body)
    return letter


def post(address: str, subject: str, body: str) -> None:
    """Hand one plain letter to the server; raises what `jobs` understands."""
    try:
        letter = written(address, subject, body)
    except ValueError as error:
        raise jobs.GiveUp("not an address") from error
    where = urlsplit(settings().smtp_url)
    trusted = ssl.create_default_context()
    with _connected(where, trusted) as server:
        server.ehlo()
        if where.scheme == "smtp" and server.has_extn("starttls"):
            server.starttls(context=trusted)
        if where.username:
            server.login(unquote(where.username), unquote(where.password or ""))
        try:
            server.send_message(letter)
        except smtplib.SMTPRecipientsRefused as error:
            raise _refused(error) from error
        except (smtplib.SMTPServerDisconnected, TimeoutError, ConnectionError) as error:
            raise jobs.Unknown("mail server hung up") from error


def _refused(error: smtplib.SMTPRecipientsRefused) -> Exception:
    """5xx: there is no such mailbox; 4xx (a full one, greylisting): later, perhaps."""
    codes = {code for code, _ in error.recipients.values()}
    if min(codes) >= 500:
        return jobs.GiveUp(f"mailbox refused: {min(codes)}")
    return ConnectionError(f"mailbox not now: {min(codes)}")


def _connected(where: SplitResult, trusted: ssl.SSLContext) -> smtplib.SMTP:
    host, port = where.hostname or "", where.port or 0
    if where.scheme == "smtps":
        return smtplib.SMTP_SSL(host, port, timeout=TIMEOUT, context=trusted)
    return smtplib.SMTP(host, port, timeout=TIMEOUT)
