"""docs/learning.txt: what the commands that measure learning printed last, one part for each."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from nlu.evaluate import machine
from tests.conftest import ROOT

FIGURES = ROOT / "docs" / "learning.txt"
HEAD = "Learning, as last measured. Each part was printed by its command, which comes first.\n"


def report(command: str, lines: Sequence[str], *, write: bool) -> None:
    """Print with machine and date; with `write`, in the place of what this command said before."""
    where = f"{machine()}, {datetime.now(UTC):%Y-%m-%d}"
    part = "\n".join([f"$ {command}", where, *lines]) + "\n"
    print(part)
    if not write:
        return
    before = FIGURES.read_text(encoding="utf-8") if FIGURES.exists() else HEAD
    head, *parts = re.split(r"^(?=\$ )", before, flags=re.MULTILINE)
    kept = {old.partition("\n")[0]: old.rstrip() + "\n" for old in parts}
    kept[f"$ {command}"] = part
    FIGURES.write_text("\n".join([head.rstrip() + "\n", *kept.values()]), encoding="utf-8")
