"""The shipped examples are sound, and unsound ones are refused."""

from pathlib import Path

import pytest

from nlu import __main__ as command
from nlu import dataset
from nlu.dataset import Dataset, Example


def test_the_shipped_data_are_sound() -> None:
    learned, held_out = dataset.training(), dataset.tests()
    assert dataset.problems(learned, held_out) == []
    assert dataset.problems(learned, dataset.development()) == []
    assert len(held_out.examples) >= 150


def one(intent: str, *sentences: str) -> tuple[Example, ...]:
    return tuple(Example(intent, sentence, f"{intent}.yml") for sentence in sentences)


def problems(*examples: Example, held_out: tuple[Example, ...] = ()) -> str:
    found = dataset.problems(Dataset(examples, {}), Dataset(held_out, {}))
    return "\n".join(found)


def test_the_same_sentence_in_two_intents_is_refused_whatever_its_accents() -> None:
    report = problems(*one("fees", "lệ phí bn"), *one("greet", "le phi bao nhiêu"))
    assert "said 2 times, in fees and greet: le phi bao nhieu" in report


def test_a_held_out_sentence_that_is_learned_is_refused() -> None:
    report = problems(*one("fees", "lệ phí"), held_out=one("fees", "LE PHI"))
    assert "held out, but learned in fees.yml: LE PHI" in report


def test_an_intent_tested_but_not_taught_is_refused() -> None:
    assert "never taught: bye" in problems(*one("fees", "phí"), held_out=one("bye", "chào nhé"))


def test_few_examples_odd_names_and_decomposed_letters_are_refused() -> None:
    report = problems(*one("ask/fee", "phi\u0301"))
    assert "needs 20" in report
    assert "small letters" in report
    assert "not in NFC" in report


def test_a_marked_entity_that_no_rule_finds_is_refused() -> None:
    example = Example("track", "hồ sơ abc", "track.yml", ("dossier_code",))
    assert "no rule finds dossier_code" in problems(example)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("version: [", "while parsing"),
        ("nlu: []", "version"),
        ('version: "3.1"\nnlu: {}', "no list"),
        ('version: "3.1"\nnlu:\n- intent: a\n  exampels: b', "a block needs"),
        ('version: "3.1"\nnlu:\n- intent: a\n  examples: |\n    không gạch đầu dòng', "begin with"),
        ('version: "3.1"\nnlu:\n- intent: a\n  examples: |\n    - [x](kind) [y](', "not closed"),
    ],
)
def test_broken_files_are_refused(tmp_path: Path, content: str, reason: str) -> None:
    path = tmp_path / "broken.yml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(dataset.BrokenDataError, match=reason):
        dataset.read([path])


def test_rasa_markup_and_synonyms_are_read(tmp_path: Path) -> None:
    path = tmp_path / "some.yml"
    path.write_text(
        'version: "3.1"\nnlu:\n- intent: track\n  examples: |\n'
        "    - mã [H29-260105-0001](dossier_code)\n"
        "- synonym: commune\n  examples: |\n    - Ủy ban xã\n",
        encoding="utf-8",
    )
    data = dataset.read([path])
    assert data.examples == (Example("track", "mã H29-260105-0001", "some.yml", ("dossier_code",)),)
    assert data.synonyms == {"uy ban xa": "commune"}


def test_the_digest_follows_the_data() -> None:
    first, second = Dataset(one("a", "x"), {}), Dataset(one("a", "y"), {})
    assert first.digest != second.digest
    assert first.digest == Dataset(one("a", "x"), {}).digest


def test_the_command_validates(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["validate"]) == 0
    assert "held out" in capsys.readouterr().out
