"""What citizens call a procedure, by its code: `data/lay_names/*.yml`, written by us."""

from functools import cache
from pathlib import Path

import yaml

FOLDER = Path(__file__).parent / "data" / "lay_names"


@cache
def lay_names() -> dict[str, tuple[str, ...]]:
    """Code → phrases, from all files."""
    found: dict[str, tuple[str, ...]] = {}
    for path in sorted(FOLDER.glob("*.yml")):
        phrases = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader) or {}
        found |= {str(code): tuple(names) for code, names in phrases.items()}
    return found
