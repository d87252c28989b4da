"""`make bench`: how long a start, a turn of conversation and a page take, one after another.

On a fresh database with a trained model: over the full catalogue where `../shared/data` is there,
else over the one we ship. No network, no load from beside; a turn is understood, looked up and
rendered, without a channel: first what citizens write (our own labelled questions), then official
names, which are several times as long. What counts is the change from one release to the next on
one machine.
"""

import json
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from statistics import median

from nlu.evaluate import machine
from tests import costs, evaluation

OWN = Path(__file__).parent.parent / "nlu/data/tests"
ASPECTS = ("cần giấy tờ gì", "het bao nhieu tien", "mất mấy ngày", "nộp ở đâu", "")
TURNS = 300
PAGES = 100
STARTS = 5


def main() -> int:
    """Prepare, warm up, measure, print."""
    with tempfile.TemporaryDirectory(prefix="motcua-bench-") as folder:
        os.environ |= {"VAR_DIR": folder, "DATABASE_URL": "", "ENVIRONMENT": "test"}
        evaluation.prepare()
        from fastapi.testclient import TestClient

        from backend import db
        from backend.main import create_app
        from backend.procedures import service as procedures
        from bot.ask import hold

        with db.reading() as session:
            records = [(record.code, record.name) for record in procedures.all_effective(session)]
        print(f"{machine()}, {datetime.now(UTC):%Y-%m-%d}; {len(records)} procedures")
        costs.spent("bot", "ask", "--jsonl", said=costs.ONE)  # builds the index, as `make run` does
        starts = [costs.spent("bot", "ask", "--jsonl", said=costs.ONE) for _ in range(STARTS)]
        clock, cpu = (median(times) for times in zip(*starts, strict=True))
        print(f"start to the first answer: median {clock:.1f} s by the clock, {cpu:.1f} s CPU")
        every = max(len(records) // (TURNS // len(ASPECTS)), 1)
        asked = [f"{name} {what}".strip() for what, (_, name) in product(ASPECTS, records[::every])]
        client = TestClient(create_app())
        measure("a citizen's question", lambda text: list(hold([text])), said())
        measure("an official name", lambda text: list(hold([text])), asked[:TURNS])
        urls = [f"/thu-tuc/{code}" for code, _ in records[::every]]
        measure("page of a procedure", client.get, (urls * PAGES)[:PAGES])
        measure("list of procedures", client.get, ["/thu-tuc"] * PAGES)
        print(f"memory: {costs.resident():.0f} MB resident, web, catalogue and engine loaded")
    return 0


def said() -> list[str]:
    """Questions as people write them, from all the files evenly."""
    files = sorted(OWN.glob("*_questions.jsonl"))
    lines = [line for path in files for line in path.read_text(encoding="utf-8").splitlines()]
    return [json.loads(line)["question"] for line in lines[:: len(lines) // TURNS]][:TURNS]


def measure(title: str, act: Callable[[str], object], items: Sequence[str]) -> None:
    """Print the 50th, 95th and 99th percentile in milliseconds, of CPU and by the clock."""
    for kind, times in zip(("CPU", "clock"), costs.times(act, items), strict=True):
        p50, p95, p99 = (times[n] for n in (50, 95, 99))
        row = f"p50 {p50:7.1f}  p95 {p95:7.1f}  p99 {p99:7.1f} ms  ({len(items)} times)"
        print(f"{title:<22} {kind:<6} {row}")


if __name__ == "__main__":
    sys.exit(main())
