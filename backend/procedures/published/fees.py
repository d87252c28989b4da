"""Read fees: an amount in đồng only where the source leaves no doubt, its words otherwise.

The traps are in the data: "Miễn phí" beside a note that sets a rate, "700 VNĐ" for 700.000, an
amount whose note says that the province decides it, a rate that the note halves until a date.
"""

import re
from dataclasses import dataclass, replace

from backend.procedures.phrases import phrase
from backend.procedures.published.text import (
    balanced,
    capitalised,
    one_line,
    sentences,
    without_tail,
)
from backend.procedures.record import ChannelKind, Fee

SMALLEST = 1000  # no fee of less than 1.000 đồng exists: "50 VNĐ" is a number cut short
LARGEST = 1_000_000_000

_NUMBER = r"\d{1,3}(?:[.,]\d{3})+(?![.,]?\d)|\d+(?![.,]?\d)"
_DONG = r"(?:VNĐ|VND|vnđ|Việt Nam [Đđ]ồng|[Đđ]ồng|ĐỒNG|đ(?!\w))"
_AMOUNT = re.compile(rf"(?<![\d.,/])({_NUMBER})\s*(triệu |nghìn )?\s*(?:{_DONG})")
_GROUPED = re.compile(r"(\d{1,3}(?:,\d{3})+) ?(?:Việt Nam Đồng|VNĐ)")
_TIMES = {"": 1, "nghìn": 1000, "triệu": 1_000_000}
_FOREIGN = re.compile(r"\d\s*(?:USD|EUR|đô la)", re.IGNORECASE)
_PER = re.compile(
    rf"(?:{_DONG}|^)\s*/\s*(?:0?1\s+)?"
    r"((?:(?!(?:kể|từ|miễn|đồng|đối|theo|trong|áp|xuất)\b|nhận \d)[^\W\d_][\w-]*[ \t]?){1,5})",
    re.IGNORECASE,
)
_ONLY_PER = re.compile(r"^\W*(?:đồng|đ|vnđ)?\s*/\s*[^()/\d]+$", re.IGNORECASE)
# "Lệ phí: 50.000 đồng/trường hợp" and nothing more.
_PLAIN = re.compile(
    rf"^\W*(?:(?:Mức (?:thu )?)?(?:[Ll]ệ phí|[Pp]hí)[^\d:;.]{{0,80}}(?::| là)?\s*)?"
    rf"({_NUMBER})\s*{_DONG}\s*(?:/\s*(?:0?1 )?[^/.;,()\d][^/.;,()]{{1,39}})?\W*$"
)
_CITATION = re.compile(
    r"\s*\((?:theo )?(?:quy định tại )?(?:Luật|Nghị định|Nghị quyết|Thông tư|Quyết định)[^()]*\)"
)
_NOTHING = re.compile(
    r"^\W*(?:(?:(?:lệ )?phí\W*)?(?:không(?: có| thu| quy định)?|chưa quy định|miễn(?: thu)?|0)"
    r"(?: (?:phí|lệ phí|phí,? lệ phí|đồng|vnđ))*)?\W*$",
    re.IGNORECASE,
)
_RELIEF = re.compile(
    r"(?<!\w)(?:miễn|giảm|không thu|không phải nộp|bằng \d+ ?%|áp dụng mức|được hoàn)(?!\w)",
    re.IGNORECASE,
)
# "Thông tư quy định mức thu, miễn một số khoản phí" is a title, not an exemption.
_TITLE = re.compile(r"miễn một số khoản phí|\bmiễn phí\b", re.IGNORECASE)
_PROVINCE_DECIDES = re.compile(
    r"(?:hội đồng nhân dân|hđnd)[^.;]{0,80}(?:quyết định|quy định|ban hành)"
    r"|(?:theo|quyết định của|quy định của) (?:nghị quyết )?(?:của )?(?:hội đồng nhân dân|hđnd)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class PublishedFee:
    """One fee as a source states it; `amount` in đồng before any doubt is cast on it."""

    note: str = ""
    amount: int | None = None
    is_free: bool = False
    label: str = ""  # the amount in the source's own words, "50,000 VNĐ"
    kind: str = ""


def dong(text: str) -> int | None:
    """The plain number as đồng: `50.000`, `50,000`, `50000`; None where it cannot be right."""
    plain = one_line(text)
    if not re.fullmatch(_NUMBER, plain):
        return None
    amount = int(re.sub(r"\D", "", plain))
    return amount if amount == 0 or SMALLEST <= amount <= LARGEST else None


def amounts_in(text: str) -> set[int]:
    """All amounts in đồng that a text names."""
    return {
        int(re.sub(r"\D", "", match[1])) * _TIMES[(match[2] or "").strip()]
        for match in _AMOUNT.finditer(text)
    }


def read_fee(published: PublishedFee, channel: ChannelKind | None = None) -> Fee | None:
    """The fee to store, or None where the source says nothing about one."""
    note = without_tail(published.note.strip())
    if published.is_free and _NOTHING.match(note):
        return Fee(channel=channel, kind=published.kind, amount=0, text=phrase("free"))
    text, exemptions = _split_relief(note)
    amount = _certain(published, text)
    if amount is None:
        text = _in_words(published, text)
    if amount is None and not text:
        text, exemptions = note, ""
    if amount is None and not text:
        return None
    return Fee(
        channel=channel,
        kind=published.kind or _kind(note),
        amount=amount,
        per=_per(note) if amount else "",
        text=_readable(_ONLY_PER.sub("", text)),
        exemptions=_readable(exemptions),
    )


def apart(fees: list[PublishedFee]) -> list[PublishedFee]:
    """Fees that share one note, each with its own part of it.

    Where the note does not name each amount in exactly one place, it is kept whole, once, and no
    amount is put beside it: only the note says which rate is whose.
    """
    note = fees[0].note
    relief = [part for part in _clauses(note) if _RELIEF.search(_TITLE.sub("", part))]
    parts = [part for part in _clauses(note) if part not in relief]
    own: list[PublishedFee] = []
    for fee in fees:
        named = [part for part in parts if fee.amount in amounts_in(part)]
        if len(named) != 1 or amounts_in(named[0]) != {fee.amount}:
            return [PublishedFee(note=note, kind=fee.kind)]
        parts.remove(named[0])
        own.append(replace(fee, note="\n".join([named[0], *relief])))
    return [*own, *(PublishedFee(note=part) for part in parts)]


def _clauses(note: str) -> list[str]:
    """The parts of a note; what goes on listing who is exempt stays with its exemption."""
    clauses: list[str] = []
    for part in re.split(r"(?<=[;.])\s+|\n|\s[-+] ", note):
        plain = part.strip(" -+")
        goes_on = clauses and clauses[-1].endswith(";") and plain[:1].islower()
        if goes_on and _RELIEF.search(clauses[-1]) and not amounts_in(plain):
            clauses[-1] = f"{clauses[-1]} {plain}"
        elif plain:
            clauses.append(plain)
    return clauses


def _certain(published: PublishedFee, text: str) -> int | None:
    """The amount, if note and number agree and nothing makes it implausible."""
    stated = amounts_in(text)
    plain = _PLAIN.match(_CITATION.sub("", text))
    if plain and (published.amount is None or stated == {published.amount}):
        return dong(plain[1]) if _agrees(published.label, plain[1]) else None
    amount = published.amount
    if amount is None or not SMALLEST <= amount <= LARGEST or _FOREIGN.search(published.label):
        return None
    if _PROVINCE_DECIDES.search(text) or (stated and stated != {amount}):
        return None
    return amount


def _agrees(label: str, number: str) -> bool:
    """Whether the source's own number, perhaps cut short by its thousands, is the note's."""
    digits = re.sub(r"\D", "", label)
    return not digits or re.sub(r"\D", "", number) in {digits, f"{digits}000"}


def _in_words(published: PublishedFee, text: str) -> str:
    if not published.label or published.is_free:
        return text
    label = _as_written_here(published.label)
    return f"{label} ({text})" if text else label


def _as_written_here(label: str) -> str:
    """ "150,000 Việt Nam Đồng" as "150.000 đồng": the comma would read as a decimal one."""
    plain = _GROUPED.fullmatch(label.strip())
    return f"{plain[1].replace(',', '.')} đồng" if plain else label


def _split_relief(note: str) -> tuple[str, str]:
    """The note without its exemptions and reductions, and these alone."""
    rest: list[str] = []
    relief: list[str] = []
    for sentence in sentences(note):
        hangs = bool(relief) and sentence[0] in "+-" and ":" in relief[0]
        says = bool(_RELIEF.search(_TITLE.sub("", sentence)))
        (relief if says or (hangs and not amounts_in(sentence)) else rest).append(sentence)
    text = " ".join(rest)
    return text if re.search(r"[^\W\d_]", text) else "", without_tail(" ".join(relief))


def _readable(text: str) -> str:
    return capitalised(balanced(text).lstrip("-+*. ")) if text else ""


def _kind(note: str) -> str:
    match = re.match(r"^\W*(?:mức (?:thu )?)?(lệ phí|phí)\b", note, re.IGNORECASE)
    return match[1].capitalize() if match else ""


def _per(note: str) -> str:
    match = _PER.search(note)
    return match[1].strip() if match else ""
