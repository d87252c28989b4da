"""What a message denies is left out of what is searched, and nothing else is."""

import pytest

from nlu.denied import left_out


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("tạm vắng chứ hổng phải tạm trú", "tạm vắng"),
        ("tam vang chu khong phai tam tru", "tam vang"),
        ("không phải khai sinh mà là khai tử, phí bao nhiêu", "khai tử, phí bao nhiêu"),
        ("xin cấp lại chớ hông phải cấp mới, mất bao lâu", "xin cấp lại , mất bao lâu"),
    ],
)
def test_what_is_denied_is_left_out(said: str, meant: str) -> None:
    assert " ".join(left_out(said).split()) == meant


@pytest.mark.parametrize(
    "said",
    ["không phải", "có phải đóng phí không", "không phải đóng phí mà vẫn được cấp hả",
     "chứ không phải tạm trú", "cái này không phải của tôi"],
)  # fmt: skip
def test_other_uses_of_the_words_stay(said: str) -> None:
    assert left_out(said) == said
