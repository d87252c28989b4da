"""Question papers in Word as trainers lay them out, made with real numbering, colours and fonts.

Each layout writes the same questions (`STOCK`), so that what comes back can be compared with what
went in.
"""

import io
import unicodedata
from collections.abc import Callable
from typing import Any

import docx
from docx.enum.text import WD_COLOR_INDEX
from docx.shared import RGBColor

from backend.people import legacy_text
from tests.lms.stock import LETTERS, SEVERAL, STATEMENTS, STOCK, Q
from tests.lms.word import new_list, png, put_into

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


@layout("2a. Đánh số tự động “Câu 1.” và “A.” cùng danh sách nhiều cấp")
def numbered(document: Any) -> None:
    own = new_list(document, ("decimal", "Câu %1."), ("upperLetter", "%2."))
    for one in STOCK:
        put_into(document.add_paragraph(one.text), own)
        for choice in one.choices:
            put_into(document.add_paragraph(choice), own, 1)
        document.add_paragraph(f"Đáp án: {_key(one)}")


@layout("2b. Đánh số tự động “1.”, phương án một danh sách khác không quay lại A, in đậm đáp án")
def numbered_apart(document: Any) -> None:
    questions, answers = (
        new_list(document, ("decimal", "%1.")),
        new_list(document, ("lowerLetter", "%1)")),
    )
    for one in STOCK:
        put_into(document.add_paragraph(one.text), questions)
        for i, choice in enumerate(one.choices):
            paragraph = document.add_paragraph()
            paragraph.add_run(choice).bold = i in one.right
            put_into(paragraph, answers)


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
