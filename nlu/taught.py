"""What officers taught beside the shipped examples: read from a file, learned, exported.

The file is JSON Lines, `{"intent", "text"}`, with a `code` where the text is what citizens call
that procedure. `python -m bot learn export` writes it; this package knows no table.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import yaml

from nlu import dataset
from nlu.dataset import BrokenDataError, Dataset, Example

SOURCE = "taught"


@dataclass(frozen=True)
class Taught:
    """One sentence and the intent it has; with `code`, the lay name of that procedure."""

    intent: str
    text: str
    code: str = ""


@dataclass(frozen=True)
class Taughts:
    """All that was taught, in the order of teaching."""

    rows: tuple[Taught, ...] = ()

    @property
    def digest(self) -> str:
        """Changes whenever anything changes; empty for nothing."""
        text = "\n".join(f"{r.intent}\t{r.text}\t{r.code}" for r in self.rows)
        return hashlib.sha256(text.encode()).hexdigest() if self.rows else ""

    @property
    def lay_names(self) -> dict[str, list[str]]:
        """Code → names."""
        names: dict[str, list[str]] = {}
        for row in self.rows:
            if row.code:
                names.setdefault(row.code, []).append(row.text)
        return names


def read(path: Path) -> Taughts:
    """What `write` wrote; raises `BrokenDataError` for the first line that is not well formed."""
    rows = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            rows.append(Taught(**json.loads(line)))
        except (ValueError, TypeError) as error:
            raise BrokenDataError(f"{path.name}:{number}: {error}") from error
    return Taughts(tuple(rows))


def write(taught: Taughts, path: Path) -> None:
    """One JSON object a line."""
    lines = [json.dumps(asdict(row), ensure_ascii=False) for row in taught.rows]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def beside(shipped: Dataset, taught: Taughts) -> Dataset:
    """The shipped examples and those taught.

    Left out: what is shipped already, what was taught twice (the last time counts), and what is
    held out, since a model that learned the questions of its test would pass it.
    """
    closed = {example.key for example in shipped.examples} | _held_out()
    added = {e.key: e for e in map(_example, taught.rows)}
    return Dataset(
        (*shipped.examples, *(e for key, e in added.items() if key not in closed)),
        shipped.synonyms,
    )


def unknown_intents(shipped: Dataset, taught: Taughts) -> list[str]:
    """Intents that no flow answers: this release has none of these names."""
    return sorted({row.intent for row in taught.rows} - set(shipped.intents))


def export(taught: Taughts, folder: Path) -> list[Path]:
    """Write Rasa YAML and lay names, in the form of `nlu/data`; the files."""
    by_intent: dict[str, list[str]] = {}
    for row in taught.rows:
        if not row.code:
            by_intent.setdefault(row.intent, []).append(row.text)
    sentences, names = folder / "nlu" / "taught.yml", folder / "lay_names" / "taught.yml"
    for path in (sentences, names):
        path.parent.mkdir(parents=True, exist_ok=True)
    lines = ['version: "3.1"', "nlu:" if by_intent else "nlu: []"]
    for intent, said in sorted(by_intent.items()):
        lines += [f"- intent: {intent}", "  examples: |", *(f"    - {one}" for one in said)]
    sentences.write_text("\n".join(lines) + "\n", encoding="utf-8")
    content = yaml.safe_dump(taught.lay_names, allow_unicode=True) if taught.lay_names else ""
    names.write_text(content, encoding="utf-8")
    dataset.read([sentences])
    return [sentences, names]


def _example(row: Taught) -> Example:
    return Example(row.intent, row.text, SOURCE)


@cache
def _held_out() -> frozenset[str]:
    return frozenset(example.key for example in dataset.unlearned().examples)
