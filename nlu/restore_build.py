"""Counts for `nlu.restore`, from texts free of copyright or our own; of the texts only counts stay.

    python -m nlu.restore_build ../shared/data/procedures/national.jsonl.gz

Sources: official texts of the national catalogue of procedures, and the accented sentences and lay
names of `nlu/data`. What a table was built from stands beside it in `data/restore.json`.
"""

import argparse
import gzip
import json
import math
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from nlu import dataset
from nlu.lay_names import lay_names
from nlu.restore import BREAK, COUNTS, NONE, STEP, WORD
from nlu.text import BASE_OF, clean, fold, has_accents
from nlu.typing_residue import OFFICIAL

ORIGIN, SPOKEN = COUNTS.with_suffix(".json"), COUNTS.with_name("spoken.txt")
SYLLABLE = re.compile(
    r"(?:ngh?|[ptckgnb]h|tr|gi|qu|[bcdđghklmnpqrstvx])?[aeiouyăâêôơư]{1,3}(?:ch|n[gh]?|[cmpt])?"
)
SPOKEN_HEAD = """\
# Accented syllables of everyday speech that official texts hardly hold: they stand in at least two
# of our own sentences. Typing residue is repaired into these too. Made by nlu.restore_build.
"""
OURS = 20  # how often our own sentences count: citizens speak like them
FEWEST = {1: 1, 2: 2, 3: 2}  # what is seen less often is dropped
NAMES = ("name", "field", "agency", "authority", "conditions", "steps")

Grams = Counter[tuple[int, ...]]


def runs(text: str) -> Iterator[list[str]]:
    """The syllables of a text between its breaks, lower case, accents as written."""
    for part in BREAK.split(clean(text).lower()):
        if found := WORD.findall(part):
            yield found


def count(texts: Iterable[tuple[str, int]], known: frozenset[str]) -> tuple[list[str], list[Grams]]:
    """Syllables, and how often one, two and three of them stand in a row in weighted texts."""
    ids: dict[str, int] = {"": NONE}
    grams: list[Grams] = [Counter(), Counter(), Counter()]
    for text, weight in texts:
        for run in runs(text):
            row = [NONE, NONE, *(ids.setdefault(w, len(ids)) if w in known else NONE for w in run)]
            for i in range(2, len(row)):
                grams[0][row[i],] += weight
                grams[1][row[i - 1], row[i]] += weight
                grams[2][row[i - 2], row[i - 1], row[i]] += weight
            grams[0][NONE,] += weight
            grams[1][NONE, NONE] += weight
    return list(ids), grams


def save(syllables: Sequence[str], grams: Sequence[Grams], path: Path = COUNTS) -> None:
    """Keep syllables, pairs, and the triples in which one could be read otherwise."""
    alike = Counter(fold(syllable) for syllable in syllables)
    open_ = [alike[fold(syllable)] > 1 for syllable in syllables]
    arrays: dict[str, Any] = {}
    for n, counts in enumerate(grams, 1):
        size = len(syllables)
        rows = sorted(
            (_key(row, size), seen)
            for row, seen in counts.items()
            if seen >= FEWEST[n] and (n < 3 or any(open_[i] for i in row))
        )
        keys = [0, *(key for key, _ in rows)]
        steps = np.array([b - a for a, b in pairwise(keys)], np.int64)
        arrays[f"keys{n}"] = steps.astype(np.uint32) if steps.max() < 2**32 else steps
        arrays[f"logs{n}"] = np.array(
            [min(round(STEP * math.log2(seen)), 255) for _, seen in rows], np.uint8
        )
    np.savez_compressed(path, syllables=np.array("\n".join(syllables)), **arrays)


def _key(row: Sequence[int], size: int) -> int:
    key = 0
    for i in row:
        key = key * size + i
    return key


def official(path: Path) -> Iterator[str]:
    """The texts of the catalogue of procedures, one JSON object a line."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for record in map(json.loads, file):
            yield "\n".join(record[name] or "" for name in NAMES)
            for case in record["cases"]:
                yield case["case"] or ""
                yield "\n".join(document["name"] or "" for document in case["documents"])


def ours() -> Iterator[str]:
    """The accented sentences that teach the engine, and the lay names of procedures."""
    written = (example.text for example in dataset.training().examples)
    names = (name for names in lay_names().values() for name in names)
    yield from (text for text in (*written, *names) if has_accents(text))


def spoken(own: Iterable[str]) -> Counter[str]:
    """In how many of our sentences each accented syllable stands; misspelt words are none."""
    return Counter(
        word
        for text in own
        for word in {word for run in runs(text) for word in run}
        if has_accents(word) and SYLLABLE.fullmatch(_toneless(word))
    )


def _toneless(word: str) -> str:
    return "".join(BASE_OF.get(letter, letter) for letter in word)


def build(catalogue: Path) -> None:
    """Count, keep, and note from what."""
    texts, own = list(official(catalogue)), list(ours())
    weighted = [*((text, 1) for text in texts), *((text, OURS) for text in own)]
    ours_too = {word for text in own for run in runs(text) for word in run if word.isalpha()}
    save(*count(weighted, OFFICIAL | ours_too))
    everyday = (w for w, n in spoken(own).items() if n >= FEWEST[2] and w not in OFFICIAL)
    SPOKEN.write_text(SPOKEN_HEAD + "\n".join(sorted(everyday)) + "\n", encoding="utf-8")
    origin = {
        "official texts": f"{len(texts)} texts of {catalogue.name}, the national catalogue of "
        "administrative procedures; official documents are not protected by copyright",
        "our own": f"{len(own)} sentences and lay names of nlu/data, each counted {OURS} times",
        "kept": "counts of one, two and three syllables in a row",
    }
    ORIGIN.write_text(json.dumps(origin, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def main(argv: Sequence[str] | None = None) -> int:
    """Build the counts from a catalogue."""
    parser = argparse.ArgumentParser(prog="python -m nlu.restore_build")
    parser.add_argument("catalogue", type=Path, help="procedures, gzipped JSON lines")
    build(parser.parse_args(argv).catalogue)
    return 0


if __name__ == "__main__":
    sys.exit(main())
