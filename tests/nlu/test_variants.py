"""The variants that the evaluation asks are those that people type, and always the same."""

import pytest

from tests.variants import VARIANTS, variants

QUESTION = "đăng ký kết hôn không được thì phải làm như thế nào"


@pytest.mark.parametrize(
    ("name", "written", "typed"),
    [
        ("without accents", "Đăng ký kết hôn", "dang ky ket hon"),
        ("Telex residue", "đường", "dduwowngf"),
        ("Telex residue", "giấy", "giaays"),
        ("VNI residue", "đường", "d9u7o7ng2"),
        ("VNI residue", "tạm", "tam5"),
        ("teencode", "có được không ạ", "có đc ko ạ"),
    ],
)
def test_a_variant_is_what_the_keyboard_leaves(name: str, written: str, typed: str) -> None:
    assert variants(written)[name] == typed


def test_variants_are_drawn_from_the_question_alone() -> None:
    assert variants(QUESTION) == variants(QUESTION)
    assert set(variants(QUESTION)) == set(VARIANTS)


def test_slips_change_one_word_in_ten_and_no_other() -> None:
    question = " ".join([QUESTION] * 3)
    slipped = variants(question)["typos"]
    changed = [a != b for a, b in zip(question.split(), slipped.split(), strict=True)]
    assert 1 <= sum(changed) <= round(len(changed) / 10)


def test_what_would_change_nothing_is_no_variant() -> None:
    assert set(variants("dang ky ket hon")) == {"typos"}
