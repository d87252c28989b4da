"""Identifiers: unguessable tokens for links and cookies, short codes for people."""

import hashlib
import secrets

# No letters or digits that look alike when read from paper or said over the telephone.
_READABLE = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


def token(bits: int = 192) -> str:
    """A secret for a link or a cookie, URL-safe, of at least 128 bits."""
    if bits < 128:
        raise ValueError("a token has at least 128 bits")
    return secrets.token_urlsafe(bits // 8)


def digest(secret: str) -> str:
    """The SHA-256 stored in place of a token, so that a copy of the table opens nothing."""
    return hashlib.sha256(secret.encode()).hexdigest()


def one_time_code(digits: int = 6) -> str:
    """A numeric code for a text message."""
    return f"{secrets.randbelow(10**digits):0{digits}d}"


def reference(letters: int = 6) -> str:
    """A short code that can be read out: of a logged failure; with ten letters unguessable."""
    return "".join(secrets.choice(_READABLE) for _ in range(letters))
