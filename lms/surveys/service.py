"""Asked once for each completed round; read only where enough have answered to be nobody."""

import secrets
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import ValidationError
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend import db
from backend.errors import Conflict, InvalidInput
from backend.i18n import gettext as _
from lms.courses.models import CourseRow, Enrolment
from lms.courses.service import Taking
from lms.surveys.models import CourseSurvey, SurveyAnswer, SurveyMark
from lms.surveys.questions import QUESTIONS, SurveyQuestion, usual

# Fewer answers than this would point at people.
ENOUGH = 5
LONGEST = 2000
GRADES = range(1, 6)


@dataclass(frozen=True)
class Result:
    """What was said to one question: how many gave each grade, or the words, in no order."""

    question: str
    counts: tuple[int, ...]
    words: tuple[str, ...]

    @property
    def answers(self) -> int:
        """How many answered it."""
        return sum(self.counts) + len(self.words)

    @property
    def mean(self) -> float:
        """The mean grade; 0 where nobody gave any."""
        total = sum(self.counts)
        given = sum(grade * count for grade, count in zip(GRADES, self.counts, strict=True))
        return given / total if total else 0.0


def asked(session: Session, course_id: int) -> tuple[SurveyQuestion, ...]:
    """What this course asks."""
    row = session.get(CourseSurvey, course_id)
    return QUESTIONS.validate_json(row.questions) if row else usual()


def define(session: Session, course_id: int, questions: Sequence[Mapping[str, str]]) -> None:
    """Ask this from now on. A question that stays keeps its answers, a new one has none yet."""
    try:
        valid = QUESTIONS.validate_python(tuple(questions))
    except ValidationError:
        raise InvalidInput(
            "bad_survey", _("Khảo sát có từ 3 đến 6 câu, mỗi câu không quá 300 chữ cái.")
        ) from None
    if len({question.text for question in valid}) < len(valid):
        raise InvalidInput("same_twice", _("Có hai câu hỏi giống nhau."))
    row = session.get(CourseSurvey, course_id) or CourseSurvey(course_id=course_id)
    row.questions = QUESTIONS.dump_json(valid).decode()
    session.add(row)
    session.flush()


def has_answered(session: Session, enrolment_id: int) -> bool:
    """Whether this round has."""
    return session.get(SurveyMark, enrolment_id) is not None


def answer(session: Session, taking: Taking, given: Mapping[int, str]) -> bool:
    """Store what was said, by the question's place; False if this round has answered before.

    Nothing given is no answer: the round may still give one.
    """
    round_ = taking.enrolment
    if round_.completed_at is None:
        raise Conflict("not_complete", _("Học xong khoá này rồi anh/chị góp ý giúp."))
    rows = [
        row
        for place, question in enumerate(asked(session, round_.course_id))
        if (row := _row(round_.course_id, question, given.get(place, "")))
    ]
    if not rows:
        raise InvalidInput("nothing_said", _("Xin trả lời ít nhất một câu."))
    values = {"enrolment_id": round_.id}
    if db.insert_once(session, SurveyMark, values, unique=("enrolment_id",)) is None:
        return False
    session.add_all(rows)
    session.flush()
    return True


def results(session: Session, course_id: int) -> list[Result]:
    """Questions that enough people answered: those still asked, in order, then older ones."""
    said: dict[str, list[SurveyAnswer]] = defaultdict(list)
    query = select(SurveyAnswer).where(SurveyAnswer.course_id == course_id)
    for row in session.scalars(query.order_by(SurveyAnswer.id)):
        said[row.question].append(row)
    order = [question.text for question in asked(session, course_id)]
    known = [*order, *sorted(said.keys() - set(order))]
    return [
        Result(
            question,
            tuple(sum(row.grade == grade for row in said[question]) for grade in GRADES),
            tuple(row.words for row in said[question] if row.grade is None),
        )
        for question in known
        if len(said[question]) >= ENOUGH
    ]


def answered(session: Session, course_id: int) -> int:
    """How many rounds of this course have answered."""
    query = select(func.count()).select_from(SurveyMark).join(
        Enrolment, Enrolment.id == SurveyMark.enrolment_id
    )  # fmt: skip
    return session.scalar(query.where(Enrolment.course_id == course_id)) or 0


def surveyed(session: Session) -> list[tuple[CourseRow, int]]:
    """Courses that are open, with how many rounds answered."""
    marks = (
        select(Enrolment.course_id, func.count().label("count"))
        .join(SurveyMark, SurveyMark.enrolment_id == Enrolment.id)
        .group_by(Enrolment.course_id)
        .subquery()
    )
    rows = session.execute(
        select(CourseRow, func.coalesce(marks.c.count, 0))
        .outerjoin(marks, marks.c.course_id == CourseRow.id)
        .where(CourseRow.status == "published")
        .order_by(CourseRow.code)
    )
    return [(row, count) for row, count in rows]


def _row(course_id: int, question: SurveyQuestion, given: str) -> SurveyAnswer | None:
    """None where nothing was said, or no grade that there is."""
    made = SurveyAnswer(id=secrets.randbits(53), course_id=course_id, question=question.text)
    if question.kind == "words":
        made.words = given[:LONGEST]
        return made if given else None
    made.grade, made.words = {str(grade): grade for grade in GRADES}.get(given), ""
    return made if made.grade else None
