"""`make eval`: how right the assistant is, by the product's own commands over the full catalogue.

A fresh database in a temporary folder is prepared like any release, the shared procedures are
imported, `python -m bot ask --jsonl` answers the shared questions and those of `nlu/data/tests`,
as written and as people type them (`tests/variants.py`), and `nlu.evaluate` scores. Only scores
are ever printed. Odd-numbered questions are held out: while developing, `--half even`.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from backend import log
from nlu import evaluate
from nlu.evaluate import Turn
from tests import costs, reliability
from tests.variants import VARIANTS, variants

ROOT = Path(__file__).parent.parent
SHARED = Path(os.environ.get("SHARED_DATA", ROOT.parent / "shared" / "data"))
PROCEDURES = ("national.jsonl.gz", "missing_ministries.jsonl", "code_names.tsv")
FIGURES, CURVE = ROOT / "docs" / "evaluation.txt", ROOT / "docs" / "evaluation.svg"
DETAILS = "Details"  # from this line on for docs/evaluation.txt only, not for the README
WRITTEN, TALKS = "as written", "dialogues"
HALVES = {"even": 0, "odd": 1}

Row = dict[str, Any]


@dataclass(frozen=True)
class Source:
    """A set of labelled questions, some with dialogues."""

    name: str
    questions: Path
    dialogues: Path | None = None


@dataclass(frozen=True)
class Batch:
    """Labelled rows of one source, all typed in one way."""

    source: str
    variant: str
    rows: tuple[Row, ...]


SOURCES = (
    Source("shared", *(SHARED / "questions" / f"{n}.jsonl" for n in ("questions", "dialogues"))),
    Source(
        "fresh",
        *(ROOT / "nlu/data/tests" / f"fresh_{n}.jsonl" for n in ("questions", "dialogues")),
    ),
    Source("voices", ROOT / "nlu/data/tests/voices_questions.jsonl"),
)


def main(argv: Sequence[str] | None = None) -> int:
    """Prepare, import, ask, score."""
    parser = argparse.ArgumentParser(prog="python -m tests.evaluation", description=__doc__)
    parser.add_argument("--half", choices=[*HALVES, "both"], default="both")
    parser.add_argument("--write", action="store_true", help="keep the figures for the README")
    parser.add_argument("--prepared", type=Path, help="a VAR_DIR with the catalogue imported")
    options = parser.parse_args(argv)
    if not SHARED.is_dir():
        print(f"Không có dữ liệu dùng chung ở {SHARED}; đặt SHARED_DATA rồi chạy lại.")
        return int(os.environ.get("CI") == "true")
    halves = list(HALVES) if options.half == "both" else [options.half]
    with tempfile.TemporaryDirectory(prefix="motcua-eval-") as name:
        folder = Path(name)
        place = options.prepared or folder / "var"
        os.environ |= {"VAR_DIR": str(place), "DATABASE_URL": "", "ENVIRONMENT": "development"}
        log.configure(human=True)
        if not options.prepared:
            prepare()
        batches = [batch for source in SOURCES for batch in drawn(source, halves)]
        answered = answers(batches, folder)
        text, curve = report(batches, answered, halves, folder)
    sys.stdout.write(text)
    if options.write:
        FIGURES.write_text(text, encoding="utf-8")
        CURVE.write_text(curve, encoding="utf-8")
    return 0


def prepare() -> None:
    """What an operator does on the first day; without the shared files, what we ship must do."""
    ours("backend", "prepare")
    if not SHARED.is_dir():
        return
    files = (str(SHARED / "procedures" / file) for file in PROCEDURES)
    ours("backend", "procedures", "import", "--apply", *files)


def ours(module: str, *arguments: str, stdin: Any = subprocess.DEVNULL, stdout: Any = None) -> None:
    """Run one command of the product; its failure is ours."""
    subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT, stdin=stdin, stdout=stdout or subprocess.DEVNULL, check=True,
    )  # fmt: skip


def drawn(source: Source, halves: Sequence[str]) -> Iterator[Batch]:
    """The rows of these halves: as written, in every variant, and the dialogues."""
    rows = list(_rows(source.questions, halves))
    yield Batch(source.name, WRITTEN, tuple(rows))
    for variant in VARIANTS:
        typed = ((row, variants(row["question"]).get(variant)) for row in rows)
        kept = tuple({**row, "question": text} for row, text in typed if text is not None)
        yield Batch(source.name, variant, kept)
    talks = _rows(source.dialogues, halves) if source.dialogues else ()
    yield Batch(source.name, TALKS, tuple(talks))


def number(identity: str) -> int:
    """The number of a question or dialogue: its digits."""
    return int("".join(filter(str.isdigit, identity)))


def _rows(path: Path, halves: Sequence[str]) -> Iterator[Row]:
    rests = {HALVES[half] for half in halves}
    lines = path.read_text(encoding="utf-8").splitlines()
    return (row for row in map(json.loads, lines) if number(row["id"]) % 2 in rests)


def answers(batches: Sequence[Batch], folder: Path) -> list[list[Turn]]:
    """All batches asked in one run of `python -m bot ask`, joined with their labels."""
    asked, said = folder / "asked.jsonl", folder / "said.jsonl"
    with asked.open("w", encoding="utf-8") as file:
        for i, batch in enumerate(batches):
            for row in batch.rows:
                file.write(json.dumps({**row, "id": [i, row["id"]]}) + "\n")
    with asked.open() as questions, said.open("w") as file:
        ours("bot", "ask", "--jsonl", stdin=questions, stdout=file)
    given: list[list[Row]] = [[] for _ in batches]
    for line in said.read_text(encoding="utf-8").splitlines():
        answer = json.loads(line)
        i, identity = answer["id"]
        given[i].append({**answer, "id": identity})
    return [evaluate.join(b.rows, one) for b, one in zip(batches, given, strict=True)]


def report(
    batches: Sequence[Batch], answered: Sequence[list[Turn]], halves: Sequence[str], folder: Path
) -> tuple[str, str]:
    """The table as text and the calibration curve as a drawing."""
    turns = {(b.source, b.variant): t for b, t in zip(batches, answered, strict=True)}
    rest = HALVES[halves[-1]]
    held = "odd, held out" if rest else "even, developed"
    mine = [t for source in SOURCES for t in turns[source.name, WRITTEN] if t.number % 2 == rest]
    asked = [b.rows for b in batches if b.variant == WRITTEN]
    rows = [row for some in asked for row in some if number(row["id"]) % 2 == rest]
    pairs = costs.stated(rows)
    sections = [
        *_tables(turns),
        [f"As people type it ({held}); each typed way beside the same questions as written"],
        *_ways(turns, rest),
        ["Cost"],
        costs.lines([row["question"] for row in rows], folder),
        [DETAILS],
        [f"By field, R@1 ({held})", *_pairs(evaluate.by_field(mine, costs.fields()))],
        [f"By aspect ({held})", *_pairs(evaluate.by_aspect(mine))],
        [f"Wanted and done ({held})", *_grid(evaluate.confusion(mine))],
        [f"Probability of the procedure answered with ({held})", *_calibration(pairs)],
    ]
    day = f"{datetime.now(UTC):%Y-%m-%d}"
    head = f"{evaluate.machine()}, {day}; {costs.size_of_catalogue()} procedures"
    text = "\n\n".join([head, *("\n".join(section) for section in sections)]) + "\n"
    return text, reliability.drawing(pairs, f"Calibration ({held})")


def _tables(turns: dict[tuple[str, str], list[Turn]]) -> Iterator[list[str]]:
    for source in SOURCES:
        halves = evaluate.report(turns[source.name, WRITTEN], turns[source.name, TALKS])
        for name, measures in halves.items():
            if measures["questions"] != "0":
                yield [f"{source.name}, {name}", *_pairs(measures)]


def _ways(turns: dict[tuple[str, str], list[Turn]], rest: int) -> Iterator[list[str]]:
    for source in SOURCES:
        written = {t.number: t for t in turns[source.name, WRITTEN] if t.number % 2 == rest}
        for variant in VARIANTS:
            typed = [t for t in turns[source.name, variant] if t.number % 2 == rest]
            clean = [written[t.number] for t in typed]
            typed_table, clean_table = evaluate.table(typed), evaluate.table(clean)
            yield [f"{source.name}, {variant} ({typed_table['questions']} questions)"] + [
                f"  {key:<16} {typed_table[key]}; as written {_first(clean_table, key)}"
                for key in ("R@1", "R@5", "behaviour right", "clarify", "aspects")
            ]


def _first(table: dict[str, str], measure: str) -> str:
    """The one number of a measure."""
    words = table[measure].split()
    return words[words.index("F1") + 1] if "F1" in words else words[0]


def _calibration(pairs: Sequence[reliability.Stated]) -> list[str]:
    error = reliability.expected_error(pairs)
    return [*reliability.bars(pairs), f"  expected calibration error {error:.3f}"]


def _pairs(measures: dict[str, str]) -> list[str]:
    width = max(map(len, measures), default=0)
    return [f"  {key:<{max(width, 22)}} {value}" for key, value in measures.items()]


def _grid(rows: Sequence[Sequence[str]]) -> list[str]:
    return ["  " + f"{row[0]:<15}" + "".join(f"{cell:>13}" for cell in row[1:]) for row in rows]


if __name__ == "__main__":
    sys.exit(main())
