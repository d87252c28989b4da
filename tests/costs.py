"""What answering costs: time, memory, sizes; measured in a process that has the product loaded.

Imported by `tests.evaluation`, which has pointed the settings at a prepared folder before.
"""

import functools
import os
import resource
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import quantiles
from time import perf_counter, process_time
from typing import Any

from tests.reliability import Stated

ROOT = Path(__file__).parent.parent
ONE = '{"id": "start", "question": "xin chào"}'


def lines(questions: Sequence[str], folder: Path) -> list[str]:
    """The costs of these questions, of learning and of starting."""
    from bot.ask import hold

    cpu, wall = times(lambda question: list(hold([question])), questions)
    learnt = folder / "learnt"
    seconds, train_cpu = spent("nlu", "train", "--out", str(learnt))
    start, start_cpu = spent("bot", "ask", "--jsonl", said=ONE)
    rows = {
        "one reply, CPU": f"p50 {cpu[50]:.1f}  p95 {cpu[95]:.1f}  p99 {cpu[99]:.1f} ms",
        "one reply, clock": f"p50 {wall[50]:.1f}  p95 {wall[95]:.1f}  p99 {wall[99]:.1f} ms",
        "memory": f"{resident():.0f} MB resident, catalogue and engine loaded",
        "start": f"{start:.1f} s to the first answer ({start_cpu:.1f} s CPU)",
        "training": f"{train_cpu:.1f} s CPU, {seconds:.1f} s by the clock",
        "model": megabytes(learnt),
        "semantic table": megabytes(ROOT / "nlu/data/semantic.npz"),
        "index": megabytes(newest(Path(os.environ["VAR_DIR"]) / "index")),
    }
    return [f"  {name:<22} {value}" for name, value in rows.items()]


def times(
    act: Callable[[str], object], items: Sequence[str]
) -> tuple[dict[int, float], dict[int, float]]:
    """Percentiles of CPU and of clock milliseconds, after a warm-up."""
    for item in items[:10]:
        act(item)
    cpu, wall = [], []
    for item in items:
        by_clock, by_cpu = perf_counter(), process_time()
        act(item)
        cpu.append(1000 * (process_time() - by_cpu))
        wall.append(1000 * (perf_counter() - by_clock))
    return percentiles(cpu), percentiles(wall)


def percentiles(values: Sequence[float]) -> dict[int, float]:
    """The 1st to the 99th."""
    return dict(enumerate(quantiles(values, n=100), 1))


def spent(module: str, *arguments: str, said: str = "") -> tuple[float, float]:
    """Seconds by the clock and of CPU that a command of the product takes."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), perf_counter()
    subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT, input=said, text=True, capture_output=True, check=True,
    )  # fmt: skip
    wall, after = perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def resident() -> float:
    """Megabytes that this process holds now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def newest(folder: Path) -> Path:
    """The file or folder that was written last."""
    return max(folder.iterdir(), key=lambda path: path.stat().st_mtime)


def megabytes(path: Path) -> str:
    """The size of a file or of all files in a folder."""
    files = [path] if path.is_file() else [p for p in path.rglob("*") if p.is_file()]
    return f"{sum(file.stat().st_size for file in files) / 2**20:.1f} MB"


def stated(rows: Sequence[dict[str, Any]]) -> list[Stated]:
    """How sure it was of each procedure it would answer with, and whether that was meant."""
    from bot.dialogue import engine
    from bot.dialogue.state import State

    pairs: list[Stated] = []
    for row in rows:
        if row["behavior"] not in {"answer", "out_of_scope"} or not row.get("true_oos", True):
            continue
        decision = engine.make_sense(row["question"], State()).decision
        if decision.kind == "answer" and decision.hits:
            first = decision.hits[0]
            right = row["behavior"] == "answer" and first.code in row["acceptable_codes"]
            pairs.append((min(first.probability, 1.0), right))
    return pairs


@functools.cache
def fields() -> dict[str, str]:
    """Code → field of every procedure in force."""
    from backend import db
    from backend.procedures import service as procedures

    with db.reading() as session:
        return {r.code: r.field for r in procedures.all_effective(session)}


def size_of_catalogue() -> int:
    """How many procedures can be found."""
    return len(fields())
