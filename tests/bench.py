"""`make bench`: how long a start, a turn of conversation and a page take, one after another.

On a fresh database with a trained model: over the full catalogue where `../shared/data` is there,
else over the one we ship. No network, no load from beside; a turn is understood, looked up and
rendered, without a channel. What counts is the change from one release to the next on one machine.
"""

import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from itertools import product
from statistics import median

from tests import costs, evaluation

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
        print(f"{len(records)} procedures")
        costs.spent("bot", "ask", "--jsonl", said=costs.ONE)  # builds the index, as `make run` does
        starts = [costs.spent("bot", "ask", "--jsonl", said=costs.ONE) for _ in range(STARTS)]
        clock, cpu = (median(times) for times in zip(*starts, strict=True))
        print(f"start to the first answer: median {clock:.1f} s by the clock, {cpu:.1f} s CPU")
        every = max(len(records) // (TURNS // len(ASPECTS)), 1)
        asked = [f"{name} {what}".strip() for what, (_, name) in product(ASPECTS, records[::every])]
        client = TestClient(create_app())
        measure("one turn, in process", lambda text: list(hold([text])), asked[:TURNS])
        urls = [f"/thu-tuc/{code}" for code, _ in records[::every]]
        measure("page of a procedure", client.get, (urls * PAGES)[:PAGES])
        measure("list of procedures", client.get, ["/thu-tuc"] * PAGES)
    return 0


def measure(title: str, act: Callable[[str], object], items: Sequence[str]) -> None:
    """Print the 50th, 95th and 99th percentile in milliseconds, of CPU and by the clock."""
    for kind, times in zip(("CPU", "clock"), costs.times(act, items), strict=True):
        p50, p95, p99 = (times[n] for n in (50, 95, 99))
        row = f"p50 {p50:7.1f}  p95 {p95:7.1f}  p99 {p99:7.1f} ms  ({len(items)} times)"
        print(f"{title:<22} {kind:<6} {row}")


if __name__ == "__main__":
    sys.exit(main())
