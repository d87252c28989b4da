"""Questions out of Excel and out of GIFT."""

import io
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from backend.errors import InvalidInput
from lms.questions import Question
from lms.questions.importers import Draft, read


def workbook(*rows: tuple[str | int | None, ...]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        assert book.active is not None
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def first(data: bytes, name: str) -> Draft:
    return read(data, name).drafts[0]


def test_columns_are_known_by_their_headings_wherever_they_stand() -> None:
    found = read(
        workbook(
            ("NGÂN HÀNG CÂU HỎI",),
            ("Chủ đề", "Mức độ", "Câu hỏi", "Phương án A", "Phương án B", "C", "D", "Đáp án",
             "Giải thích"),
            ("Mật khẩu", "Khó", "Chọn gì?", "Một", "Hai", "Ba", None, "B", "Vì hai."),
            ("Mật khẩu", 1, "Chọn những gì?", "Một", "Hai", "Ba", "Bốn", "A, D", None),
            ("Thư", "dễ", "Thư lạ là an toàn.", "Đúng", "Sai", None, None, "Sai", None),
            ("Thư", None, "Chọn số thứ tự?", "Một", "Hai", "Ba", None, 3, None),
            (None, None, "Thiếu đáp án?", "Một", "Hai", None, None, None, None),
        ),
        "nganhang.xlsx",
    )  # fmt: skip
    one, several, truth, by_number, bare = (draft.question for draft in found.drafts)
    assert one is not None
    assert (one.key(), one.category, one.difficulty, one.feedback) == (1, "Mật khẩu", 3, "Vì hai.")
    assert several is not None
    assert several.key() == [0, 3]
    assert truth is not None
    assert (truth.type, truth.key()) == ("truefalse", False)
    assert by_number is not None
    assert by_number.key() == 2
    assert bare is None
    assert found.drafts[4].where == "hàng 7"


def test_a_sheet_without_questions_says_which_columns_are_wanted() -> None:
    with pytest.raises(InvalidInput, match="Câu hỏi, A, B, C, D, Đáp án"):
        read(workbook(("Họ tên", "Ngày sinh"), ("Bình", "1990")), "ds.xlsx")


def test_moodles_own_file_comes_in(shared: Path) -> None:
    found = read((shared / "lms/gift/questions.gift.txt").read_bytes(), "questions.gift")
    essay, matching, single, several, number, short, false, true, _again = found.drafts
    assert essay.question is None
    assert "tự luận" in essay.warnings[0]
    assert matching.question is not None
    assert matching.question.model_dump()["distractors"] == ("Chat",)
    assert len(matching.question.model_dump()["pairs"]) == 4
    assert [d.question and d.question.key() for d in (single, several)] == [0, [0, 2]]
    assert number.question is not None
    assert number.question.model_dump()["tolerance"] == Decimal(2)
    assert short.question is not None
    assert short.question.key() == "Frog"
    assert short.warnings
    assert [d.question and d.question.key() for d in (false, true)] == [False, True]


def test_categories_html_and_foreign_letters(shared: Path) -> None:
    folder = shared / "lms" / "gift"
    drafts = read((folder / "questions_in_category.gift.txt").read_bytes(), "a.gift").drafts
    assert {draft.raw["category"] for draft in drafts} == {"Default for New Features"}
    greeting = drafts[1].question
    assert greeting is not None
    assert "<a" not in greeting.text
    assert "Listen to this greeting:" in greeting.text
    assert greeting.key() == 1
    old = read((folder / "questions_encoding_windows-1252.gift.txt").read_bytes(), "b.gift")
    assert [draft.question is None for draft in old.drafts] == [True, True, True]


@pytest.mark.parametrize(
    ("gift", "kind", "key"),
    [
        (r"Giá \= \{A\} \: ? {=một \~ hai ~ba}", "single", 0),
        ("Hai nhân hai {#3.5..4.5}", "numeric", "4,0"),
        ("Hà Nội là {=thủ đô ~cảng ~đảo} của nước ta.", "single", 0),
        ("Đúng không? {T#sai rồi#đúng rồi}", "truefalse", True),
        ("Cặp {=a -> 1 =b -> 2 =c -> 1}", "matching", [0, 1, 0]),
    ],
)
def test_gift_says_it_in_many_ways(gift: str, kind: str, key: object) -> None:
    question: Question | None = first(gift.encode(), "x.gift").question
    assert question is not None
    assert (question.type, question.key()) == (kind, key)
    assert "\\" not in question.text
