"""Dossier codes and telephone numbers as people and systems write them, brought into one form."""

import re
import unicodedata

_DASHES = re.compile(r"[\s_‐-―−-]+")  # noqa: RUF001 (every dash that a phone's keyboard offers)
_CODE = re.compile(r"(?=.*[0-9])[0-9A-Z]+([.-][0-9A-Z]+)+")
_LONGEST = 60


def code_of(text: str) -> str:
    """`h12 260105 0001` → `H12-260105-0001`; an empty string where it cannot be a code."""
    text = unicodedata.normalize("NFKC", text).strip(" \t\r\n.,;:!?#").upper()
    code = _DASHES.sub("-", text)
    return code if len(code) <= _LONGEST and _CODE.fullmatch(code) else ""


def phone_of(text: str) -> str:
    """`+84 912 345 678` → `0912345678`; an empty string where it is no Vietnamese number."""
    digits = re.sub(r"\D", "", text)
    if digits.startswith("84") and len(digits) >= 11:
        digits = "0" + digits[2:]
    return digits if re.fullmatch(r"0\d{9,10}", digits) else ""


def tail_of(code: str) -> str:
    """The part of a code that may be said where others can read it."""
    return code[-4:]
