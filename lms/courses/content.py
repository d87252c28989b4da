"""What a course consists of, as data: the same shape in files, in stored versions and in exports.

A folder `lms/data/<code>/` holds `course.yml` (this `Course`), a Markdown file for each lesson,
`questions.yml` and pictures under `img/`. A published version stores all of it as one JSON, so that
whoever began a course goes on with what they began.
"""

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from backend.people.duties import AUDIENCES

Key = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
Code = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}[0-9]{2}[A-Z0-9-]{0,12}$")]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]


class Part(BaseModel):
    """Data with no surprises: a field that we do not know is a mistake of whoever wrote it."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Source(Part):
    """A legal text that a course rests on. `verified` only when somebody compared it."""

    text: Text
    number: str = ""
    date: str = ""
    verified: bool = False
    note: str = ""


class Draw(Part):
    """So many questions of a category (and of a difficulty, where it says so)."""

    category: str
    difficulty: Literal[1, 2, 3] | None = None
    count: Annotated[int, Field(ge=1, le=100)]


class Quiz(Part):
    """Named questions, or a draw from the course's bank, and the rules of an attempt.

    `minutes` and `attempts` are 0 where there is no limit. Only a `final` counts for the
    certificate; a `practice` is there to be tried until it is passed. With `shuffle` everybody has
    the questions in an order of their own. `feedback`: what was wrong and why is said at the `end`,
    once the sheet is handed in and marked, or `never`.
    """

    key: Key
    title: Text
    kind: Literal["practice", "final"]
    questions: tuple[str, ...] = ()
    draw: tuple[Draw, ...] = ()
    pass_mark: Annotated[float, Field(gt=0, le=1)] = 0.8
    minutes: Annotated[int, Field(ge=0, le=600)] = 0
    attempts: Annotated[int, Field(ge=0, le=50)] = 0
    shuffle: bool = True
    feedback: Literal["end", "never"] = "end"

    @model_validator(mode="after")
    def has_questions(self) -> Self:
        """Named ones or drawn ones, not both."""
        if bool(self.questions) == bool(self.draw):
            raise ValueError("questions_or_draw")
        return self


class Lesson(Part):
    """One step of a course. `minutes` is the time that counts when it is done.

    `text` and `video` read `file` (Markdown; a video's file beside it is `media`), `file` offers
    `media` for download, `quiz` holds the key of a quiz, `class` is held in a room.
    """

    key: Key
    title: Text
    minutes: Annotated[int, Field(ge=1, le=600)]
    kind: Literal["text", "video", "file", "quiz", "class"] = "text"
    file: str = ""
    media: str = ""
    captions: str = ""
    quiz: str = ""
    body: str = ""  # the Markdown itself, once it was read

    @model_validator(mode="after")
    def has_what_it_needs(self) -> Self:
        """A quiz lesson names its quiz; what is watched or taken away has its file."""
        needs = {"quiz": self.quiz, "video": self.media, "file": self.media}
        if self.kind in needs and not needs[self.kind]:
            raise ValueError(f"lesson_{self.kind}_empty")
        return self


class Section(Part):
    """Lessons under one heading."""

    title: Text
    lessons: Annotated[tuple[Lesson, ...], Field(min_length=1)]


class Completion(Part):
    """When a course is done; Decree 333/2026, art. 28: 80 % of the time, all exercises, the final.

    `time_share` is the share of the lessons' minutes that must have been spent or completed.
    """

    time_share: Annotated[float, Field(ge=0, le=1)] = 0.8
    practice: bool = True
    final: bool = True


class Course(Part):
    """A course. `hours` are teaching hours (tiết) for the ledger; 0 `validity_months`: for ever.

    An `announced` course stands in the catalogue with its audience and target, without lessons.
    """

    code: Code
    title: Text
    summary: Text
    audience: str = "all"
    target: Annotated[float, Field(gt=0, le=1)] = 1.0
    hours: Annotated[float, Field(gt=0, le=400)]
    validity_months: Annotated[int, Field(ge=0, le=120)] = 0
    status: Literal["ready", "announced"] = "ready"
    outcomes: tuple[Text, ...] = ()
    legal: tuple[Source, ...] = ()
    prerequisites: tuple[Code, ...] = ()
    completion: Completion = Completion()
    sections: tuple[Section, ...] = ()
    quizzes: tuple[Quiz, ...] = ()

    @model_validator(mode="after")
    def hangs_together(self) -> Self:
        """Keys are unique, quizzes are there, a ready course has lessons, a final has one quiz."""
        keys = [lesson.key for lesson in self.lessons()]
        quizzes = [quiz.key for quiz in self.quizzes]
        wanted = [lesson.quiz for lesson in self.lessons() if lesson.quiz]
        finals = [quiz for quiz in self.quizzes if quiz.kind == "final"]
        faults = {
            "audience_unknown": self.audience not in AUDIENCES,
            "lesson_key_repeats": len(set(keys)) < len(keys),
            "quiz_key_repeats": len(set(quizzes)) < len(quizzes),
            "quiz_missing": not set(wanted) <= set(quizzes),
            "quiz_unused": not set(quizzes) <= set(wanted),
            "no_lessons": self.status == "ready" and not keys,
            "no_final": self.status == "ready" and self.completion.final and len(finals) != 1,
        }
        if found := [name for name, is_so in faults.items() if is_so]:
            raise ValueError(", ".join(found))
        return self

    def lessons(self) -> Iterator[Lesson]:
        """All lessons in their order."""
        for section in self.sections:
            yield from section.lessons

    def lesson(self, key: str) -> Lesson | None:
        """The lesson of this key."""
        return next((lesson for lesson in self.lessons() if lesson.key == key), None)

    def quiz(self, key: str) -> Quiz | None:
        """The quiz of this key."""
        return next((quiz for quiz in self.quizzes if quiz.key == key), None)

    @property
    def minutes(self) -> int:
        """How long all lessons take."""
        return sum(lesson.minutes for lesson in self.lessons())
