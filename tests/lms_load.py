"""`python -m tests.lms_load`: an examination of a whole province on the two cores of one server.

`exam`   3,000 learners begin within 60 seconds, answer, and hand in within the last 30 seconds:
         what was acknowledged is stored, every quiz is marked with the marks of its answers.
`saves`  single answers, sent one request each: as many a second as there can be, then 300 a second
         at random moments, with how long each had to wait.

The web runs as in production, as processes of its own, on SQLite or on a PostgreSQL that syncs to
its disk; the learners are one process of raw connections on the same two cores. An examination of
an hour is drawn together: what is quicker than in life is only the time between two answers.
"""

import argparse
import asyncio
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import select

from backend import clock, db, security
from backend.accounts import service as accounts
from backend.accounts.models import Officer
from backend.accounts.roles import Role
from backend.db import Database
from backend.people import service as people
from backend.people.duties import Duty
from lms.attempts import service as attempts
from lms.attempts.models import Attempt, SavedAnswer
from lms.courses import service as courses
from tests import learning_figures, postgres
from tests.conftest import MODEL, ROOT
from tests.lms.course import CODE, make_course
from tests.rasa_server import free_port
from tests.wire import Times, Visitor, Wire, timed

DURABLE = ("max_connections=200",)
QUESTIONS = 7
CROWD = 320  # those who only save, where both parts run
RATE, SAVE, SUBMIT = 300, 0.3, 5.0  # promised: saves a second, their p99, that of handing in
PASSWORD = "mat-khau-cua-ky-thi"
SECRET = "a secret of the load test, thirty-two"


@contextmanager
def product(url: str, folder: Path, processes: int) -> Iterator[tuple[int, int]]:
    """The web with this database, behind a proxy that says who asks; its port and its process."""
    port = free_port()
    if not (folder / "nlu").exists():
        (folder / "nlu").symlink_to(MODEL, target_is_directory=True)
    environment = {k: v for k, v in os.environ.items() if k != "HOTLINE"} | {
        "ENVIRONMENT": "production", "VAR_DIR": str(folder), "DATABASE_URL": url,
        "PORT": str(port), "SECRET_KEY": SECRET, "TRUSTED_PROXIES": "1", "HOTLINE": "19000000",
        "CODE_SENDER": "email", "SMTP_URL": "smtp://127.0.0.1:9", "MAIL_FROM": "thu@example.vn",
    }  # fmt: skip
    command = [sys.executable, "-m", "backend"]
    subprocess.run([*command, "migrate"], cwd=ROOT, env=environment, check=True)
    web = subprocess.Popen(
        [*command, "serve", "--processes", str(processes)], cwd=ROOT, env=environment,
        stdout=subprocess.DEVNULL, stderr=(folder / "web.log").open("wb"),
    )  # fmt: skip
    try:
        for _ in range(600):
            try:
                httpx.get(f"http://127.0.0.1:{port}/healthz")
                break
            except httpx.TransportError:
                assert web.poll() is None, (folder / "web.log").read_text()
                time.sleep(0.1)
        yield port, web.pid
    finally:
        web.terminate()
        web.wait(timeout=20)


def make_learners(
    count: int, course: Callable[..., object] = make_course, code: str = CODE
) -> list[Visitor]:
    """People, accounts, log-ins and rounds of the course; the password is hashed once."""
    hashed = security.hash_password(PASSWORD)
    now, since = clock.now(), date(2026, 1, 1)
    learners = []
    with db.transaction() as session:
        course(session, now=now)
        agency = people.open_agency(session, "P-AX", "Phường An Xuyên", since=since)
        for number in range(count):
            person = people.add_person(session, f"AX-{number}", f"Học viên {number}", now=now)
            people.place(
                session, person.id, agency.id, position="Công chức", duty=Duty.NONE, since=since
            )
            officer = Officer(
                login=f"hv{number}", name=f"Học viên {number}", role=Role.OFFICIAL,
                password_hash=hashed, person_id=person.id, created_at=now,
            )  # fmt: skip
            session.add(officer)
            session.flush()
            courses.enrol(session, person.id, code, now=now)
            mark = f"may-{number}"
            cookie = f"officer={accounts.begin(session, officer.id, now=now)}; form={mark}"
            learners.append(Visitor(cookie, security.sign("form", mark)))
    return learners


class Sitting:
    """One learner's quiz: what was acknowledged, to be compared with what is stored."""

    def __init__(self, wire: Wire, learner: Visitor, dice: random.Random) -> None:
        self.wire, self.learner, self.dice = wire, learner, dice
        self.path = ""
        self.count = 0
        self.acknowledged: dict[int, tuple[int, str]] = {}

    async def begin(self, times: Times, pages: Times, lesson: str) -> bool:
        """Press the button, then see the sheet."""
        path = f"/hoc/{CODE}/{lesson}/bai-lam"
        for _ in range(3):  # a busy server says so, and a person presses again
            if made := await timed(times, self.wire.ask("POST", path, self.learner), 303):
                break
            await asyncio.sleep(2)
        else:
            return False
        self.path = made[0]["location"]
        return await timed(pages, self.wire.ask("GET", self.path, self.learner), 200) is not None

    async def save(self, times: Times) -> None:
        """Answer a question, perhaps again."""
        place, value = self.dice.randrange(QUESTIONS), str(self.dice.randrange(2))
        self.count = count = self.count + 1
        answer = {"place": place, "fields": {"a": [value], "a0": [value]}, "seq": count}
        body = json.dumps({"device": "tai", "answers": [answer]}).encode()
        sent = self.wire.ask(
            "POST", f"{self.path}/luu", self.learner, body=body, kind="application/json"
        )
        if said := await timed(times, sent, 200):
            heard = json.loads(said[1])["saved"]
            if heard.get(str(place), 0) >= count:
                before = self.acknowledged.get(place, (0, ""))
                self.acknowledged[place] = max(before, (count, value))
            else:
                times.failed.append(f"not acknowledged: {heard}")

    async def hand_in(self, times: Times, pages: Times) -> None:
        """The last button, then the result."""
        sent = self.wire.ask(
            "POST", f"{self.path}/nop-bai", self.learner, body=b"viec=nop",
            kind="application/x-www-form-urlencoded",
        )  # fmt: skip
        if await timed(times, sent, 204):
            await timed(pages, self.wire.ask("GET", self.path, self.learner), 200)


async def spread(
    sittings: Sequence[Sitting], seconds: float, work: Callable[[Sitting], Awaitable[Any]],
    dice: random.Random,
) -> float:  # fmt: skip
    """Everybody does it once, at a moment of their own; how long it took until all had."""
    started = time.perf_counter()

    async def one(sitting: Sitting) -> None:
        await asyncio.sleep(dice.uniform(0, seconds))
        await work(sitting)

    await asyncio.gather(*(one(sitting) for sitting in sittings))
    return time.perf_counter() - started


async def exam(
    port: int, pid: int, learners: Sequence[Visitor], *, answers: int, pace: float
) -> tuple[list[str], list[str]]:
    """The examination; lines for the report, and the promises that were broken."""
    dice, wire = random.Random(5), Wire(port, 200)
    sittings = [Sitting(wire, learner, random.Random(n)) for n, learner in enumerate(learners)]
    begun, sheets, saves, handed, results = Times(), Times(), Times(), Times(), Times()
    first = await spread(sittings, 60, lambda s: s.begin(begun, sheets, "cuoi-khoa"), dice)
    middle = answers * len(sittings) / pace
    await asyncio.gather(
        *(spread(sittings, middle, lambda s: s.save(saves), dice) for _ in range(answers))
    )
    cpu = cpu_of(pid)
    last = await spread(sittings, 30, lambda s: s.hand_in(handed, results), dice)
    each = (cpu_of(pid) - cpu) / len(sittings) * 1000
    wrong = reckon(sittings)
    return [
        f"{len(sittings)} learners began within {first:.0f} s: {begun}",
        f"  their sheets: {sheets}",
        f"{answers} answers each, {len(saves.taken)} in {middle:.0f} s: {saves}",
        f"handed in within {last:.0f} s, {each:.1f} ms of CPU each (result too): {handed}",
        f"  their results: {results}",
        f"lost or wrong: {len(wrong)} {wrong[:3] if wrong else ''}".rstrip(),
    ], promised({
        "nothing lost": not wrong,
        "nobody turned away": not begun.failed and not saves.failed and not handed.failed,
        f"submit p99 <= {SUBMIT} s": handed.p99 <= SUBMIT,
    })  # fmt: skip


def reckon(sittings: Sequence[Sitting]) -> list[str]:
    """What is not as it was acknowledged, or not marked as it is stored."""
    wrong = []
    with db.reading() as session:
        by_token = {row.token: row for row in session.scalars(select(Attempt))}
        rows: dict[int, dict[int, SavedAnswer]] = {}
        for row in session.scalars(select(SavedAnswer)):
            rows.setdefault(row.attempt_id, {})[row.place] = row
        for sitting in sittings:
            attempt = by_token.get(sitting.path.rpartition("/")[2])
            if attempt is None or attempt.submitted_at is None or attempt.score is None:
                wrong.append(f"{sitting.path} is not handed in")
                continue
            there = rows.get(attempt.id, {})
            wrong += [
                f"{sitting.path} {place}: {seq} was acknowledged"
                for place, (seq, _) in sitting.acknowledged.items()
                if place not in there or there[place].seq != seq
            ]
            marks = sum(
                item.banked.question.grade(item.answer) for item in attempts.items(session, attempt)
            )
            if abs(attempt.score - marks / QUESTIONS) > 1e-9:
                wrong.append(f"{sitting.path} is marked {attempt.score}")
    return wrong


async def saves(
    port: int, pid: int, learners: Sequence[Visitor], *, seconds: float, rate: int
) -> tuple[list[str], list[str]]:
    """As many as there can be, then `rate` a second at random moments."""
    dice, wire = random.Random(6), Wire(port, 32)
    sittings = [Sitting(wire, learner, random.Random(n)) for n, learner in enumerate(learners)]
    for sitting in sittings:
        assert await sitting.begin(Times(), Times(), "cuoi-khoa")
    flat_out, steady = Times(), Times()
    cpu, until = cpu_of(pid), time.perf_counter() + seconds

    async def busy(own: Iterator[Sitting]) -> None:
        while time.perf_counter() < until:
            await next(own).save(flat_out)

    await asyncio.gather(*(busy(_round(sittings[n::32])) for n in range(32)))
    most = len(flat_out.taken) / seconds
    each = (cpu_of(pid) - cpu) / max(len(flat_out.taken), 1) * 1000
    wire._room = asyncio.Semaphore(200)
    tasks, own, at = [], _round(sittings), time.perf_counter()
    for _ in range(int(rate * seconds)):
        at += dice.expovariate(rate)
        if (pause := at - time.perf_counter()) > 0:
            await asyncio.sleep(pause)
        tasks.append(asyncio.create_task(next(own).save(steady)))
    await asyncio.gather(*tasks)
    return [
        f"saves flat out, 32 at a time: {most:.0f} a second, {each:.1f} ms of CPU each; {flat_out}",
        f"saves at {rate} a second: {steady}",
    ], promised({
        f"saves >= {RATE} a second": most >= RATE,
        f"p99 of saves <= {SAVE} s at {rate} a second": steady.p99 <= SAVE,
        "no save refused": not flat_out.failed and not steady.failed,
    })  # fmt: skip


def cpu_of(pid: int) -> float:
    """Seconds of CPU that a process and its children took."""
    taken = 0.0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:  # it ended meanwhile
            continue
        if int(fields[1]) == pid or stat.parent.name == str(pid):
            taken += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return taken


def _round(sittings: Sequence[Sitting]) -> Iterator[Sitting]:
    while True:
        yield from sittings


def measure(url: str, folder: Path, wanted: argparse.Namespace) -> tuple[list[str], list[str]]:
    """All that was asked for, on this database; and which promises were broken."""
    os.environ["SECRET_KEY"] = SECRET
    with product(url, folder, wanted.processes) as (port, pid):
        db.use(Database(url))
        print("  making the learners…", file=sys.stderr)
        learners = make_learners(wanted.learners)
        lines: list[str] = []
        broken: list[str] = []
        crowds = learners, learners
        if wanted.what == "all":
            crowds = learners[:CROWD], learners[CROWD:]
        if wanted.what in ("all", "saves"):
            found = asyncio.run(
                saves(port, pid, crowds[0][:CROWD], seconds=wanted.seconds, rate=RATE)
            )
            lines, broken = lines + found[0], broken + found[1]
        if wanted.what in ("all", "exam"):
            found = asyncio.run(
                exam(port, pid, crowds[1], answers=wanted.answers, pace=wanted.pace)
            )
            lines, broken = lines + found[0], broken + found[1]
        db.database().close()
        db.use(None)
    return lines, broken


def promised(promises: dict[str, bool]) -> list[str]:
    """Names of those that were not kept."""
    return [name for name, is_kept in promises.items() if not is_kept]


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("what", nargs="?", choices=("all", "saves", "exam"), default="all")
    parser.add_argument("--on", choices=("sqlite", "postgresql"), action="append")
    parser.add_argument("--learners", type=int, default=3320)
    parser.add_argument("--answers", type=int, default=7)
    parser.add_argument("--pace", type=float, default=200, help="saves a second in the exam")
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--write", action="store_true", help="keep the figures")
    wanted = parser.parse_args(arguments)
    verdicts = [_on(kind, wanted) for kind in wanted.on or ("sqlite", "postgresql")]
    return int(not all(verdicts))  # all are measured, whatever the first one says


def _on(kind: str, wanted: argparse.Namespace) -> bool:
    """Measure on this database and say so; whether every promise was kept."""
    busy = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        url = f"sqlite:///{Path(name) / 'motcua.db'}"
        if kind == "postgresql":
            if (initdb := postgres.find_initdb()) is None:
                print("Máy này chưa có PostgreSQL: phần đo trên PostgreSQL được bỏ qua.")
                return True
            url = stack.enter_context(postgres.server(initdb, DURABLE))
        lines, broken = measure(url, Path(name), wanted)
    head = f"{wanted.learners} learners, {wanted.processes} web process(es), load before {busy:.1f}"
    verdict = f"BROKEN: {'; '.join(broken)}" if broken else "GOOD"
    learning_figures.report(
        f"python -m tests.lms_load {wanted.what} --on {kind}", [head, *lines, verdict],
        write=wanted.write,
    )  # fmt: skip
    return not broken


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
