"""The contract of every type of question, and what is particular to each."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms import questions
from lms.questions import QUESTIONS, Question
from lms.questions.choices import speak_of_each_other
from lms.questions.importers.draft import made
from lms.questions.numeric import readings
from lms.questions.question import order

CHOICES = [
    {"text": "Báo ngay cho người phụ trách", "right": True, "feedback": "Đúng: báo sớm."},
    {"text": "Xoá thư rồi thôi", "feedback": "Người khác vẫn có thể bấm nhầm."},
    {"text": "Chuyển tiếp cho đồng nghiệp"},
]
EXAMPLES: dict[str, dict[str, Any]] = {
    "single": {"text": "Nhận thư lạ thì làm gì?", "choices": CHOICES, "feedback": "Điều 5."},
    "multiple": {
        "text": "Dấu hiệu lừa đảo?",
        "choices": [*CHOICES, {"text": "Giục chuyển tiền", "right": True}],
    },
    "truefalse": {"text": "Mật khẩu nên dùng lại.", "right": False},
    "matching": {
        "text": "Ghép việc với nơi báo",
        "pairs": [{"left": "Mất máy", "right": "Công an"}, {"left": "Thư lạ", "right": "Tổ CNTT"}],
        "distractors": ["Bưu điện"],
    },
    "ordering": {"text": "Xếp thứ tự", "items": ["Ngắt mạng", "Báo cáo", "Khắc phục"]},
    "short": {"text": "Bước hai của đăng nhập là gì?", "accepts": ["xác thực", "OTP"]},
    "numeric": {"text": "Báo trong mấy giờ?", "value": 24, "unit": "giờ"},
}
EVERY = pytest.mark.parametrize("kind", QUESTIONS)
seeds = st.text(max_size=8)


def example(kind: str, **changes: Any) -> Question:
    return questions.parse({"type": kind, **EXAMPLES[kind], **changes})


@EVERY
@given(seed=seeds)
def test_the_key_is_worth_everything_however_it_is_shuffled(kind: str, seed: str) -> None:
    question = example(kind)
    sent = question.write(question.key(), seed)
    assert question.read(sent, seed) == question.key()
    assert question.grade(question.key()) == 1
    assert question.in_words(question.key())


@EVERY
def test_nothing_is_worth_nothing(kind: str) -> None:
    question = example(kind)
    assert question.read({}, "s") is None
    assert question.grade(None) == 0
    assert question.in_words(None) == ()
    assert question.write(None, "s") == {}


junk = st.one_of(st.text(max_size=12), st.integers(-2, 20).map(str))


@EVERY
@given(
    fields=st.dictionaries(st.sampled_from(["a", "a0", "a1", "a2", "b"]), st.lists(junk)),
    seed=seeds,
)
def test_whatever_is_sent_has_a_mark_and_comes_back_the_same(
    kind: str, fields: dict[str, list[str]], seed: str
) -> None:
    question = example(kind)
    answer = question.read(fields, seed)
    assert 0 <= question.grade(answer) <= 1
    assert question.read(question.write(answer, seed), seed) == answer
    question.remarks(answer)


@EVERY
def test_the_page_does_not_know_the_key(kind: str) -> None:
    """Where the author put the right one does not show: not in the order, not in what is sent."""
    question = example(kind)
    sent = {str(question.write(question.key(), f"seed {n}")) for n in range(40)}
    if kind in ("single", "multiple", "matching", "ordering"):
        assert len(sent) > 1
    assert "right" not in str(question.shown("s"))


@EVERY
def test_data_round_trips(kind: str) -> None:
    question = example(kind)
    assert questions.parse(question.model_dump(mode="json")) == question


def test_every_type_has_an_example_here() -> None:
    assert set(EXAMPLES) == set(QUESTIONS)


@pytest.mark.parametrize(
    "raw",
    [
        {"type": "essay", "text": "?"},
        {"type": "single", "text": "?", "choices": [{"text": "a"}, {"text": "b"}]},
        {"type": "single", "text": "?", "choices": [{"text": "a", "right": True}] * 2},
        {"type": "multiple", "text": "?", "choices": [{"text": "a"}, {"text": "b"}]},
        {"type": "single", "text": " ", "choices": CHOICES},
        {"type": "ordering", "text": "?", "items": ["a", "a"]},
        {"type": "matching", "text": "?", "pairs": [{"left": "a", "right": "b"}] * 2},
        {"type": "numeric", "text": "?", "value": 1, "tolerance": -1},
        {"type": "truefalse", "text": "?", "right": True, "extra": 1},
    ],
)
def test_what_makes_no_question_is_refused(raw: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        questions.parse(raw)


def test_a_wrong_choice_takes_a_right_one_back() -> None:
    question = example("multiple")
    assert [question.grade(a) for a in ([0], [0, 3], [0, 1], [0, 1, 2, 3], [1])] == [
        0.5, 1, 0, 0, 0,
    ]  # fmt: skip


def test_half_a_match_and_half_an_order_are_worth_half() -> None:
    assert example("matching").grade([0, None]) == 0.5
    assert example("ordering").grade([1, 2, 0]) == 0.5
    assert example("ordering").grade([0, 0, 1]) == 0


@pytest.mark.parametrize("typed", ["Xác thực", "xac thuc", " XÁC   THỰC. ", "otp"])
def test_a_short_answer_forgives_case_spaces_and_accents(typed: str) -> None:
    question = example("short")
    assert question.grade(question.read({"a": [typed]}, "")) == 1


def test_accents_count_where_the_author_says_so() -> None:
    question = example("short", accents=True)
    assert question.grade("xác thực") == 1
    assert question.grade("xac thuc") == 0


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("24", ["24"]), ("1,5", ["1.5"]), ("1.5", ["1.5"]), ("1.500", ["1500", "1.500"]),
        ("1.500.000,5", ["1500000.5"]), ("1,500,000.5", ["1500000.5"]), ("-3", ["-3"]),
        ("12.50", ["12.50"]), ("hai mươi", []), ("", []), ("1e5", []), ("٣", []),
    ],
)  # fmt: skip
def test_numbers_as_people_type_them(typed: str, meant: list[str]) -> None:
    assert readings(typed) == [Decimal(number) for number in meant]


def test_remarks_go_to_whoever_chose_them() -> None:
    assert example("single").remarks(1) == ("Người khác vẫn có thể bấm nhầm.", "Điều 5.")
    assert example("single").remarks(None) == ("Điều 5.",)


@given(st.integers(0, 40), seeds)
def test_a_shuffle_keeps_everything(count: int, seed: str) -> None:
    assert sorted(order(count, seed)) == list(range(count))


@pytest.mark.parametrize("kind", ["single", "multiple"])
def test_choices_that_speak_of_each_other_stay_in_order(kind: str) -> None:
    texts = ["Đổi mật khẩu", "Báo cáo", "Rút mạng", "Cả A và B"]
    choices = [{"text": text, "right": n == 3} for n, text in enumerate(texts)]
    draft = made({"type": kind, "text": "Làm gì trước?", "choices": choices}, where="")
    assert draft.question is not None
    assert {draft.question.shown(str(seed)).options for seed in range(9)} == {tuple(texts)}
    assert draft.question.read({"a": ["3"]}, "s") in (3, [3])
    choices[3]["text"] = "Xin nghỉ"
    free = made({"type": kind, "text": "?", "choices": choices}, where="").question
    assert free is not None
    assert len({free.shown(str(seed)).options for seed in range(9)}) > 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Tất cả các phương án trên", True), ("Cả ba ý trên đều đúng", True), ("a, b đúng", True),
        ("Không có đáp án nào đúng", True), ("Báo cáo cấp trên", False), ("Cả hai VLAN", False),
        ("Đáp án được gửi lên", False),
    ],
)  # fmt: skip
def test_how_choices_speak_of_others(text: str, expected: bool) -> None:
    assert speak_of_each_other([text]) is expected
