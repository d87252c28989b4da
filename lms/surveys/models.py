"""What a course asks at its end, and what was said.

Nothing leads from an answer to a person: answers carry no time, no round and a random number, each
stands alone, and who has answered is kept beside them.
"""

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import Base


class CourseSurvey(Base):
    """The questions of a course that does not ask the usual ones, as JSON."""

    __tablename__ = "course_surveys"

    course_id: Mapped[int] = mapped_column(
        ForeignKey("courses.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    questions: Mapped[str] = mapped_column(Text)


class SurveyAnswer(Base):
    """One answer to one question: a `grade` of 1 to 5, or `words`."""

    __tablename__ = "survey_answers"
    __table_args__ = (CheckConstraint("grade BETWEEN 1 AND 5", "grade"),)

    # Random: the order in which rows came would say who wrote them.
    id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=False
    )
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"), index=True)
    question: Mapped[str] = mapped_column(String(300))
    grade: Mapped[int | None] = mapped_column(Integer)
    words: Mapped[str] = mapped_column(Text, default="")


class SurveyMark(Base):
    """This round has answered; what is not kept."""

    __tablename__ = "survey_marks"

    enrolment_id: Mapped[int] = mapped_column(
        ForeignKey("enrolments.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
