"""`make bench-lms`: the CPU that learning costs a server, ours beside Kolibri's, in one run.

Both teach the same class: eight sections with eighteen things to do, the last of them a quiz of ten
questions. Learners do one after another what a browser would ask the server for; files that a
browser keeps (scripts, styles, pictures) are left out on both sides. What is counted is CPU of the
server's processes by the kernel's own account, less what they use when nobody asks.

* a course page: the page with everything that there is to do and how far the learner is. Ours is
  HTML; Kolibri's is the data that its app in the browser draws, the app itself counted apart.
* an answer saved: one answer in one request, stored when it is acknowledged.
* a quiz cycle: log-in page, log in, the first page, the course, the quiz, begin, ten answers,
  hand in, see the result.

Both on SQLite as they come. Kolibri marks in the browser and is told by it what is right; ours is
marked by the server. Moodle cannot be had from a package registry: its figures were measured
before, on a machine like this one.
"""

import argparse
import os
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import httpx
from sqlalchemy.orm import Session

from backend import db
from backend.db import Database
from lms import questions
from lms.courses import service as courses
from lms.courses.content import Course
from lms.questions import service as bank
from tests import kolibri_server as kolibri
from tests import learning_figures
from tests.lms_load import PASSWORD, cpu_of, make_learners, product

SECTIONS, DOCUMENTS, QUESTIONS = 8, 17, 10
CODE = "BM01"
IDLE = 5  # seconds of watching a server that nobody asks
MOODLE = {"course page": 150.0, "answer saved": 63.0, "quiz cycle": 1380.0}
STEPS = (
    "log-in page", "log in", "first page", "course page", "quiz", "begin", "answer saved",
    "hand in", "result",
)  # fmt: skip


@dataclass
class Spent:
    """Milliseconds of CPU that requests of each kind took, and how many requests those were."""

    name: str
    taken: dict[str, float] = field(default_factory=dict)
    asked: dict[str, int] = field(default_factory=dict)

    def each(self, step: str) -> float:
        return self.taken[step] / self.asked[step]

    @property
    def cycle(self) -> float:
        """One learner, from the log-in page to the result."""
        return sum(self.each(step) * (QUESTIONS if step == "answer saved" else 1) for step in STEPS)


class Meter:
    """Reads the CPU of a server around the work of one kind."""

    def __init__(self, name: str, pid: int) -> None:
        self.pid, self.spent = pid, Spent(name)
        time.sleep(IDLE)  # whatever it does after starting
        before = cpu_of(pid)
        time.sleep(IDLE)
        self.idle = (cpu_of(pid) - before) / IDLE

    @contextmanager
    def counting(self, step: str, times: int) -> Iterator[None]:
        cpu, clock = cpu_of(self.pid), time.perf_counter()
        yield
        passed = time.perf_counter() - clock
        taken = (cpu_of(self.pid) - cpu - self.idle * passed) * 1000
        self.spent.taken[step] = self.spent.taken.get(step, 0) + taken
        self.spent.asked[step] = self.spent.asked.get(step, 0) + times


class Ours:
    """A learner's browser at our product; the methods are the steps."""

    def __init__(self, url: str, number: int) -> None:
        headers = {"X-Forwarded-For": f"10.0.{number // 250}.{number % 250 + 1}"}
        self.http = httpx.Client(base_url=url, trust_env=False, headers=headers)
        self.login, self.token, self.sheet, self.saved = f"hv{number}", "", "", 0

    def _get(self, path: str) -> str:
        return self.http.get(path).raise_for_status().text

    def _form(self, path: str, **fields: str) -> str:
        """Send it; where it leads."""
        answer = self.http.post(path, data={"form_token": self.token, **fields})
        assert answer.status_code == httpx.codes.SEE_OTHER, (path, answer.status_code)
        return answer.headers["location"]

    def log_in_page(self) -> None:
        found = re.search(r'name="form_token" value="([^"]+)"', self._get("/dang-nhap?next=/hoc"))
        assert found
        self.token = found[1]

    def log_in(self) -> None:
        self._form("/dang-nhap", login=self.login, password=PASSWORD, next="/hoc")

    def first_page(self) -> None:
        assert CODE in self._get("/hoc")

    def course_page(self) -> None:
        assert self._get(f"/hoc/{CODE}").count("lesson-line") >= DOCUMENTS + 1

    def quiz(self) -> None:
        self._get(f"/hoc/{CODE}/kiem-tra")

    def begin(self) -> None:
        self.sheet = self._form(f"/hoc/{CODE}/kiem-tra/bai-lam")
        assert self._get(self.sheet).count("<fieldset") == QUESTIONS

    def answer_saved(self) -> None:
        answer = {"place": self.saved, "fields": {"a": ["0"]}, "seq": 1}
        said = self.http.post(
            f"{self.sheet}/luu", json={"device": "may", "answers": [answer]},
            headers={"x-form-token": self.token},
        ).raise_for_status()  # fmt: skip
        assert said.json()["saved"] == {str(self.saved): 1}
        self.saved += 1

    def hand_in(self) -> None:
        body = {"viec": "nop"}
        headers = {"x-form-token": self.token}
        self.http.post(f"{self.sheet}/nop-bai", data=body, headers=headers).raise_for_status()

    def result(self) -> None:
        assert "data-sheet" not in self._get(self.sheet)


class Theirs:
    """A learner's browser at Kolibri: the requests that its app makes."""

    def __init__(self, school: kolibri.School, number: int) -> None:
        self.school, self.login = school, f"hv{number}"
        self.http = httpx.Client(base_url=school.url, trust_env=False)
        self.session, self.saved = "", 0

    def _get(self, path: str, **query: str) -> httpx.Response:
        return self.http.get(path, params=query).raise_for_status()

    def _send(self, method: str, path: str, body: object) -> httpx.Response:
        headers = {"X-CSRFToken": self.http.cookies["kolibri_csrftoken"]}
        return self.http.request(method, path, json=body, headers=headers).raise_for_status()

    def log_in_page(self) -> None:
        self._get("/en/auth/")
        said = self.http.put("/api/auth/session/current/", json={"active": False})
        said.raise_for_status()  # brings the cookie against forged requests

    def log_in(self) -> None:
        who = {"username": self.login, "password": kolibri.PASSWORD}
        self._send("POST", "/api/auth/session/", who | {"facility": self.school.facility})

    def first_page(self) -> None:
        self._get("/en/learn/")

    def course_page(self) -> None:
        room = self._get(f"/learn/api/learnerclassroom/{self.school.classroom}/").json()
        assert len(room["lessons"]) == SECTIONS
        assert len(room["exams"]) == 1

    def quiz(self) -> None:
        exam = self._get(f"/api/exams/exam/{self.school.exam}/").json()
        assert exam["question_count"] == QUESTIONS
        assert self._get("/api/content/contentnode/", ids=self.school.exercise).json()

    def begin(self) -> None:
        made = self._send("POST", "/api/logger/trackprogress/", {"quiz_id": self.school.exam})
        self.session = made.json()["session_id"]

    def answer_saved(self) -> None:
        interaction = {
            "item": self.school.items[self.saved], "answer": {"answer": "b"}, "correct": 1,
            "simple_answer": "b", "complete": True, "time_spent": 5, "replace": True,
        }  # fmt: skip
        body = {"interactions": [interaction], "time_spent_delta": 5}
        said = self._send("PUT", f"/api/logger/trackprogress/{self.session}/", body)
        assert said.json()["attempts"]
        self.saved += 1

    def hand_in(self) -> None:
        said = self._send("PUT", f"/api/logger/trackprogress/{self.session}/", {"progress": 1})
        assert said.json()["complete"]

    def result(self) -> None:
        self.course_page()


def spend(meter: Meter, learners: Sequence[Ours | Theirs], pages: int) -> Spent:
    """Every step by every learner in turn; the first learner warms the server up."""
    first, *others = learners
    for step in STEPS:
        for _ in range(QUESTIONS if step == "answer saved" else 1):
            _step(first, step)()
    for step in STEPS:
        times = {"answer saved": QUESTIONS, "course page": pages}.get(step, 1)
        with meter.counting(step, times * len(others)):
            _all(_step(one, step) for one in others for _ in range(times))
    return meter.spent


def _step(learner: Ours | Theirs, step: str) -> Callable[[], None]:
    return getattr(learner, step.replace(" ", "_").replace("-", "_"))  # type: ignore[no-any-return]  # by name


def _all(steps: Iterable[Callable[[], None]]) -> None:
    for step in steps:
        step()


def make_bench_course(session: Session, *, now: datetime) -> None:
    """Eight sections, seventeen texts and a final of ten questions with one right choice each."""
    choices = [{"text": f"Cách {n}", "right": n == 1} for n in range(4)]
    stock = [
        questions.parse({"type": "single", "id": f"q{n}", "category": "chung",
                         "text": f"Câu hỏi {n}: nên làm gì trước?", "choices": choices})
        for n in range(QUESTIONS)
    ]  # fmt: skip
    bank.put(session, CODE, stock, now=now)
    lessons: list[dict[str, object]] = [
        {"key": f"bai-{n}", "title": f"Bài {n}", "minutes": 5, "file": f"{n}.md", "body": "Chữ."}
        for n in range(DOCUMENTS)
    ]
    final = {"key": "kiem-tra", "title": "Kiểm tra", "minutes": 5, "kind": "quiz", "quiz": "cuoi"}
    sections = [{"title": f"Phần {n}", "lessons": lessons[n::SECTIONS]} for n in range(SECTIONS)]
    sections[-1]["lessons"] = [*lessons[SECTIONS - 1 :: SECTIONS], final]
    draw = [{"category": "chung", "count": QUESTIONS}]
    course = {
        "code": CODE, "title": "An ninh mạng", "summary": "Để đo.", "hours": 4,
        "sections": sections,
        "quizzes": [{"key": "cuoi", "title": "Kiểm tra", "kind": "final", "minutes": 20,
                     "attempts": 3, "draw": draw}],
    }  # fmt: skip
    courses.publish(session, Course.model_validate(course), now=now)


def ours(learners: int, pages: int) -> Spent:
    """Our web as in production, one process, on SQLite."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        url = f"sqlite:///{Path(name) / 'motcua.db'}"
        port, pid = stack.enter_context(product(url, Path(name), 1))
        db.use(Database(url))
        make_learners(learners + 1, make_bench_course, CODE)
        db.database().close()
        db.use(None)
        at = f"http://127.0.0.1:{port}"
        return spend(Meter("ours", pid), [Ours(at, n) for n in range(learners + 1)], pages)


def theirs(learners: int, pages: int) -> Spent:
    """Kolibri as installed."""
    kolibri.build()
    with tempfile.TemporaryDirectory() as name, kolibri.running(
        Path(name), learners + 1, documents=DOCUMENTS, sections=SECTIONS, questions=QUESTIONS
    ) as school:  # fmt: skip
        crowd = [Theirs(school, n) for n in range(learners + 1)]
        return spend(Meter(f"Kolibri {kolibri.VERSION}", school.pid), crowd, pages)


def table(sides: Sequence[Spent]) -> list[str]:
    """What was measured, side by side."""
    head = f"{'CPU ms':<26}" + "".join(f"{side.name:>16}" for side in sides)
    whole = f"{'quiz cycle':<26}" + "".join(f"{side.cycle:16.1f}" for side in sides)
    app = f"{'  without pages of the app':<26}" + "".join(
        f"{side.cycle - side.each('log-in page') - side.each('first page'):16.1f}" for side in sides
    )
    lines = [
        f"{step:<26}" + "".join(f"{side.each(step):16.1f}" for side in sides) for step in STEPS
    ]
    moodle = ", ".join(f"{name} {taken:.0f}" for name, taken in MOODLE.items())
    return [
        head, *lines, whole, app,
        f"Moodle 4.3 (PHP and PostgreSQL, measured elsewhere, 10 answers in one save): {moodle}",
    ]  # fmt: skip


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.lms_bench", description=__doc__)
    parser.add_argument("--learners", type=int, default=30)
    parser.add_argument("--pages", type=int, default=5, help="course pages of each learner")
    parser.add_argument("--write", action="store_true", help="keep the figures")
    wanted = parser.parse_args(arguments)
    busy = os.getloadavg()[0]
    try:
        sides = [theirs(wanted.learners, wanted.pages), ours(wanted.learners, wanted.pages)][::-1]
    except kolibri.CannotRunError as error:
        print(error, file=sys.stderr)
        return 1
    who = f"{wanted.learners} learners one after another; load of the machine before {busy:.1f}"
    lines = [who, *table(sides)]
    learning_figures.report("make bench-lms", lines, write=wanted.write)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
