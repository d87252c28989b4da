"""`make bench`: how long one turn of conversation and one page take, one after another.

On a fresh database with the shipped catalogue; no network, no load from beside. What counts is the
change from one release to the next on the same machine.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from itertools import product
from statistics import quantiles
from time import perf_counter

ASPECTS = ("cần giấy tờ gì", "het bao nhieu tien", "mất mấy ngày", "nộp ở đâu", "")
TURNS = 300
PAGES = 100


def main() -> int:
    """Prepare, warm up, measure, print."""
    with tempfile.TemporaryDirectory(prefix="motcua-bench-") as folder:
        os.environ |= {"VAR_DIR": folder, "DATABASE_URL": "", "ENVIRONMENT": "test"}
        subprocess.run([sys.executable, "-m", "backend", "prepare"], check=True)
        from fastapi.testclient import TestClient

        from backend import db
        from backend.main import create_app
        from backend.procedures import service as procedures
        from bot.ask import hold

        with db.reading() as session:
            records = [(record.code, record.name) for record in procedures.all_effective(session)]
        asked = [f"{name} {aspect}".strip() for aspect, (_, name) in product(ASPECTS, records)]
        client = TestClient(create_app())
        measure("one turn, in process", lambda text: list(hold([text])), asked[:TURNS])
        urls = [f"/thu-tuc/{code}" for code, _ in records] * 2
        measure("page of a procedure", client.get, urls[:PAGES])
        measure("list of procedures", client.get, ["/thu-tuc"] * PAGES)
    return 0


def measure(title: str, act: Callable[[str], object], items: Sequence[str]) -> None:
    """Print the 50th, 95th and 99th percentile in milliseconds."""
    for item in items[:5]:
        act(item)
    times = []
    for item in items:
        started = perf_counter()
        act(item)
        times.append(1000 * (perf_counter() - started))
    hundredths = quantiles(times, n=100)
    p50, p95, p99 = (hundredths[n - 1] for n in (50, 95, 99))
    print(f"{title:<24} p50 {p50:7.1f}  p95 {p95:7.1f}  p99 {p99:7.1f} ms  ({len(times)} times)")


if __name__ == "__main__":
    sys.exit(main())
