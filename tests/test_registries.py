"""The folders that are extension points: a variant is a file and a line, never more."""

import importlib
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from backend.config import ROOT
from tests.conftest import MODEL

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


PIGEON = '''
"""Pigeons."""

from fastapi import APIRouter

from bot.messages import Incoming, Limits


class Pigeon:
    kind = "pigeon"
    limits = Limits(text=500, buttons=0, per_second=20)

    def __init__(self):
        self.carried = []

    def routes(self, receive):
        router = APIRouter()

        @router.post("/webhooks/pigeon")
        async def landed(letter: dict):
            await receive(self.parse(letter))

        return router

    def parse(self, raw):
        return Incoming("pigeon", raw["from"], raw["ring"], text=raw["text"])

    async def send(self, message, to):
        self.carried.append((to, message.text))
        return str(len(self.carried))
'''

# What an operator does, and a citizen: the webhook, the queue, the dialogue, the outbox, the pace.
JOURNEY = """
import time
from fastapi.testclient import TestClient
from backend import migrations, paces
from backend.main import create_app
from bot.channels import CHANNELS

migrations.upgrade()
with TestClient(create_app()) as web:
    letter = {"from": "lan", "ring": "1", "text": "xin chào"}
    for _ in range(2):
        assert web.post("/webhooks/pigeon", json=letter).status_code == 200
    until = time.monotonic() + 60
    while not CHANNELS["pigeon"].carried and time.monotonic() < until:
        time.sleep(0.1)
(answer,) = CHANNELS["pigeon"].carried
assert answer[0] == "lan" and "thủ tục" in answer[1], answer
assert paces.RATES["pigeon"].per_second == 20
"""


def test_a_channel_is_a_file_and_two_lines_in_the_registry(tmp_path: Path) -> None:
    """The product with a channel more, in a copy where nothing else was touched."""
    tree, var = tmp_path / "tree", tmp_path / "var"
    tree.mkdir()
    var.mkdir()
    (var / "nlu").symlink_to(MODEL, target_is_directory=True)
    for name in ("backend", "lms", "nlu", "locales"):
        (tree / name).symlink_to(ROOT / name, target_is_directory=True)
    shutil.copytree(ROOT / "bot", tree / "bot", ignore=shutil.ignore_patterns("__pycache__"))
    channels = tree / "bot" / "channels"
    (channels / "pigeon.py").write_text(PIGEON, encoding="utf-8")
    registry = (channels / "__init__.py").read_text(encoding="utf-8")
    more = registry.replace(
        "import Console\n", "import Console\nfrom bot.channels.pigeon import Pigeon\n"
    )
    more = more.replace("Console())", "Console(), Pigeon())")
    (channels / "__init__.py").write_text(more, encoding="utf-8")

    unset = ("DATABASE_URL", "HOTLINE")
    environment = {k: v for k, v in os.environ.items() if k not in unset} | {
        "ENVIRONMENT": "test", "VAR_DIR": str(var), "PYTHONPATH": str(tree),
        "PYTHONDONTWRITEBYTECODE": "1",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", JOURNEY], cwd=tree, env=environment, text=True,
        capture_output=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
