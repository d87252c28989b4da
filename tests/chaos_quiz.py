"""`python -m tests.chaos_quiz --runs 100`: quizzes in a real browser while everything goes wrong.

In each run a learner answers a quiz of seven questions, changing their mind now and then, while at
random the network is cut and comes back, the server's answers are lost on their way (the request
was carried out), the tab is killed, and a second device goes on. Whenever the page says that all is
saved, that must be true: what is stored is what was answered last. In the end the quiz is handed in
and the marks are those of the last answers; a lost answer, an answer that was claimed and is not
there, a row that stands twice would each be named.
"""

import argparse
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import (
    APIResponse,
    Browser,
    BrowserContext,
    Route,
    expect,
    sync_playwright,
)
from playwright.sync_api import Error as PlaywrightError
from sqlalchemy import func, select

from backend import db
from backend.db import Database
from lms.attempts import service as attempts
from lms.attempts.models import Attempt, SavedAnswer
from lms.questions.question import Question
from tests import learning_figures
from tests.browser import learning

STEPS = 22
SETTLES = 60_000
SAVED = ".sheet-saved"


@dataclass
class Outcome:
    """What happened to the learners, and what should not have."""

    runs: int = 0
    answers: int = 0
    claims: int = 0
    happened: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def __str__(self) -> str:
        happened = ", ".join(f"{name} {count}" for name, count in sorted(self.happened.items()))
        lines = [
            f"{self.runs} runs, {self.answers} answers given, {self.seconds:.0f} s",
            f"happened: {happened}",
            f"the page said {self.claims} times that everything is saved, and was asked for proof",
            f"wrong: {len(self.wrong)}",
            *self.wrong[:20],
        ]
        return "\n".join(lines)


class Run:
    """One learner, one quiz, up to two devices."""

    def __init__(
        self, chromium: Browser, site: str, login: str, dice: random.Random, outcome: Outcome,
        stack: ExitStack,
    ) -> None:  # fmt: skip
        self.chromium, self.site, self.login = chromium, site, login
        self.dice, self.outcome, self.stack = dice, outcome, stack
        self.given: dict[int, dict[str, list[str]]] = {}
        self.is_offline = False
        self.context = self._device()
        self.page = self.context.new_page()
        learning.sign_in(self.page, login)
        learning.begin_course(self.page)
        self.token = learning.begin_quiz(self.page)
        learning.ready_offline(self.page)
        self.questions = self._questions()

    def _device(self) -> BrowserContext:
        return self.stack.enter_context(
            learning.device(self.chromium, self.site, wrong_clock=self.dice.random() < 0.5)
        )

    def _questions(self) -> dict[int, tuple[Question, str]]:
        with db.reading() as session:
            attempt = session.scalars(select(Attempt).where(Attempt.token == self.token)).one()
            return {
                item.place: (item.banked.question, f"{attempt.seed}/{item.place}")
                for item in attempts.items(session, attempt)
            }

    def go(self) -> None:
        """Everything, and the reckoning."""
        for _ in range(STEPS):
            self._do(self.dice.choices(
                (self.answer, self.cut, self.mend, self.lose, self.kill, self.move, self.look),
                weights=(12, 3, 3, 2, 2, 1, 3),
            )[0])  # fmt: skip
        self.mend()
        expect(self.page.locator(SAVED)).to_contain_text(
            f"Đã lưu {len(self.given)}/7 câu.", timeout=SETTLES
        )
        self.look()
        self.page.on("dialog", lambda dialog: dialog.accept())
        self.page.get_by_role("button", name="Nộp bài").click()
        self.page.get_by_role("heading", level=1, name="Kết quả").wait_for(timeout=SETTLES)
        self.reckon()

    def _do(self, step: Callable[[], None]) -> None:
        self.outcome.happened[step.__name__] += 1
        step()

    def answer(self) -> None:
        """Answer a question, perhaps for the second time; wrongly as often as not."""
        place = self.dice.randrange(7)
        question, seed = self.questions[place]
        shown = question.shown(seed)
        fields = self._some(question, len(shown.options), len(shown.items))
        if fields == self.given.get(place):
            return
        if question.type == "multiple":
            for box in self.page.locator(f"[name='p{place}.a']:checked").all():
                box.uncheck()
        learning.answer(self.page, place, fields)
        self.given[place] = fields
        self.outcome.answers += 1

    def _some(self, question: Question, options: int, items: int) -> dict[str, list[str]]:
        if question.type in ("short", "numeric"):
            return {"a": [str(self.dice.randrange(1000))]}
        if items:
            ranks = self.dice.sample(range(options), items)
            return {f"a{place}": [str(rank)] for place, rank in enumerate(ranks)}
        return {"a": [str(self.dice.randrange(options or 2))]}

    def cut(self) -> None:
        """No network."""
        self.context.set_offline(True)
        self.is_offline = True

    def mend(self) -> None:
        """A network again."""
        self.context.set_offline(False)
        self.is_offline = False

    def lose(self) -> None:
        """The next save is carried out, but nobody hears of it."""
        lost: list[APIResponse] = []

        def swallow(route: Route) -> None:
            if not lost and not self.is_offline:
                lost.append(route.fetch())
                with suppress(PlaywrightError):  # the page gave up while we listened: as lost
                    route.abort()
            else:
                route.fallback()

        self.page.route("**/luu", swallow)
        self.answer()
        self.page.wait_for_timeout(300)
        self.page.unroute("**/luu")

    def kill(self) -> None:
        """The tab dies between two moments; what was written down is there in the next."""
        self.page.wait_for_timeout(self.dice.randrange(450, 900))  # whoever types has typed
        self.page.close()
        self.page = self.context.new_page()
        self.page.goto(f"/hoc/bai-lam/{self.token}")
        expect(self.page.locator(SAVED)).to_contain_text("/7 câu.")
        self.page.wait_for_timeout(200)

    def move(self) -> None:
        """Another device goes on, once this one has sent what it had."""
        self.mend()
        expect(self.page.locator(SAVED)).to_have_text(
            f"Đã lưu {len(self.given)}/7 câu.", timeout=SETTLES
        )
        self.context = self._device()
        self.page = self.context.new_page()
        learning.sign_in(self.page, self.login, to=f"/hoc/bai-lam/{self.token}")
        learning.ready_offline(self.page)

    def look(self) -> None:
        """Where the page says that everything is saved, the server must have it."""
        text = self.page.locator(SAVED).inner_text()
        if text != f"Đã lưu {len(self.given)}/7 câu.":
            return
        self.outcome.claims += 1
        self._compare("claimed as saved")

    def _compare(self, when: str) -> None:
        there = learning.stored(self.token)
        for place, fields in self.given.items():
            question, seed = self.questions[place]
            meant = question.read(fields, seed)
            if there.get(place) != meant:
                self.outcome.wrong.append(
                    f"{self.login}: {when}, question {place + 1} ({question.type}):"
                    f" meant {meant}, stored {there.get(place)}"
                )

    def reckon(self) -> None:
        """Handed in: every last answer is there, once, and marked."""
        self._compare("handed in")
        with db.reading() as session:
            attempt = session.scalars(select(Attempt).where(Attempt.token == self.token)).one()
            rows = session.scalar(select(func.count()).where(SavedAnswer.attempt_id == attempt.id))
            score = attempt.score
        marks = [
            question.grade(question.read(self.given[place], seed))
            for place, (question, seed) in self.questions.items()
            if place in self.given
        ]
        if rows != len(self.given):
            self.outcome.wrong.append(f"{self.login}: {rows} rows for {len(self.given)} answers")
        if score is None or abs(score - sum(marks) / 7) > 1e-9:
            self.outcome.wrong.append(f"{self.login}: marked {score}, not {sum(marks) / 7}")


def chaos(chromium: Browser, site: str, runs: int, *, seed: int) -> Outcome:
    """So many learners, each with a storm of their own; the same seed, the same storms."""
    outcome, started = Outcome(), time.monotonic()
    for number in range(runs):
        login = f"hoc-vien-{seed}-{number}"
        learning.enrol(login)
        with ExitStack() as stack:
            try:
                dice = random.Random(f"{seed}/{number}")
                Run(chromium, site, login, dice, outcome, stack).go()
            except AssertionError as error:
                outcome.wrong.append(f"{login}: {str(error).splitlines()[0]}")
        outcome.runs += 1
    outcome.seconds = time.monotonic() - started
    return outcome


@contextmanager
def browser() -> Iterator[Browser]:
    from tests.browser import conftest

    with sync_playwright() as playwright:
        flags = [*conftest.FLAGS, "--no-sandbox"] if os.geteuid() == 0 else conftest.FLAGS
        yield playwright.chromium.launch(executable_path="/usr/bin/chromium", args=flags)


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--write", action="store_true", help="keep the figures")
    wanted = parser.parse_args(arguments)
    from tests.served import Server

    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder))
        db.use(Database(f"sqlite:///{Path(folder) / 'motcua.db'}"))
        try:
            learning.make_school()
            with browser() as chromium:
                outcome = chaos(chromium, server.url, wanted.runs, seed=wanted.seed)
        finally:
            server.stop()
    lines = [
        f"--runs {wanted.runs} --seed {wanted.seed}, SQLite, Chromium",
        *str(outcome).split("\n"),
    ]
    verdict = "BROKEN" if outcome.wrong else "GOOD"
    learning_figures.report("python -m tests.chaos_quiz", [*lines, verdict], write=wanted.write)
    return bool(outcome.wrong)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
