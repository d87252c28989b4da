"""Codes, numbers, dates and ordinals in any spelling; personal numbers hidden."""

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nlu import extractors, text

NUMBERS = st.text(alphabet="0123456789 .-+/oOhH29akđ@", max_size=60)


def found(message: str) -> list[tuple[str, str]]:
    return [(entity.kind, entity.value) for entity in extractors.find(message)]


@pytest.mark.parametrize(
    "written",
    [
        "H29.12-251120-0045",
        "h29.12 251120 0045",
        "H29.12.251120.0045",
        "h29122511200045",
        "H29.12 - 251120 - 0045",
        "H29.12-2511200045",
        "H29.12-25112O-OO45",
    ],
)
def test_a_dossier_code_in_any_spelling(written: str) -> None:
    message = f"hồ sơ {written} tới đâu rồi"
    assert ("dossier_code", "H29.12-251120-0045") in found(message)


@pytest.mark.parametrize(
    ("message", "entities"),
    [
        ("000.00.04.H51-200221-0001", [("dossier_code", "000.00.04.H51-200221-0001")]),
        ("H29-260105-0001", [("dossier_code", "H29-260105-0001")]),
        ("H29-261399-0001", []),  # no such day
        ("mã hồ sơ 0045", [("dossier_tail", "0045")]),
        ("0045", [("dossier_tail", "0045")]),
        ("4 số cuối là 1234", [("dossier_tail", "1234")]),
        ("từ năm 2024", []),
        ("thủ tục 1.001193 cần gì", [("procedure_code", "1.001193")]),
        ("1.001193.000.00.00.h49", [("procedure_code", "1.001193.000.00.00.H49")]),
        ("gọi +84 912.345.678", [("phone", "0912345678")]),
        ("84912345678", [("phone", "0912345678")]),
        ("cccd 079 123 456 789", [("identity_number", "079123456789")]),
        ("cmnd 123456789", [("identity_number", "123456789")]),
        ("cái thứ hai", [("ordinal", "2")]),
        ("số 2", [("ordinal", "2")]),
        ("2", [("ordinal", "2")]),
        ("cái đầu tiên nhé", [("ordinal", "1")]),
        ("cái cuối cùng", [("ordinal", "-1")]),
        ("thứ hai tuần sau", []),
        ("ngày 20/9", [("date", "--09-20")]),
        ("5 tháng 3 năm 2020", [("date", "2020-03-05")]),
        ("45/13/2020", []),
        ("50k", [("money", "50000")]),
        ("8.000 đồng", [("money", "8000")]),
        ("1,5 triệu", [("money", "1500000")]),
        ("75 tuổi, lớp 6, số nhà 12", []),
    ],
)
def test_find(message: str, entities: list[tuple[str, str]]) -> None:
    assert found(message) == entities


@given(st.one_of(st.text(), NUMBERS))
@example("6@2.8k")  # a date and money inside an address
@example("7-080205243")  # an identity number inside a longer one
def test_positions_point_into_the_text(message: str) -> None:
    cleaned = text.clean(message)
    masked, moved = extractors.masked(cleaned, extractors.find(cleaned))
    assert masked == extractors.mask(cleaned)
    end = 0
    for entity in extractors.find(cleaned):
        assert end <= entity.start < entity.end <= len(cleaned)
        end = entity.end
    for entity in moved:
        assert 0 <= entity.start < entity.end <= len(masked)
        if entity.kind in {"phone", "identity_number"}:
            assert extractors.HIDDEN in masked[entity.start : entity.end]


@given(st.one_of(st.text(), NUMBERS, st.text(alphabet="0123456789", min_size=9)))
def test_no_long_number_survives_the_mask(message: str) -> None:
    assert not re.search(r"\d{9}", extractors.mask(message))


@given(NUMBERS)
def test_accents_in_either_form_are_found_alike(message: str) -> None:
    decomposed = unicodedata.normalize("NFD", message)
    assert found(text.clean(message)) == found(text.clean(decomposed))


@pytest.mark.parametrize(
    ("message", "masked"),
    [
        ("sđt 0912 345 678 nhé", "sđt ••• nhé"),
        ("email lan.tran@gmail.com", "email •••"),
        ("cccd 079123456789, hồ sơ H29.12-251120-0045", "cccd •••, hồ sơ H29.12-251120-0045"),
        ("thủ tục 1.001193.000.00.00.H49", "thủ tục 1.001193.000.00.00.H49"),
        ("phí 50.000 đồng", "phí 50.000 đồng"),
        ("stk 1234 5678 9012", "stk •••"),
    ],
)
def test_mask(message: str, masked: str) -> None:
    assert extractors.mask(message) == masked


def test_a_very_long_message_takes_no_time() -> None:
    assert extractors.find("0912345678 " * 1000)[0].value == "0912345678"
    assert len(extractors.mask("1" * 10_000)) == len(extractors.HIDDEN)
