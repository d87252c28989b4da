"""The bank of a course: put questions in, change them without changing the past, draw from them."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from backend.errors import Conflict
from backend.i18n import gettext as _
from lms import questions
from lms.questions import Question
from lms.questions.models import QuestionRow
from lms.questions.question import order


@dataclass(frozen=True)
class Banked:
    """A question of the bank, in one of its versions."""

    id: int
    key: str
    question: Question


@dataclass(frozen=True)
class Drawing:
    """So many of a category, and of a difficulty where it matters."""

    category: str
    count: int
    difficulty: int | None = None


def put(session: Session, bank: str, items: Iterable[Question], *, now: datetime) -> int:
    """Make the bank hold these questions by their ids; how many are new or changed.

    A changed question becomes a new version: attempts go on pointing at the one they showed.
    """
    newest = _newest(session, bank)
    changed = 0
    for question in items:
        stored = newest.get(question.id)
        content = json.dumps(question.model_dump(mode="json"), ensure_ascii=False, sort_keys=True)
        if stored and stored.is_current and _parsed(stored.content) == question:
            continue
        if stored:
            stored.is_current = False
        session.add(
            QuestionRow(
                bank=bank, key=question.id, version=stored.version + 1 if stored else 1,
                type=question.type, category=question.category, difficulty=question.difficulty,
                content=content, created_at=now,
            )
        )  # fmt: skip
        changed += 1
    session.flush()
    return changed


def take_out(session: Session, bank: str, key: str) -> None:
    """No longer drawn; whoever has it in an attempt keeps it."""
    session.execute(
        update(QuestionRow)
        .where(QuestionRow.bank == bank, QuestionRow.key == key)
        .values(is_current=False)
    )


def current(session: Session, bank: str, *, category: str = "") -> list[Banked]:
    """What the bank holds now, in the order of its ids."""
    query = select(QuestionRow).where(QuestionRow.bank == bank, QuestionRow.is_current)
    if category:
        query = query.where(QuestionRow.category == category)
    return [_banked(row) for row in session.scalars(query.order_by(QuestionRow.key))]


# Built once: every answer that is saved asks this.
_BY_IDS = select(QuestionRow.id, QuestionRow.key, QuestionRow.content).where(
    QuestionRow.id.in_(bindparam("ids", expanding=True))
)


def by_ids(session: Session, ids: Sequence[int]) -> list[Banked]:
    """These versions, in this order; read once in a transaction, since they never change."""
    known: dict[int, Banked] = session.info.setdefault("questions", {})
    if wanted := set(ids) - set(known):
        for row in session.execute(_BY_IDS, {"ids": list(wanted)}):
            known[row.id] = Banked(row.id, row.key, _parsed(row.content))
    return [known[i] for i in ids]


def named(session: Session, bank: str, keys: Sequence[str]) -> list[int]:
    """The current versions of these questions, in this order."""
    found = {
        row.key: row.id
        for row in session.execute(
            select(QuestionRow.key, QuestionRow.id).where(
                QuestionRow.bank == bank, QuestionRow.is_current, QuestionRow.key.in_(keys)
            )
        )
    }
    if missing := [key for key in keys if key not in found]:
        message = _("Ngân hàng câu hỏi không còn câu {keys}.")
        raise Conflict("question_gone", message.format(keys=", ".join(missing)))
    return [found[key] for key in keys]


def draw(session: Session, bank: str, blueprint: Sequence[Drawing], *, seed: str) -> list[int]:
    """Versions drawn by the blueprint, none twice; the same for the same bank and seed."""
    stock = session.execute(
        select(QuestionRow.id, QuestionRow.category, QuestionRow.difficulty)
        .where(QuestionRow.bank == bank, QuestionRow.is_current)
        .order_by(QuestionRow.id)
    ).all()
    drawn: list[int] = []
    for number, part in enumerate(blueprint):
        fitting = [
            row.id for row in stock
            if row.category == part.category
            and part.difficulty in (None, row.difficulty)
            and row.id not in drawn
        ]  # fmt: skip
        if len(fitting) < part.count:
            message = _("Ngân hàng câu hỏi chỉ còn {there} câu thuộc phần “{category}”.")
            raise Conflict("bank_short", message.format(there=len(fitting), category=part.category))
        drawn += [fitting[i] for i in order(len(fitting), f"{seed}/{number}")[: part.count]]
    return drawn


def _newest(session: Session, bank: str) -> dict[str, QuestionRow]:
    rows = session.scalars(
        select(QuestionRow).where(QuestionRow.bank == bank).order_by(QuestionRow.version)
    )
    return {row.key: row for row in rows}


def _banked(row: QuestionRow) -> Banked:
    return Banked(row.id, row.key, _parsed(row.content))


@lru_cache(maxsize=4096)
def _parsed(content: str) -> Question:
    """Parsed once in each process: the same questions are shown to thousands."""
    return questions.parse(json.loads(content))
