"""What became of each turn, what officers taught, and the models that were trained."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Boolean, Float, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import Base, BigId, UtcDateTime


class Status(StrEnum):
    """What a turn got; `small_talk` is whatever was no question: greetings, presses of a thumb.

    `reported`: a message that may come from an impostor was shown to us.
    """

    ANSWERED = "answered"
    CLARIFIED = "clarified"
    NO_CONTENT = "no_content"
    OUT_OF_SCOPE = "out_of_scope"
    HANDED_OVER = "handed_over"
    ERROR = "error"
    SMALL_TALK = "small_talk"
    REPORTED = "reported"


class Kind(StrEnum):
    """What an officer says that a group of questions is."""

    PROCEDURE = "procedure"
    INTENT = "intent"
    OUT_OF_SCOPE = "out_of_scope"
    IGNORE = "ignore"


class Verdict(StrEnum):
    """The life of a training run."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    FAILED = "failed"


class Answer(Base):
    """One turn's outcome; the words stand in the transcript only (`message_id`), masked.

    `day` is the date in Viet Nam, `repeats` whether this chat had asked the same in the 24 hours
    before, `thumb` what the citizen said of the answer: 1, -1, or 0 for nothing.
    """

    __tablename__ = "answers"
    __table_args__ = (
        Index(None, "conversation_id", "subject"),
        Index(None, "status", "at"),
        Index(None, "thumb", "at"),
    )

    id: Mapped[BigId]
    message_id: Mapped[int] = mapped_column(
        ForeignKey("messages.id", ondelete="CASCADE"), unique=True
    )
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    channel: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    day: Mapped[str] = mapped_column(String(10), index=True)
    status: Mapped[str] = mapped_column(String(12))
    is_typed: Mapped[bool] = mapped_column(Boolean)
    subject: Mapped[str] = mapped_column(String(30), default="")
    aspects: Mapped[str] = mapped_column(String(200), default="")
    intent: Mapped[str] = mapped_column(String(40), default="")
    in_domain: Mapped[float] = mapped_column(Float, default=0.0)
    band: Mapped[str] = mapped_column(String(10), default="")
    engine: Mapped[str] = mapped_column(String(20), default="")
    model: Mapped[str] = mapped_column(String(16), default="")
    repeats: Mapped[bool] = mapped_column(Boolean, default=False)
    thumb: Mapped[int] = mapped_column(Integer, default=0)
    thumb_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lesson_id: Mapped[int | None] = mapped_column(ForeignKey("lessons.id"), index=True)


class Lesson(Base):
    """What an officer said that a group of questions is; taken back, it teaches nothing more.

    `value` is an intent's name or a procedure's code, `lay_name` what citizens call the procedure,
    `examples` sentences as JSON, `group_name` the question under which the group was shown.
    """

    __tablename__ = "lessons"

    id: Mapped[BigId]
    kind: Mapped[str] = mapped_column(String(12))
    value: Mapped[str] = mapped_column(String(40))
    lay_name: Mapped[str] = mapped_column(String(200), default="")
    examples: Mapped[str] = mapped_column(Text, default="[]")
    group_name: Mapped[str] = mapped_column(String(300))
    questions: Mapped[int] = mapped_column(Integer)
    taught_by: Mapped[str] = mapped_column(String(100))
    taught_at: Mapped[datetime] = mapped_column(UtcDateTime)
    withdrawn_by: Mapped[str | None] = mapped_column(String(100))
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class TrainingRun(Base):
    """One training: who asked, what was measured, whether the model may be used and why not.

    `model` names its folder under `var/nlu`, `taught` is the hash of what it was taught besides
    the shipped examples.
    """

    __tablename__ = "training_runs"

    id: Mapped[BigId]
    asked_by: Mapped[str] = mapped_column(String(100))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    verdict: Mapped[str] = mapped_column(String(10))
    why: Mapped[str] = mapped_column(String(500), default="")
    figures: Mapped[str] = mapped_column(Text, default="{}")
    model: Mapped[str] = mapped_column(String(16), default="")
    taught: Mapped[str] = mapped_column(String(64), default="")


class LearningState(Base):
    """One row: which run's model answers now and which did before (none: as shipped).

    `lessons` rises with every change of what is taught, `since` and `changed_by` tell of the model.
    """

    __tablename__ = "learning_state"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    lessons: Mapped[int] = mapped_column(Integer, default=0)
    active_run: Mapped[int | None] = mapped_column(ForeignKey("training_runs.id"))
    previous_run: Mapped[int | None] = mapped_column(ForeignKey("training_runs.id"))
    changed_by: Mapped[str] = mapped_column(String(100), default="")
    since: Mapped[datetime | None] = mapped_column(UtcDateTime)
