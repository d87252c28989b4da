"""`make bench-rasa`: the embedded engine beside Rasa, without and with our components, in one run.

All learn from `nlu/data/nlu` and are asked the held-out sentences of `nlu/data/tests`, as written
and without accents, one after another. Memory and CPU are those of a process that does nothing
else; training counts everything from the start of the command. Takes half an hour or more.
`--write` keeps the figures for the README.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import quantiles
from time import perf_counter, process_time

from nlu import dataset
from nlu.engines.embedded import EmbeddedEngine
from nlu.evaluate import machine, share
from nlu.rasa import home, training
from nlu.text import fold
from tests.rasa_server import ask, cpu_seconds, resident, running

EPOCHS = 40
FIGURES = home.ROOT / "docs" / "rasa.txt"
ROUNDS = 3  # of all sentences, for the times


@dataclass
class Measured:
    """One engine's figures; `confidences` are those of the development file, for the bands."""

    name: str
    clean: list[bool]
    folded: list[bool]
    cpu_ms: float
    p50: float
    p99: float
    memory: float
    train_cpu: float
    train_wall: float
    size: float
    confidences: list[tuple[float, bool]]


def main() -> int:
    """Measure all three, print a table."""
    parser = argparse.ArgumentParser(prog="python -m tests.rasa_bench", description=__doc__)
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--write", action="store_true", help="keep the figures for the README")
    parser.add_argument("--embedded", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.embedded:
        print(json.dumps(asdict(ask_embedded(options.embedded))))
        return 0
    try:
        home.build()
    except home.CannotRunError as error:
        print(error, file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory(prefix="motcua-bench-") as name:
        rows = [
            embedded(Path(name)),
            rasa("Rasa DIET, plain", home.PLAIN, Path(name), options.epochs),
            rasa("Rasa DIET, our components", home.CONFIG, Path(name), options.epochs),
        ]
    report = written(rows, options.epochs)
    print(report)
    if options.write:
        FIGURES.write_text(report, encoding="utf-8")
    return 0


def written(rows: Sequence[Measured], epochs: int) -> str:
    """The figures with what they depend on."""
    learned, held_out = dataset.training(), dataset.tests()
    lines = [
        f"{machine()}, {datetime.now(UTC):%Y-%m-%d}; DIET {epochs} epochs, one seed",
        f"{len(learned.examples)} examples of {len(learned.intents)} intents",
        f"{len(held_out.examples)} held-out sentences, each a right intent or a wrong one",
    ]
    for row in rows:
        lines += ["", *described(row)]
    return "\n".join(lines) + "\n"


def described(row: Measured) -> list[str]:
    """One engine's figures."""
    act, ask_first = (band(row.confidences, right) for right in (0.97, 0.92))
    return [
        row.name,
        f"  as written       {share(row.clean)}",
        f"  without accents  {share(row.folded)}",
        f"  one message      {row.cpu_ms:.2f} ms CPU; {row.p50:.1f} ms p50, {row.p99:.1f} ms p99",
        f"  memory           {row.memory:.0f} MB resident",
        f"  training         {row.train_cpu:.1f} s CPU, {row.train_wall:.0f} s by the clock",
        f"  model            {row.size:.1f} MB",
        f"  bands            act from {act:.3f}, ask first from {ask_first:.3f}",
    ]


def band(confidences: Sequence[tuple[float, bool]], right: float) -> float:
    """The lowest confidence from which upwards this share of the answers is right."""
    hits, lowest = 0, 1.0
    for number, (confidence, hit) in enumerate(sorted(confidences, reverse=True), start=1):
        hits += hit
        if hits / number >= right:
            lowest = confidence
    return lowest


def embedded(folder: Path) -> Measured:
    """Train by the product's command and ask in a process of its own."""
    trained = costs(lambda: ours("nlu", "train", "--out", str(folder / "model")))
    asked = json.loads(ours("tests.rasa_bench", "--embedded", str(folder / "model")))
    size = sum(path.stat().st_size for path in (folder / "model").iterdir()) / 1e6
    return Measured(**{**asked, "train_cpu": trained[0], "train_wall": trained[1], "size": size})


def ask_embedded(folder: Path) -> Measured:
    """In the child: nothing but the engine and the sentences."""
    engine = EmbeddedEngine.load(folder)

    def intent(sentence: str) -> tuple[str, float]:
        first = engine.parse(sentence).intents[0]
        return first.name, first.confidence

    return measured("embedded", intent, process_time, lambda: resident("self"))


def rasa(name: str, config: Path, folder: Path, epochs: int) -> Measured:
    """Train, serve, ask, stop."""
    made: list[Path] = []
    trained = costs(lambda: made.append(training.train(config, epochs=epochs, models=folder)))
    with running(made[0]) as server:
        found = measured(
            name,
            lambda sentence: ask(server, sentence),
            lambda: cpu_seconds(server.pid),
            lambda: resident(str(server.pid)),
        )
    found.train_cpu, found.train_wall = trained
    found.size = made[0].stat().st_size / 1e6
    return found


def measured(
    name: str,
    intent: Callable[[str], tuple[str, float]],
    cpu: Callable[[], float],
    memory: Callable[[], float],
) -> Measured:
    """Ask everything; times are over several rounds of all held-out sentences."""
    examples = dataset.tests().examples
    clean = [intent(e.text)[0] == e.intent for e in examples]
    folded = [intent(fold(e.text))[0] == e.intent for e in examples]
    developed = [(intent(e.text), e.intent) for e in dataset.development().examples]
    walls, before = [], cpu()
    for example in examples * ROUNDS:
        started = perf_counter()
        intent(example.text)
        walls.append(1000 * (perf_counter() - started))
    spent = 1000 * (cpu() - before) / len(walls)
    hundredths = quantiles(walls, n=100)
    confidences = [(sure, said == wanted) for (said, sure), wanted in developed]
    return Measured(
        name, clean, folded, spent, hundredths[49], hundredths[98], memory(), 0, 0, 0, confidences
    )


def costs(act: Callable[[], object]) -> tuple[float, float]:
    """CPU seconds of the processes that it starts and waits for, and seconds by the clock."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), perf_counter()
    act()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return spent, perf_counter() - started


def ours(module: str, *arguments: str) -> str:
    """What a command of ours prints."""
    return subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=home.ROOT, check=True, text=True, stdout=subprocess.PIPE,
    ).stdout  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
