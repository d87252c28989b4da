"""What officers teach, and which model is in use.

A lesson says what a group of questions is; taken back, it counts no more and its questions are
shown again. Lay names reach the search index at once (`lessons` of the state rises), everything
else the next model that is trained and accepted.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend.accounts.roles import SignedIn
from backend.config import settings
from backend.errors import Conflict, InvalidInput, NotFound
from backend.i18n import gettext as _
from backend.procedures import service as procedures
from bot.learning.models import Answer, Kind, LearningState, Lesson, TrainingRun, Verdict
from nlu import text
from nlu.extractors import mask
from nlu.taught import Taught, Taughts

LONGEST_NAME = 200
MOST_EXAMPLES = 40


@dataclass(frozen=True)
class Chosen:
    """The model that officers put to use: its folder's name, and the hash of what it was taught."""

    model: str
    taught: str


@dataclass(frozen=True)
class Wish:
    """A lesson as an officer fills it in."""

    kind: Kind
    value: str = ""
    lay_name: str = ""
    examples: tuple[str, ...] = ()


def chosen(session: Session) -> Chosen | None:
    """The model in use; None for the one that is shipped."""
    row = session.execute(
        select(TrainingRun.model, TrainingRun.taught).join(
            LearningState, LearningState.active_run == TrainingRun.id
        )
    ).one_or_none()
    return Chosen(row.model, row.taught) if row else None


def folder(model: str) -> Path:
    """Where a model's files are."""
    return settings().var_dir / "nlu" / model


def lessons_version(session: Session) -> int:
    """A number that rises with every change of what is taught."""
    return session.scalar(select(LearningState.lessons)) or 0


def lay_names(session: Session) -> dict[str, tuple[str, ...]]:
    """What officers heard citizens call procedures: code → names."""
    names: dict[str, tuple[str, ...]] = {}
    for lesson in _lessons(session, (Kind.PROCEDURE,)):
        names[lesson.value] = (*names.get(lesson.value, ()), lesson.lay_name)
    return names


def taught(session: Session) -> Taughts:
    """Everything that a model learns besides what is shipped, in the order of teaching."""
    kinds = (Kind.PROCEDURE, Kind.INTENT, Kind.OUT_OF_SCOPE)
    rows = []
    for lesson in _lessons(session, kinds):
        intent = lesson.value if lesson.kind != Kind.PROCEDURE else "ask_procedure"
        said = json.loads(lesson.examples)
        rows += [Taught(intent, sentence) for sentence in said]
        if lesson.kind == Kind.PROCEDURE:
            rows.append(Taught(intent, lesson.lay_name, lesson.value))
    return Taughts(tuple(rows))


def teach(
    session: Session,
    officer: SignedIn,
    wish: Wish,
    *,
    group_name: str,
    answers: Sequence[int],
    intents: Sequence[str],
    now: datetime,
) -> Lesson:
    """Store what the officer says this group of questions is; `answers` are its members' ids."""
    value, name = _checked(session, wish, intents)
    lesson = Lesson(
        kind=wish.kind, value=value, lay_name=name,
        examples=json.dumps([_tidy(one) for one in wish.examples[:MOST_EXAMPLES]]),
        group_name=group_name[:300], questions=len(answers), taught_by=officer.name, taught_at=now,
    )  # fmt: skip
    session.add(lesson)
    session.flush()
    for start in range(0, len(answers), 500):
        session.execute(
            update(Answer)
            .where(Answer.id.in_(answers[start : start + 500]), Answer.lesson_id.is_(None))
            .values(lesson_id=lesson.id)
        )
    state(session).lessons += 1
    return lesson


def withdraw(session: Session, officer: SignedIn, lesson_id: int, *, now: datetime) -> Lesson:
    """Take a lesson back: its questions are unanswered again."""
    lesson = session.get(Lesson, lesson_id, with_for_update=True)
    if lesson is None:
        raise NotFound("lesson_unknown", _("Không có mục đã dạy này."))
    if lesson.withdrawn_at is not None:
        raise Conflict("lesson_withdrawn", _("Mục này đã được thu hồi rồi."))
    lesson.withdrawn_at, lesson.withdrawn_by = now, officer.name
    session.execute(update(Answer).where(Answer.lesson_id == lesson.id).values(lesson_id=None))
    state(session).lessons += 1
    return lesson


def lessons(session: Session, *, limit: int = 100) -> list[Lesson]:
    """What was taught, the newest first, what was taken back included."""
    return list(session.scalars(select(Lesson).order_by(Lesson.id.desc()).limit(limit)))


def runs(session: Session, *, limit: int = 20) -> list[TrainingRun]:
    """The trainings, the newest first."""
    return list(session.scalars(select(TrainingRun).order_by(TrainingRun.id.desc()).limit(limit)))


def state(session: Session) -> LearningState:
    """The one row, locked; made if there is none yet."""
    found = session.get(LearningState, 1, with_for_update=True)
    if found is None:
        found = LearningState(id=1, lessons=0)
        session.add(found)
        session.flush()
    return found


def use(session: Session, run: TrainingRun | None, *, by: str, now: datetime) -> None:
    """Let this run's model answer from now on (None: the shipped one); the other one is kept."""
    row = state(session)
    row.previous_run, row.active_run = row.active_run, run.id if run else None
    row.changed_by, row.since = by, now


def go_back(session: Session, officer: SignedIn, *, now: datetime) -> None:
    """The previous model again; pressed once more, the newer one."""
    row = state(session)
    if row.active_run is None and row.previous_run is None:
        raise Conflict("no_previous_model", _("Chưa có mô hình nào trước mô hình này."))
    previous = session.get(TrainingRun, row.previous_run) if row.previous_run else None
    if previous and not folder(previous.model).is_dir():
        raise Conflict("model_gone", _("Tệp của mô hình trước không còn trên máy chủ."))
    use(session, previous, by=officer.name, now=now)


@dataclass(frozen=True)
class Standing:
    """Which model answers and which did before (None: the shipped one), and since when."""

    active: TrainingRun | None
    previous: TrainingRun | None
    changed_by: str
    since: datetime | None
    can_go_back: bool
    is_waiting: bool


def standing(session: Session) -> Standing:
    """How the models stand, for the page."""
    row = session.get(LearningState, 1) or LearningState(id=1, changed_by="")
    ids = [number for number in (row.active_run, row.previous_run) if number]
    runs = {r.id: r for r in session.scalars(select(TrainingRun).where(TrainingRun.id.in_(ids)))}
    return Standing(
        active=runs.get(row.active_run or 0), previous=runs.get(row.previous_run or 0),
        changed_by=row.changed_by, since=row.since, can_go_back=bool(ids),
        is_waiting=is_waiting(session),
    )  # fmt: skip


def is_waiting(session: Session) -> bool:
    """Whether a training is under way."""
    waiting = select(TrainingRun.id).where(TrainingRun.verdict == Verdict.WAITING)
    return session.scalar(waiting.limit(1)) is not None


def _lessons(session: Session, kinds: Sequence[Kind]) -> list[Lesson]:
    query = select(Lesson).where(Lesson.kind.in_(kinds), Lesson.withdrawn_at.is_(None))
    return list(session.scalars(query.order_by(Lesson.id)))


def _checked(session: Session, wish: Wish, intents: Sequence[str]) -> tuple[str, str]:
    """The lesson's value and lay name; refuses what teaches nothing."""
    if wish.kind is Kind.IGNORE:
        return "", ""
    if wish.kind is Kind.PROCEDURE:
        return _procedure(session, wish)
    if not wish.examples:
        raise _missing("examples", _("Xin chọn ít nhất một câu làm ví dụ."))
    if wish.kind is Kind.OUT_OF_SCOPE:
        return "out_of_scope", ""
    if wish.value not in intents:
        raise _missing("intent", _("Xin chọn người dân muốn gì."))
    return wish.value, ""


def _procedure(session: Session, wish: Wish) -> tuple[str, str]:
    if wish.value not in procedures.names(session, [wish.value]):
        raise _missing("code", _("Xin tìm và chọn một thủ tục trong danh mục."))
    name = _tidy(wish.lay_name)[:LONGEST_NAME]
    if len(text.words(name)) < 2:
        message = _("Xin ghi tên gọi thường ngày bằng ít nhất hai chữ.")
        raise _missing("lay_name", message)
    return wish.value, name


def _missing(field: str, message: str) -> InvalidInput:
    return InvalidInput("lesson_incomplete", message, fields={field: message})


def _tidy(sentence: str) -> str:
    """As it is learned: masked, in one line."""
    return " ".join(mask(text.clean(sentence)).split())[:500]
