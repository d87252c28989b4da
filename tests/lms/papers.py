"""Question papers in Word as trainers lay them out, made with real numbering, colours and fonts.

Each layout writes the same questions (`STOCK`), so that what comes back can be compared with what
went in.
"""

import io
import unicodedata
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import docx
from docx.enum.text import WD_COLOR_INDEX
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import RGBColor

from backend.people import legacy_text

LETTERS = "ABCDEF"


@dataclass(frozen=True)
class Q:
    """A question with its right choices."""

    text: str
    choices: tuple[str, ...]
    right: frozenset[int]


def _one(text: str, right: int, *choices: str) -> Q:
    return Q(text, choices, frozenset({right}))


STOCK = (
    _one("Mật khẩu nào khó đoán nhất?", 2, "123456", "Ngày sinh", "Một câu dài dễ nhớ",
         "Tên cơ quan"),
    _one("Thư lạ giục bấm đường dẫn, việc nên làm trước tiên là gì?", 0,
         "Gọi lại số đã biết để hỏi", "Bấm thử", "Chuyển cho đồng nghiệp", "Trả lời thư"),
    _one("Mã OTP được đưa cho ai?", 3, "Cán bộ ngân hàng", "Công an", "Người thân", "Không ai cả"),
    _one("Sự cố máy tính nhiễm mã độc được báo cho ai?", 1, "Không báo",
         "Cán bộ chuyên trách của cơ quan", "Báo chí", "Hàng xóm"),
    _one("Theo quy chế, USB nhặt được ở sân cơ quan thì xử lý ra sao?", 2, "Cắm vào máy xem của ai",
         "Mang về nhà", "Nộp cho bộ phận CNTT", "Cho bạn"),
    _one("Tệp lưu trên máy nên được sao lưu mấy nơi?", 1, "Một nơi", "Ít nhất hai nơi",
         "Không cần"),
    _one("Wi-Fi quán cà phê dùng để gửi văn bản mật được không?", 0, "Không được",
         "Được nếu gửi nhanh", "Được nếu có mật khẩu Wi-Fi", "Được vào buổi tối"),
    _one("Xác thực hai lớp gồm mật khẩu và gì nữa?", 3, "Họ tên", "Chức vụ", "Màu yêu thích",
         "Thứ chỉ mình ông/bà có, như điện thoại"),
)  # fmt: skip
SEVERAL = (
    Q("Những dấu hiệu nào là của thư lừa đảo?",
      ("Giục gấp", "Đòi mật khẩu", "Địa chỉ gửi quen thuộc, đã gọi lại", "Tệp .exe đính kèm"),
      frozenset({0, 1, 3})),
    Q("Việc nào nên làm hằng tuần?", ("Cập nhật phần mềm", "Đổi ghế", "Sao lưu", "Xoá nhật ký"),
      frozenset({0, 2})),
    Q("Ai phải giữ bí mật nhà nước?", ("Mọi công chức", "Chỉ lãnh đạo", "Người đã nghỉ việc",
      "Khách"), frozenset({0, 2})),
)  # fmt: skip
STATEMENTS = (
    ("Phần mềm diệt vi rút thay được mọi biện pháp khác.", False),
    ("Khoá màn hình khi rời bàn làm việc.", True),
    ("Mật khẩu được dán dưới bàn phím.", False),
    ("Lãnh đạo cũng phải học an toàn thông tin.", True),
)

Layout = Callable[[Any], None]
LAYOUTS: dict[str, Layout] = {}


def layout(name: str) -> Callable[[Layout], Layout]:
    """Registers a way of writing a paper."""

    def registered(write: Layout) -> Layout:
        LAYOUTS[name] = write
        return write

    return registered


def saved(document: Any) -> bytes:
    """The document as a .docx."""
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def paper(name: str) -> bytes:
    """The .docx of a layout."""
    document = docx.Document()
    LAYOUTS[name](document)
    return saved(document)


def _key(question: Q) -> str:
    return ", ".join(LETTERS[i] for i in sorted(question.right))


@layout("1. “Câu 1:”, A. B. C. D., “Đáp án: B”")
def classical(document: Any) -> None:
    document.add_heading("ĐỀ KIỂM TRA NHẬN THỨC AN NINH MẠNG", 1)
    document.add_paragraph("Thời gian làm bài: 20 phút")
    for number, one in enumerate(STOCK, start=1):
        document.add_paragraph(f"Câu {number}: {one.text}")
        for letter, choice in zip(LETTERS, one.choices, strict=False):
            document.add_paragraph(f"{letter}. {choice}")
        document.add_paragraph(f"Đáp án: {_key(one)}")


def _list(document: Any, *levels: tuple[str, str]) -> str:
    """A multi-level list of its own; its id."""
    part = document.part.numbering_part.element
    number = str(100 + len(part.findall(qn("w:abstractNum"))))
    xml = "".join(
        f'<w:lvl w:ilvl="{i}"><w:start w:val="1"/><w:numFmt w:val="{kind}"/>'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
        for i, (kind, text) in enumerate(levels)
    )
    part.insert(0, parse_xml(
        f'<w:abstractNum {nsdecls("w")} w:abstractNumId="{number}">{xml}</w:abstractNum>'
    ))  # fmt: skip
    part.append(parse_xml(
        f'<w:num {nsdecls("w")} w:numId="{number}"><w:abstractNumId w:val="{number}"/></w:num>'
    ))  # fmt: skip
    return number


def _numbered(paragraph: Any, list_id: str, level: int = 0) -> None:
    properties = paragraph._p.get_or_add_pPr()
    numbering = OxmlElement("w:numPr")
    for tag, value in (("w:ilvl", str(level)), ("w:numId", list_id)):
        child = OxmlElement(tag)
        child.set(qn("w:val"), value)
        numbering.append(child)
    properties.append(numbering)


@layout("2a. Đánh số tự động “Câu 1.” và “A.” cùng danh sách nhiều cấp")
def numbered(document: Any) -> None:
    own = _list(document, ("decimal", "Câu %1."), ("upperLetter", "%2."))
    for one in STOCK:
        _numbered(document.add_paragraph(one.text), own)
        for choice in one.choices:
            _numbered(document.add_paragraph(choice), own, 1)
        document.add_paragraph(f"Đáp án: {_key(one)}")


@layout("2b. Đánh số tự động “1.”, phương án một danh sách khác không quay lại A, in đậm đáp án")
def numbered_apart(document: Any) -> None:
    questions, answers = (
        _list(document, ("decimal", "%1.")),
        _list(document, ("lowerLetter", "%1)")),
    )
    for one in STOCK:
        _numbered(document.add_paragraph(one.text), questions)
        for i, choice in enumerate(one.choices):
            paragraph = document.add_paragraph()
            paragraph.add_run(choice).bold = i in one.right
            _numbered(paragraph, answers)


@layout("2c. Kiểu List Number của Word, dòng đáp án cuối")
def numbered_by_style(document: Any) -> None:
    for one in STOCK:
        document.add_paragraph(one.text, style="List Number")
        for letter, choice in zip(LETTERS, one.choices, strict=False):
            document.add_paragraph(f"{letter}. {choice}")
    document.add_paragraph("ĐÁP ÁN")
    document.add_paragraph("  ".join(f"{n}-{_key(one)}" for n, one in enumerate(STOCK, start=1)))


def _set_off(document: Any, set_off: Callable[[Any], None], *, letter_too: bool = True) -> None:
    for number, one in enumerate(STOCK, start=1):
        document.add_paragraph().add_run(f"Câu {number}. {one.text}").bold = True
        for i, choice in enumerate(one.choices):
            paragraph = document.add_paragraph()
            runs = [paragraph.add_run(f"{LETTERS[i]}. "), paragraph.add_run(choice)]
            if i in one.right:
                for run in runs if letter_too else runs[1:]:
                    set_off(run)


def _bold(run: Any) -> None:
    run.bold = True


def _red(run: Any) -> None:
    run.font.color.rgb = RGBColor(0xFF, 0, 0)


def _underlined(run: Any) -> None:
    run.underline = True


def _highlighted(run: Any) -> None:
    run.font.highlight_color = WD_COLOR_INDEX.YELLOW


@layout("3. Đáp án in đậm")
def bold(document: Any) -> None:
    _set_off(document, _bold)


@layout("3b. Đáp án in đậm bằng kiểu chữ Strong, chữ cái nào cũng đậm")
def bold_by_style(document: Any) -> None:
    for number, one in enumerate(STOCK, start=1):
        document.add_paragraph(f"Câu {number}. {one.text}")
        for i, choice in enumerate(one.choices):
            paragraph = document.add_paragraph()
            paragraph.add_run(f"{LETTERS[i]}. ").bold = True
            run = paragraph.add_run(choice)
            if i in one.right:
                run.style = document.styles["Strong"]


@layout("4. Đáp án màu đỏ")
def red(document: Any) -> None:
    _set_off(document, _red, letter_too=False)


@layout("5. Đáp án gạch chân cả dòng")
def underlined(document: Any) -> None:
    _set_off(document, _underlined)


@layout("5b. Chỉ gạch chân chữ cái của đáp án")
def letter_underlined(document: Any) -> None:
    for number, one in enumerate(STOCK, start=1):
        document.add_paragraph(f"Câu {number}. {one.text}")
        paragraph = document.add_paragraph()
        for i, choice in enumerate(one.choices):
            paragraph.add_run(LETTERS[i]).underline = i in one.right
            paragraph.add_run(f". {choice}\t")


@layout("6. Đáp án tô nền vàng")
def highlighted(document: Any) -> None:
    _set_off(document, _highlighted)


def _without_keys(document: Any) -> None:
    for number, one in enumerate(STOCK, start=1):
        document.add_paragraph(f"Câu {number}: {one.text}")
        for letter, choice in zip(LETTERS, one.choices, strict=False):
            document.add_paragraph(f"{letter}. {choice}")


@layout("7a. Bảng đáp án cuối: hàng số, hàng chữ")
def key_table(document: Any) -> None:
    _without_keys(document)
    document.add_paragraph("BẢNG ĐÁP ÁN")
    table = document.add_table(2, len(STOCK) + 1)
    table.cell(0, 0).text, table.cell(1, 0).text = "Câu", "Đáp án"
    for number, one in enumerate(STOCK, start=1):
        table.cell(0, number).text, table.cell(1, number).text = str(number), _key(one)


@layout("7b. Bảng đáp án cuối: từng ô “1-A”")
def key_cells(document: Any) -> None:
    _without_keys(document)
    table = document.add_table(2, 4)
    for place, one in enumerate(STOCK):
        table.cell(place // 4, place % 4).text = f"{place + 1}-{_key(one)}"


@layout("7c. Đáp án cuối, mỗi dòng “Câu 1: A”")
def key_lines(document: Any) -> None:
    _without_keys(document)
    document.add_paragraph("Đáp án:")
    for number, one in enumerate(STOCK, start=1):
        document.add_paragraph(f"Câu {number}: {_key(one)}")


@layout("7d. Bảng đáp án hai cột Câu | Đáp án")
def key_columns(document: Any) -> None:
    _without_keys(document)
    table = document.add_table(1, 2)
    table.cell(0, 0).text, table.cell(0, 1).text = "Câu", "Đáp án"
    for number, one in enumerate(STOCK, start=1):
        cells = table.add_row().cells
        cells[0].text, cells[1].text = str(number), _key(one)


@layout("8. Dấu sao trước đáp án")
def starred(document: Any) -> None:
    for number, one in enumerate(STOCK, start=1):
        document.add_paragraph(f"{number}. {one.text}")
        for i, choice in enumerate(one.choices):
            document.add_paragraph(f"{'*' if i in one.right else ''}{LETTERS[i]}. {choice}")


@layout("9. Phương án trên một dòng, cách bằng tab; gạch chân đáp án")
def one_line(document: Any) -> None:
    for number, one in enumerate(STOCK, start=1):
        document.add_paragraph(f"Câu {number}: {one.text}")
        paragraph = document.add_paragraph()
        for i, choice in enumerate(one.choices):
            run = paragraph.add_run(f"{LETTERS[i]}. {choice}")
            run.underline = i in one.right
            paragraph.add_run("\t")


@layout("10. Phương án trong bảng hai cột")
def two_columns(document: Any) -> None:
    for number, one in enumerate(STOCK, start=1):
        document.add_paragraph(f"Câu {number}. {one.text}")
        table = document.add_table(2, 2)
        for i, choice in enumerate(one.choices):
            table.cell(i // 2, i % 2).text = f"{LETTERS[i]}. {choice}"
        document.add_paragraph(f"Đáp án {_key(one)}")


def png() -> bytes:
    """A small picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = zlib.crc32(kind + data).to_bytes(4, "big")
        return len(data).to_bytes(4, "big") + kind + data + check

    header = (8).to_bytes(4, "big") * 2 + b"\x08\x02\x00\x00\x00"
    rows = b"".join(b"\x00" + b"\x0b\x55\x63" * 8 for _ in range(8))
    start = b"\x89PNG\r\n\x1a\n"
    return (
        start + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    )


@layout("11. Câu có hình")
def with_pictures(document: Any) -> None:
    for number, one in enumerate(STOCK, start=1):
        document.add_paragraph(f"Câu {number}: {one.text}")
        document.add_paragraph().add_run().add_picture(io.BytesIO(png()))
        for letter, choice in zip(LETTERS, one.choices, strict=False):
            document.add_paragraph(f"{letter}. {choice}")
        document.add_paragraph(f"Đáp án: {_key(one)}")


_TCVN3 = {letter: code for code, letter in legacy_text._TCVN3.items()}
_VNI = {letter: spelt for spelt, letter in legacy_text._VNI.items()}


def _in_font(document: Any, font: str, table: dict[str, str]) -> None:
    for number, one in enumerate(STOCK, start=1):
        lines = [f"Câu {number}: {one.text}"]
        lines += [f"{LETTERS[i]}. {choice}" for i, choice in enumerate(one.choices)]
        for line in [*lines, f"Đáp án: {_key(one)}"]:
            run = document.add_paragraph().add_run("".join(table.get(c, c) for c in line))
            run.font.name = font


@layout("12a. Phông .VnTime (TCVN3)")
def tcvn3(document: Any) -> None:
    _in_font(document, ".VnTime", _TCVN3)


@layout("12b. Phông VNI-Times")
def vni(document: Any) -> None:
    _in_font(document, "VNI-Times", _VNI)


@layout("12c. Chữ TCVN3 nhưng phông đã đổi thành Times New Roman")
def tcvn3_disguised(document: Any) -> None:
    _in_font(document, "Times New Roman", _TCVN3)


@layout("13a. Đúng/Sai: “Đáp án: Đ”")
def truths(document: Any) -> None:
    for number, (text, is_right) in enumerate(STATEMENTS, start=1):
        document.add_paragraph(f"Câu {number}: {text} (Đ/S)")
        document.add_paragraph(f"Đáp án: {'Đ' if is_right else 'S'}")


@layout("13b. Đúng/Sai: chữ Đ, S cuối câu")
def truths_behind(document: Any) -> None:
    for number, (text, is_right) in enumerate(STATEMENTS, start=1):
        document.add_paragraph(f"{number}. {text} ({'Đ' if is_right else 'S'})")


@layout("13c. Đúng/Sai: bảng đánh dấu x")
def truths_ticked(document: Any) -> None:
    table = document.add_table(1, 4)
    for cell, text in zip(table.rows[0].cells, ("STT", "Nội dung", "Đúng", "Sai"), strict=True):
        cell.text = text
    for number, (text, is_right) in enumerate(STATEMENTS, start=1):
        cells = table.add_row().cells
        cells[0].text, cells[1].text, cells[2 if is_right else 3].text = str(number), text, "x"


@layout("14. Nhiều đáp án: “Đáp án đúng: A, C”")
def several(document: Any) -> None:
    for number, one in enumerate(SEVERAL, start=1):
        document.add_paragraph(f"Câu {number}: {one.text}")
        for letter, choice in zip(LETTERS, one.choices, strict=False):
            document.add_paragraph(f"{letter}. {choice}")
        document.add_paragraph(f"Đáp án đúng: {_key(one)}")


EXTRA = "Chọn một phương án phù hợp với quy chế của cơ quan"


@layout("15. Câu hỏi nhiều đoạn, phương án “a)”, chữ NFD")
def long_stems(document: Any) -> None:
    for number, one in enumerate(STOCK, start=1):
        lines = [f"Câu hỏi {number}. {EXTRA}", one.text]
        lines += [f"{LETTERS[i].lower()}) {choice}" for i, choice in enumerate(one.choices)]
        for line in [*lines, f"Đáp án: {_key(one).lower()}"]:
            document.add_paragraph(unicodedata.normalize("NFD", line))


@layout("16. Bảng mỗi hàng một câu: Câu hỏi | A | B | C | D | Đáp án")
def in_rows(document: Any) -> None:
    heads = ("STT", "Câu hỏi", "A", "B", "C", "D", "Đáp án")
    table = document.add_table(1, len(heads))
    for cell, text in zip(table.rows[0].cells, heads, strict=True):
        cell.text = text
    for number, one in enumerate(STOCK, start=1):
        cells = table.add_row().cells
        values = (str(number), one.text, *one.choices, *[""] * (4 - len(one.choices)), _key(one))
        for cell, text in zip(cells, values, strict=True):
            cell.text = text


@layout("17. Bảng Câu hỏi | Phương án (nhiều dòng, đỏ) ")
def in_rows_red(document: Any) -> None:
    table = document.add_table(1, 2)
    table.cell(0, 0).text, table.cell(0, 1).text = "Nội dung câu hỏi", "Phương án trả lời"
    for one in STOCK:
        cells = table.add_row().cells
        cells[0].text = one.text
        for i, choice in enumerate(one.choices):
            run = cells[1].add_paragraph().add_run(f"{LETTERS[i]}. {choice}")
            if i in one.right:
                _red(run)


@layout("18. Không đánh số câu, phương án A. B. C., xuống dòng mềm, đáp án in đậm")
def soft_breaks(document: Any) -> None:
    for one in STOCK:
        paragraph = document.add_paragraph()
        paragraph.add_run(one.text).add_break()
        for i, choice in enumerate(one.choices):
            run = paragraph.add_run(f"{LETTERS[i]}. {choice}")
            run.bold = i in one.right
            if i + 1 < len(one.choices):
                run.add_break()


@layout("19. Phương án không có chữ cái, đáp án tô đậm")
def no_letters(document: Any) -> None:
    for number, one in enumerate(STOCK, start=1):
        document.add_paragraph(f"Câu {number}: {one.text}")
        for i, choice in enumerate(one.choices):
            document.add_paragraph().add_run(choice).bold = i in one.right


@layout("20. Ô vuông ☐ ☑ trước phương án")
def boxes(document: Any) -> None:
    for number, one in enumerate(STOCK, start=1):
        document.add_paragraph(f"Câu {number}: {one.text}")
        for i, choice in enumerate(one.choices):
            document.add_paragraph(f"{'☑' if i in one.right else '☐'} {choice}")
