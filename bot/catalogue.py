"""The search index over the catalogue: built from the procedures, swapped when they change.

Each process keeps one index. Turns look at the catalogue's version and at that of the lay names
which officers taught, twice a second at most; when one moved, a thread builds the new index while
the old one goes on answering. Built indexes are kept in `var/index` under a fingerprint of what is
in them, so that a start takes a moment.
"""

import atexit
import gc
import threading
from contextlib import suppress
from pathlib import Path

from sqlalchemy.orm import Session

from backend import clock, db, log
from backend.config import settings
from backend.ids import digest
from backend.procedures import service as procedures
from backend.procedures.record import Record
from bot.learning import service as learning
from nlu.lay_names import lay_names
from nlu.search import Doc, Index

logger = log.get(__name__)

State = tuple[int, int, int]  # the database, the versions of its catalogue and of its lessons
NOTHING: State = (0, -1, -1)

BODY_CHARACTERS = 4000
LOOK_SECONDS = 0.5  # how old the answer to "did it change?" may be
MOST_KEPT = 400  # records


class Catalogue:
    """The index of one process, and the records that were lately answered from."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._building = threading.Lock()
        self._index: Index | None = None
        self._state = NOTHING
        self._looked = -LOOK_SECONDS
        self._resolved: dict[str, procedures.Resolved | None] = {}

    def index(self) -> Index:
        """The index to search now; built (or read from disk) at the first call."""
        index = self._index
        now = clock.stopwatch()
        if index is not None and now - self._looked < LOOK_SECONDS:
            return index
        state, self._looked = _present(), now
        if index is not None and state == self._state:
            return index
        if index is None or state[0] != self._state[0]:
            with self._lock:
                if self._state != state:
                    self._refresh(state)
                return self._current()
        if self._building.acquire(blocking=False):
            threading.Thread(target=self._rebuild, args=(state,), daemon=True).start()
        return index

    def resolve(self, session: Session, code: str) -> procedures.Resolved | None:
        """The record to answer from; kept until the catalogue changes."""
        known = self._resolved
        if code not in known:
            if len(known) >= MOST_KEPT:
                known.clear()
            known[code] = procedures.resolve(session, code)
        return known[code]

    @property
    def is_ready(self) -> bool:
        """Whether there is an index to search."""
        return self._index is not None

    def forget(self) -> None:
        """Start anew (tests that change what is stored)."""
        with self._lock:
            self._index, self._state, self._looked = None, NOTHING, -LOOK_SECONDS
            self._resolved = {}

    def _current(self) -> Index:
        if self._index is None:
            raise RuntimeError("no index")
        return self._index

    def _rebuild(self, state: State) -> None:
        try:
            self._refresh(state)
        except Exception:
            logger.exception("catalogue.rebuild_failed", version=state[1])
        finally:
            self._building.release()

    def _refresh(self, state: State) -> None:
        with db.reading() as session:
            taught = learning.lay_names(session)
            more = taught or ""  # where nothing is taught, indexes built before stay good
            content = digest(f"{procedures.fingerprint(session)} {lay_names()}{more}")
            file = settings().var_dir / "index" / content[:32]
            index = _load(file)
            if index is None:
                records = procedures.all_effective(session)
                index = Index.build(document(r, taught.get(r.code, ())) for r in records)
                _keep(index, file)
        self._index, self._state, self._resolved = index, state, {}
        gc.freeze()  # a million objects without cycles, which the collector need not walk again
        logger.info("catalogue.ready", version=state[1])


def _present() -> State:
    """Which database, and the version of what is in it."""
    with db.reading() as session:
        versions = procedures.version(session), learning.lessons_version(session)
    return id(db.database()), *versions


def document(record: Record, taught: tuple[str, ...] = ()) -> Doc:
    """What of a record can be found, with all its lay names: own, shipped and taught ones."""
    body = [record.summary, *(p.name for p in record.documents), *(s.text for s in record.steps)]
    return Doc(
        code=record.code,
        name=record.name,
        lay_names=(*record.lay_names, *lay_names().get(record.code, ()), *taught),
        field=record.field,
        levels=tuple(level.value for level in record.levels),
        subjects=record.subjects,
        results=record.results,
        cases=tuple(case.name for case in record.cases),
        body="\n".join(body)[:BODY_CHARACTERS],
        name_only=record.is_name_only,
        successor_of=tuple(alias.code for alias in record.aliases),
    )


def _load(file: Path) -> Index | None:
    if not file.exists():
        return None
    try:
        return Index.load(file)
    except (OSError, ValueError, KeyError) as error:
        logger.warning("catalogue.index_unreadable", error=str(error))
        return None


def _keep(index: Index, file: Path) -> None:
    """Best effort: without a writable folder the next start only takes longer."""
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        index.save(file)


catalogue = Catalogue()
# Extensions complain of what is still there at the end: let the last collection see everything.
atexit.register(gc.unfreeze)
