"""Course folders: what is read, and what is refused with the name of the fault."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from lms.courses import shelf
from lms.courses.shelf import BrokenCourseError

SINGLE = {
    "type": "single", "id": "q1", "text": "Nhận thư lạ?", "category": "thu-dien-tu",
    "choices": [{"text": "Báo ngay", "right": True}, {"text": "Mở xem"}],
}  # fmt: skip
COURSE: dict[str, Any] = {
    "code": "CB00", "title": "Nhận thức an ninh mạng", "summary": "Bốn bài ngắn.",
    "hours": 4, "validity_months": 12,
    "sections": [
        {"title": "Thư điện tử", "lessons": [
            {"key": "thu-la", "title": "Thư lạ", "minutes": 5, "file": "01-thu-la.md"},
            {"key": "cuoi-khoa", "title": "Bài cuối khoá", "minutes": 10, "kind": "quiz",
             "quiz": "cuoi"},
        ]},
    ],
    "quizzes": [{"key": "cuoi", "title": "Bài cuối khoá", "kind": "final",
                 "draw": [{"category": "thu-dien-tu", "count": 1}]}],
}  # fmt: skip


def folder(tmp_path: Path, *, bank: list[dict[str, Any]] | None = None, **changes: Any) -> Path:
    place = tmp_path / "CB00"
    place.mkdir(exist_ok=True)
    (place / "01-thu-la.md").write_text("## Một lá thư\n\nĐừng vội bấm.", encoding="utf-8")
    (place / "course.yml").write_text(
        yaml.safe_dump({**COURSE, **changes}, allow_unicode=True), encoding="utf-8"
    )
    (place / "questions.yml").write_text(
        yaml.safe_dump({"questions": [SINGLE] if bank is None else bank}), encoding="utf-8"
    )
    return place


def test_a_folder_is_read_with_its_words(tmp_path: Path) -> None:
    found = shelf.read(folder(tmp_path))
    assert found.course.minutes == 15
    lesson = found.course.lesson("thu-la")
    assert lesson is not None
    assert "Đừng vội bấm" in lesson.body
    assert set(found.questions) == {"q1"}
    assert shelf.folders(tmp_path) == [tmp_path / "CB00"]


def test_an_announced_course_needs_no_lessons(tmp_path: Path) -> None:
    place = folder(tmp_path, status="announced", sections=[], quizzes=[], bank=[])
    assert not list(shelf.read(place).course.lessons())


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"sections": []}, "no_lessons"),
        ({"quizzes": []}, "quiz_missing"),
        ({"audience": "ai cũng học"}, "audience_unknown"),
        ({"colour": "red"}, "colour"),
        ({"code": "cb"}, "code"),
        ({"bank": []}, "1 drawn of thu-dien-tu, 0 there"),
        ({"bank": [{**SINGLE, "id": ""}]}, "needs an id"),
        ({"bank": [SINGLE, SINGLE]}, "needs an id"),
        ({"bank": [{**SINGLE, "type": "essay"}]}, "essay"),
        ({"bank": [{**SINGLE, "image": "img/x.png"}]}, "img/x.png"),
        ({"quizzes": [{**COURSE["quizzes"][0], "draw": [], "questions": ["q9"]}]}, "q9"),
        ({"quizzes": [{**COURSE["quizzes"][0], "questions": ["q1"]}]}, "questions_or_draw"),
        ({"quizzes": [{**COURSE["quizzes"][0], "feedback": "each"}]}, "feedback"),
        ({"quizzes": [{**COURSE["quizzes"][0], "kind": "practice"}]}, "no_final"),
    ],
)
def test_a_broken_folder_says_what_is_wrong(
    tmp_path: Path, changes: dict[str, Any], fault: str
) -> None:
    with pytest.raises(BrokenCourseError, match=fault):
        shelf.read(folder(tmp_path, **changes))


def test_a_lesson_without_its_file_is_refused(tmp_path: Path) -> None:
    place = folder(tmp_path)
    (place / "01-thu-la.md").unlink()
    with pytest.raises(BrokenCourseError, match=r"01-thu-la\.md"):
        shelf.read(place)


def test_what_is_no_yaml_is_refused(tmp_path: Path) -> None:
    place = folder(tmp_path)
    (place / "course.yml").write_text("a: [", encoding="utf-8")
    with pytest.raises(BrokenCourseError, match=r"course\.yml"):
        shelf.read(place)


@pytest.mark.parametrize("place", shelf.folders(), ids=lambda place: place.name)
def test_every_shipped_course_is_whole(place: Path) -> None:
    found = shelf.read(place)
    assert found.course.code == place.name
    assert found.course.legal, "what does the course rest on?"


@pytest.mark.parametrize("name", ["../bi-mat.md", "{outside}", "img", "hinh.png", "a\0b"])
def test_a_lesson_reads_nothing_but_text_inside_its_folder(tmp_path: Path, name: str) -> None:
    place = folder(tmp_path)
    secret = tmp_path / "bi-mat.md"
    secret.write_text("mật khẩu", encoding="utf-8")
    (place / "img").mkdir(exist_ok=True)
    (place / "hinh.png").write_bytes(b"\x89PNG\xff")
    course = yaml.safe_load((place / "course.yml").read_text(encoding="utf-8"))
    course["sections"][0]["lessons"][0]["file"] = name.format(outside=secret)
    (place / "course.yml").write_text(yaml.safe_dump(course), encoding="utf-8")
    with pytest.raises(BrokenCourseError, match="missing or no text"):
        shelf.read(place)


@pytest.mark.parametrize("content", ["questions: 5", "questions: [chuỗi]", "questions: [[1]]"])
def test_a_bank_of_another_shape_is_refused(tmp_path: Path, content: str) -> None:
    place = folder(tmp_path)
    (place / "questions.yml").write_text(content, encoding="utf-8")
    with pytest.raises(BrokenCourseError):
        shelf.read(place)
