"""What the documentation promises is what the code does."""

import re

from backend.__main__ import COMMANDS
from backend.config import ROOT, Environment, Settings, read
from tests import readme

DOCS = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]


def test_generated_parts_are_fresh() -> None:
    assert not readme.stale(), "run `make docs`"


def test_every_part_is_in_the_readme() -> None:
    begun = re.findall(r"<!-- begin: (\w+) -->", readme.README.read_text(encoding="utf-8"))
    assert sorted(begun) == sorted(readme.PARTS)


def test_every_setting_says_what_it_is_for() -> None:
    silent = [name for name, field in Settings.model_fields.items() if not field.description]
    assert not silent


def test_the_example_is_a_production_that_starts_once_filled_in() -> None:
    lines = readme.EXAMPLE.read_text(encoding="utf-8").splitlines()
    pairs = dict(line.split("=", 1) for line in lines if not line.startswith("#"))
    settings = read({name: value.strip('"') for name, value in pairs.items()})
    assert settings.environment is Environment.PRODUCTION
    assert [problem.split(":")[0] for problem in settings.problems()] == ["CODE_SENDER"]


def test_commands_and_targets_that_documents_name_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for path in DOCS:
        text = path.read_text(encoding="utf-8")
        for command in re.findall(r"python -m backend ([a-z]+)", text):
            assert command in COMMANDS, f"{path.name}: python -m backend {command}"
        for target in re.findall(r"`make ([a-z0-9]+)", text):
            assert re.search(rf"^{target}:", makefile, re.MULTILINE), f"{path.name}: make {target}"


def test_files_that_documents_link_to_exist() -> None:
    for path in DOCS:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text(encoding="utf-8")):
            assert (path.parent / target).exists(), f"{path.name} links to {target}"


def test_decisions_are_numbered_without_gaps() -> None:
    names = sorted(path.name for path in (ROOT / "docs" / "decisions").glob("*.md"))
    assert [int(name[:4]) for name in names] == list(range(1, len(names) + 1))


def test_every_decision_has_the_same_parts() -> None:
    for path in (ROOT / "docs" / "decisions").glob("*.md"):
        headings = re.findall(r"^## (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
        assert headings == ["Why", "What follows", "When to look again"], path.name
