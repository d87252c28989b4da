"""`python -m tests.lighthouse`: Lighthouse as a cheap telephone on a slow network, five times.

Looks at a learner's catalogue, a lesson and the open quiz of the annual course that ships, signed
in; prints the medians of performance and accessibility, what was said on the way, and fails below
95 and 100. Lighthouse is npm's, put under `LIGHTHOUSE_HOME` (default ~/.cache/motcua-lighthouse)
when it is not there; without npm there is nothing to run, which is said and is exit code 2.
A machine that does other things meanwhile is seen as a slow product: run it alone.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import select

from backend import clock, db
from backend.db import Database
from lms.attempts import service as attempts
from lms.courses import service as courses
from lms.courses.models import Enrolment
from lms.seed import load_courses
from tests import learning_figures
from tests.lms_load import make_learners, product

VERSION = "12.8.2"
HOME = Path(os.environ.get("LIGHTHOUSE_HOME") or Path.home() / ".cache" / "motcua-lighthouse")
CODE = "CB00"
WANTED = {"performance": 95, "accessibility": 100}
FLAGS = "--headless=new --no-sandbox --disable-gpu --disable-background-networking"


class CannotRunError(Exception):
    """Lighthouse cannot be had here; the message says what is missing."""


@dataclass
class Page:
    """One page: its scores of every run, and the audits that were not passed in the last one."""

    name: str
    path: str
    scores: dict[str, list[float]] = field(default_factory=dict)
    short: dict[str, float] = field(default_factory=dict)

    def look(self, program: Path, site: str, cookie: str) -> None:
        report = asked(program, site + self.path, cookie)
        for name in WANTED:
            score = report["categories"][name]["score"]
            assert score is not None, f"{self.path}: {report.get('runtimeError')}"
            self.scores.setdefault(name, []).append(score * 100)
        self.short = {
            audit["id"]: audit["score"]
            for name in WANTED
            for ref in report["categories"][name]["auditRefs"]
            if ref["weight"] and (audit := report["audits"][ref["id"]])["score"] not in (None, 1)
        }

    def medians(self) -> dict[str, float]:
        return {name: median(scores) for name, scores in self.scores.items()}

    def __str__(self) -> str:
        said = ", ".join(f"{name} {score:.0f}" for name, score in self.medians().items())
        runs = ", ".join(f"{score:.0f}" for score in self.scores["performance"])
        short = ", ".join(f"{name} {score:.2f}" for name, score in self.short.items())
        return f"{self.name:<10}{said} (performance of each run: {runs}; not full: {short or '-'})"


def build() -> Path:
    """The program, installed where it is not there."""
    program = HOME / "node_modules" / ".bin" / "lighthouse"
    if program.is_file():
        return program
    if (npm := shutil.which("npm")) is None:
        raise CannotRunError("Máy này chưa có npm: Lighthouse không chạy được.")
    HOME.mkdir(parents=True, exist_ok=True)
    command = [npm, "install", "--no-audit", "--no-fund", "--prefix", str(HOME)]
    if subprocess.run([*command, f"lighthouse@{VERSION}"], check=False).returncode:
        raise CannotRunError(f"npm không cài được lighthouse@{VERSION}.")
    return program


def chromium() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        raise CannotRunError("Máy này chưa có Chromium: Lighthouse không chạy được.")
    return found


def asked(program: Path, url: str, cookie: str) -> dict[str, Any]:
    """Lighthouse's report on this page, as whoever holds the cookie."""
    command = [
        str(program), url, "--quiet", "--output=json", f"--chrome-flags={FLAGS}",
        f"--only-categories={','.join(WANTED)}",
        f"--extra-headers={json.dumps({'Cookie': cookie})}",
    ]  # fmt: skip
    environment = {**os.environ, "CHROME_PATH": chromium()}
    ran = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    return json.loads(ran.stdout)  # type: ignore[no-any-return]  # an object


def prepare() -> tuple[str, list[Page]]:
    """A learner in the middle of the annual course, with its final test open; what to look at."""

    [learner] = make_learners(1, lambda session, now: load_courses(session), CODE)
    with db.transaction() as session:
        enrolment = session.scalars(select(Enrolment)).one()
        taking = courses.taking(session, enrolment.person_id, CODE, lock=True)
        lesson = next(one for one in taking.course.lessons() if one.kind == "text")
        final = next(quiz for quiz in taking.course.quizzes if quiz.kind == "final")
        attempt = attempts.start(session, taking, final.key, now=clock.now())
        return learner.cookie, [
            Page("catalogue", "/hoc"),
            Page("lesson", f"/hoc/{CODE}/{lesson.key}"),
            Page("quiz", f"/hoc/bai-lam/{attempt.token}"),
        ]


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.lighthouse", description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--write", action="store_true", help="keep the figures")
    wanted = parser.parse_args(arguments)
    busy = os.getloadavg()[0]
    try:
        program, _ = build(), chromium()
    except CannotRunError as error:
        print(error, file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as name:
        url = f"sqlite:///{Path(name) / 'motcua.db'}"
        with product(url, Path(name), 1) as (port, _pid):
            db.use(Database(url))
            cookie, pages = prepare()
            db.database().close()
            db.use(None)
            for page in pages:
                for _ in range(wanted.runs):
                    page.look(program, f"http://127.0.0.1:{port}", cookie)
    head = f"Lighthouse {VERSION}, mobile, medians of {wanted.runs}; load before {busy:.1f}"
    learning_figures.report(
        "python -m tests.lighthouse", [head, *map(str, pages)], write=wanted.write
    )
    return int(any(p.medians()[name] < least for p in pages for name, least in WANTED.items()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
