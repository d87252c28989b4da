"""Pictures by what is in them, whatever they are called."""

import hashlib

_KINDS = {
    b"\x89PNG\r\n\x1a\n": ".png",
    b"\xff\xd8\xff": ".jpg",
    b"GIF87a": ".gif",
    b"GIF89a": ".gif",
}


def suffix(data: bytes) -> str:
    """The ending that fits this picture; "" for what browsers do not show."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return ".webp"
    return next((ending for start, ending in _KINDS.items() if data.startswith(start)), "")


def digest(data: bytes) -> str:
    """A short name that is the same for the same picture."""
    return hashlib.sha256(data).hexdigest()[:16]
