"""Codes, numbers, dates and ordinals found by rule, and `mask`, which hides personal numbers.

Positions are those of the text given. Dossier and procedure codes are found before phones and
identity numbers, so that a code typed without its dots is never taken for a person's number.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from nlu import numbers
from nlu.text import fold
from nlu.types import Entity

Span = tuple[int, int]
Finder = Callable[[str], Iterator[Entity]]

HIDDEN = "•••"
SEPARATOR = r"[\s.\-–_/]{0,3}"
DIGIT = "[0-9o]"  # people type the letter O for a zero
DAY = rf"{DIGIT}{{2}}(?:[0o][1-9]|1[0-2o])(?:[0o][1-9]|[12]{DIGIT}|3[01o])"  # yymmdd
DOSSIER = re.compile(
    rf"(?<![a-z0-9])(?:(?P<long>(?:{DIGIT}{SEPARATOR}){{7}})(?P<unit>[a-z]{DIGIT}{{2}})"
    rf"|(?P<agency>[a-z]{DIGIT}{{2}})(?P<parts>(?:[.\s]?{DIGIT}{{1,3}}){{0,3}}?))"
    rf"{SEPARATOR}(?P<date>{DAY}){SEPARATOR}(?P<number>{DIGIT}{{4,6}})(?![a-z0-9])"
)
PROCEDURE = re.compile(
    r"(?<![a-z0-9.])(?P<code>\d\.\d{6})(?P<rest>\.000\.00\.00\.[a-z]\d{2})?(?![0-9]|\.\d)"
)
PHONE = re.compile(
    r"(?<![a-z0-9.])(?:\+?84|0)[\s.\-]?(?:[35789](?:[\s.\-]?\d){8}|2(?:[\s.\-]?\d){9})(?!\d)"
)
IDENTITY = re.compile(
    r"(?<![a-z0-9.])(?:\d{12}|\d{3}[\s.]\d{3}[\s.]\d{3}[\s.]\d{3}|\d{9})(?![0-9])"
)
EMAIL = re.compile(
    r"(?<![a-z0-9._%+\-])[a-z0-9._%+\-]{1,64}@[a-z0-9\-]{1,63}(?:\.[a-z0-9\-]{1,63}){1,8}"
)
LONG_NUMBER = re.compile(r"\d(?:[\s.\-]?\d){8,}")
PERSONAL = (EMAIL, PHONE, IDENTITY, LONG_NUMBER)
PERSONAL_KINDS = frozenset({"phone", "identity_number"})
RUN = re.compile(r"\d{9}")
TAIL = re.compile(
    r"(?:(?:duoi|cuoi|so cuoi|bon so|4 so)(?: cuoi)?(?: cua)?(?: ho so)?(?: toi)?(?: la)?"
    r"|(?:ma|so) ho so(?: cua toi)?(?: la)?|ho so(?: so)?)[\s:]{0,2}(?<!\d)(\d{4})(?![0-9./\-])"
)
LONE_TAIL = re.compile(r"\s*(?:dạ|da|la|so|ma)?\s*(\d{4})\s*(?:a|nhe|nha|day)?\s*[.!?]?\s*")
DATE = re.compile(
    r"(?<![0-9.])(?:ngay )?(?P<d>\d{1,2})\s?(?:[/\-.]|thang)\s?(?P<m>\d{1,2})"
    r"(?:\s?(?:[/\-.]|nam)\s?(?P<y>\d{4}|\d{2}))?(?![0-9/]|\.\d)"
)
MONEY = re.compile(
    r"(?<![0-9.,])(?P<n>\d{1,3}(?:[.,]\d{3})+|\d+(?:[.,]\d)?)\s?"
    r"(?P<u>k|nghin|ngan|tram|trieu|cu|ty|dong|vnd|d)(?![a-z0-9])(?P<half>\sruoi(?![a-z0-9]))?"
)
UNITS = {
    "k": 1_000, "nghin": 1_000, "ngan": 1_000, "tram": 100_000, "cu": 1_000_000,
    "trieu": 1_000_000, "ty": 1_000_000_000, "dong": 1, "vnd": 1, "d": 1,
}  # fmt: skip
NUMBERS = {
    "nhat": 1, "mot": 1, "dau": 1, "dau tien": 1, "hai": 2, "nhi": 2, "ba": 3, "tu": 4, "bon": 4,
    "nam": 5, "sau": 6, "bay": 7, "cuoi": -1, "cuoi cung": -1, "chot": -1,
}  # fmt: skip
COUNT = "[1-9]|nhat|mot|hai|nhi|ba|tu|bon|nam|sau|bay|dau tien|dau|cuoi cung|cuoi|chot"
ORDINAL = re.compile(
    r"(?<![a-z0-9])(?:(?:(?:cai|muc|so(?! cuoi| dau)|lua chon|phuong an|truong hop|chon|dap an|cau)"
    rf"\s){{1,3}}(?:thu |so )?|thu (?=nhat))(?P<n>{COUNT})"
    r"(?![a-z0-9./])(?!\s(?:nha|con|me|ngay|thang|nguoi|tuoi|giay))"
)
LONE_ORDINAL = re.compile(
    rf"\s*(?:[1-9]|(?:(?:so|chon|cai|thu)\s)+(?:{COUNT})|dau tien|cuoi cung)[.)\s]*"
)
LONE_COUNT = re.compile(rf"(?P<n>{COUNT})[.)\s]*$")


def find(text: str) -> tuple[Entity, ...]:
    """All entities in a text, in order; where two overlap, the earlier kind of `FINDERS` stays."""
    plain = aligned(text)
    entities: list[Entity] = []
    # Words need their accents: the rest is found in what is typed without.
    for found in (*(finder(plain) for finder in FINDERS), numbers.find(text)):
        for entity in found:
            if all(entity.end <= e.start or entity.start >= e.end for e in entities):
                entities.append(entity)
    return tuple(sorted(entities, key=lambda entity: entity.start))


def mask(text: str) -> str:
    """The text with phones, identity numbers, e-mails and long digit runs replaced by dots."""
    return masked(text, ())[0]


def masked(text: str, entities: Sequence[Entity]) -> tuple[str, tuple[Entity, ...]]:
    """The masked text, and the entities moved to where they now stand, on their dots if hidden."""
    hidden = tuple(_personal(aligned(text)))
    pieces: list[str] = []
    done = 0
    for start, end in hidden:
        pieces += [text[done:start], HIDDEN]
        done = end
    moved = tuple(
        replace(e, start=_moved(e.start, hidden), end=_moved(e.end, hidden, end=True))
        for e in entities
        # What is hidden was a person's number or address, not the date that its digits resemble.
        if e.kind in PERSONAL_KINDS
        or not any(start < e.end and end > e.start for start, end in hidden)
    )
    return "".join([*pieces, text[done:]]), moved


def _moved(position: int, hidden: Sequence[Span], *, end: bool = False) -> int:
    """Where a position stands once spans are hidden; inside one, the edge of its dots."""
    shift = 0
    for start, stop in hidden:
        if stop > position:
            inside = start < position
            return (start + len(HIDDEN) * end if inside else position) + shift
        shift += len(HIDDEN) - (stop - start)
    return position + shift


def _personal(plain: str) -> Iterator[Span]:
    found = (*_dossier_codes(plain), *_procedure_codes(plain))
    # A code without any separator looks like a person's number: hidden, to be safe.
    codes = [(e.start, e.end) for e in found if not RUN.search(plain, e.start, e.end)]
    done = 0
    for start, end in sorted(m.span() for p in PERSONAL for m in p.finditer(plain)):
        if end > done and not any(a < end and b > start for a, b in codes):
            yield max(start, done), end
            done = end


def aligned(text: str) -> str:
    """The text folded letter by letter, so that positions stay those of the text."""
    folded = fold(text)
    if len(folded) == len(text):
        return folded
    return "".join((fold(c) or " ")[0] for c in text)


def _dossier_codes(plain: str) -> Iterator[Entity]:
    for match in DOSSIER.finditer(plain):
        value = f"{_agency(match)}-{_digits(match['date'])}-{_digits(match['number'])}"
        yield Entity("dossier_code", value, match.start(), match.end())


def _agency(match: "re.Match[str]") -> str:
    """The agency in its usual spelling: "H29.12" or "000.00.04.H51"."""
    if match["long"] is None:
        parts = re.findall(f"{DIGIT}+", match["parts"])
        return ".".join(_digits(part) for part in (match["agency"], *parts)).upper()
    digits = _digits("".join(re.findall(DIGIT, match["long"])))
    return f"{digits[:3]}.{digits[3:5]}.{digits[5:7]}.{_digits(match['unit']).upper()}"


def _procedure_codes(plain: str) -> Iterator[Entity]:
    for match in PROCEDURE.finditer(plain):
        value = match["code"] + (match["rest"] or "").upper()
        yield Entity("procedure_code", value, match.start(), match.end())


def _phones(plain: str) -> Iterator[Entity]:
    for match in PHONE.finditer(plain):
        digits = re.sub(r"\D", "", match[0])
        value = "0" + digits[2:] if digits.startswith("84") else digits
        yield Entity("phone", value, match.start(), match.end())


def _identity_numbers(plain: str) -> Iterator[Entity]:
    for match in IDENTITY.finditer(plain):
        value = re.sub(r"\D", "", match[0])
        yield Entity("identity_number", value, match.start(), match.end())


def _tails(plain: str) -> Iterator[Entity]:
    lone = LONE_TAIL.fullmatch(plain)
    for match in [lone] if lone else TAIL.finditer(plain):
        yield Entity("dossier_tail", match[1], match.start(1), match.end(1))


def _dates(plain: str) -> Iterator[Entity]:
    for match in DATE.finditer(plain):
        day, month = int(match["d"]), int(match["m"])
        if not (1 <= day <= 31 and 1 <= month <= 12):
            continue
        year = match["y"]
        prefix = f"{year if len(year) == 4 else '20' + year}-" if year else "--"
        yield Entity("date", f"{prefix}{month:02d}-{day:02d}", match.start(), match.end())


def _money(plain: str) -> Iterator[Entity]:
    for match in MONEY.finditer(plain):
        number = match["n"]
        if re.fullmatch(r"\d{1,3}(?:[.,]\d{3})+", number):
            amount = float(re.sub(r"[.,]", "", number))
        else:
            amount = float(number.replace(",", "."))
        amount += 0.5 * (match["half"] is not None)
        value = str(round(amount * UNITS[match["u"]]))
        yield Entity("money", value, match.start(), match.end())


def _ordinals(plain: str) -> Iterator[Entity]:
    lone = LONE_COUNT.search(plain) if LONE_ORDINAL.fullmatch(plain) else None
    for match in [lone] if lone else ORDINAL.finditer(plain):
        word = match["n"]
        value = word if word.isdigit() else str(NUMBERS[word])
        yield Entity("ordinal", value, match.start("n"), match.end("n"))


def _digits(written: str) -> str:
    return written.replace("o", "0")


FINDERS: tuple[Finder, ...] = (
    _dossier_codes, _procedure_codes, _phones, _identity_numbers, _tails, _dates, _money, _ordinals,
)  # fmt: skip
