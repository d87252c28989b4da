"""Password hashing, signed values and form tokens; pure: knows no request and no table."""

import hashlib
import hmac
import threading
from base64 import urlsafe_b64decode, urlsafe_b64encode

import argon2

from backend.config import settings

# ASVS 5.0 appendix C: argon2id with t=2, m>=19 MiB, p=1.
_hasher = argon2.PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
# A burst of log-ins must not take both cores and 20 MiB each.
_hashing = threading.BoundedSemaphore(2)
_DUMMY = _hasher.hash("nobody's password, hashed so that unknown names take the same time")


def hash_password(password: str) -> str:
    """The stored form of a password (argon2id)."""
    with _hashing:
        return _hasher.hash(password)


def check_password(stored: str | None, password: str) -> bool:
    """Whether it is the password; takes the same time where there is no account (`None`)."""
    with _hashing:
        try:
            _hasher.verify(stored or _DUMMY, password)
        except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
            return False
    return stored is not None


def _mac(purpose: str, text: str) -> str:
    key = hashlib.sha256(f"{purpose}\0{settings().secret_key}".encode()).digest()
    raw = hmac.new(key, text.encode(), hashlib.sha256).digest()
    return urlsafe_b64encode(raw).decode().rstrip("=")


def sign(purpose: str, text: str) -> str:
    """`text` with a signature good for `purpose` only; safe in a URL."""
    body = urlsafe_b64encode(text.encode()).decode().rstrip("=")
    return f"{body}.{_mac(purpose, text)}"


def unsign(purpose: str, signed: str) -> str | None:
    """The text that was signed for `purpose`, or None where anything is wrong."""
    body, _, mac = signed.partition(".")
    try:
        text = urlsafe_b64decode(body + "=" * (-len(body) % 4)).decode()
    except ValueError:
        return None
    return text if same(mac, _mac(purpose, text)) else None


def same(left: str, right: str) -> bool:
    """Equal, in a time that does not tell where they differ; two empty strings are not."""
    encoded = left.encode(errors="replace"), right.encode(errors="replace")
    return bool(left) and hmac.compare_digest(*encoded)
