"""`python -m nlu`: validate the examples, train a model, try a sentence, measure, export."""

import argparse
import hashlib
import importlib
import json
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from nlu import dataset, gate, taught, training
from nlu.engines import ENGINES
from nlu.engines.embedded import EmbeddedEngine
from nlu.model import BrokenModelError, Model, sources

MODEL = Path("var/nlu")


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 when all is well."""
    parser = argparse.ArgumentParser(prog="python -m nlu", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("validate", help="refuse repeated, leaked and broken examples")
    train = commands.add_parser("train", help="learn from the examples and store the model")
    train.add_argument("--out", type=Path, default=MODEL)
    train.add_argument("--taught", type=Path, help="what officers taught (bot learn export)")
    train.add_argument("--against", type=Path, help="measure it beside the model of this folder")
    train.add_argument("--report", type=Path, help="write the figures here, as JSON")
    export = commands.add_parser("export", help="what officers taught, as Rasa YAML")
    export.add_argument("taught", type=Path, help="the file of `python -m bot learn export`")
    export.add_argument("--out", type=Path, default=MODEL / "export")
    parse = commands.add_parser("parse", help="show how a sentence is understood")
    parse.add_argument("sentence")
    parse.add_argument("--engine", choices=sorted(ENGINES), default="embedded")
    parse.add_argument("--model", type=Path, default=MODEL)
    commands.add_parser("evaluate", help="held-out scores", add_help=False)
    options, rest = parser.parse_known_args(arguments)
    if options.command == "evaluate":
        return int(importlib.import_module("nlu.evaluate").main(rest) or 0)
    if rest:
        parser.error(f"unknown arguments: {' '.join(rest)}")
    if options.command == "validate":
        return _validate()
    if options.command == "train":
        return _train(options)
    if options.command == "export":
        return _export(options.taught, options.out)
    engine = ENGINES[options.engine].load(options.model)
    print(json.dumps(asdict(engine.parse(options.sentence)), ensure_ascii=False, indent=2))
    return 0


def _validate() -> int:
    try:
        learned, held_out = dataset.training(), dataset.unlearned()
    except dataset.BrokenDataError as error:
        print(error, file=sys.stderr)
        return 1
    problems = dataset.problems(learned, held_out)
    for problem in dict.fromkeys(problems):
        print(problem, file=sys.stderr)
    if not problems:
        count, intents = len(learned.examples), len(learned.intents)
        print(f"{count} examples of {intents} intents, {len(held_out.examples)} held out")
    return 1 if problems else 0


def _train(options: argparse.Namespace) -> int:
    started = time.perf_counter()
    shipped = dataset.training()
    more = taught.read(options.taught) if options.taught else taught.Taughts()
    if unknown := taught.unknown_intents(shipped, more):
        print(f"no flow answers: {', '.join(unknown)}", file=sys.stderr)
        return 1
    model = training.train(taught.beside(shipped, more), taught=more.digest)
    model.save(options.out)
    seconds = time.perf_counter() - started
    scores = ", ".join(f"{name} {value:.3g}" for name, value in sorted(model.scores.items()))
    print(f"{options.out}: {len(model.features)} features, {scores}, {seconds:.1f} s")
    if options.report:
        report = {"seconds": round(seconds, 2), **_measured(model, options.against)}
        options.report.write_text(json.dumps(report, ensure_ascii=False), encoding="utf-8")
    return 0


def _measured(model: Model, against: Path | None) -> dict[str, Any]:
    """The model's name and figures, and those of the model in use where one is given."""
    figures = gate.measure(model)
    name = hashlib.sha256(f"{sources()} {model.data_digest} {model.taught}".encode()).hexdigest()
    report = {
        "model": name[:16], "taught": model.taught, "examples": int(model.scores["examples"]),
        "figures": {key: asdict(figure) for key, figure in figures.items()},
    }  # fmt: skip
    if against:
        present = gate.measure(_present(against))
        report["present"] = {key: asdict(figure) for key, figure in present.items()}
        report["falls"] = gate.falls(figures, present)
    return report


def _present(folder: Path) -> Model:
    """The model in use, whatever it was taught; where its files are gone, as it is shipped."""
    try:
        return Model.load(folder, taught=None)
    except BrokenModelError:
        return EmbeddedEngine.load().model


def _export(file: Path, folder: Path) -> int:
    try:
        paths = taught.export(taught.read(file), folder)
    except (dataset.BrokenDataError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    print("\n".join(str(path) for path in paths))
    return 0


if __name__ == "__main__":
    sys.exit(main())
