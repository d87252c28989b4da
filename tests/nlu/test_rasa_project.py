"""What the Rasa server is made of: its files, the words its components see, how it is set up."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from nlu import dataset
from nlu.rasa import home, training
from nlu.rasa.components import words
from nlu.text import fold


def test_domain_names_every_intent() -> None:
    domain = yaml.safe_load((home.PROJECT / "domain.yml").read_text(encoding="utf-8"))
    assert domain["intents"] == list(dataset.training().intents)


def test_rasa_learns_what_the_others_learn(tmp_path: Path) -> None:
    written = tmp_path / "nlu.yml"
    written.write_text(training.examples(), encoding="utf-8")
    learned = dataset.read([written]).examples
    wanted = dataset.training().examples
    assert sorted((e.intent, e.text) for e in learned) == sorted((e.intent, e.text) for e in wanted)


def test_both_pipelines_train_diet_alike() -> None:
    """The comparison is of what DIET sees, not of how long it looks."""
    pipelines = [yaml.safe_load(path.read_text())["pipeline"] for path in (home.CONFIG, home.PLAIN)]
    assert pipelines[0][-1] == pipelines[1][-1]
    assert pipelines[0][-1]["name"] == "DIETClassifier"


@given(st.text())
def test_words_keep_their_places(message: str) -> None:
    found = words.read(message)
    ends = 0
    for word in found:
        assert ends <= word.start < word.end <= len(message)
        assert word.meant
        ends = word.end
    assert not any(c.isalnum() for c in outside(message, found))


def outside(message: str, found: list[words.Word]) -> str:
    """What stands between the words."""
    starts = [0, *(word.end for word in found)]
    ends = [*(word.start for word in found), len(message)]
    return "".join(message[a:b] for a, b in zip(starts, ends, strict=True))


@pytest.mark.parametrize(
    ("message", "meant"),
    [
        ("dk khai sinh bn tien", [("dang ky", "dk"), ("khai", "khai"), ("sinh", "sinh"),
                                  ("bao nhieu", "bn"), ("tien", "tien")]),
        ("đăngkýkhaisinh?", [("dang ky khai sinh", "đăngkýkhaisinh")]),
        ("Le\u0323\u0302 phi\u0301", [("le", "Le\u0323\u0302"), ("phi", "phi\u0301")]),
        ("giaays tờ", [("giay", "giaays"), ("to", "tờ")]),
    ],
)  # fmt: skip
def test_words_are_what_was_meant(message: str, meant: list[tuple[str, str]]) -> None:
    assert [(w.meant, message[w.start : w.end]) for w in words.read(message)] == meant


def test_words_are_the_same_without_accents() -> None:
    """But for abbreviations that only accents tell apart."""
    same = [
        [w.meant for w in words.read(e.text)] == [w.meant for w in words.read(fold(e.text))]
        for e in dataset.tests().examples
    ]
    assert sum(same) / len(same) > 0.9


def test_dead_shim_is_no_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shim = tmp_path / "python3.10"
    shim.write_text("#!/bin/sh\necho 'version 3.10 is not installed' >&2\nexit 127\n")
    shim.chmod(0o755)
    for name, value in {"PATH": tmp_path, "PYENV_ROOT": tmp_path, "RASA_PYTHON": shim}.items():
        monkeypatch.setenv(name, str(value))
    with pytest.raises(home.CannotRunError, match="uv python install"):
        home.python310()


def test_token_is_drawn_once_and_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(home, "HOME", tmp_path)
    monkeypatch.setattr(home, "TOKEN", tmp_path / "token")
    monkeypatch.delenv("RASA_TOKEN", raising=False)
    drawn = home.token()
    assert len(drawn) > 30
    assert home.token() == drawn
    assert home.TOKEN.stat().st_mode & 0o077 == 0
    monkeypatch.setenv("RASA_TOKEN", "cua-toi")
    assert home.token() == "cua-toi"
