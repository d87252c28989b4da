"""Codes with a slip are noticed, and the part that is wrong is named."""

import pytest

from nlu.near_codes import near_code


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("H12-260105-000l", "sequence"),
        ("hồ sơ H12-260105", "sequence"),
        ("H12-269999-0001", "date"),
        ("h12 26010 0001", "date"),
        ("H1-260105-0001", "agency"),
        ("thủ tục 1.00119E cần gì", "procedure"),
        ("mã 1.00119", "procedure"),
    ],
)
def test_the_wrong_part_is_named(text: str, problem: str) -> None:
    slip = near_code(text)
    assert slip is not None
    assert slip.problem == problem


@pytest.mark.parametrize(
    "text",
    ["", "đăng ký khai sinh", "lệ phí 50.000 đồng", "1.5 triệu", "ngày 05/01/2026",
     "cccd 079123456789", "gọi 0912 345 678", "nhà 12/3 đường 30 tháng 4", "xã 135"],
)  # fmt: skip
def test_other_numbers_are_left_alone(text: str) -> None:
    assert near_code(text) is None
