"""Where the file of a course is served: by the app, or by CONTENT_ORIGIN to who has a signature.

The signature stands in the query, so that a file keeps its path for as long as it lives: that path
is what a device that took the course away finds it by. It holds until the end of tomorrow (UTC) and
is the same all day, so that browsers may keep what they fetched.
"""

from urllib.parse import quote, urlsplit

from backend import clock, security
from backend.config import settings

FOLDER = "/hoc-lieu"
DIGITS = 16
HOLDS_DAYS = 2
_PURPOSE = "content"


def path_of(digest: str, name: str) -> str:
    """The file's path, on either host."""
    return f"{FOLDER}/{digest[:DIGITS]}/{quote(name)}"


def address(digest: str, name: str) -> str:
    """Where pages find the file today."""
    path = path_of(digest, name)
    origin = settings().content_origin
    return f"{origin}{path}?k={_signed(digest[:DIGITS])}" if origin else path


def is_signed(digest: str, signed: str) -> bool:
    """Whether this signature opens this file today."""
    last, _, of = (security.unsign(_PURPOSE, signed) or "").partition(":")
    return of == digest[:DIGITS] and _today() <= int(last)


def readers() -> str:
    """The origin whose pages may read the files by script, to keep them for later."""
    app = urlsplit(settings().base_url)
    return f"{app.scheme}://{app.netloc}"


def _signed(digest: str) -> str:
    return security.sign(_PURPOSE, f"{_today() + HOLDS_DAYS - 1}:{digest}")


def _today() -> int:
    return clock.now().date().toordinal()
