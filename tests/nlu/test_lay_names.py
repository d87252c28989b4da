"""What citizens call procedures (nlu/data/lay_names): well formed, shared only by siblings."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from nlu.lay_names import FOLDER, lay_names
from nlu.text import fold

FILES = sorted(FOLDER.glob("*.yml"))
SHIPPED = Path(__file__).parents[2] / "backend" / "procedures" / "data"
CODE = re.compile(r"\d\.\d{6}")
ONLY_WORDS = re.compile(r"[\w ]+")
PROVENANCE = "Do nhóm tự viết theo cách người dân thường nói"
MOST_WORDS = 14
MOST_NAMES = 16
MOST_EVERYDAY = 24  # everyday.yml adds to what is shipped with the procedure itself
MOST_SIBLINGS = 6

by_file = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


@cache
def read(path: Path) -> dict[str, Any]:
    """What stands in one file."""
    found: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
    return found


def shipped() -> Iterator[tuple[str, str]]:
    """Code and lay name of the procedures that are shipped in full."""
    for path in sorted(SHIPPED.glob("*.yml")):
        record = read(path)
        for name in record["lay_names"]:
            yield record["code"], name


def ours() -> Iterator[tuple[str, str]]:
    """Code and lay name of all the others."""
    for path in FILES:
        for code, phrases in read(path).items():
            for phrase in phrases:
                yield code, phrase


@by_file
def test_says_what_it_is_and_where_it_comes_from(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("# ")
    assert PROVENANCE in lines[1]


@by_file
def test_has_some_phrases_for_each_code(path: Path) -> None:
    for code, phrases in read(path).items():
        assert CODE.fullmatch(code), code
        most = MOST_EVERYDAY if path.stem == "everyday" else MOST_NAMES
        assert 3 <= len(phrases) <= most, code


@by_file
def test_phrases_are_short_and_plain(path: Path) -> None:
    for code, phrases in read(path).items():
        for phrase in phrases:
            assert phrase == unicodedata.normalize("NFC", phrase).strip(), (code, phrase)
            assert ONLY_WORDS.fullmatch(phrase), (code, phrase)
            assert 2 <= len(phrase.split()) <= MOST_WORDS, (code, phrase)


def test_a_code_stands_in_one_place() -> None:
    lines = [line for path in FILES for line in path.read_text(encoding="utf-8").splitlines()]
    # Counted in the text: YAML would keep the last of two silently.
    counted = Counter(line for line in lines if line.endswith(":"))
    assert [line for line, times in counted.items() if times > 1] == []
    doubled = {code for code, _ in ours()} & {code for code, _ in shipped()}
    assert doubled <= set(read(FOLDER / "everyday.yml"))


def test_a_phrase_leads_to_siblings_at_most() -> None:
    """A name that several procedures share is asked back about: they must be of one kind."""
    codes: dict[str, set[str]] = {}
    files: dict[str, set[str]] = {}
    for path in FILES:
        for code, phrases in read(path).items():
            for phrase in phrases:
                codes.setdefault(fold(phrase), set()).add(code)
                files.setdefault(fold(phrase), set()).add(path.stem)
    shared_by = {phrase: found for phrase, found in codes.items() if len(found) > 1}
    assert {p: c for p, c in shared_by.items() if len(c) > MOST_SIBLINGS} == {}
    assert {p: files[p] for p in shared_by if len(files[p]) > 1} == {}


def test_no_phrase_is_another_procedures_shipped_name() -> None:
    shipped_names: dict[str, set[str]] = {}
    for code, phrase in shipped():
        shipped_names.setdefault(fold(phrase), set()).add(code)
    assert [p for _, p in ours() if fold(p) in shipped_names] == []


def test_no_phrase_is_said_twice_of_a_procedure() -> None:
    counted = Counter((code, fold(phrase)) for code, phrase in ours())
    assert [said for said, times in counted.items() if times > 1] == []


def test_the_product_reads_all_of_them() -> None:
    assert {(code, name) for code, names in lay_names().items() for name in names} == set(ours())


def test_codes_exist_in_the_national_database(shared: Path) -> None:
    lines = (shared / "procedures" / "code_names.tsv").read_text(encoding="utf-8").splitlines()
    assert set(lay_names()) <= {line.split("\t")[0] for line in lines}
