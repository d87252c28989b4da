"""The scorer: what counts as right, and that no question ever shows."""

import json

import pytest

from nlu import evaluate
from nlu.evaluate import f1, main, read, report, wilson


def label(number, behavior, codes=(), *, text="câu hỏi bí mật", **more):
    return {
        "id": f"q{number:03}",
        "question": text,
        "behavior": behavior,
        "acceptable_codes": list(codes),
        "aspects": [],
        "no_diacritics": False,
        **more,
    }


def said(number, behavior, codes=(), aspects=()):
    turn = {"behavior": behavior, "codes": list(codes), "aspects": list(aspects)}
    return {"id": f"q{number:03}", "turns": [turn]}


def write(path, rows):
    path.write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in rows), encoding="utf-8")
    return path


def scores(tmp_path, labels, answers):
    gold, given = write(tmp_path / "gold", labels), write(tmp_path / "given", answers)
    return report(read(gold, given), [])["EVEN (developed)"]


def test_wilson_intervals_are_the_textbook_ones():
    assert wilson(8, 10) == pytest.approx((0.490, 0.943), abs=0.001)
    assert wilson(0, 20) == pytest.approx((0.0, 0.161), abs=0.001)
    assert wilson(0, 0) == (0.0, 1.0)


def test_recall_looks_at_codes_whatever_the_behaviour(tmp_path):
    table = scores(
        tmp_path,
        [label(0, "answer", ["1"]), label(2, "answer", ["2"]), label(4, "answer", ["3"])],
        [said(0, "answer", ["1"]), said(2, "clarify", ["9", "8", "7", "6", "2"])],
    )
    assert table["R@1"].startswith("0.333 (1/3;")
    assert table["R@5"].startswith("0.667 (2/3;")
    assert table["needlessly asked back"].startswith("0.333 (1/3;")
    assert table["confidently wrong"].startswith("0.000 (0/3;")


def test_confidently_wrong_counts_answers_that_cannot_be_meant(tmp_path):
    table = scores(
        tmp_path,
        [
            label(0, "answer", ["1"]),
            label(2, "out_of_scope", true_oos=True),
            label(4, "out_of_scope", true_oos=False),
            label(6, "clarify", ["1", "2"]),
            label(8, "clarify"),
        ],
        [said(n, "answer", ["2"]) for n in (0, 2, 4, 6, 8)],
    )
    assert table["questions"] == "4"
    assert table["confidently wrong"].startswith("0.500 (2/4;")


def test_greeting_keeps_out_of_scope_and_asking_back_is_scored(tmp_path):
    table = scores(
        tmp_path,
        [label(0, "out_of_scope", true_oos=True), label(2, "clarify"), label(4, "clarify")],
        [said(0, "smalltalk"), said(2, "clarify", ["1"]), said(4, "answer", ["1"])],
    )
    assert table["kept out of scope"].startswith("1.000 (1/1;")
    assert table["clarify"].startswith("P 1.000 R 0.500 F1 0.667")
    assert table["behaviour right"].startswith("0.667 (2/3;")


def test_aspects_count_only_where_one_is_asked(tmp_path):
    table = scores(
        tmp_path,
        [label(0, "answer", ["1"], aspects=["fees", "time"]), label(2, "answer", ["1"])],
        [said(0, "answer", ["1"], ["fees", "place"]), said(2, "answer", ["1"], ["fees"])],
    )
    assert table["aspects"] == f1(1, 1, 1)
    assert "F1 0.500" in table["aspects"]


def test_a_set_without_labels_of_aspects_has_no_figure_for_them(tmp_path):
    table = scores(tmp_path, [label(0, "answer", ["1"])], [said(0, "answer", ["1"], ["fees"])])
    assert table["aspects"] == "–"


def test_dialogue_turns_leave_context_out(tmp_path):
    turns = [
        {"question": "a", "behavior": "context", "acceptable_codes": [], "aspects": []},
        {"question": "b", "behavior": "answer", "acceptable_codes": ["1"], "aspects": []},
        {"question": "c", "behavior": "clarify", "acceptable_codes": ["2"], "aspects": []},
        {"question": "d", "behavior": "answer", "acceptable_codes": ["3"], "aspects": []},
    ]
    gold = write(tmp_path / "gold", [{"id": "d001", "turns": turns}])
    given = write(
        tmp_path / "given",
        [
            {
                "id": "d001",
                "turns": [
                    {"behavior": "answer", "codes": ["9"]},
                    {"behavior": "answer", "codes": ["1"]},
                    {"behavior": "clarify", "codes": ["5", "2"]},
                    {"behavior": "answer", "codes": ["5", "3"]},
                ],
            }
        ],
    )
    halves = report([], read(gold, given))
    assert halves["ODD (held out)"]["dialogue turns right"].startswith("0.667 (2/3;")
    assert "dialogue turns right" not in halves["EVEN (developed)"]


def test_the_report_never_shows_a_question(tmp_path, capsys):
    gold = write(tmp_path / "g", [label(1, "answer", ["1.000894"]), label(2, "answer", ["2"])])
    given = write(tmp_path / "a", [said(1, "answer", ["1.000894"]), {"id": None, "error": "x"}])
    figures = tmp_path / "figures.json"
    assert main([str(gold), str(given), "--date", "2026-11-22", "--json", str(figures)]) == 0
    shown = capsys.readouterr().out
    assert "2026-11-22" in shown
    assert evaluate.machine() in shown
    for secret in ("câu hỏi", "q001", "1.000894"):
        assert secret not in shown
        assert secret not in figures.read_text("utf-8")
    odd = json.loads(figures.read_text("utf-8"))["halves"]["ODD (held out)"]
    assert odd["R@1"].startswith("1.000 (1/1;")


def test_halves_and_accents_are_told_apart(tmp_path):
    labels = [
        label(0, "answer", ["1"], no_diacritics=True),
        label(1, "answer", ["1"]),
        label(3, "answer", ["2"]),
    ]
    gold = write(tmp_path / "g", labels)
    given = write(tmp_path / "a", [said(n, "answer", ["1"]) for n in (0, 1, 3)])
    halves = report(read(gold, given), [])
    assert halves["EVEN (developed)"]["questions"] == "1"
    assert halves["ODD (held out)"]["R@1"].startswith("0.500 (1/2;")
    assert halves["EVEN (developed), without accents"]["R@1"].startswith("1.000 (1/1;")
    assert halves["EVEN (developed), with accents"]["R@1"] == "–"


def turns(labels, answers):
    return list(evaluate.join(labels, answers))


def test_fields_asked_less_are_counted_together():
    labels = [label(n, "answer", ["1" if n < 8 else str(n)]) for n in range(0, 12, 2)]
    answers = [said(n, "answer", ["1"]) for n in range(0, 12, 2)]
    rows = evaluate.by_field(turns(labels, answers), {"1": "Hộ tịch", "8": "Đất đai"})
    assert list(rows) == ["Hộ tịch", "2 fields asked less"]
    assert rows["Hộ tịch"].startswith("1.000 (4/4;")
    assert rows["2 fields asked less"].startswith("0.000 (0/2;")


def test_each_aspect_has_its_own_figure():
    rows = evaluate.by_aspect(
        turns(
            [label(0, "answer", ["1"], aspects=["fees", "time"]), label(2, "answer", ["1"])],
            [said(0, "answer", ["1"], ["fees", "place"]), said(2, "answer", ["1"], ["fees"])],
        )
    )
    assert rows == {"fees": f1(1, 0, 0), "time": f1(0, 0, 1)}


def test_confusion_counts_what_was_done_by_what_was_wanted():
    heads, *rows = evaluate.confusion(
        turns(
            [label(0, "answer", ["1"]), label(2, "answer", ["1"]), label(4, "clarify")],
            [said(0, "answer"), said(2, "clarify")],
        )
    )
    named = {row[0]: dict(zip(heads[1:], row[1:], strict=True)) for row in rows}
    assert named["answer"]["answer"] == named["answer"]["clarify"] == "1"
    assert named["clarify"]["silence"] == "1"
