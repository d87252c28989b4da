"""The search index over the catalogue: built from the procedures, swapped when they change.

Each process keeps one index. A turn looks once at the catalogue's version; when it moved, a thread
builds the new index while the old one goes on answering. Built indexes are kept in `var/index`
under a fingerprint of what is in them, so that a start takes a moment.
"""

import threading
from contextlib import suppress
from pathlib import Path

from backend import db, log
from backend.config import settings
from backend.ids import digest
from backend.procedures import service as procedures
from backend.procedures.record import Record
from nlu.lay_names import lay_names
from nlu.search import Doc, Index

logger = log.get(__name__)

BODY_CHARACTERS = 4000


class Catalogue:
    """The index of one process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._building = threading.Lock()
        self._index: Index | None = None
        self._version = -1

    def index(self) -> Index:
        """The index to search now; built (or read from disk) at the first call."""
        with db.reading() as session:
            version = procedures.version(session)
        index = self._index
        if index is not None and version == self._version:
            return index
        if index is None:
            with self._lock:
                if self._index is None:
                    self._refresh(version)
                return self._current()
        if self._building.acquire(blocking=False):
            threading.Thread(target=self._rebuild, args=(version,), daemon=True).start()
        return index

    @property
    def is_ready(self) -> bool:
        """Whether there is an index to search."""
        return self._index is not None

    def forget(self) -> None:
        """Start anew (tests that change databases)."""
        with self._lock:
            self._index, self._version = None, -1

    def _current(self) -> Index:
        if self._index is None:
            raise RuntimeError("no index")
        return self._index

    def _rebuild(self, version: int) -> None:
        try:
            self._refresh(version)
        except Exception:
            logger.exception("catalogue.rebuild_failed", version=version)
        finally:
            self._building.release()

    def _refresh(self, version: int) -> None:
        with db.reading() as session:
            content = digest(f"{procedures.fingerprint(session)} {lay_names()}")
            folder = settings().var_dir / "index" / content[:32]
            index = _load(folder)
            if index is None:
                index = Index.build(document(r) for r in procedures.all_effective(session))
                _keep(index, folder)
        self._index, self._version = index, version
        logger.info("catalogue.ready", version=version)


def document(record: Record) -> Doc:
    """What of a record can be found, its own lay names and those of `nlu/data/lay_names`."""
    body = [record.summary, *(p.name for p in record.documents), *(s.text for s in record.steps)]
    return Doc(
        code=record.code,
        name=record.name,
        lay_names=(*record.lay_names, *lay_names().get(record.code, ())),
        field=record.field,
        levels=tuple(level.value for level in record.levels),
        subjects=record.subjects,
        results=record.results,
        cases=tuple(case.name for case in record.cases),
        body="\n".join(body)[:BODY_CHARACTERS],
        name_only=record.is_name_only,
        successor_of=tuple(alias.code for alias in record.aliases),
    )


def _load(folder: Path) -> Index | None:
    if not folder.exists():
        return None
    try:
        return Index.load(folder)
    except (OSError, ValueError, KeyError) as error:
        logger.warning("catalogue.index_unreadable", error=str(error))
        return None


def _keep(index: Index, folder: Path) -> None:
    """Best effort: without a writable folder the next start only takes longer."""
    with suppress(OSError):
        folder.parent.mkdir(parents=True, exist_ok=True)
        index.save(folder)


catalogue = Catalogue()
