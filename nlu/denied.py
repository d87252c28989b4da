"""What a message says is not meant: "tạm vắng chứ không phải tạm trú" is about the former alone."""

import re

_NOT = r"(?:không|khong|ko|k|hổng|hong|hông|hok|hem)\s+(?:phải|phai)"
_THING = r"[^,.;:?!\n]{2,60}"
# Only forms that set one thing against another: "không phải" alone asks, or speaks of duties.
_DENIED = re.compile(
    rf"(?<!\w)(?:(?:chứ|chớ|chu)\s+{_NOT}(?:\s+(?:là|la))?\s+{_THING}"
    rf"|{_NOT}\s+(?:là\s+|la\s+)?{_THING}?\s+mà\s+là(?!\w))",
    re.IGNORECASE,
)


def left_out(text: str) -> str:
    """The message without what it denies; as it was when nothing else is left."""
    rest = _DENIED.sub(" ", text)
    return rest if any(c.isalnum() for c in rest) else text
