"""Rosters are read as they were meant: old fonts, odd cells, files that are none."""

import contextlib
import io
import random
import unicodedata
import zipfile
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.errors import InvalidInput
from backend.people import entries, sheet
from backend.people.columns import meaning
from backend.people.legacy_text import (
    _TCVN3,
    _VNI,
    Encoding,
    convert,
    could_be_legacy,
    decoded,
    detect,
    is_syllable,
    mend,
)
from tests.rosters import BINH, HEADINGS, workbook

LETTERS = "".join(_TCVN3.values())


def typed(text: str, encoding: Encoding) -> str:
    """As somebody with that keyboard typed it."""
    table = _TCVN3 if encoding is Encoding.TCVN3 else _VNI
    spelt: dict[str, str] = {}
    for key, value in table.items():
        spelt.setdefault(value, key)
    return "".join(spelt.get(letter, letter) for letter in text)


NAMES = [
    "Nguyễn Văn Bình", "Trần Thị Hằng", "Đặng Quốc Việt", "Phường Tân Xuyên", "Lê Mỹ Duyên",
    "Sở Khoa học và Công nghệ", "Huỳnh Ngọc Ẩn", "Phó trưởng phòng", "Vũ Thuỷ Tiên", "Ủy ban",
]  # fmt: skip


@pytest.mark.parametrize("encoding", [Encoding.TCVN3, Encoding.VNI])
def test_old_fonts_are_recognised_and_read(encoding: Encoding) -> None:
    names = [name for name in NAMES if "Ẩ" not in name and "Ủ" not in name]
    old = [typed(name, encoding) for name in names]
    assert old != names
    assert detect(old) is encoding
    assert [mend(name, encoding) for name in old] == names
    mixed = [*old, "Cà Mau", "Phạm Thị Lựu", "binh@camau.gov.vn"]
    assert [mend(name, detect(mixed)) for name in mixed][-2:] == mixed[-2:]
    assert mend("Phạm Thị Lựu", encoding) == "Phạm Thị Lựu"


def test_unicode_is_left_alone() -> None:
    assert detect(NAMES) is Encoding.UNICODE
    assert detect(["Tú", "Hà", "Lê Bình"]) is Encoding.UNICODE
    assert detect([]) is Encoding.UNICODE
    assert mend("Tru\u031bo\u031b\u0300ng", Encoding.UNICODE) == "Trường"


def test_among_capitals_tcvn3_means_capitals() -> None:
    assert convert("§ÆNG TRÇN", Encoding.TCVN3) == "ĐẶNG TRẦN"
    assert convert("§µo Hµ", Encoding.TCVN3) == "Đào Hà"


@given(st.text(alphabet=LETTERS.lower() + "abcdeghiklmnopqrstuvxy ", max_size=40))
def test_every_letter_survives_tcvn3(text: str) -> None:
    assert convert(typed(text, Encoding.TCVN3), Encoding.TCVN3) == text


@given(st.text(alphabet=LETTERS, max_size=30))
def test_every_letter_survives_vni(text: str) -> None:
    assert convert(typed(text, Encoding.VNI), Encoding.VNI) == text


@given(st.text(max_size=60), st.sampled_from(Encoding))
def test_any_text_is_mended_to_something_storable(text: str, encoding: Encoding) -> None:
    cell = entries.text_of(text, encoding)
    assert cell == unicodedata.normalize("NFC", cell)
    assert "\x00" not in cell
    if text.isascii() or not could_be_legacy(text):
        assert mend(text, encoding) == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize("word", ["nghiêng", "quý", "Đặng", "giếng", "khuya", "thuở", "ốc"])
def test_syllables(word: str) -> None:
    assert is_syllable(word)
    assert not is_syllable(word + "zz")


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "cp1258", "tcvn3", "vni"])
def test_text_files_of_any_origin(codec: str) -> None:
    text = "Mã cán bộ;Họ và tên\n" + "\n".join(f"00{i};{n}" for i, n in enumerate(NAMES[:6]))
    if codec == "cp1258":
        raw = b"".join(as_cp1258(letter) for letter in text)
    elif codec in ("tcvn3", "vni"):
        raw = typed(text, Encoding(codec)).encode("latin-1")
    else:
        raw = text.encode(codec)
    assert decoded(raw) == text
    assert sheet.read(raw, "ds.csv")[1] == ["000", "Nguyễn Văn Bình"]


def as_cp1258(letter: str) -> bytes:
    try:
        return letter.encode("cp1258")
    except UnicodeEncodeError:
        parts = unicodedata.normalize("NFD", letter)
        tone = [part for part in parts if part in "\u0300\u0301\u0303\u0309\u0323"]
        base = unicodedata.normalize("NFC", "".join(p for p in parts if p not in tone))
        return (base + "".join(tone)).encode("cp1258")


@pytest.mark.parametrize(
    ("heading", "column"),
    [("MÃ CÁN BỘ", "code"), ("Ho va ten", "name"), ("Họ và tên (*)", "name"),
     ("Số  CCCD", "citizen"),
     ("Nhiệm vụ CNTT", "duty"), ("Đơn vị công tác", "agency"), ("E-mail", "email"), ("STT", None)],
)  # fmt: skip
def test_headings(heading: str, column: str | None) -> None:
    assert meaning(heading) == column


@pytest.mark.parametrize(
    ("cell", "born"),
    [("05/03/1985", date(1985, 3, 5)), ("5-3-1985", date(1985, 3, 5)),
     ("1985-03-05", date(1985, 3, 5)),
     (31111, date(1985, 3, 5)), ("31111", date(1985, 3, 5)), ("", None)],
)  # fmt: skip
def test_dates(cell, born) -> None:
    assert entries.day_of(cell, today=date(2026, 1, 5)) == born


@pytest.mark.parametrize("cell", ["03/25/1985", "1985", "31/02/1985", "01/01/2024", "hôm qua"])
def test_dates_that_are_none(cell) -> None:
    with pytest.raises(entries.Refused):
        entries.day_of(cell, today=date(2026, 1, 5))


@given(st.text(max_size=30) | st.floats() | st.integers() | st.dates() | st.booleans())
def test_no_cell_breaks_the_reading(cell) -> None:
    for read in (lambda: entries.day_of(cell, today=date(2026, 1, 5)),
                 lambda: entries.phone_of(entries.text_of(cell)),
                 lambda: entries.citizen_number_of(entries.text_of(cell)),
                 lambda: entries.email_of(entries.text_of(cell)),
                 lambda: entries.duty_of(entries.text_of(cell)),
                 lambda: entries.name_of(entries.text_of(cell))):  # fmt: skip
        with contextlib.suppress(entries.Refused):  # anything else is a bug
            read()


def zipped(**files: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as box:
        for name, content in files.items():
            box.writestr(name.replace("__", "/") + ".xml", content)
    return file.getvalue()


def damaged(data: bytes) -> bytes:
    """Its directory is whole, what is packed is not: as after a bad download."""
    return data[:60] + bytes(255 - byte for byte in data[60:400]) + data[400:]


def far_cell(reference: bytes) -> bytes:
    good = workbook(HEADINGS, BINH)
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(good)) as old, zipfile.ZipFile(file, "w") as new:
        for member in old.infolist():
            new.writestr(member, old.read(member).replace(b'r="A2"', b'r="' + reference + b'"'))
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"", "a.xlsx"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 100, "a.xls"),
        (b"PK\x03\x04 broken", "a.xlsx"),
        (b"hello", "a.xlsx"),
        (zipped(word__document=b"<x/>"), "a.docx"),
        (zipped(xl__workbook=b"<x/>", bomb=b"\0" * (sheet.MOST_BYTES + 1)), "a.xlsx"),
        (zipped(xl__workbook=b"not xml"), "a.xlsx"),
        (damaged(zipped(xl__workbook=random.Random(1).randbytes(5000).hex().encode())), "a.xlsx"),
        (far_cell(b"XFD1048576"), "a.xlsx"),
        (far_cell(b"A1048576"), "a.xlsx"),
        (b"a;b\n" * (sheet.MOST_ROWS + 200), "a.csv"),
    ],
)
def test_what_is_no_roster_is_refused_in_words(data: bytes, name: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        sheet.read(data, name)
    assert refusal.value.message.endswith(".")
