"""Password hashing, signed values, sealed secrets; pure: knows no request and no table."""

import hashlib
import hmac
import threading
from base64 import urlsafe_b64decode, urlsafe_b64encode

import argon2
from cryptography.fernet import Fernet, InvalidToken

from backend.config import settings

# ASVS 5.0 appendix C: argon2id with t=2, m>=19 MiB, p=1.
_hasher = argon2.PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
# A burst of log-ins must not take both cores and 20 MiB each.
_hashing = threading.BoundedSemaphore(2)
SEALED = "sealed:"
"""What every sealed text begins with."""
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


def _key(purpose: str) -> bytes:
    """32 bytes of the secret key, good for `purpose` only."""
    return hashlib.sha256(f"{purpose}\0{settings().secret_key}".encode()).digest()


def _mac(purpose: str, text: str) -> str:
    raw = hmac.new(_key(purpose), text.encode(), hashlib.sha256).digest()
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


def seal(purpose: str, text: str) -> str:
    """`text` encrypted, to be stored: a copy of the table gives nothing away."""
    return SEALED + Fernet(urlsafe_b64encode(_key(purpose))).encrypt(text.encode()).decode()


def unseal(purpose: str, stored: str) -> str | None:
    """What was sealed; None where that was with another secret key.

    What does not look sealed was stored before there were seals, and is the text itself.
    """
    if not stored.startswith(SEALED):
        return stored
    try:
        fernet = Fernet(urlsafe_b64encode(_key(purpose)))
        return fernet.decrypt(stored.removeprefix(SEALED)).decode()
    except InvalidToken:
        return None


def same(left: str, right: str) -> bool:
    """Equal, in a time that does not tell where they differ; two empty strings are not."""
    encoded = left.encode(errors="replace"), right.encode(errors="replace")
    return bool(left) and hmac.compare_digest(*encoded)
