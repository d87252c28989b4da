"""Sentences about records that importers and look-ups add; the words stand in `phrases.yml`."""

from functools import cache
from pathlib import Path

import yaml


@cache
def _phrases() -> dict[str, str]:
    table: dict[str, str] = yaml.safe_load(
        Path(__file__).with_name("phrases.yml").read_text(encoding="utf-8")
    )
    return table


def phrase(key: str, /, **values: object) -> str:
    """The Vietnamese sentence of this key with its values filled in."""
    return _phrases()[key].format(**values)
