"""Read deadlines: number and unit only if the source has both and they are plausible."""

import re

from backend.procedures.phrases import phrase
from backend.procedures.published.text import one_line, sentences, without_bullet, without_tail
from backend.procedures.record import ChannelKind, Deadline, Unit

LONGEST_DAYS = 3650

_UNITS = {
    "working_day": Unit.WORKING_DAY,
    "ngày làm việc": Unit.WORKING_DAY,
    "day": Unit.DAY,
    "ngày": Unit.DAY,
    "hour": Unit.HOUR,
    "giờ": Unit.HOUR,
    "giờ làm việc": Unit.HOUR,
    "month": Unit.MONTH,
    "tháng": Unit.MONTH,
}
_DAYS = {Unit.WORKING_DAY: 1.0, Unit.DAY: 1.0, Unit.HOUR: 1 / 24, Unit.MONTH: 30.0}
_WHOLE = re.compile(
    r"^(\d{1,4}(?:[.,]\d)?) ?(?:\([^)]*\) ?)?(ngày làm việc|ngày|giờ làm việc|giờ|tháng)$",
    re.IGNORECASE,
)
_SPEAKS_OF_TIME = re.compile(
    r"\d\s*(?:\([^)]*\)\s*)?(?:ngày|giờ|phút|tháng|tuần)|thời hạn|ngay (?:trong|sau|khi|lập)"
    r"|kể từ (?:ngày|khi)|chậm nhất|thời gian giải quyết",
    re.IGNORECASE,
)
_MANNER = re.compile(r"^(?:cách thức thực hiện|cách thực hiện)\s*:?\s*[-+]?\s*", re.IGNORECASE)
_NOTHING = re.compile(r"^[\W\d]*(?:không quy định(?: cụ thể)?)?\W*$", re.IGNORECASE)
_OPENING_HOURS = re.compile(r"thời gian (?:tiếp nhận|làm việc)|giờ hành chính", re.IGNORECASE)


def unit_of(text: str | None) -> Unit | None:
    """The unit a source names, in its own or in the portal's words; None for OTHER and the like."""
    return _UNITS.get(one_line(text).lower())


def read_deadline(
    number: float | None,
    unit: str | None,
    text: str = "",
    *,
    channel: ChannelKind | None = None,
    number_is_fused: bool = False,
) -> Deadline | None:
    """A deadline from a number, a unit and the words beside them; None if there are none.

    Without a unit the number is shown as published, and only where no words say it better.
    """
    known = unit_of(unit)
    if number is not None and known and _plausible(number, known) and not _is_an_hour(number, text):
        return Deadline(channel=channel, number=number, unit=known, text=text)
    if not text and number:
        shown = f"{number:g}"
        text = phrase("unclear_number" if number_is_fused else "no_unit", number=shown)
    return Deadline(channel=channel, text=text) if text else None


def read_words(text: str, channel: ChannelKind | None = None) -> Deadline | None:
    """A deadline published as words: exact if they are just a number and a unit."""
    plain = without_tail(without_bullet(one_line(text)))
    match = _WHOLE.match(plain)
    if match:
        return read_deadline(float(match[1].replace(",", ".")), match[2], plain, channel=channel)
    return read_deadline(None, None, text.strip(), channel=channel)


def split_time(text: str) -> tuple[str, str]:
    """What a note says about time, and the rest (how and where to hand in)."""
    time: list[str] = []
    rest: list[str] = []
    for sentence in sentences(text):
        about_time = _SPEAKS_OF_TIME.search(sentence) and not _OPENING_HOURS.search(sentence)
        (time if about_time else rest).append(_MANNER.sub("", sentence.lstrip("-*+ ")))
    return "\n".join(time), "\n".join(line for line in rest if not _NOTHING.match(line))


def _is_an_hour(number: float, text: str) -> bool:
    """Whether the number is a time of day in the text ("nhận hồ sơ sau 15 giờ")."""
    return bool(re.search(rf"(?:sau|trước) {number:g} ?(?:giờ|h)\b", text, re.IGNORECASE))


def _plausible(number: float, unit: Unit) -> bool:
    return 0 < number * _DAYS[unit] <= LONGEST_DAYS
