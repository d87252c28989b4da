"""Tables with a question in each row, their columns known by their headings."""

import string
from collections.abc import Mapping, Sequence

from backend.i18n import gettext as _
from lms.questions.importers import marks
from lms.questions.importers.layout import Found, Option, Paper
from lms.questions.importers.lines import Line, plain
from nlu.text import fold

_HEADINGS = {
    "text": ("cau hoi", "noi dung cau hoi", "noi dung", "question", "de bai", "phat bieu",
             "nhan dinh"),
    "key": ("dap an", "dap an dung", "dap an chon", "key", "answer", "tra loi", "phuong an dung",
            "cau tra loi dung"),
    "options": ("phuong an", "phuong an tra loi", "cac phuong an", "lua chon", "cac lua chon",
                "cau tra loi"),
    "feedback": ("giai thich", "ghi chu", "loi giai", "phan hoi", "huong dan", "can cu"),
    "category": ("chu de", "phan", "chuong", "chuyen de", "danh muc"),
    "difficulty": ("do kho", "muc do", "cap do", "muc", "muc do nhan thuc", "do kho cau hoi"),
    "right": ("dung", "d"),
    "wrong": ("sai", "s"),
}  # fmt: skip
_BEFORE_LETTER = ("phuong an ", "dap an ", "lua chon ", "tra loi ", "option ", "y ")

Columns = Mapping[str, int]


def columns(headings: Sequence[str]) -> dict[str, int]:
    """Which column holds what; nothing unless there is one with questions and one that answers."""
    found: dict[str, int] = {}
    for place, heading in enumerate(headings):
        if (name := _named(heading)) and name not in found:
            found[name] = place
    answers = {"key", "options", "right", "A"} & set(found)
    return found if "text" in found and answers else {}


def _named(heading: str) -> str:
    words = fold(heading).strip(" .:*()")
    for before in _BEFORE_LETTER:
        letter = words.removeprefix(before)
        if (len(letter) == 1 and letter in "abcefgh") or (letter == "d" and letter != words):
            return letter.upper()
    if words == "d":
        return "D" if "đ" not in heading.casefold() else "right"
    return next((name for name, known in _HEADINGS.items() if words in known), "")


def read(
    rows: Sequence[Sequence[str]],
    columns: Columns,
    *,
    lines: Sequence[Sequence[Sequence[Line]]] = (),
    first: int = 2,
) -> list[Found]:
    """A question for each row that has one; `lines` are the same cells with all their settings."""
    found = []
    for number, row in enumerate(rows):
        cells = {name: row[at].strip() for name, at in columns.items() if at < len(row)}
        if cells.get("text"):
            where = _("hàng {number}").format(number=number + first)
            found.append(_question(cells, where, _options(columns, lines[number] if lines else ())))
            if lines:
                shown = [one for cell in lines[number] for one in cell if one.pictures]
                found[-1].stem += [Line("", pictures=one.pictures) for one in shown[:1]]
    return found


def _question(cells: Mapping[str, str], where: str, inside: list[Option]) -> Found:
    words = cells["text"]
    number = marks.QUESTION.match(words)
    lettered = [
        Option(plain(letter), plain(_bare(cells[letter])))
        for letter in string.ascii_uppercase[:8]
        if cells.get(letter)
    ]
    return Found(
        None, where,
        stem=[plain(" ".join(words[number.end() if number else 0 :].split()))],
        options=lettered or inside, answer=cells.get("key") or _ticked(cells),
        remarks=[cells["feedback"]] if cells.get("feedback") else [],
        category=cells.get("category", "")[:60],
        difficulty=marks.level(cells.get("difficulty", "")),
    )  # fmt: skip


def _options(columns: Columns, row: Sequence[Sequence[Line]]) -> list[Option]:
    """Choices that stand below each other in one cell."""
    at = columns.get("options")
    if at is None or at >= len(row):
        return []
    paper = Paper([plain("Câu 1: ?"), *row[at]])
    return paper.found[0].options if paper.found else []


def _bare(words: str) -> str:
    letter = marks.OPTION.match(words)
    return " ".join((words[letter.end() :] if letter else words).split())


def _ticked(cells: Mapping[str, str]) -> str | None:
    """A sign in the column “Đúng” or “Sai”."""
    if cells.get("right"):
        return "Đ"
    return "S" if cells.get("wrong") else None
