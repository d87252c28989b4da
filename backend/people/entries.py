"""What one row of a roster says, in our own terms; pure: knows no directory.

A refusal or a doubt is a sentence in Vietnamese that says what to do, kept with its row. An empty
cell says nothing: it never erases what is known.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import TypeVar

from pydantic import BaseModel, ConfigDict

from backend import security
from backend.errors import InvalidInput
from backend.i18n import gettext as _
from backend.people.columns import Table, table
from backend.people.duties import Duty
from backend.people.legacy_text import Encoding, detect, mend
from backend.people.sheet import MOST_ROWS, Cell
from nlu.text import fold

T = TypeVar("T")

_DUTIES = {
    "lanh dao phu trach": Duty.ICT_LEAD, "lanh dao phu trach cntt": Duty.ICT_LEAD,
    "lanh dao": Duty.ICT_LEAD, "phu trach": Duty.ICT_LEAD, "phu trach cntt": Duty.ICT_LEAD,
    "chuyen trach": Duty.ICT_FULL, "chuyen trach cntt": Duty.ICT_FULL,
    "can bo chuyen trach": Duty.ICT_FULL, "can bo chuyen trach cntt": Duty.ICT_FULL,
    "kiem nhiem": Duty.ICT_PART, "kiem nhiem cntt": Duty.ICT_PART,
    "ban chuyen trach": Duty.ICT_PART, "can bo kiem nhiem": Duty.ICT_PART,
    "can bo kiem nhiem cntt": Duty.ICT_PART,
    "khong": Duty.NONE, "khong phu trach cntt": Duty.NONE, "khong phu trach": Duty.NONE,
    "0": Duty.NONE,
}  # fmt: skip
_EMAIL = re.compile(r"[a-z0-9._%+-]{1,64}@[a-z0-9-]+(\.[a-z0-9-]+)+")
_DAY = re.compile(r"(\d{1,2})\s*[/.-]\s*(\d{1,2})\s*[/.-]\s*(\d{4})")
_ISO_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T].*)?")
_EXCEL_BEGAN = date(1899, 12, 30)
_SERIALS = range(3_654, 60_000)
_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_OLDEST, _YOUNGEST = date(1920, 1, 1), 16


class Entry(BaseModel):
    """One row, read; empty means: the row does not say."""

    model_config = ConfigDict(frozen=True)

    row: int
    code: str = ""
    code_was_number: bool = False
    name: str = ""
    agency: str = ""
    agency_code: str = ""
    position: str = ""
    duty: Duty | None = None
    born_on: date | None = None
    email: str = ""
    phone: str = ""
    citizen_digest: str = ""
    problems: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


class Refused(Exception):  # noqa: N818
    """The cell cannot be used; the message says why."""


def citizen_digest(number: str) -> str:
    """What is stored in place of a citizen number: it can be recognised, never read."""
    return security.sign("citizen-number", number).partition(".")[2]


def entries(rows: Sequence[list[Cell]], *, today: date) -> tuple[list[Entry], Encoding]:
    """Every row below the headings, and how its letters were stored."""
    encoding = detect(cell for row in rows for cell in row if isinstance(cell, str))
    found = table(rows, encoding)
    if len(found.rows) > MOST_ROWS:
        message = _("Mỗi lần nhập tối đa {rows} người; xin chia thành nhiều tệp.")
        raise InvalidInput("roster_too_long", message.format(rows=MOST_ROWS))
    read = [_Row(number, row, found, encoding, today).entry() for number, row in found.rows]
    return [entry for entry in read if not _is_footer(entry)], encoding


def _is_footer(entry: Entry) -> bool:
    """Lists end with a total and a signature: neither a code nor a name, or a word like "Tổng"."""
    return not entry.code and (not entry.name or fold(entry.name).startswith(("tong", "nguoi lap")))


class _Row:
    """One row while it is read; collects what is wrong with it."""

    def __init__(
        self, number: int, cells: Sequence[Cell], found: Table, encoding: Encoding, today: date
    ) -> None:
        self.number = number
        self.cells = cells
        self.columns: Mapping[str, int] = found.columns
        self.encoding = encoding
        self.today = today
        self.problems: list[str] = []
        self.doubts: list[str] = []

    def entry(self) -> Entry:
        """Read every column."""
        raw_code = self._cell("code")
        return Entry(
            row=self.number,
            code=self._checked(lambda: code_of(self._text("code")), ""),
            code_was_number=isinstance(raw_code, int | float),
            name=self._checked(self._name, ""),
            agency=self._text("agency")[:200],
            agency_code=self._text("agency_code")[:40],
            position=self._text("position")[:120],
            duty=self._checked(lambda: duty_of(self._text("duty")), None),
            born_on=self._doubted(lambda: day_of(self._cell("born"), today=self.today), None),
            email=self._doubted(lambda: email_of(self._text("email")), ""),
            phone=self._doubted(lambda: phone_of(self._text("phone")), ""),
            citizen_digest=self._doubted(self._citizen, ""),
            problems=tuple(self.problems),
            doubts=tuple(self.doubts),
        )

    def _cell(self, column: str) -> Cell:
        position = self.columns.get(column)
        return "" if position is None or position >= len(self.cells) else self.cells[position]

    def _text(self, column: str) -> str:
        return text_of(self._cell(column), self.encoding)

    def _name(self) -> str:
        return name_of(self._text("name") or f"{self._text('family')} {self._text('given')}")

    def _citizen(self) -> str:
        number = citizen_number_of(self._text("citizen"))
        return citizen_digest(number) if number else ""

    def _checked(self, read: Callable[[], T], default: T) -> T:
        try:
            return read()
        except Refused as refusal:
            self.problems.append(str(refusal))
            return default

    def _doubted(self, read: Callable[[], T], default: T) -> T:
        try:
            return read()
        except Refused as refusal:
            self.doubts.append(str(refusal))
            return default


def text_of(cell: Cell, encoding: Encoding = Encoding.UNICODE) -> str:
    """A cell as text: numbers without decimals, NFC, single spaces."""
    if isinstance(cell, bool):
        return ""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    if not isinstance(cell, str):
        return str(cell)
    seen = _INVISIBLE.sub("", mend(cell, encoding))
    return " ".join(unicodedata.normalize("NFC", seen).split())


def code_of(text: str) -> str:
    """A staff code; text, whatever it looks like."""
    code = text.replace(" ", "")
    if len(code) > 40:
        raise Refused(_("Mã cán bộ dài quá 40 ký tự."))
    return code


def name_of(text: str) -> str:
    """A name: letters, and at least two of them."""
    name = " ".join(text.split())
    if not name:
        raise Refused(_("Thiếu họ và tên."))
    letters = sum(letter.isalpha() for letter in name)
    if letters < 2 or len(name) > 120 or any(sign.isdigit() for sign in name):
        raise Refused(_("Họ và tên “{name}” không hợp lệ.").format(name=name[:60]))
    return name


def duty_of(text: str) -> Duty | None:
    """What the person has to do with information technology."""
    words = " ".join(re.findall(r"[a-z0-9_]+", fold(text)))
    if not words:
        return None
    if words in set(Duty):
        return Duty(words)
    if words not in _DUTIES:
        message = _(
            "Nhiệm vụ CNTT “{given}” không rõ. Ghi một trong: lãnh đạo phụ trách, chuyên trách, "
            "kiêm nhiệm, không."
        )
        raise Refused(message.format(given=text[:60]))
    return _DUTIES[words]


def day_of(cell: Cell, *, today: date) -> date | None:
    """A date of birth: a cell of Excel, its serial number, or dd/mm/yyyy."""
    born = _day(cell)
    if born and (born < _OLDEST or born.year > today.year - _YOUNGEST):
        raise Refused(_("Ngày sinh {day} không hợp lý; chưa ghi.").format(day=f"{born:%d/%m/%Y}"))
    return born


def _day(cell: Cell) -> date | None:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    text = text_of(cell)
    if not text:
        return None
    if text.isascii() and text.isdigit() and len(text) < 9 and int(text) in _SERIALS:
        return _EXCEL_BEGAN + timedelta(days=int(text))
    try:
        if found := _DAY.fullmatch(text):
            return date(int(found[3]), int(found[2]), int(found[1]))
        if found := _ISO_DAY.fullmatch(text):
            return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        pass
    raise Refused(
        _("Ngày sinh “{given}” chưa ghi: cần dạng ngày/tháng/năm.").format(given=text[:30])
    )


def email_of(text: str) -> str:
    """An address of a mailbox."""
    address = text.replace(" ", "").lower()
    if address and (len(address) > 200 or not _EMAIL.fullmatch(address)):
        raise Refused(_("Thư điện tử “{given}” không hợp lệ; chưa ghi.").format(given=text[:60]))
    return address


def phone_of(text: str) -> str:
    """A number as it is dialled here; the zero that a spreadsheet eats is put back."""
    digits = re.sub(r"[\s.()-]", "", text)
    if not digits:
        return ""
    digits = re.sub(r"^(\+84|84(?=\d{9}$)|0084)", "0", digits)
    if digits.isascii() and digits.isdigit() and not digits.startswith("0"):
        digits = "0" + digits
    if not re.fullmatch(r"0[0-9]{8,10}", digits):
        raise Refused(_("Số điện thoại “{given}” không hợp lệ; chưa ghi.").format(given=text[:30]))
    return digits


def citizen_number_of(text: str) -> str:
    """Twelve digits; those that a spreadsheet took for a number have lost their zeros."""
    digits = re.sub(r"[\s.'-]", "", text)
    if not digits:
        return ""
    if digits.isascii() and digits.isdigit() and 10 <= len(digits) <= 12:
        return digits.zfill(12)
    raise Refused(_("Số CCCD chưa ghi: cần đủ 12 chữ số."))
