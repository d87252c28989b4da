"""Which passwords are good enough: long, not everybody's, and not one's own name."""

import re
from functools import cache
from pathlib import Path

from backend.errors import InvalidInput
from backend.i18n import gettext as _
from nlu.text import fold

SHORTEST = 12
_COMMON = Path(__file__).with_name("common_passwords.txt")


def check(password: str, *, login: str = "", name: str = "") -> None:
    """Refuse a weak password, and say what would be better."""
    if len(password) < SHORTEST:
        message = _("Mật khẩu cần từ {shortest} ký tự trở lên.")
        raise InvalidInput("password_short", message.format(shortest=SHORTEST))
    bare = _bare(password)
    if len(set(password)) < 5 or bare in _common() or _is_run(bare):
        raise InvalidInput(
            "password_common",
            _("Mật khẩu này quá phổ biến. Hãy ghép bốn, năm từ không liên quan với nhau."),
        )
    own = {_bare(login.partition("@")[0]), _bare(name)}
    if bare.strip("0123456789") in own | {""}:
        raise InvalidInput("password_own", _("Mật khẩu không được là tên hoặc số của mình."))


def _bare(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", fold(text))


def _is_run(text: str) -> bool:
    """One piece again and again ("abcabcabcabc"), or letters of a row in order."""
    pieces = any(text == text[:n] * (len(text) // n) for n in range(1, 5) if len(text) % n == 0)
    rows = ("01234567890" * 3, "98765432109" * 3, "qwertyuiopasdfghjklzxcvbnm", "abcdefghijklmnop")
    return pieces or any(text in row for row in rows)


@cache
def _common() -> frozenset[str]:
    lines = _COMMON.read_text(encoding="utf-8").splitlines()
    return frozenset(_bare(line) for line in lines if not line.startswith("#"))
