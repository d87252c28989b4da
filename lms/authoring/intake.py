"""Questions on their way into a bank: read, shown, and stored once a trainer says so."""

import base64
import hashlib
import json
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from backend import clock, ids, jobs
from backend.accounts.roles import SignedIn
from backend.errors import Conflict, NotFound
from backend.i18n import gettext as _
from lms.authoring.models import QuestionImport
from lms.courses import loader
from lms.courses import service as courses
from lms.courses.models import CourseRow
from lms.questions import Question, importers
from lms.questions import service as bank
from lms.questions.importers.draft import Draft, Import, keyed, made
from lms.questions.models import QuestionRow

KEPT = timedelta(days=30)


def hold(
    session: Session, officer: SignedIn, course: CourseRow, read: Import, name: str, *,
    is_quick: bool = False, now: datetime,
) -> str:  # fmt: skip
    """Keep what was read until the trainer has looked at it; the token of the page."""
    drafts = [
        {"raw": dict(one.raw), "where": one.where, "warnings": one.warnings, "picture": one.picture}
        for one in read.drafts
    ]
    pictures = {n: base64.b64encode(data).decode() for n, data in read.pictures.items()}
    row = QuestionImport(
        token=ids.token(), course_id=course.id, officer_id=officer.id, file_name=name[:200],
        drafts=json.dumps(drafts, ensure_ascii=False, default=str), pictures=json.dumps(pictures),
        notes=json.dumps(read.notes, ensure_ascii=False), is_quick=is_quick, created_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row.token


def held(session: Session, code: str, token: str, *, lock: bool = False) -> QuestionImport:
    """What waits under this token."""
    course = courses.find(session, code)
    query = select(QuestionImport).where(
        QuestionImport.token == token, QuestionImport.course_id == course.id
    )
    row = session.scalar(query.with_for_update() if lock else query)
    if row is None:
        raise NotFound("no_import", _("Không có lần nhập câu hỏi này."))
    return row


def drafts(row: QuestionImport) -> list[Draft]:
    """Its questions, as they were read."""
    return [
        made(
            one["raw"], where=one["where"], warnings=tuple(one["warnings"]), picture=one["picture"]
        )
        for one in json.loads(row.drafts)
    ]


def pictures(row: QuestionImport) -> dict[str, str]:
    """Its pictures in base64."""
    found: dict[str, str] = json.loads(row.pictures)
    return found


def notes(row: QuestionImport) -> list[str]:
    """What is to be said of the whole file."""
    found: list[str] = json.loads(row.notes)
    return found


def apply(
    session: Session, code: str, row: QuestionImport, *, without: Collection[int],
    letters: Mapping[int, str], difficulty: int = 1, now: datetime,
) -> int:  # fmt: skip
    """Store the questions that the trainer keeps; how many. Doing it twice stores nothing more.

    `difficulty` is that of questions whose file says nothing of it.
    """
    if row.applied_at is not None:
        raise Conflict("applied", _("Lần nhập này đã được đưa vào ngân hàng."))
    kept = []
    shown = pictures(row)
    for place, draft in enumerate(drafts(row)):
        ready = keyed(draft, letters[place]) if letters.get(place) else draft
        if ready.question is None or place in without:
            continue
        image = f"img/{draft.picture}" if draft.picture in shown else ""
        if image:
            content = base64.b64decode(shown[draft.picture])
            loader.add_file(session, row.course_id, image, content)
        level = ready.raw.get("difficulty", difficulty)
        kept.append(ready.question.model_copy(update={"image": image, "difficulty": level}))
    if not kept:
        raise Conflict("nothing_kept", _("Chưa có câu nào đủ đáp án để đưa vào."))
    bank.put(session, code, named(session, code, kept), now=now)
    row.applied_at = now
    session.flush()
    return len(kept)


def named(session: Session, code: str, questions: Collection[Question]) -> list[Question]:
    """With ids in the order of the file; a question that is there already keeps its id."""
    known = {key.rpartition("-")[2]: key for key in _keys(session, code)}
    number = len(known)
    found: dict[str, Question] = {}
    for one in questions:
        mark = _mark(one)
        if mark not in known:
            number += 1
            known[mark] = f"{number:04d}-{mark}"
        found[known[mark]] = one.model_copy(update={"id": known[mark]})
    return list(found.values())


def _keys(session: Session, code: str) -> list[str]:
    query = select(QuestionRow.key).where(QuestionRow.bank == code).distinct()
    return list(session.scalars(query.order_by(QuestionRow.key)))


def _mark(question: Question) -> str:
    """The same for the same words and choices, whichever of them is right."""
    data = question.model_dump(mode="json")
    choices = [choice["text"] for choice in data.get("choices", ())]
    words = [data["type"] in ("single", "multiple"), data["text"], *choices]
    more = [] if choices else [json.dumps(data.get(k)) for k in ("pairs", "items")]
    return hashlib.sha256("\n".join(map(str, words + more)).casefold().encode()).hexdigest()[:10]


@jobs.job("lms.forget_imports")
def forget(session: Session) -> None:
    """Files that were read long ago, kept or not: what was kept is in the bank."""
    session.execute(delete(QuestionImport).where(QuestionImport.created_at < clock.now() - KEPT))


def read(data: bytes, name: str, pasted: str) -> tuple[Import, str]:
    """What was sent: a file, or else a pasted text; and what to call it."""
    if data or not pasted.strip():
        return importers.read(data, name), name
    return importers.read(pasted.encode(), "dan.txt"), _("Nội dung đã dán")
