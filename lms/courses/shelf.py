"""Reads the courses that ship with the product from `lms/data`, or any folder of that shape.

Everything is checked before anything is used: a lesson without its file, a quiz that draws more
questions than there are, a picture that is missing. `python -m lms check` prints what is wrong.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from backend.config import ROOT
from lms import questions
from lms.courses.content import Course, Draw, Lesson, Quiz
from lms.questions import Question

DATA = ROOT / "lms" / "data"
PICTURES = frozenset({".svg", ".png", ".jpg", ".jpeg", ".webp"})


class BrokenCourseError(Exception):
    """A folder that makes no course; the message names the file and what is wrong with it."""


@dataclass(frozen=True)
class Folder:
    """A course with its lessons' words, its bank of questions by id, and the files beside them."""

    course: Course
    questions: Mapping[str, Question]
    files: Mapping[str, Path]


def folders(data: Path = DATA) -> list[Path]:
    """The folders that hold a course."""
    return sorted(file.parent for file in data.glob("*/course.yml"))


def read(folder: Path) -> Folder:
    """One course, whole and checked."""
    course = _course(folder)
    bank = _bank(folder / "questions.yml")
    files = {
        path.relative_to(folder).as_posix(): path
        for path in sorted(folder.rglob("*"))
        if path.suffix.lower() in PICTURES | {".mp4", ".vtt", ".pdf"}
    }
    _refuse(folder, _faults(course, bank, files))
    return Folder(course, bank, files)


def _course(folder: Path) -> Course:
    try:
        course = Course.model_validate(_yaml(folder / "course.yml"))
        sections = [
            section.model_copy(update={"lessons": tuple(_with_body(folder, section.lessons))})
            for section in course.sections
        ]
    except ValidationError as error:
        raise BrokenCourseError(f"{folder.name}/course.yml: {error}") from error
    return course.model_copy(update={"sections": tuple(sections)})


def _with_body(folder: Path, lessons: Iterable[Lesson]) -> Iterator[Lesson]:
    """The lessons with the words of their files; a file from outside the folder is none of it."""
    inside = folder.resolve()
    for lesson in lessons:
        if not lesson.file:
            yield lesson
            continue
        try:
            file = (folder / lesson.file).resolve()
            body = file.read_text(encoding="utf-8") if file.is_relative_to(inside) else None
        except (OSError, ValueError):  # no such file, a folder, not text, or no name at all
            body = None
        if body is None:
            raise BrokenCourseError(f"{folder.name}: {lesson.file} is missing or no text")
        yield lesson.model_copy(update={"body": body})


def _bank(file: Path) -> dict[str, Question]:
    if not file.exists():
        return {}
    found: dict[str, Question] = {}
    rows = _yaml(file).get("questions") or []
    if not (isinstance(rows, list) and all(isinstance(raw, dict) for raw in rows)):
        raise BrokenCourseError(f"{file.parent.name}/{file.name}: questions are no list of them")
    for number, raw in enumerate(rows, start=1):
        try:
            question = questions.parse(raw)
        except ValueError as error:
            raise BrokenCourseError(f"{file.parent.name}: question {number}: {error}") from error
        if not question.id or question.id in found:
            raise BrokenCourseError(f"{file.parent.name}: question {number} needs an id of its own")
        found[question.id] = question
    return found


def _yaml(file: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError, UnicodeDecodeError) as error:
        raise BrokenCourseError(f"{file.parent.name}/{file.name}: {error}") from error
    if not isinstance(content, dict):
        raise BrokenCourseError(f"{file.parent.name}/{file.name}: no mapping")
    return content


def _faults(course: Course, bank: Mapping[str, Question], files: Mapping[str, Path]) -> list[str]:
    """Everything that is named but not there."""
    faults = [f"{q.key}: no question {i}" for q in course.quizzes for i in q.questions
              if i not in bank]  # fmt: skip
    faults += [fault for quiz in course.quizzes for fault in _draw_faults(quiz, bank)]
    for lesson in course.lessons():
        faults += [f"{lesson.key}: {name} is missing" for name in (lesson.media, lesson.captions)
                   if name and name not in files]  # fmt: skip
    faults += [f"{q.id}: {q.image} is missing" for q in bank.values()
               if q.image and q.image not in files]  # fmt: skip
    return faults


def _draw_faults(quiz: Quiz, bank: Mapping[str, Question]) -> list[str]:
    stock = Counter((q.category, q.difficulty) for q in bank.values())
    return [
        f"{quiz.key}: {draw.count} drawn of {draw.category}, {there} there"
        for draw in quiz.draw
        if (there := _stock(stock, draw)) < draw.count
    ]


def _stock(stock: Counter[tuple[str, Any]], draw: Draw) -> int:
    levels = (1, 2, 3) if draw.difficulty is None else (draw.difficulty,)
    return sum(stock[draw.category, level] for level in levels)


def _refuse(folder: Path, faults: list[str]) -> None:
    if faults:
        raise BrokenCourseError(f"{folder.name}: " + "; ".join(faults))
