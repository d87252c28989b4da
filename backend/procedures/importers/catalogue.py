"""Our own YAML: the shipped catalogue, and a province's overlay.

One procedure a file or a list of them. A shipped record is complete in itself. An overlay
(`tier: overlay`) holds a code and any fields: those that it gives win over the record below, even
when it gives them empty.
"""

from collections.abc import Iterator
from typing import Any

import yaml

from backend.procedures.importers.parsed import (
    File,
    Parsed,
    Rejected,
    each,
    required_code,
    required_name,
)
from backend.procedures.phrases import phrase
from backend.procedures.record import Record, Source, Tier

# The same safe loader in C, ten times as fast, where PyYAML was built with it.
_SafeLoader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def accepts(file: File) -> bool:
    """A name that ends in .yml or .yaml."""
    return file.name.endswith((".yml", ".yaml"))


def read(file: File) -> Iterator[Parsed]:
    """The one record, or each of the list."""
    try:
        loaded = yaml.load(file.text, Loader=_SafeLoader)  # noqa: S506 (a safe one)
    except yaml.YAMLError as error:
        detail = " ".join(str(error).split())[:160]
        yield Parsed(file.name, Rejected(phrase("bad_yaml", detail=detail)))
        return
    records = loaded if isinstance(loaded, list) else [loaded]
    many = len(records) > 1
    origins = ((f"{file.name}#{n}" if many else file.name, r) for n, r in enumerate(records, 1))
    yield from each(origins, lambda raw: _record(raw, file), lambda _: "catalogue")


def _record(raw: object, file: File) -> Record:
    if not isinstance(raw, dict):
        raise Rejected(phrase("not_an_object"))
    given: dict[str, Any] = dict(raw)
    code = required_code(given.get("code"))
    tier = Tier(given.get("tier", Tier.SHIPPED))
    if tier is not Tier.OVERLAY:
        required_name(given.get("name"), code)
    given.setdefault("name", "")
    if tier is Tier.OVERLAY and "sources" not in given:
        given["sources"] = [Source(name=file.name, date=file.date)]
    return Record(**{**given, "tier": tier})
