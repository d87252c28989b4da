"""Every table, imported once, so that migrations and tests see them all."""

import importlib

from sqlalchemy import MetaData

from backend.config import ROOT
from backend.db import Base


def metadata() -> MetaData:
    """The tables of all packages, found by the names of their modules."""
    for name in (
        "backend.limits", "backend.jobs", "backend.live", "backend.worker", "backend.paces",
        "backend.switches", "backend.audit",
    ):  # fmt: skip
        importlib.import_module(name)
    for package in ("backend", "bot", "lms"):
        for file in sorted((ROOT / package).glob("**/models.py")):
            parts = file.relative_to(ROOT).with_suffix("").parts
            if parts != ("backend", "models"):
                importlib.import_module(".".join(parts))
    return Base.metadata
