"""The folders that are extension points: a variant is a file and a line, never more."""

import importlib
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from backend.config import ROOT

REGISTRIES = {
    "bot.channels": "CHANNELS",
    "bot.dialogue.flows": "FLOWS",
    "nlu.engines": "ENGINES",
}


def registry(package: str) -> Mapping[str, Any]:
    found = getattr(importlib.import_module(package), REGISTRIES[package])
    assert isinstance(found, Mapping)
    return found


def folder(package: str) -> Path:
    return ROOT.joinpath(*package.split("."))


def home(member: Any) -> str:
    """The module that a member was written in."""
    if isinstance(member, ModuleType):
        return member.__name__
    return str(getattr(member, "__module__", None) or type(member).__module__)


@pytest.mark.parametrize("package", REGISTRIES)
def test_every_file_is_in_the_dict_and_every_member_has_a_file(package: str) -> None:
    names = {path.stem for path in folder(package).glob("[!_]*.py")}
    names |= {path.parent.name for path in folder(package).glob("[!_]*/__init__.py")}
    homes = [home(member).removeprefix(f"{package}.") for member in registry(package).values()]
    registered = {name.split(".")[0] for name in homes}
    assert registered == names


@pytest.mark.parametrize("package", REGISTRIES)
def test_the_package_says_how_to_add_one(package: str) -> None:
    """All registries look the same, so learning one is learning all."""
    docstring = importlib.import_module(package).__doc__ or ""
    assert "To add one: a file here, a line below." in docstring


@pytest.mark.parametrize("package", REGISTRIES)
def test_members_are_named_by_what_they_are(package: str) -> None:
    for name, member in registry(package).items():
        kind = getattr(member, "kind", None) or getattr(member, "name", None)
        assert name.isidentifier(), name
        assert name.islower(), name
        assert kind in (None, name), f"{package}: {name} calls itself {kind}"
