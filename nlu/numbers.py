"""Numbers, sums and dates in words: "năm mươi nghìn", "triệu rưỡi", "ngày mùng năm tháng ba".

Where accents were typed a word counts only as it is spelt ("năm" is five or a year, "nam" neither);
without accents only what can hardly be anything else. Lunar dates ("tháng chạp") are left alone.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from nlu.text import fold, has_accents
from nlu.types import Entity

UNITS = {
    "không": 0, "một": 1, "mốt": 1, "hai": 2, "ba": 3, "bốn": 4, "tư": 4, "năm": 5, "lăm": 5,
    "nhăm": 5, "sáu": 6, "bảy": 7, "bẩy": 7, "tám": 8, "chín": 9,
}  # fmt: skip
SCALES = {
    "nghìn": 10**3, "ngàn": 10**3, "triệu": 10**6, "củ": 10**6, "tỷ": 10**9, "tỉ": 10**9,
}  # fmt: skip
AFTER_TENS_ONLY = frozenset({"mốt", "tư", "lăm", "nhăm"})
SPELT = (*UNITS, *SCALES, "mười", "mươi", "chục", "trăm", "linh", "lẻ", "rưỡi")
LASTING = frozenset({"ngày", "tháng", "tuần", "năm", "tuổi", "giờ", "tiếng", "phút"})
# What is counted, not paid: "hai nghìn mét", "ba mươi ngày".
COUNTED = LASTING | {
    "người", "con", "cháu", "đứa", "bản", "bộ", "tờ", "lần", "mét", "hecta", "ha", "m2", "hộ",
    "cái", "phiếu", "km", "cây",
}  # fmt: skip
CURRENCY = frozenset({"đồng", "vnđ", "vnd"})
BEFORE_DAY = frozenset({"ngày", "hôm", "mùng", "mồng"})
NO_COUNT = frozenset({"thứ", "tháng", "mùng", "mồng"})  # "thứ hai tuần sau", "tháng hai năm nay"
LUNAR = frozenset({"giêng", "chạp", "âm"})
OTHERS = (*COUNTED, *CURRENCY, *BEFORE_DAY, *LUNAR, "thứ")
# Without accents "sau ngay" is "sau ngày", "ba con" is "bà con", "so cu" is "sổ cũ": one word
# counts only from this list and before these, and some words not at all.
PLAIN_ALONE = frozenset({"hai", "ba", "bốn", "tám", "chín", "mười"})
PLAIN_BEFORE = frozenset({"ngày", "tháng", "tuần", "tuổi"})
PLAIN_NEVER = frozenset({"cu", "ti", "ty", "tu"})
WORD = re.compile(r"[^\W_]+|[^\w\s]")  # a comma ends a number
YEARS = range(1900, 2101)
THOUSAND = 1000


@dataclass(frozen=True)
class Word:
    """A word, and what it means here: itself, or a word of numbers and dates with its accents."""

    start: int
    end: int
    meant: str
    plain: bool


@dataclass(frozen=True)
class Number:
    """A number that ends before word `last`; `scaled` if it names a thousand or more."""

    value: float
    last: int
    scaled: bool = False
    halved: bool = False


def find(text: str) -> Iterator[Entity]:
    """Dates, sums and counted numbers that are written in words, in order."""
    if SOME.search(fold(text)) is None:
        return
    words = _words(text)
    at = 0
    while at < len(words):
        found = _date(words, at) or _quantity(words, at)
        if found is not None:
            entity, at = found
            yield entity
        else:
            at += 1


def parse(phrase: str) -> float | None:
    """The number that a whole phrase spells, if it spells one."""
    words = _words(phrase)
    number = _number(words, 0) if words else None
    return number.value if number is not None and number.last == len(words) else None


def _words(text: str) -> list[Word]:
    plain = not has_accents(text)
    known = _known() if plain else {}
    spelt = ((m.start(), m.end(), m[0].lower()) for m in WORD.finditer(text))
    return [Word(start, end, known.get(word, word), plain) for start, end, word in spelt]


@cache
def _known() -> dict[str, str]:
    """Number words and units by how they look without accents; of two alike the first stays."""
    spelt = {fold(word): word for word in reversed((*SPELT, *OTHERS))}
    return {word: meant for word, meant in spelt.items() if word not in PLAIN_NEVER}


SOME = re.compile(rf"(?<![^\W_])(?:{'|'.join(sorted(map(fold, SPELT)))})(?![^\W_])")


def _meant(words: Sequence[Word], at: int) -> str:
    return words[at].meant if 0 <= at < len(words) else ""


def _is_tens(words: Sequence[Word], at: int) -> bool:
    return _meant(words, at) in {"mươi", "mười"}


def _number(words: Sequence[Word], at: int) -> Number | None:
    """The longest number from here: groups before their scales, from the largest scale down."""
    value, scale, done = 0.0, 0, at
    while (group := _group(words, done)) is not None:
        unit = SCALES.get(_meant(words, group.last), 0)
        if not unit or (scale and unit >= scale) or group.halved:
            return _rest(words, Number(value, done, scaled=scale > 0), scale, group)
        value, scale, done = value + group.value * unit, unit, group.last + 1
        if _meant(words, done) == "rưỡi":
            return Number(value + scale / 2, done + 1, scaled=True, halved=True)
    return Number(value, done, scaled=True) if scale else _lone_scale(words, at)


def _rest(words: Sequence[Word], before: Number, scale: int, group: Number) -> Number:
    """What follows the last scale: "hai triệu ba" and "hai triệu ba trăm" mean the same."""
    if not scale:
        return group
    first = words[before.last]
    if group.last == before.last + 1 and first.meant in UNITS:
        if first.meant in {"năm", "tư", "không"}:  # "hai triệu năm ngoái", "từ"
            return before
        return Number(before.value + group.value * scale / 10, group.last, scaled=True)
    hundreds = group.value % 100 == 0 and group.value and scale > THOUSAND
    value = group.value * (scale / THOUSAND if hundreds else 1)
    return Number(before.value + value, group.last, scaled=True)


def _lone_scale(words: Sequence[Word], at: int) -> Number | None:
    """ "triệu rưỡi"."""
    scale = SCALES.get(_meant(words, at), 0)
    if scale and _meant(words, at + 1) == "rưỡi":
        return Number(scale * 1.5, at + 2, scaled=True, halved=True)
    return None


def _group(words: Sequence[Word], at: int) -> Number | None:
    """A number below a thousand: "hai trăm linh năm", "trăm rưỡi", "hai mươi lăm"."""
    if _meant(words, at) in {"linh", "lẻ"} and at and _meant(words, at - 1) in SCALES:
        return _unit(words, at + 1)
    first = _unit(words, at)
    after = at if first is None else first.last
    if _meant(words, after) != "trăm":
        return _below_hundred(words, at)
    hundreds = (1 if first is None else first.value) * 100
    rest = _after_hundred(words, after + 1)
    if rest is not None:
        return Number(hundreds + rest.value, rest.last, halved=rest.halved)
    return Number(hundreds, after + 1) if first is not None else None


def _after_hundred(words: Sequence[Word], at: int) -> Number | None:
    """What may stand after "trăm": linh and a unit, tens, two units ("hai sáu"), "rưỡi"."""
    if _meant(words, at) == "rưỡi":
        return Number(50, at + 1, halved=True)
    if _meant(words, at) in {"linh", "lẻ"}:
        return _unit(words, at + 1)
    tens = _below_hundred(words, at)
    if tens is None or tens.last > at + 1 or _is_tens(words, at):
        return tens
    second = _unit(words, at + 1)
    if second is not None and SCALES.get(_meant(words, second.last)) is None:
        return Number(tens.value * 10 + second.value, second.last)
    # "trăm hai" is 120; "trăm năm" may be a hundred years.
    return None if words[at].meant in {"năm", "tư", "không"} else Number(tens.value * 10, at + 1)


def _below_hundred(words: Sequence[Word], at: int) -> Number | None:
    if _meant(words, at) == "mười":
        last = _unit(words, at + 1, after_tens=True)
        return Number(10 + (last.value if last else 0), last.last if last else at + 1)
    first = _unit(words, at)
    if first is None:
        return None
    if _meant(words, first.last) == "chục":
        return Number(first.value * 10, first.last + 1)
    if not _is_tens(words, first.last):
        if _meant(words, first.last) not in AFTER_TENS_ONLY:
            return first
        return Number(first.value * 10 + UNITS[_meant(words, first.last)], at + 2)  # "hai lăm"
    last = _unit(words, first.last + 1, after_tens=True)
    value = first.value * 10
    return Number(value + last.value, last.last) if last else Number(value, first.last + 1)


def _unit(words: Sequence[Word], at: int, *, after_tens: bool = False) -> Number | None:
    """One digit. After tens five is "lăm": "mười năm" is ten years."""
    word = _meant(words, at)
    if word not in UNITS or (word in AFTER_TENS_ONLY and not after_tens):
        return None
    if after_tens and word in {"năm", "không"}:
        return None
    return Number(UNITS[word], at + 1)


def _quantity(words: Sequence[Word], at: int) -> tuple[Entity, int] | None:
    """A sum of money, or a number of days, years and the like; with the next word to look at."""
    number = _number(words, at) or Number(1, at)
    unit = _meant(words, number.last)
    if unit in LASTING and _meant(words, number.last + 1) == "rưỡi":  # "hai năm rưỡi", "tháng rưỡi"
        return _entity("number", words, at, number.last + 2, number.value + 0.5)
    if number.last == at or not number.value:
        return None
    if unit in CURRENCY:
        return _entity("money", words, at, number.last + 1, number.value)
    if unit not in COUNTED:
        return _sum(words, at, number)
    if number.last > at + 1:
        sure = True
    else:  # "một ngày" is any day
        plain = words[at].meant in PLAIN_ALONE and unit in PLAIN_BEFORE
        sure = number.value > 1 and (plain or not words[at].plain)
    before = _meant(words, at - 1)  # "40 năm tuổi Đảng", "thứ hai tuần sau"
    other = before.isdecimal() or before in NO_COUNT or _meant(words, number.last + 1) in LUNAR
    if unit in LASTING and sure and not other:
        return _entity("number", words, at, number.last, number.value)
    return None


def _sum(words: Sequence[Word], at: int, number: Number) -> tuple[Entity, int] | None:
    """Money without its unit: thousands and more unless they are a year, and "trăm rưỡi"."""
    if number.scaled:
        if _meant(words, at - 1) == "năm" and number.value in YEARS:
            return None
        return _entity("money", words, at, number.last, number.value)
    if number.halved:
        return _entity("money", words, at, number.last, number.value * THOUSAND)
    return None


def _date(words: Sequence[Word], at: int) -> tuple[Entity, int] | None:
    """ "ngày mùng năm tháng ba [năm hai nghìn không trăm hai sáu]"; never a lunar one."""
    first = at
    while _meant(words, first) in BEFORE_DAY:
        first += 1
    day = _day_or_month(words, first)
    if day is None or _meant(words, day.last) != "tháng":
        return None
    month = _day_or_month(words, day.last + 1)
    if month is None or not (1 <= day.value <= 31 and 1 <= month.value <= 12):
        return None
    year = _year(words, month.last)
    last = year.last if year else month.last
    # "ba tháng năm ngoái" is no third of May: something must say that a day is meant.
    sure = first > at or day.last > first + 1 or year is not None
    if not sure or _meant(words, last) in LUNAR:
        return None
    prefix = f"{year.value:.0f}-" if year else "--"
    value = f"{prefix}{month.value:02.0f}-{day.value:02.0f}"
    return Entity("date", value, words[at].start, words[last - 1].end), last


def _day_or_month(words: Sequence[Word], at: int) -> Number | None:
    word = _meant(words, at)
    if word.isdecimal() and len(word) <= 2:
        return Number(int(word), at + 1)
    return Number(4, at + 1) if word == "tư" else _below_hundred(words, at)


def _year(words: Sequence[Word], at: int) -> Number | None:
    """ "năm" and a year: 2026, "hai nghìn không trăm hai sáu", "hai không hai sáu"."""
    if _meant(words, at) != "năm":
        return None
    written = _meant(words, at + 1)
    digits = [UNITS.get(_meant(words, i), -1) for i in range(at + 1, at + 5)]
    if written.isdecimal() and len(written) == 4:
        number: Number | None = Number(int(written), at + 2)
    elif min(digits) >= 0:
        number = Number(int("".join(map(str, digits))), at + 5)
    else:
        number = _number(words, at + 1)
    return number if number is not None and number.value in YEARS else None


def _entity(
    kind: str, words: Sequence[Word], first: int, last: int, value: float
) -> tuple[Entity, int]:
    """The entity of the words `first` to before `last`, and where to go on."""
    written = f"{value:.0f}" if value == int(value) else f"{value:g}"
    return Entity(kind, written, words[first].start, words[last - 1].end), last
