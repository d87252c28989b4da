"""How far a round of a course is: a pure function of what was read, spent and passed.

Time: a lesson counts what was really spent on it, up to its minutes, a class what the roll-call
says; a passed quiz counts whole; a class that was missed is missed time and nothing else. A course
asks for a share of all its minutes (Decree 333/2026, art. 28.1.a: 80 % of the time), for every
exercise (b) and for the final test (c).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from lms.courses.content import Course, Lesson


@dataclass(frozen=True)
class Spent:
    """What one lesson has so far."""

    seconds: int = 0
    is_done: bool = False


@dataclass(frozen=True)
class Standing:
    """What is there and what is missing; `missing_*` are keys of lessons or quizzes."""

    seconds: int
    seconds_wanted: int
    seconds_in_all: int
    done: frozenset[str]
    missing_lessons: tuple[str, ...]
    missing_practice: tuple[str, ...]
    final_passed: bool
    final_wanted: bool

    @property
    def time_missing(self) -> int:
        """Seconds still to be spent."""
        return max(self.seconds_wanted - self.seconds, 0)

    @property
    def is_complete(self) -> bool:
        """Whether everything that the course asks for is there."""
        final = self.final_passed or not self.final_wanted
        return final and not (self.time_missing or self.missing_lessons or self.missing_practice)

    @property
    def share(self) -> float:
        """For a progress bar: lessons, exercises and the final that are done, of all there are."""
        missing = len(self.missing_lessons) + len(self.missing_practice)
        missing += self.final_wanted and not self.final_passed
        done = len(self.done) + (self.final_wanted and self.final_passed)
        return done / (done + missing) if done + missing else 1.0


def standing(course: Course, spent: Mapping[str, Spent], passed: Collection[str]) -> Standing:
    """`passed` are the keys of quizzes with a passed attempt; `spent` is by lesson."""
    lessons = list(course.lessons())
    rule = course.completion
    done = frozenset(lesson.key for lesson in lessons if _is_done(lesson, spent, passed))
    finals = {quiz.key for quiz in course.quizzes if quiz.kind == "final"}
    practice = [quiz.key for quiz in course.quizzes if quiz.kind == "practice"]
    in_all = course.minutes * 60
    return Standing(
        seconds=sum(_credit(lesson, spent, done) for lesson in lessons),
        seconds_wanted=round(in_all * rule.time_share),
        seconds_in_all=in_all,
        done=frozenset(key for key in done if _quiz_of(course, key) not in finals),
        missing_lessons=tuple(
            lesson.key
            for lesson in lessons
            if lesson.key not in done and lesson.kind not in ("quiz", "class")
        ),
        missing_practice=tuple(key for key in practice if rule.practice and key not in passed),
        final_passed=bool(finals & set(passed)),
        final_wanted=rule.final,
    )


def _is_done(lesson: Lesson, spent: Mapping[str, Spent], passed: Collection[str]) -> bool:
    if lesson.kind == "quiz":
        return lesson.quiz in passed
    return spent.get(lesson.key, Spent()).is_done


def _credit(lesson: Lesson, spent: Mapping[str, Spent], done: Collection[str]) -> int:
    whole = lesson.minutes * 60
    if lesson.kind == "quiz" and lesson.key in done:
        return whole
    return min(spent.get(lesson.key, Spent()).seconds, whole)


def _quiz_of(course: Course, key: str) -> str:
    lesson = course.lesson(key)
    return lesson.quiz if lesson else ""
