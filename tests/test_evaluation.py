"""What `make eval` prints is what was measured: halves, variants, probabilities."""

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests import evaluation, reliability
from tests.evaluation import Source, drawn

PAIRS = [(0.95, True)] * 9 + [(0.95, False)] + [(0.25, False)] * 3 + [(0.25, True)]


def row(number: int, question: str) -> dict[str, object]:
    return {"id": f"f{number:03}", "question": question, "behavior": "answer"}


@pytest.fixture
def source(tmp_path: Path) -> Source:
    asked = [row(1, "đăng ký kết hôn"), row(2, "khai sinh được không"), row(3, "xin sổ đỏ")]
    for name in ("questions", "dialogues"):
        lines = "\n".join(json.dumps(one) for one in asked)
        (tmp_path / name).write_text(lines, encoding="utf-8")
    return Source("mine", tmp_path / "questions", tmp_path / "dialogues")


def test_the_developed_half_alone_holds_no_odd_question(source: Source) -> None:
    drawn_rows = [r for batch in drawn(source, ["even"]) for r in batch.rows]
    assert drawn_rows
    assert {r["id"] for r in drawn_rows} == {"f002"}


def test_a_question_that_a_variant_would_not_change_is_not_asked_again(source: Source) -> None:
    batches = {batch.variant: batch for batch in drawn(source, ["even", "odd"])}
    assert len(batches[evaluation.WRITTEN].rows) == 3
    assert [r["question"] for r in batches["teencode"].rows] == ["dk kh", "khai sinh đc ko"]


def test_probabilities_are_compared_with_what_was_right() -> None:
    low, high = reliability.bins(PAIRS)
    assert (low.right, low.total, high.right, high.total) == (1, 4, 9, 10)
    assert reliability.expected_error(PAIRS) == pytest.approx((10 * 0.05 + 4 * 0.0) / 14)
    assert reliability.expected_error([]) == 0


def test_the_drawing_is_well_formed_and_has_a_point_a_bin() -> None:
    root = ET.fromstring(reliability.drawing(PAIRS, "Calibration"))
    circles = root.findall("{http://www.w3.org/2000/svg}circle")
    assert len(circles) == 2
    high = circles[1].attrib
    assert float(high["cx"]) == pytest.approx(reliability.MARGIN + 0.95 * reliability.SIDE)
    assert float(high["cy"]) == pytest.approx(reliability.MARGIN + 0.1 * reliability.SIDE)


def test_without_shared_data_it_says_so_and_fails_where_it_must_not_be_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(evaluation, "SHARED", tmp_path / "none")
    monkeypatch.delenv("CI", raising=False)
    assert evaluation.main([]) == 0
    assert "SHARED_DATA" in capsys.readouterr().out
    monkeypatch.setenv("CI", "true")
    assert evaluation.main([]) == 1
