"""`python -m nlu`: validate the examples, train a model, try a sentence, measure."""

import argparse
import importlib
import json
import sys
import time
from dataclasses import asdict
from pathlib import Path

from nlu import dataset, training
from nlu.engines import ENGINES

MODEL = Path("var/nlu")


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 when all is well."""
    parser = argparse.ArgumentParser(prog="python -m nlu", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("validate", help="refuse repeated, leaked and broken examples")
    train = commands.add_parser("train", help="learn from the examples and store the model")
    train.add_argument("--out", type=Path, default=MODEL)
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
        return _train(options.out)
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


def _train(out: Path) -> int:
    started = time.perf_counter()
    model = training.train(dataset.training())
    model.save(out)
    seconds = time.perf_counter() - started
    scores = ", ".join(f"{name} {value:.3g}" for name, value in sorted(model.scores.items()))
    print(f"{out}: {len(model.features)} features, {scores}, {seconds:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
