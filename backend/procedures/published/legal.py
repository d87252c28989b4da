"""Read legal bases, which sources often glue together without a space between them."""

import re

from backend.procedures.published.text import (
    LOWER,
    capitalised,
    one_line,
    stated,
    without_bullet,
    without_tail,
)
from backend.procedures.record import LegalBasis

# Longest first, so that what is glued behind ("TT-BTPNghị định", "NĐ-CPLUẬT") is not swallowed.
_BODIES = (
    "UBTVQH1[0-6]|TANDTC|VKSNDTC|BNNPTNT|BLĐTBXH|BVHTTDL|BGDĐT|BGTVT|BNNMT|BTNMT|BTTTT|BKHCN"
    "|BKHĐT|BDTTG|UBDT|UBND|HĐND|HĐTP|NHNN|KTNN|TTCP|VPCP|VPQH|BHXH|BCA|BQP|BTC|BTP|BXD|BNV|BNG"
    "|BCT|BYT|BNN|TLĐ|TTg|QH1[0-6]|CTN|CP"
)
_KIND = (
    rf"(?:(?:NĐ|ND|NQ|NQLT|QĐ|CT|TT|TTLT|VBHN|HD|KH|L|PL)-(?:{_BODIES})(?:-(?:{_BODIES}))*"
    r"|QH(?:1[0-6]|9)|UBTVQH1[0-6]|NQ-HĐND|L-CTN)"
)
_NUMBER = re.compile(rf"(\d+)((?:\.\d{{1,2}})?/(?:(?:19|20)\d\d/)?{_KIND})")
_LONGEST_NUMBER = 4
_YEAR_BEFORE = re.compile(r"(?:năm\s*|/)$")
# "… nông nghiệp và môi trườngLuật số" before the number: the kind again, glued to the title.
_KIND_AGAIN = re.compile(
    rf"(?<=[{LOWER}.])(?:Bộ luật|Luật|Pháp lệnh|Nghị định|Nghị quyết|Thông tư|Quyết định)$"
)
_JOINT = re.compile(r"\s*(?:số|[(;,.:–-])*\s*$")


def read_glued(text: str | None) -> tuple[LegalBasis, ...]:
    """Legal bases from one run of titles and numbers ("Luật Hộ tịch60/2014/QH13Nghị định …").

    A number that is itself glued to something else ("202068/2020/QH14") is taken apart only where
    the year before it makes that certain; otherwise the entry keeps its words and has no code.
    """
    plain = re.sub(rf"\n(?=[{LOWER}])", " ", stated(text))
    entries: list[tuple[str, str]] = []
    start = 0
    for match in _NUMBER.finditer(plain):
        if not _ends_an_entry(plain, match.end()):
            continue
        entries.append(_entry(plain[start : match.start()], match[1], match[2]))
        start = match.end()
    rest = plain[start:]
    entries.extend(("", line) for line in rest.split("\n"))
    return _without_repetition(entries)


def read_lines(text: str | None) -> tuple[LegalBasis, ...]:
    """Legal bases from a list, one a line."""
    entries: list[tuple[str, str]] = []
    for line in re.split(rf"\n(?=[^{LOWER}\s])|(?<=;)\s", stated(text)):
        found = _NUMBER.search(one_line(line))
        known = bool(found) and len(found[1]) <= _LONGEST_NUMBER if found else False
        entries.append((found[0] if found and known else "", one_line(line)))
    return _without_repetition(entries)


def legal_code(text: str | None) -> str:
    """The one plausible number in a field that should hold just a number, else nothing."""
    plain = one_line(text)
    match = _NUMBER.match(plain)
    return plain if match and match.end() == len(plain) and len(match[1]) <= 4 else ""


def _ends_an_entry(text: str, end: int) -> bool:
    if end == len(text) or text[end] == "\n":
        return True
    return text[end].isalnum() and not re.match(r"ngày \d", text[end:])


def _entry(before: str, digits: str, kind: str) -> tuple[str, str]:
    if len(digits) <= _LONGEST_NUMBER and not (len(digits) == 4 and _YEAR_BEFORE.search(before)):
        return f"{digits}{kind}", before
    year, number = digits[:4], digits[4:]
    if _YEAR_BEFORE.search(before) and re.match(r"(?:19|20)\d\d", year) and 0 < len(number) <= 3:
        return f"{number}{kind}", f"{before}{year}"
    return "", f"{before}{digits}{kind}"


def _without_repetition(entries: list[tuple[str, str]]) -> tuple[LegalBasis, ...]:
    titles: dict[str, str] = {}
    for code, published in entries:
        title = _title(published, code)
        if not code and (len(title) < 8 or any(title in known for known in titles.values())):
            continue
        key = code or title
        titles[key] = max(titles.get(key, ""), title, key=len)
    return tuple(
        LegalBasis(code="" if key == title else key, title=title) for key, title in titles.items()
    )


def _title(published: str, code: str) -> str:
    title = one_line(published)
    if code and title.endswith((code, f"({code})")):
        title = title.removesuffix(f"({code})").removesuffix(code)
    title = _KIND_AGAIN.sub("", without_tail(_JOINT.sub("", without_bullet(title))))
    return capitalised(title) if len(title) > 2 else ""
