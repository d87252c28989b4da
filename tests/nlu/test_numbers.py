"""Numbers in words: what any number spells is read back, and what is no number is left alone."""

from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nlu import extractors, numbers, text

DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
SCALES = ((10**9, "tỷ"), (10**6, "triệu"), (10**3, "nghìn"))


def spell(number: int) -> str:
    """A number as a cashier reads it aloud; written apart from the reader it tests."""
    if number == 0:
        return "không"
    said, before = [], False
    for scale, name in (*SCALES, (1, "")):
        group, number = divmod(number, scale)
        if group:
            said += [*_group(group, whole=before), name]
        before = before or bool(group)
    return " ".join(word for word in said if word)


def _group(group: int, *, whole: bool) -> list[str]:
    hundreds, rest = divmod(group, 100)
    tens, unit = divmod(rest, 10)
    said = [DIGITS[hundreds], "trăm"] if hundreds or whole else []
    if not tens:
        return [*said, *(["linh"] if said and unit else []), *([DIGITS[unit]] if unit else [])]
    said += ["mười"] if tens == 1 else [DIGITS[tens], "mươi"]
    last = {0: "", 5: "lăm", 1: "mốt" if tens > 1 else "một"}.get(unit, DIGITS[unit])
    return [*said, last]


def found(message: str) -> list[tuple[str, str]]:
    return [(entity.kind, entity.value) for entity in extractors.find(message)]


@given(st.integers(1, 10**12 - 1))
@example(105)
@example(2_026)
@example(1_000_001)
@example(21_000)
def test_what_a_number_spells_is_read_back(number: int) -> None:
    assert numbers.parse(spell(number)) == number


@given(st.integers(1_000, 10**9 - 1))
def test_a_spelt_sum_is_found_where_it_stands(amount: int) -> None:
    message = f"nộp hết {spell(amount)} đồng phải không"
    (entity,) = extractors.find(message)
    assert (entity.kind, entity.value) == ("money", str(amount))
    assert message[entity.start : entity.end] == f"{spell(amount)} đồng"


@given(st.integers(1_000, 10**6 - 1))
def test_a_sum_is_the_same_without_accents(amount: int) -> None:
    assert found(text.fold(f"{spell(amount)} đồng")) == [("money", str(amount))]


@given(st.dates(min_value=date(1900, 1, 1)).filter(lambda day: day.year < 2100))
def test_a_spelt_date_is_read_with_and_without_accents(day: date) -> None:
    written = f"ngày {spell(day.day)} tháng {spell(day.month)} năm {spell(day.year)}"
    assert found(written) == found(text.fold(written)) == [("date", day.isoformat())]


@given(
    st.one_of(
        st.text(),
        st.lists(st.sampled_from((*numbers.SPELT, *numbers.COUNTED, "5", ","))).map(" ".join),
    )
)
def test_any_text_is_survived_and_positions_are_in_it(message: str) -> None:
    end = 0
    for entity in numbers.find(message):
        assert end <= entity.start < entity.end <= len(message)
        end = entity.end


@pytest.mark.parametrize(
    ("message", "entities"),
    [
        ("năm mươi nghìn", [("money", "50000")]),
        ("nam muoi nghin", [("money", "50000")]),
        ("hai trăm năm mươi ngàn đồng", [("money", "250000")]),
        ("triệu rưỡi", [("money", "1500000")]),
        ("hai triệu rưỡi", [("money", "2500000")]),
        ("hết trăm rưỡi", [("money", "150000")]),
        ("hai triệu ba", [("money", "2300000")]),
        ("hai triệu ba trăm", [("money", "2300000")]),
        ("3 củ", [("money", "3000000")]),
        ("3 củ rưỡi", [("money", "3500000")]),
        ("ba củ", [("money", "3000000")]),
        ("mười hai ngày", [("number", "12")]),
        ("muoi hai ngay", [("number", "12")]),
        ("hai năm rưỡi", [("number", "2.5")]),
        ("tháng rưỡi", [("number", "1.5")]),
        ("hai mươi năm rồi", [("number", "20")]),
        ("mười tám tuổi", [("number", "18")]),
        ("ngày mùng năm tháng ba năm hai nghìn không trăm hai sáu", [("date", "2026-03-05")]),
        ("mùng hai tháng chín", [("date", "--09-02")]),
        ("mung hai thang chin", [("date", "--09-02")]),
        ("ba mươi tháng tư", [("date", "--04-30")]),
        ("ngày 5 tháng ba năm 2026", [("date", "2026-03-05")]),
        ("ngày một tháng một năm hai không hai sáu", [("date", "2026-01-01")]),
    ],
)
def test_what_is_meant(message: str, entities: list[tuple[str, str]]) -> None:
    assert found(message) == entities


@pytest.mark.parametrize(
    "message",
    [
        "hai mươi lăm tháng chạp",
        "rằm tháng giêng",
        "mùng hai tháng chín âm lịch",
        "thứ hai tuần sau",
        "bà con việt nam",
        "ba con",
        "sau ngay cuoi",
        "tu ngay mai",
        "cong ty co hai thanh vien",
        "năm hai nghìn không trăm hai sáu",
        "hai nghìn mét vuông",
        "tháng hai năm ngoái",
        "một người",
        "một ngày nào đó",
        "đứng tên ba, giờ sang tên",
        "40 năm tuổi Đảng",
        "được không",
    ],
)
def test_what_is_none_is_left_alone(message: str) -> None:
    assert found(message) == []
