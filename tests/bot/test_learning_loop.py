"""Taught, trained, measured, put to use, taken back: with real trainings, in their own process."""

import json
import shutil
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import pytest
from sqlalchemy import select

from backend import clock as now_is
from backend import db
from backend.accounts.roles import Role, SignedIn
from backend.config import settings
from backend.errors import Conflict
from bot.catalogue import catalogue
from bot.language import Language
from bot.learning import service as learning
from bot.learning import training
from bot.learning.models import Kind, TrainingRun, Verdict
from bot.learning.service import Wish
from nlu import taught
from nlu.lay_names import lay_names
from nlu.model import BrokenModelError, Model
from tests import some_procedures
from tests.conftest import MODEL
from tests.some_procedures import BIRTH

pytestmark = pytest.mark.slow

ADMIN = SignedIn(1, "admin", "Phạm Đức An", Role.ADMINISTRATOR)
SAID = "con tàu vũ trụ của xóm em bay chưa"
Work = Callable[[], int]


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database, clock) -> Iterator[Path]:
    """A folder of models of this test's own, with the shipped one in it."""
    monkeypatch.setenv("VAR_DIR", str(tmp_path))
    settings.cache_clear()
    folder = tmp_path / "nlu"
    folder.mkdir()
    for file in MODEL.glob("model.*"):
        shutil.copy(file, folder)
    yield folder
    monkeypatch.undo()
    settings.cache_clear()


def teach(kind: Kind, value: str, *sentences: str, lay_name: str = "") -> int:
    with db.transaction() as session:
        return learning.teach(
            session, ADMIN, Wish(kind, value, lay_name, sentences), group_name="nhóm", answers=[],
            intents=[value], now=now_is.now(),
        ).id  # fmt: skip


def trained(work: Work) -> TrainingRun:
    with db.transaction() as session:
        training.ask(session, ADMIN, now=now_is.now())
    work()
    with db.reading() as session:
        run = session.scalars(select(TrainingRun).order_by(TrainingRun.id.desc())).first()
        session.expunge_all()
    assert run
    return run


def test_what_is_taught_is_understood_once_trained_and_forgotten_on_return(shelf, work):
    """Two `Language` objects are what two processes have."""
    web, worker = Language(), Language()
    shipped = web.engine()
    assert shipped.parse(SAID).intent != "hours"
    assert web.loaded().chosen is worker.loaded().chosen is None
    teach(Kind.INTENT, "hours", *(f"{SAID} {end}" for end in ("ạ", "nhỉ", "vậy", "ta", "hả anh")))
    run = trained(work)
    assert run.verdict == Verdict.ACCEPTED, run.figures
    figures = json.loads(run.figures)
    assert figures["seconds"] < 120
    assert set(figures["figures"]) == set(figures["present"]) == {
        "understood", "let_in", "refused", "kept_out",
    }  # fmt: skip
    for process in (web, worker):
        process.look_again()
        assert process.engine().parse(SAID).intent == "hours"
        assert process.loaded().model == run.model
    with db.transaction() as session:
        learning.go_back(session, ADMIN, now=now_is.now())
    for process in (web, worker):
        process.look_again()
        assert process.engine().parse(SAID).intent != "hours"
    with db.transaction() as session:
        learning.go_back(session, ADMIN, now=now_is.now())
    web.look_again()
    assert web.engine().parse(SAID).intent == "hours", "and forth again"


def test_a_poisoned_set_is_refused_and_nothing_changes(shelf, work):
    names = islice((name for names in lay_names().values() for name in names[:2]), 400)
    sentences = [f"cho em hỏi {name} cần những gì" for name in names]
    for start in range(0, len(sentences), learning.MOST_EXAMPLES):
        teach(Kind.OUT_OF_SCOPE, "", *sentences[start : start + learning.MOST_EXAMPLES])
    run = trained(work)
    assert run.verdict == Verdict.REFUSED, run.figures
    assert run.why, "which measures fell is written down"
    with db.reading() as session:
        assert learning.chosen(session) is None
    assert not [path for path in shelf.iterdir() if path.is_dir()], "its files are gone"


def test_a_lay_name_is_found_without_training_and_gone_when_withdrawn(database, clock):
    some_procedures.load(BIRTH, "1.000656")
    said = "làm bánh chưng đầu đời cho bé"
    assert not [hit for hit in catalogue.index().search(said, subject=said) if hit.exact > 0.9]
    number = teach(Kind.PROCEDURE, BIRTH, lay_name="bánh chưng đầu đời")
    catalogue.forget()
    assert catalogue.index().search("banh chung dau doi", subject="banh chung dau doi")
    with db.transaction() as session:
        assert learning.lay_names(session) == {BIRTH: ("bánh chưng đầu đời",)}
        learning.withdraw(session, ADMIN, number, now=now_is.now())
        assert learning.lay_names(session) == {}
        with pytest.raises(Conflict):
            learning.withdraw(session, ADMIN, number, now=now_is.now())


def test_one_training_at_a_time(shelf):
    with db.transaction() as session:
        training.ask(session, ADMIN, now=now_is.now())
    with pytest.raises(Conflict), db.transaction() as session:
        training.ask(session, ADMIN, now=now_is.now())


def test_a_training_that_breaks_is_told_and_the_next_may_start(shelf, work):
    teach(Kind.INTENT, "no_such_intent", "xin chào xóm giềng")
    run = trained(work)
    assert (run.verdict, run.why) == (Verdict.FAILED, "no flow answers: no_such_intent")
    with db.transaction() as session:
        training.ask(session, ADMIN, now=now_is.now())


def test_a_model_that_cannot_be_loaded_leaves_the_present_one(shelf):
    process = Language()
    before = process.engine()
    with db.transaction() as session:
        run = TrainingRun(
            asked_by="An", asked_at=now_is.now(), verdict=Verdict.ACCEPTED, model="0" * 16,
            taught="x",
        )  # fmt: skip
        session.add(run)
        session.flush()
        learning.use(session, run, by="An", now=now_is.now())
    process.look_again()
    assert process.engine() is before
    with db.transaction() as session:
        learning.go_back(session, ADMIN, now=now_is.now())
    with pytest.raises(Conflict), db.transaction() as session:
        learning.go_back(session, ADMIN, now=now_is.now())


def test_a_model_taught_other_things_is_stale(tmp_path):
    stored = Model.load(MODEL)
    assert stored.taught == ""
    stored.save(tmp_path)
    assert Model.load(tmp_path, taught=None).intents == stored.intents
    with pytest.raises(BrokenModelError, match="taught other things"):
        Model.load(tmp_path, taught="0" * 64)


def test_held_out_sentences_are_never_learned():
    from nlu import dataset

    shipped = dataset.training()
    known, held_out = shipped.examples[0], dataset.tests().examples[0]
    rows = (
        taught.Taught(known.intent, known.text),
        taught.Taught(held_out.intent, held_out.text),
        taught.Taught("greet", SAID),
        taught.Taught("hours", SAID.upper()),
    )
    added = taught.beside(shipped, taught.Taughts(rows)).examples[len(shipped.examples) :]
    assert [(e.intent, e.text) for e in added] == [("hours", SAID.upper())]
