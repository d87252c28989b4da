"""What is on a photo of a receipt: its QR code or barcode, else its printed code; nothing else.

The picture is looked at in memory and forgotten; of what it shows only the code goes on, which then
still needs its proof like one that was typed. The code of an identity card is recognised by its
shape, and dropped. A picture may be made to hurt: only three formats are opened, its size is read
before anything is unpacked, it is made smaller first, and whoever waits does not wait for long.
"""

import io
import re
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from enum import StrEnum
from urllib.parse import parse_qs, urlsplit

import zxingcpp
from PIL import Image, UnidentifiedImageError

from backend import log, official
from backend.config import settings
from backend.dossiers.spelling import code_of
from bot import printed
from bot.messages import FetchError, Fetches, Incoming

logger = log.get(__name__)

FORMATS = ("JPEG", "PNG", "WEBP")
MOST_BYTES = 8 * 1024 * 1024
MOST_PIXELS = 30_000_000
LONGEST_SIDE = 2400
SECONDS = 6.0
MOST_WAITING = 8
TOKEN = re.compile(r"[\w-]{20,64}", re.ASCII)
IDENTITY = re.compile(r"\d{12}\|")  # how the code of a Vietnamese identity card begins
TELEGRAM_HOSTS = ("t.me", "telegram.me")
CODES = zxingcpp.barcode_formats_from_str("QRCode|Code128|Code39|DataMatrix|PDF417|Aztec")
BOMBS = (Image.DecompressionBombError, Image.DecompressionBombWarning)
BROKEN = (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, MemoryError)

# One picture at a time: each may take a hundred megabytes while it is unpacked.
_eyes = ThreadPoolExecutor(1, thread_name_prefix="photos")
_waiting: list["Future[Sight]"] = []


class Kind(StrEnum):
    """What was seen."""

    RECEIPT = "receipt"  # a receipt's link: `value` is its token
    DOSSIER = "dossier"  # a printed code: `value` is the code
    UNSURE = "unsure"  # a printed code that may be misread: `value` is what was read
    IDENTITY = "identity"
    OTHER = "other"  # a code, but not one of ours
    NO_CODE = "no_code"
    TOO_LARGE = "too_large"
    UNREADABLE = "unreadable"
    AWAY = "away"  # the channel did not hand it over, or there was no time


@dataclass(frozen=True)
class Sight:
    """What a photo shows."""

    kind: Kind
    value: str = ""


def warm() -> None:
    """Have the reader of print loaded, where there is one, before the first photo has to wait.

    In the thread that looks at photos, so that one which comes meanwhile finds it half loaded at
    worst; this returns at once.
    """
    _eyes.submit(_loaded)


def _loaded() -> None:
    try:
        printed.reader()
    except Exception:
        logger.exception("photo.reader_failed")


def fetched(channel: Fetches, file: str) -> Sight:
    """Ask the channel for the picture and look at it."""
    try:
        return seen(channel.fetch(file, most=MOST_BYTES))
    except FetchError as error:
        logger.info("photo.not_fetched", why=str(error))
        return Sight(Kind.TOO_LARGE if error.is_too_large else Kind.AWAY)


def seen(picture: bytes) -> Sight:
    """What it shows, within a few seconds; who sends too many at once is asked to come again."""
    _waiting[:] = [look for look in _waiting if not look.done()]
    if len(_waiting) >= MOST_WAITING:
        return Sight(Kind.AWAY)
    look = _eyes.submit(_seen, picture)
    _waiting.append(look)
    try:
        return look.result(timeout=SECONDS)
    except TimeoutError:
        look.cancel()
        logger.warning("photo.too_slow", size=len(picture))
        return Sight(Kind.AWAY)


def applied(incoming: Incoming, sight: Sight | None) -> Incoming:
    """A photo of a receipt as what it stands for: the link that was opened, the code as typed.

    What was written under any other picture of a code is about that picture, and goes with it.
    """
    if sight is None:
        return incoming
    if sight.kind is Kind.RECEIPT:
        return replace(incoming, start=sight.value, text="", attachment="", file="")
    if sight.kind is Kind.DOSSIER:
        return replace(incoming, text=sight.value, attachment="", file="")
    if sight.kind is Kind.IDENTITY:
        return replace(incoming, text="", file="")
    return incoming


def _seen(picture: bytes) -> Sight:
    if len(picture) > MOST_BYTES:
        return Sight(Kind.TOO_LARGE)
    try:
        with Image.open(io.BytesIO(picture), formats=FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                return Sight(Kind.TOO_LARGE)
            image.draft("L", (LONGEST_SIDE, LONGEST_SIDE))  # JPEG: unpacked small from the start
            grey = image.convert("L")
    except BOMBS:
        return Sight(Kind.TOO_LARGE)
    except BROKEN:
        return Sight(Kind.UNREADABLE)
    grey.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    codes = [found.text for found in zxingcpp.read_barcodes(grey, formats=CODES)]
    return _meant(codes) if codes else _read(grey)


def _read(grey: Image.Image) -> Sight:
    """What the print says, where there is somebody to read it."""
    reader = printed.reader()
    words = printed.meant(reader(grey)) if reader else printed.Print()
    if words.is_card:
        return Sight(Kind.IDENTITY)
    if words.code:
        return Sight(Kind.DOSSIER if words.is_sure else Kind.UNSURE, words.code)
    return Sight(Kind.NO_CODE)


def _meant(codes: list[str]) -> Sight:
    """An identity card beside whatever else counts first: then nothing of the picture is used."""
    if any(IDENTITY.match(code.strip()) for code in codes):
        return Sight(Kind.IDENTITY)
    for kind, read in ((Kind.RECEIPT, _token), (Kind.DOSSIER, code_of)):
        for code in codes:
            if value := read(code):
                return Sight(kind, value)
    return Sight(Kind.OTHER)


def _token(text: str) -> str:
    """The token of a receipt's link, if the link is ours."""
    text = text.strip()
    own = f"{settings().base_url}/ho-so/mo/"
    if text.startswith(own):
        return _checked(text.removeprefix(own))
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    bot = urlsplit(official.telegram_url()).path
    is_bot = parts.hostname in TELEGRAM_HOSTS and bot and parts.path.lower() == bot.lower()
    return _checked(parse_qs(parts.query).get("start", [""])[0]) if is_bot else ""


def _checked(token: str) -> str:
    return token if TOKEN.fullmatch(token) else ""
