"""An attempt from its draw to its mark; nothing that was acknowledged is ever lost.

* An answer is stored when it comes, under the learner's own counting (`seq`): what is sent twice or
  overtaken by a newer one changes nothing, from whichever device it comes.
* The deadline is the server's. Answers that waited for a network are taken for `GRACE` longer.
* Handing in twice, late or from two devices is one handing in; what nobody hands in is closed when
  its time is over, with the answers that are there.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from backend import audit, db, ids
from backend.errors import Conflict, InvalidInput, NotFound
from backend.i18n import gettext as _
from lms.attempts.models import Attempt, ExtraTime, SavedAnswer
from lms.courses import progress
from lms.courses.content import Quiz
from lms.courses.models import Enrolment
from lms.courses.service import Taking
from lms.courses.standing import Standing, standing
from lms.questions import service as bank
from lms.questions.question import Answer, Fields, Shown, order
from lms.questions.service import Banked, Drawing

GRACE = timedelta(seconds=60)
OVERDUE_AT_ONCE = 200


@dataclass(frozen=True)
class Given:
    """One answer as it was sent: form fields, the learner's own count, which device."""

    place: int
    fields: Fields
    seq: int
    device: str = ""
    given_at: datetime | None = None


@dataclass(frozen=True)
class Saved:
    """What the server has now at each place that was sent; whether time is up.

    `seqs` are the newest counts of the device that sent, `overtaken` those of another one which was
    there first or counted further: an answer is only acknowledged to whoever gave it.
    """

    seqs: dict[int, int]
    is_closed: bool
    overtaken: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Item:
    """A question at its place of an attempt, and what is saved there."""

    place: int
    banked: Banked
    shown: Shown
    answer: Answer
    chosen: dict[str, list[str]]
    seq: int
    mark: float | None


def start(session: Session, taking: Taking, key: str, *, now: datetime) -> Attempt:
    """The learner's open attempt at this quiz, or a new one; `taking` must be locked."""
    quiz = quiz_of(taking, key)
    tries = attempts(session, taking.enrolment.id, key)
    for last in tries[-1:]:
        if last.submitted_at is None and not is_over(last, now=now):
            return last
        if last.submitted_at is None:
            submit(session, last, quiz, now=now)
    if quiz.attempts and len(tries) >= quiz.attempts:
        message = _("Anh/chị đã dùng hết {count} lượt làm bài này.")
        raise Conflict("no_attempts_left", message.format(count=quiz.attempts))
    seed = ids.token(128)
    extra = extra_minutes(session, taking.enrolment.id, key)
    minutes = timedelta(minutes=quiz.minutes + extra)
    made = Attempt(
        token=ids.token(), enrolment_id=taking.enrolment.id, quiz=key, number=len(tries) + 1,
        seed=seed, questions=json.dumps(_drawn(session, taking.bank, quiz, seed)), started_at=now,
        deadline_at=now + minutes if quiz.minutes else None,
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def _drawn(session: Session, code: str, quiz: Quiz, seed: str) -> list[int]:
    if quiz.questions:
        found = bank.named(session, code, quiz.questions)
    else:
        blueprint = [Drawing(part.category, part.count, part.difficulty) for part in quiz.draw]
        found = bank.draw(session, code, blueprint, seed=seed)
    return [found[place] for place in order(len(found), seed)] if quiz.shuffle else found


def quiz_of(taking: Taking, key: str) -> Quiz:
    """The quiz of this key in the version that is being taken."""
    if (quiz := taking.course.quiz(key)) is None:
        raise NotFound("no_quiz", _("Khoá học không có bài kiểm tra này."))
    return quiz


def attempts(session: Session, enrolment_id: int, key: str) -> list[Attempt]:
    """All tries at a quiz, first one first."""
    return list(
        session.scalars(
            select(Attempt)
            .where(Attempt.enrolment_id == enrolment_id, Attempt.quiz == key)
            .order_by(Attempt.number)
        )
    )


# Built once: every answer that is saved and every sheet asks these.
_FOUND = (
    select(Attempt)
    .join(Enrolment, Enrolment.id == Attempt.enrolment_id)
    .where(Attempt.token == bindparam("token"), Enrolment.person_id == bindparam("person_id"))
)
_OF_PERSON = {
    "see": _FOUND,
    "save": _FOUND.with_for_update(of=Attempt, read=True),
    "submit": _FOUND.with_for_update(of=[Enrolment, Attempt]),
}
_TO_CLOSE = (
    select(Attempt)
    .join(Enrolment, Enrolment.id == Attempt.enrolment_id)
    .where(Attempt.id == bindparam("attempt_id"))
    .with_for_update(of=[Enrolment, Attempt])
)
_SAVED = select(SavedAnswer).where(SavedAnswer.attempt_id == bindparam("attempt_id"))
_PASSED = select(Attempt.quiz).where(
    Attempt.enrolment_id == bindparam("enrolment_id"), Attempt.passed.is_(True)
)
_STORED = select(SavedAnswer.place, SavedAnswer.seq, SavedAnswer.device).where(
    SavedAnswer.attempt_id == bindparam("attempt_id"),
    SavedAnswer.place.in_(bindparam("places", expanding=True)),
)


def of_person(
    session: Session, token: str, person_id: int, *, to: Literal["see", "save", "submit"] = "see"
) -> Attempt:
    """The attempt behind a link, for its own learner only.

    Whoever saves shares the row with others who save, and keeps those who submit out: an answer
    that is acknowledged is there when the marks are made. Whoever submits holds the round as well
    (the round first, as everywhere): a lesson that is finished in the same moment sees the marks,
    or is seen by them, and the last step completes the round whichever it is.
    """
    found = session.scalar(_OF_PERSON[to], {"token": token, "person_id": person_id})
    if found is None:
        raise NotFound("no_attempt", _("Không có bài làm này."))
    return found


def to_close(session: Session, attempt_id: int) -> Attempt:
    """An attempt that is handed in for its learner; it is held, and its round, as `of_person`."""
    return session.scalars(_TO_CLOSE, {"attempt_id": attempt_id}).one()


def is_over(attempt: Attempt, *, now: datetime) -> bool:
    """Whether its time, with the grace for what waited for a network, is over."""
    return attempt.deadline_at is not None and now > attempt.deadline_at + GRACE


def save(session: Session, attempt: Attempt, given: Sequence[Given], *, now: datetime) -> Saved:
    """Store answers; the newest count at each place wins, whatever order they come in."""
    if attempt.submitted_at is not None or is_over(attempt, now=now):
        return Saved({}, is_closed=True)
    shown = json.loads(attempt.questions)
    newest: dict[int, Given] = {}
    for one in sorted(given, key=lambda one: one.seq):
        if 0 <= one.place < len(shown) and one.seq > 0:
            newest[one.place] = one
    questions = bank.by_ids(session, [shown[place] for place in newest])
    overtaken = [
        place
        for (place, one), banked in zip(newest.items(), questions, strict=True)
        if not _store(session, attempt, one, banked, now=now)
    ]
    seqs = {place: one.seq for place, one in newest.items()}
    return (
        _overtaken(session, attempt, newest, seqs, overtaken)
        if overtaken
        else Saved(seqs, is_closed=False)
    )


def _store(
    session: Session, attempt: Attempt, one: Given, banked: Banked, *, now: datetime
) -> bool:
    answer = json.dumps(read(attempt, one.place, banked, one.fields), ensure_ascii=False)
    row = {
        "attempt_id": attempt.id, "place": one.place, "answer": answer, "seq": one.seq,
        "device": one.device, "given_at": one.given_at, "saved_at": now,
    }  # fmt: skip
    return db.store_newest(session, SavedAnswer, row, unique=("attempt_id", "place"), by="seq")


def _overtaken(
    session: Session, attempt: Attempt, newest: dict[int, Given], seqs: dict[int, int],
    places: list[int],
) -> Saved:  # fmt: skip
    """Where something as new was there before: the same answer come twice, or another device's."""
    theirs = {}
    for row in session.execute(_STORED, {"attempt_id": attempt.id, "places": places}):
        if row.device == newest[row.place].device:
            seqs[row.place] = row.seq
        else:
            theirs[row.place] = row.seq
            del seqs[row.place]
    return Saved(seqs, is_closed=False, overtaken=theirs)


def read(attempt: Attempt, place: int, banked: Banked, fields: Fields) -> Answer:
    """The answer that these fields give at this place of this attempt."""
    return banked.question.read(fields, seed_of(attempt, place))


def submit(session: Session, attempt: Attempt, quiz: Quiz, *, now: datetime) -> Attempt:
    """Hand in and mark; once. `attempt` must be locked by whoever calls."""
    if attempt.submitted_at is not None:
        return attempt
    questions = bank.by_ids(session, json.loads(attempt.questions))
    saved = _saved(session, attempt.id)
    total = 0.0
    for place, banked in enumerate(questions):
        row = saved.get(place)
        if row is not None:
            row.mark = banked.question.grade(json.loads(row.answer))
            total += row.mark
    attempt.score = total / len(questions)
    attempt.passed = attempt.score >= quiz.pass_mark - 1e-9
    attempt.submitted_at = min(now, attempt.deadline_at + GRACE) if attempt.deadline_at else now
    session.flush()
    return attempt


def items(session: Session, attempt: Attempt) -> list[Item]:
    """The sheet: every question as this attempt shows it, with what is saved."""
    saved = _saved(session, attempt.id)
    sheet = []
    for place, banked in enumerate(bank.by_ids(session, json.loads(attempt.questions))):
        row, seed = saved.get(place), seed_of(attempt, place)
        answer = json.loads(row.answer) if row else None
        sheet.append(
            Item(
                place, banked, banked.question.shown(seed), answer,
                banked.question.write(answer, seed), row.seq if row else 0,
                row.mark if row else None,
            )
        )  # fmt: skip
    return sheet


def passed(session: Session, enrolment_id: int) -> set[str]:
    """Keys of the quizzes that were ever passed in this round."""
    return set(session.scalars(_PASSED, {"enrolment_id": enrolment_id}))


def final_begun_at(session: Session, taking: Taking) -> datetime | None:
    """When the final that was passed was begun; the earliest of them."""
    finals = [quiz.key for quiz in taking.course.quizzes if quiz.kind == "final"]
    return session.scalar(
        select(func.min(Attempt.started_at)).where(
            Attempt.enrolment_id == taking.enrolment.id, Attempt.quiz.in_(finals),
            Attempt.passed.is_(True),
        )
    )  # fmt: skip


def standing_of(session: Session, taking: Taking) -> Standing:
    """How far this round is."""
    spent = progress.spent(session, taking.enrolment.id)
    return standing(taking.course, spent, passed(session, taking.enrolment.id))


def grant(
    session: Session, enrolment_id: int, key: str, minutes: int, *, reason: str, by: int,
    now: datetime,
) -> None:  # fmt: skip
    """Give one learner more minutes, from the next attempt on and in an open one at once.

    Granting again replaces what was granted; 0 minutes takes it back.
    """
    if not reason.strip():
        raise InvalidInput("no_reason", _("Xin ghi lý do thêm giờ."))
    row = session.scalar(
        select(ExtraTime).where(ExtraTime.enrolment_id == enrolment_id, ExtraTime.quiz == key)
    )
    before = row.minutes if row else 0
    if row is None:
        row = ExtraTime(enrolment_id=enrolment_id, quiz=key)
        session.add(row)
    row.minutes, row.reason, row.granted_by, row.granted_at = minutes, reason.strip(), by, now
    for attempt in attempts(session, enrolment_id, key):
        if attempt.submitted_at is None and attempt.deadline_at is not None:
            attempt.deadline_at += timedelta(minutes=minutes - before)
    session.flush()
    audit.record(
        session, by, "quiz.extra_time", f"enrolment:{enrolment_id}", quiz=key, minutes=minutes,
        reason=row.reason, now=now,
    )  # fmt: skip


def extra_minutes(session: Session, enrolment_id: int, key: str) -> int:
    """What was granted."""
    return (
        session.scalar(
            select(func.coalesce(func.max(ExtraTime.minutes), 0)).where(
                ExtraTime.enrolment_id == enrolment_id, ExtraTime.quiz == key
            )
        )
        or 0
    )


def overdue(session: Session, *, now: datetime) -> list[int]:
    """Attempts whose time is over and that nobody handed in."""
    return list(
        session.scalars(
            select(Attempt.id)
            .where(Attempt.submitted_at.is_(None), Attempt.deadline_at < now - GRACE)
            .order_by(Attempt.deadline_at)
            .limit(OVERDUE_AT_ONCE)
        )
    )


def _saved(session: Session, attempt_id: int) -> dict[int, SavedAnswer]:
    rows = session.scalars(_SAVED, {"attempt_id": attempt_id})
    return {row.place: row for row in rows}


def seed_of(attempt: Attempt, place: int) -> str:
    return f"{attempt.seed}/{place}"
