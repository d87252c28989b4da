"""A small course of every type of question, and somebody who takes it."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from backend import clock
from backend.accounts import service as accounts
from backend.accounts.roles import Role
from backend.people import service as people
from backend.people.duties import Duty
from lms import questions
from lms.courses import service as courses
from lms.courses.content import Course
from lms.questions import service as bank
from tests.cast import PASSWORD
from tests.lms.test_question_types import EXAMPLES

CODE = "CB00"


def make_course(session: Session, *, now: datetime) -> None:
    """CB00: two lessons, a practice, and a final of every type of question."""
    stock = [
        questions.parse({"type": kind, "id": kind, "category": "chung", **raw})
        for kind, raw in EXAMPLES.items()
    ]
    bank.put(session, CODE, stock, now=now)
    lessons = [
        {"key": "thu-la", "title": "Thư lạ", "minutes": 5, "file": "a.md",
         "body": "## Dấu hiệu\n\nNgười gửi **lạ**, giục gấp.\n\n![Thư](img/thu.svg)"},
        {"key": "mat-khau", "title": "Mật khẩu", "minutes": 5, "file": "b.md", "body": "Dài."},
        {"key": "luyen", "title": "Luyện tập", "minutes": 5, "kind": "quiz", "quiz": "thu"},
        {"key": "cuoi-khoa", "title": "Kiểm tra cuối khoá", "minutes": 15, "kind": "quiz",
         "quiz": "cuoi"},
    ]  # fmt: skip
    course = {
        "code": CODE, "title": "Nhận thức an ninh mạng", "summary": "Bốn bài ngắn.", "hours": 4,
        "validity_months": 12, "outcomes": ["Nhận ra thư lừa đảo"],
        "legal": [{"text": "Nghị định 333/2026/NĐ-CP", "date": "19/08/2026"}],
        "sections": [{"title": "Thư điện tử", "lessons": lessons}],
        "quizzes": [
            {"key": "thu", "title": "Luyện tập", "kind": "practice", "questions": ["truefalse"]},
            {"key": "cuoi", "title": "Kiểm tra cuối khoá", "kind": "final", "minutes": 20,
             "attempts": 3, "draw": [{"category": "chung", "count": 7}]},
        ],
    }  # fmt: skip
    courses.publish(session, Course.model_validate(course), now=now)


def announced(code: str, *before: str) -> Course:
    """A course that is not open yet, and what comes before it."""
    return Course.model_validate({
        "code": code, "title": f"Khoá {code}", "summary": "Sắp mở.", "hours": 1,
        "status": "announced", "prerequisites": before,
    })  # fmt: skip


def make_official(
    session: Session, login: str = "binh", name: str = "Nguyễn Văn Bình",
    role: Role = Role.OFFICIAL,
) -> int:  # fmt: skip
    """Somebody of phường An Xuyên with an account; their person's id."""
    start = date(2026, 1, 1)
    found = [a for a in people.agencies(session, at=clock.today()) if a.code == "P-AX"]
    agency = found[0] if found else people.open_agency(
        session, "P-AX", "Phường An Xuyên", since=start
    )  # fmt: skip
    person = people.add_person(session, f"AX-{login}", name, now=clock.now())
    people.place(session, person.id, agency.id, position="Công chức", duty=Duty.NONE, since=start)
    accounts.create(
        session, login, name=name, role=role, password=PASSWORD, agency=agency.name,
        person_id=person.id, now=clock.now(),
    )  # fmt: skip
    return person.id
