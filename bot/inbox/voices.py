"""A citizen's voice note for the officer who has the talk: found, fetched, told by its first bytes.

Only the channel keeps it: what is heard is fetched from there each time, and stored nowhere here.
"""

import json
import re
from collections.abc import Iterator
from threading import BoundedSemaphore

from sqlalchemy.orm import Session

from backend import log
from backend.accounts.roles import SignedIn
from backend.errors import NotFound, Unavailable
from backend.i18n import gettext as _
from bot.channels import CHANNELS
from bot.handover import desk
from bot.messages import FetchError, Fetches
from bot.models import Message

logger = log.get(__name__)

# Half an hour of a telephone's voice notes. Each is in memory while it is passed on, so no more
# than a few are fetched at once by one process; who comes then waits a little.
MOST_BYTES = 8 * 1024 * 1024
AT_ONCE = 4
PATIENCE = 10.0  # seconds
PIECE = 64 * 1024
_fetching = BoundedSemaphore(AT_ONCE)
# Anything else is not played: a page of somebody else's making must not open under our name.
KINDS = (
    ("audio/ogg", rb"OggS"), ("audio/mpeg", rb"ID3|\xff[\xf2\xf3\xfa\xfb]"),
    ("audio/aac", rb"\xff[\xf0\xf1\xf8\xf9]"), ("audio/mp4", rb"....ftyp"),
    ("audio/wav", rb"RIFF....WAVE"), ("audio/amr", rb"#!AMR"), ("audio/webm", rb"\x1aE\xdf\xa3"),
)  # fmt: skip


def handle_of(message: Message) -> str:
    """The channel's handle of the voice note in this bubble, if there is one."""
    return str(json.loads(message.understanding).get("file", ""))


def find(session: Session, officer: SignedIn, talk_id: int, message_id: int) -> tuple[str, str]:
    """Channel and handle of a voice note in a talk that this officer may see."""
    talk, conversation = desk.held(session, officer, talk_id, locked=False)
    row = session.get(Message, message_id)
    is_theirs = row is not None and row.conversation_id == conversation.id
    if row is None or not is_theirs or (talk.closed_at is not None and row.at > talk.closed_at):
        raise _gone()
    if not (file := handle_of(row)):
        raise _gone()
    return conversation.channel, file


def fetched(channel_kind: str, file: str) -> tuple[bytes, str]:
    """The sound and its media type, asked of the channel now; outside any transaction."""
    channel: object = CHANNELS.get(channel_kind)
    if not isinstance(channel, Fetches):
        raise _gone()
    if not _fetching.acquire(timeout=PATIENCE):
        raise Unavailable("voices_busy", _("Đang có nhiều người nghe tin thoại. Xin thử lại."))
    try:
        sound = channel.fetch(file, most=MOST_BYTES)
    except FetchError as error:
        logger.info("voice.not_fetched", channel=channel_kind, why=str(error))
        raise _gone() from None
    finally:
        _fetching.release()
    kind = next((kind for kind, begins in KINDS if re.match(begins, sound, re.DOTALL)), "")
    if not kind:
        raise _gone()
    return sound, kind


def pieces(sound: bytes) -> Iterator[bytes]:
    """As it is sent: little by little, as quickly as whoever listens takes it."""
    for start in range(0, len(sound), PIECE):
        yield sound[start : start + PIECE]


def _gone() -> NotFound:
    return NotFound(
        "voice_gone",
        _(
            "Không lấy được tin thoại: kênh không còn giữ tệp này hoặc đang bận. "
            "Anh/chị thử lại sau ít phút, hoặc xin người dân nhắn lại bằng chữ."
        ),
    )
