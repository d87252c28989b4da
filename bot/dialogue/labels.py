"""The words on buttons and headings, from `labels.yml`."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml


@cache
def _labels() -> dict[str, Any]:
    text = Path(__file__).with_name("labels.yml").read_text(encoding="utf-8")
    labels: dict[str, Any] = yaml.safe_load(text)
    return labels


def label(group: str, key: str) -> str:
    """One word or phrase; a key that is not in the file is an error."""
    return str(_labels()[group][key])


def group(name: str) -> dict[str, str]:
    """A whole group of labels."""
    return dict(_labels()[name])


def popular() -> list[str]:
    """Codes of the procedures that the menu offers."""
    return list(_labels()["popular"])
