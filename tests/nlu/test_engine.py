"""What every engine promises, and that the embedded one keeps its scores and its speed."""

import json
import unicodedata
from pathlib import Path
from statistics import median
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlu import __main__ as command
from nlu import dataset, features, training
from nlu.engines import ENGINES
from nlu.engines.embedded import EmbeddedEngine
from nlu.model import OUTSIDE, BrokenModelError, Model
from nlu.types import Aspect, Understanding

# Measured .70 and .90 on sentences nobody tuned on; the gate is half a point below.
INTENT_FLOOR = 0.695
DOMAIN_FLOOR = 0.895


@pytest.fixture(scope="module")
def model() -> Model:
    return training.train(dataset.training())


@pytest.fixture(scope="module")
def engine(model: Model) -> EmbeddedEngine:
    return EmbeddedEngine(model)


def test_engines_go_by_their_names() -> None:
    assert all(name == engine.name for name, engine in ENGINES.items())


@pytest.mark.parametrize(
    "message",
    [
        "",
        " ",
        "😀😀",
        "a" * 10_000,
        "khai sinh " * 1000,
        "§¨ng ký ®­îc",
        "<p>xin</p>",
        "\ud800",
        "?",
    ],
)
def test_strange_messages_are_understood_somehow(engine: EmbeddedEngine, message: str) -> None:
    understood = engine.parse(message)
    assert isinstance(understood, Understanding)
    assert understood.intents
    assert 0 <= understood.in_domain <= 1


@given(st.text())
@settings(max_examples=60, deadline=None)
def test_any_text_keeps_the_promises(engine: EmbeddedEngine, message: str) -> None:
    understood = engine.parse(message)
    chances = [intent.confidence for intent in understood.intents]
    assert chances == sorted(chances, reverse=True)
    assert 0 <= sum(chances) <= 1.001
    for entity in understood.entities:
        assert 0 <= entity.start < entity.end <= len(understood.text)


@pytest.mark.parametrize(
    "message", ["Đăng ký khai sinh cho con cần giấy tờ gì?", "Hồ sơ của tôi tới đâu rồi"]
)
def test_accents_and_their_form_change_nothing(engine: EmbeddedEngine, message: str) -> None:
    composed = engine.parse(message)
    decomposed = engine.parse(unicodedata.normalize("NFD", message))
    bare = engine.parse(
        "".join(c for c in unicodedata.normalize("NFD", message) if not unicodedata.combining(c))
    )
    assert composed.intent == decomposed.intent == bare.intent
    assert composed.aspects == decomposed.aspects == bare.aspects
    assert composed.subject == decomposed.subject == bare.subject


def test_a_whole_understanding(engine: EmbeddedEngine) -> None:
    understood = engine.parse("làm gks cho con ở xã thì phí bn, sđt em 0912345678")
    assert understood.intent == "ask_procedure"
    assert understood.aspects == (Aspect.FEES,)
    assert understood.entity("phone") == "0912345678"
    assert understood.entity("agency") == "commune"
    assert understood.text == "làm gks cho con ở xã thì phí bn, sđt em •••"
    assert "0912345678" not in understood.folded + understood.subject
    assert understood.subject.startswith("giay khai sinh cho con")
    assert understood.in_domain > 0.9


@pytest.mark.parametrize(
    ("message", "intent"),
    [
        ("H29.12-251120-0045", "track_dossier"),
        ("thế còn phí?", "follow_up"),
        ("số 2", "choice"),
        ("giết mổ heo cần đăng ký ở đâu", "ask_procedure"),
        ("giết vợ xong đi khai tử ở đâu", "provocation"),
        ("tôi chán sống lắm rồi, muốn chết", "self_harm"),
        ("xin cấp hộ chiếu cho con", "ask_procedure"),
        ("chiều nay trời có mưa không", "out_of_scope"),
    ],
)
def test_what_must_never_be_confused(engine: EmbeddedEngine, message: str, intent: str) -> None:
    assert engine.parse(message).intent == intent


def test_held_out_scores(engine: EmbeddedEngine) -> None:
    held_out = dataset.tests().examples
    understood = [(example, engine.parse(example.text)) for example in held_out]
    right = sum(u.intent == e.intent for e, u in understood)
    kept_apart = sum((u.in_domain > 0.5) == (e.intent not in OUTSIDE) for e, u in understood)
    assert right / len(held_out) >= INTENT_FLOOR
    assert kept_apart / len(held_out) >= DOMAIN_FLOOR


def test_bands_keep_what_they_promise(engine: EmbeddedEngine) -> None:
    examples = (*dataset.tests().examples, *dataset.development().examples)
    right: dict[str, list[bool]] = {"answer": [], "confirm": [], "refuse": []}
    for example in examples:
        understood = engine.parse(example.text)
        right[understood.band].append(understood.intent == example.intent)
    shares = {band: sum(hits) / len(hits) for band, hits in right.items()}
    assert shares["answer"] >= 0.9
    assert shares["answer"] > shares["confirm"] > shares["refuse"]
    assert len(right["answer"]) > len(examples) / 2


def test_a_message_takes_at_most_two_milliseconds(engine: EmbeddedEngine) -> None:
    times = []
    for example in dataset.tests().examples[:100]:
        started = process_time()
        engine.parse(example.text)
        times.append(process_time() - started)
    assert median(times) < 0.002


def test_a_stored_model_is_the_same_model(
    tmp_path: Path, model: Model, engine: EmbeddedEngine
) -> None:
    model.save(tmp_path)
    again = EmbeddedEngine.load(tmp_path)
    assert again.model.data_digest == dataset.training().digest
    for message in ("khai sinh cần gì", "chào bạn", "H29-260105-0001"):
        assert again.parse(message).intents == engine.parse(message).intents


def test_a_model_that_was_touched_is_not_loaded(tmp_path: Path, model: Model) -> None:
    model.save(tmp_path)
    (tmp_path / "model.npz").write_bytes((tmp_path / "model.npz").read_bytes() + b"x")
    with pytest.raises(BrokenModelError, match="not those that were stored"):
        Model.load(tmp_path)
    content = json.loads((tmp_path / "model.json").read_text(encoding="utf-8"))
    (tmp_path / "model.json").write_text(json.dumps(content | {"format": 0}), encoding="utf-8")
    with pytest.raises(BrokenModelError, match="format"):
        Model.load(tmp_path)


@pytest.mark.slow
def test_without_a_model_the_engine_learns_at_once(tmp_path: Path) -> None:
    """Within some rounds over the examples: a ratio, since seconds say how busy the machine is."""
    started = process_time()
    engine = EmbeddedEngine.load(tmp_path / "none")
    learned = process_time() - started
    assert engine.parse("khai sinh").intent == "ask_procedure"
    started = process_time()
    for example in dataset.training().examples:
        features.look(example.text, engine.model.vocabulary)
    assert learned < 8 * (process_time() - started)


@pytest.mark.slow
def test_the_commands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["train", "--out", str(tmp_path)]) == 0
    assert command.main(["parse", "phí khai sinh", "--model", str(tmp_path)]) == 0
    output = capsys.readouterr().out
    assert '"fees"' in output
    assert "held_out_accuracy" in output


def test_a_model_of_other_rules_is_not_loaded(
    tmp_path: Path, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    model.save(tmp_path)
    monkeypatch.setattr("nlu.model.sources", lambda: "another release")
    with pytest.raises(BrokenModelError):
        Model.load(tmp_path)
