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
# Only resolutions of the Government have numbers with a dot ("66.7/2025/NQ-CP").
_NUMBER = re.compile(
    rf"(\d+)(/(?:(?:19|20)\d\d/)?{_KIND})|(?<!\d)(\d{{1,3}}\.\d{{1,2}})(/(?:19|20)\d\d/NQ-CP)"
)
_LONGEST_NUMBER = 4
_YEAR_BEFORE = re.compile(r"(?:năm\s*|/)$")
# "… nông nghiệp và môi trườngLuật số" before the number: the kind again, glued to the title.
_KIND_AGAIN = re.compile(
    rf"(?<=[{LOWER}.])(?:Bộ luật|Luật|Pháp lệnh|Nghị định|Nghị quyết|Thông tư|Quyết định)$"
)
_JOINT = re.compile(r"\s*(?:số|[(;,.:–-])*\s*$")


def read_glued(text: str | None) -> tuple[LegalBasis, ...]:
    """Legal bases from one run of titles and numbers ("Luật Hộ tịch60/2014/QH13Nghị định …").

    A number that is itself glued to the year of a title is taken apart where that is certain: no
    text has a number of more than four digits, so "Luật Cư trú 202068/2020/QH14" can only be 68 of
    2020. Where it is not ("202468/2020/QH14"), the entry keeps its words and has no code.
    """
    plain = re.sub(rf"\n(?=[{LOWER}])", " ", stated(text))
    entries: list[tuple[str, str]] = []
    start = 0
    for match in _NUMBER.finditer(plain):
        if not _is_own_number(plain, match.start(), match.end()):
            continue
        digits, kind = match[1] or match[3], match[2] or match[4]
        entries.append(_entry(plain[start : match.start()], digits, kind))
        start = match.end()
    rest = plain[start:]
    entries.extend(("", line) for line in rest.split("\n"))
    return _without_repetition(entries)


def read_lines(text: str | None) -> tuple[LegalBasis, ...]:
    """Legal bases from a list, one a line."""
    entries: list[tuple[str, str]] = []
    for line in re.split(rf"\n(?=[^{LOWER}\s])|(?<=;)\s", stated(text)):
        found = _NUMBER.search(one_line(line))
        entries.append((found[0] if found and _is_plausible(found) else "", one_line(line)))
    return _without_repetition(entries)


def legal_code(text: str | None) -> str:
    """The one plausible number in a field that should hold just a number, else nothing."""
    plain = one_line(text)
    match = _NUMBER.match(plain)
    return plain if match and match.end() == len(plain) and _is_plausible(match) else ""


def _is_plausible(match: re.Match[str]) -> bool:
    return len(match[1] or "") <= _LONGEST_NUMBER


def _is_own_number(text: str, start: int, end: int) -> bool:
    """Whether a number ends an entry: glued to what stands before or behind it.

    One with spaces around it is only mentioned in a title ("sửa đổi Thông tư số 15/2015/TT-BTP").
    """
    if end == len(text) or text[end] == "\n":
        return True
    if re.match(r"ngày \d", text[end:]):
        return False
    return text[end].isalnum() or bool(re.search(r"[^\s(/]$", text[:start]))


def _entry(before: str, digits: str, kind: str) -> tuple[str, str]:
    """The code and the title, a year that was glued between them given back to the title."""
    year, number = digits[:4], digits[4:]
    latest = "2099" if _YEAR_BEFORE.search(before) else kind[1:5]
    is_year = "1945" <= year <= latest and 0 < len(number) <= 3
    if is_year or (not number and _YEAR_BEFORE.search(before)):
        return f"{number}{kind}" if number else "", f"{before}{year}"
    if len(digits) <= _LONGEST_NUMBER or "." in digits:
        return f"{digits}{kind}", before
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
