"""Accents restored: never another word than was typed, and right as often as measured."""

import unicodedata
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nlu import dataset, features, restore_build
from nlu import restore as restoring
from nlu.restore import COUNTS, WORD, restore
from nlu.text import clean, fold, has_accents

PLAIN = st.text(alphabet="aeiouydghklmnt   ,.?5\nA", max_size=80)


@given(st.one_of(st.text(max_size=200), PLAIN))
@example("İ ß ǆ \u0130")
@example("dang ky, ket hon. KHAI SINH")
def test_only_accents_change(message: str) -> None:
    cleaned = clean(message)
    read = restore(cleaned)
    assert len(read.text) == len(cleaned)
    assert fold(read.text) == fold(cleaned)
    assert 0 <= read.probability <= 1
    assert unicodedata.is_normalized("NFC", read.text)


@given(st.sampled_from([e.text for e in dataset.development().examples]))
def test_what_was_typed_with_accents_stays(message: str) -> None:
    cleaned = clean(message)
    for typed, read in zip(WORD.findall(cleaned), WORD.findall(restore(cleaned).text), strict=True):
        assert read == typed or not has_accents(typed)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("dang ky ket hon can giay to gi", "đăng ký kết hôn cần giấy tờ gì"),
        ("Khai Sinh cho con", "Khai Sinh cho con"),
        ("LAM CAN CUOC", "LÀM CĂN CƯỚC"),
        ("tien nguoi gia", "tiền người già"),
        ("lam giay to gia", "làm giấy tờ giả"),
        ("gia hạn visa 2 năm", "gia hạn visa 2 năm"),
    ],
)
def test_neighbours_decide_the_accents(typed: str, meant: str) -> None:
    assert restore(typed).text == meant


def test_as_many_syllables_are_right_as_when_last_measured() -> None:
    """Sentences that nobody learned from, all accents taken away; measured .89."""
    pairs = [
        pair
        for sentence in (clean(e.text).lower() for e in dataset.development().examples)
        if has_accents(sentence)
        for pair in zip(
            WORD.findall(sentence), WORD.findall(restore(fold(sentence)).text), strict=True
        )
    ]
    assert len(pairs) > 1000
    assert sum(a == b for a, b in pairs) / len(pairs) > 0.88


def test_counts_are_kept_as_they_were_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [("người già, giấy giả", 5), ("người giá", 1)]
    known = frozenset(["người", "già", "giấy", "giả", "giá"])
    restore_build.save(*restore_build.count(texts, known), path=tmp_path / "counts.npz")
    monkeypatch.setattr(restoring, "COUNTS", tmp_path / "counts.npz")
    small = restoring.restorer.__wrapped__()
    assert small.restore("nguoi gia, giay gia").text == "người già, giấy giả"


def test_only_what_can_be_a_syllable_is_everyday_speech() -> None:
    said = restore_build.spoken(["tôi mất ví, mất xe", "tôi không đăgn ký", "visa ko đc"])
    assert said == {"tôi": 2, "mất": 1, "ví": 1, "không": 1, "ký": 1}


def test_the_table_is_small_and_says_where_it_comes_from() -> None:
    assert COUNTS.stat().st_size < 3 * 2**20
    assert "official" in restore_build.ORIGIN.read_text(encoding="utf-8")


def test_the_old_are_no_forgers_without_accents_either() -> None:
    assert "forgery" not in features.look("tien nguoi gia").signals
    assert "exact_forgery" in features.look("lam gia hoc ba").signals
