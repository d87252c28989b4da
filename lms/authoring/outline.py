"""A course that is being written, as plain data with gaps; what changes it and what it still lacks.

The shape is that of `courses.content.Course`. A quiz whose `questions` is `["*"]` asks everything
that is in the bank on the day it is published.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from backend.errors import NotFound
from backend.i18n import gettext as _
from lms.questions import Question
from nlu.text import fold

Outline = dict[str, Any]
ALL = "*"
EXTRAS = ("removed", "questions")  # what a draft knows beyond a Course
_PICTURE = re.compile(r"!\[[^\]]*\]\(([^)\s]+)")


@dataclass(frozen=True)
class Fault:
    """What keeps a course from being published, and the lesson or question to open to mend it."""

    message: str
    lesson: str = ""
    question: str = ""


def blank(code: str, title: str, summary: str, audience: str, hours: float) -> Outline:
    """A new course with one empty section."""
    return {
        "code": code, "title": title, "summary": summary, "audience": audience, "hours": hours,
        "sections": [{"title": _("Phần 1"), "lessons": []}], "quizzes": [], "removed": [],
    }  # fmt: skip


def lessons(outline: Outline) -> Iterator[Outline]:
    """All lessons in their order."""
    for section in outline["sections"]:
        yield from section["lessons"]


def lesson(outline: Outline, key: str) -> Outline:
    """The lesson of this key."""
    for one in lessons(outline):
        if one["key"] == key:
            return one
    raise NotFound("no_lesson", _("Khoá học không có bài này."))


def quiz(outline: Outline, key: str) -> Outline:
    """The quiz of this key."""
    return next(one for one in outline["quizzes"] if one["key"] == key)


def add_section(outline: Outline, title: str) -> None:
    """A section at the end."""
    number = len(outline["sections"]) + 1
    outline["sections"].append({"title": title or _("Phần {n}").format(n=number), "lessons": []})


def add_lesson(outline: Outline, section: int, title: str, kind: str, minutes: int = 10) -> str:
    """A lesson at the end of a section; its key. A quiz lesson brings its quiz."""
    key = _free_key(outline, title)
    made: Outline = {"key": key, "title": title, "minutes": minutes, "kind": kind, "body": ""}
    if kind == "quiz":
        has_final = any(one["kind"] == "final" for one in outline["quizzes"])
        outline["quizzes"].append({
            "key": key, "title": title, "kind": "practice" if has_final else "final",
            "questions": [ALL], "draw": [], "pass_mark": 0.8, "minutes": 0, "attempts": 0,
            "shuffle": True, "feedback": "end",
        })  # fmt: skip
        made["quiz"] = key
    at = min(max(section, 0), len(outline["sections"]) - 1)
    outline["sections"][at]["lessons"].append(made)
    return key


def rename_section(outline: Outline, number: int, title: str) -> None:
    """Another heading; an empty one changes nothing."""
    if 0 <= number < len(outline["sections"]) and title:
        outline["sections"][number]["title"] = title


def move_section(outline: Outline, number: int, step: int) -> None:
    """One place up or down, with its lessons."""
    sections = outline["sections"]
    if 0 <= number < len(sections) and 0 <= number + step < len(sections):
        sections.insert(number + step, sections.pop(number))


def drop_lesson(outline: Outline, key: str) -> None:
    """Without this lesson, and without its quiz."""
    gone = lesson(outline, key)
    for section in outline["sections"]:
        section["lessons"] = [one for one in section["lessons"] if one["key"] != key]
    outline["quizzes"] = [one for one in outline["quizzes"] if one["key"] != gone.get("quiz")]


def drop_section(outline: Outline, number: int) -> None:
    """Without this section, if nothing is in it."""
    sections = outline["sections"]
    if 0 <= number < len(sections) and not sections[number]["lessons"] and len(sections) > 1:
        del sections[number]


def move_lesson(outline: Outline, key: str, step: int) -> None:
    """One place up or down; over the edge of a section into the next one."""
    for number, section in enumerate(outline["sections"]):
        keys = [one["key"] for one in section["lessons"]]
        if key not in keys:
            continue
        at, inside = keys.index(key), section["lessons"]
        moved = inside.pop(at)
        if 0 <= at + step <= len(inside):
            inside.insert(at + step, moved)
            return
        other = number + step
        if not 0 <= other < len(outline["sections"]):
            inside.insert(at, moved)
            return
        target = outline["sections"][other]["lessons"]
        target.insert(len(target) if step < 0 else 0, moved)
        return


def _free_key(outline: Outline, title: str) -> str:
    words = re.sub(r"[^a-z0-9]+", "-", fold(title)).strip("-")[:32].strip("-") or "bai"
    taken = {one["key"] for one in lessons(outline)} | {one["key"] for one in outline["quizzes"]}
    return next(k for k in (words, *(f"{words}-{n}" for n in range(2, 999))) if k not in taken)


def pictures(body: str) -> list[str]:
    """Files that a lesson's words show."""
    return _PICTURE.findall(body)


def whole(outline: Outline, stock: Mapping[str, Question]) -> Outline:
    """The outline as a Course is made of it: “all questions” by name, without a draft's extras."""
    made = {name: value for name, value in outline.items() if name not in EXTRAS}
    made["status"] = "ready"
    made["quizzes"] = [
        {**one, "questions": list(stock)} if one.get("questions") == [ALL] else one
        for one in outline["quizzes"]
    ]
    return made


def faults(outline: Outline, stock: Mapping[str, Question], files: Collection[str]) -> list[Fault]:
    """Everything that is still missing, each with where to mend it."""
    found = []
    if not any(True for _one in lessons(outline)):
        found.append(Fault(_("Khoá học chưa có bài nào. Xin thêm ít nhất một bài.")))
    for section in outline["sections"]:
        if not section["lessons"] and len(outline["sections"]) > 1:
            message = _("Phần “{title}” chưa có bài. Xin thêm bài hoặc xoá phần này.")
            found.append(Fault(message.format(title=section["title"])))
    for one in lessons(outline):
        found += _lesson_faults(outline, one, stock, files)
    finals = sum(1 for one in outline["quizzes"] if one["kind"] == "final")
    if finals != 1 and outline.get("completion", {}).get("final", True):
        message = _("Khoá học cần đúng một bài kiểm tra cuối khoá, hiện có {count}.")
        found.append(Fault(message.format(count=finals)))
    return found


def _lesson_faults(
    outline: Outline, one: Outline, stock: Mapping[str, Question], files: Collection[str]
) -> list[Fault]:
    messages = []
    kind = one.get("kind", "text")
    if kind == "text" and not one.get("body", "").strip():
        messages.append(_("Bài “{title}” chưa có nội dung."))
    if kind == "video" and one.get("captions") not in files:
        messages.append(_("Bài “{title}” chưa có phụ đề. Xin tải tệp .vtt lên rồi chọn phụ đề."))
    if kind in ("file", "video") and one.get("media") not in files:
        messages.append(_("Bài “{title}” chưa có tệp. Xin tải tệp lên rồi chọn tệp cho bài."))
    if set(pictures(one.get("body", ""))) - set(files):
        messages.append(_("Bài “{title}” dùng một hình chưa được tải lên."))
    if kind == "quiz":
        messages += _quiz_faults(quiz(outline, one["quiz"]), stock)
    return [Fault(message.format(title=one["title"]), one["key"]) for message in messages]


def _quiz_faults(rules: Outline, stock: Mapping[str, Question]) -> list[str]:
    if rules.get("questions") == [ALL] or not (rules.get("questions") or rules.get("draw")):
        return (
            [] if stock else [_("Bài “{title}” chưa có câu hỏi. Xin nhập câu hỏi từ Word, Excel.")]
        )
    if set(rules.get("questions", ())) - set(stock):
        return [_("Bài “{title}” hỏi một câu không còn trong ngân hàng.")]
    if _is_short(rules.get("draw", ()), stock):
        return [_("Bài “{title}” rút nhiều câu hơn số câu có trong ngân hàng.")]
    return []


def _is_short(draws: Collection[Outline], stock: Mapping[str, Question]) -> bool:
    """Whether a draw asks for more than there is, of a difficulty or of a whole category."""
    asked: Counter[tuple[str, int | None]] = Counter()
    there: Counter[tuple[str, int | None]] = Counter()
    for part in draws:
        asked[part["category"], None] += part["count"]
        if level := part.get("difficulty"):
            asked[part["category"], level] += part["count"]
    for one in stock.values():
        there.update([(one.category, None), (one.category, one.difficulty)])
    return any(count > there[of] for of, count in asked.items())
