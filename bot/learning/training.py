"""A new model from what is shipped and what was taught: trained, measured, accepted or refused.

It is trained in a process of its own (seconds of numpy that no turn should wait for) and measured
there on the held-out files beside the model in use. Only a model that falls nowhere by more than
half a point answers; every attempt is a row.
"""

import json
import re
import shutil
import subprocess
import sys
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend import clock, db, jobs, log
from backend.accounts.roles import SignedIn
from backend.config import ROOT, settings
from backend.errors import Conflict
from backend.i18n import gettext as _
from bot.learning import service as learning
from bot.learning.models import TrainingRun, Verdict
from nlu import taught
from nlu.model import Model

logger = log.get(__name__)

MOST_SECONDS = 600
KEPT = 10  # models that were accepted
_NAME = re.compile(r"[0-9a-f]{16}")


def ask(session: Session, officer: SignedIn, *, now: datetime) -> TrainingRun:
    """Queue a training; one at a time."""
    learning.state(session)  # locked: two who ask at once get one training
    if learning.is_waiting(session):
        raise Conflict("already_training", _("Đang huấn luyện rồi. Xin đợi một lát."))
    run = TrainingRun(asked_by=officer.name, asked_at=now, verdict=Verdict.WAITING)
    session.add(run)
    session.flush()
    jobs.enqueue(
        session, "learning.train", key="learning.train", lane=jobs.Lane.UPKEEP, run_id=run.id
    )
    return run


def _trained(payload: dict[str, Any]) -> dict[str, Any]:
    """Train and measure; an accepted model has its folder when this returns."""
    with db.reading() as session:
        lessons, chosen = learning.taught(session), learning.chosen(session)
    shelf = settings().var_dir / "nlu"
    shelf.mkdir(parents=True, exist_ok=True)
    present = learning.folder(chosen.model) if chosen else shelf
    with tempfile.TemporaryDirectory(dir=shelf, prefix="new-") as name:
        room = Path(name)
        report = run_apart(room, lessons, present)
        if report.get("model") and not report["falls"]:
            Model.load(room / "model", taught=report["taught"])
            _move(room / "model", learning.folder(report["model"]))
    return report


def run_apart(room: Path, lessons: taught.Taughts, present: Path) -> dict[str, Any]:
    """Train in a process of its own; its report, or `failed`: what it said when it ended."""
    rows, report, model = room / "taught.jsonl", room / "report.json", room / "model"
    taught.write(lessons, rows)
    command = [
        sys.executable, "-m", "nlu", "train", "--taught", str(rows), "--out", str(model),
        "--against", str(present), "--report", str(report),
    ]  # fmt: skip
    try:
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=MOST_SECONDS)
    except subprocess.CalledProcessError as error:
        last = error.stderr.decode(errors="replace").strip().splitlines()[-1:]
        return {"failed": " ".join(last)[:400] or f"exit {error.returncode}"}
    except subprocess.TimeoutExpired:
        return {"failed": f"> {MOST_SECONDS} s"}
    found: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    return found


def _move(new: Path, to: Path) -> None:
    """The same examples give the same model: one that is there already stays."""
    if not to.exists():
        new.rename(to)


def _gave_up(session: Session, payload: dict[str, Any], reference: str) -> None:
    run = session.get(TrainingRun, payload["run_id"])
    if run is not None and run.verdict == Verdict.WAITING:
        run.verdict, run.done_at, run.why = Verdict.FAILED, clock.now(), reference


@jobs.job("learning.train", prepare=_trained, max_attempts=2, failed=_gave_up)
def train(session: Session, run_id: int, prepared: dict[str, Any]) -> None:
    """Write down what came of it; an accepted model answers from the next turn on."""
    run = session.get(TrainingRun, run_id, with_for_update=True)
    if run is None or run.verdict != Verdict.WAITING:
        return
    now = clock.now()
    run.done_at, run.figures = now, json.dumps(prepared)
    if failure := prepared.get("failed"):
        run.verdict, run.why = Verdict.FAILED, str(failure)
    elif prepared["falls"]:
        run.verdict, run.why = Verdict.REFUSED, ",".join(prepared["falls"])
    else:
        run.verdict, run.model, run.taught = Verdict.ACCEPTED, prepared["model"], prepared["taught"]
        learning.use(session, run, by=run.asked_by, now=now)
    session.flush()
    _clear(session)
    logger.info("learning.trained", run=run.id, verdict=run.verdict, why=run.why)


def _clear(session: Session) -> None:
    """Drop the files of models long replaced; the one in use and the one before are kept."""
    accepted = select(TrainingRun.model).where(TrainingRun.verdict == Verdict.ACCEPTED)
    kept = set(session.scalars(accepted.order_by(TrainingRun.id.desc()).limit(KEPT)))
    state = learning.state(session)
    both = (state.active_run, state.previous_run)
    kept |= set(session.scalars(select(TrainingRun.model).where(TrainingRun.id.in_(both))))
    for path in (settings().var_dir / "nlu").iterdir():
        if _NAME.fullmatch(path.name) and path.name not in kept:
            shutil.rmtree(path, ignore_errors=True)
