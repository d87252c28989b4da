"""The engine that understands messages in this process, as the settings and officers choose it.

A turn asks, twice a second at most, which model is in use. When it is another one, that turn loads
it; whoever asks meanwhile gets the old one. A model that cannot be loaded here (another release's,
or files that are gone) leaves everything as it is.
"""

import threading
from dataclasses import dataclass
from pathlib import Path

from backend import clock, db, log, metrics
from backend.config import settings
from bot.learning import service as learning
from bot.learning.service import Chosen
from nlu.engines import ENGINES
from nlu.engines.embedded import EmbeddedEngine
from nlu.engines.rasa import RasaEngine
from nlu.model import BrokenModelError, Model
from nlu.types import Engine

logger = log.get(__name__)

LOOK_SECONDS = 0.5  # how old the answer to "is it another model?" may be


@dataclass(frozen=True)
class Loaded:
    """An engine, and the officers' model in it (none: as shipped)."""

    engine: Engine
    chosen: Chosen | None
    model: str


class Language:
    """The engine of one process."""

    def __init__(self) -> None:
        self._loading = threading.Lock()
        self._loaded: Loaded | None = None
        self._seen: Chosen | None = None
        self._looked = -LOOK_SECONDS

    def engine(self) -> Engine:
        """The engine to ask now; loaded at the first call."""
        return self.loaded().engine

    def loaded(self) -> Loaded:
        """The same with what is known about it."""
        now, loaded = clock.stopwatch(), self._loaded
        if loaded is not None and now - self._looked < LOOK_SECONDS:
            return loaded
        with db.reading() as session:
            chosen = learning.chosen(session)
        self._looked = now
        if loaded is not None and chosen == self._seen:
            return loaded
        if not self._loading.acquire(blocking=loaded is None):
            return loaded or self.loaded()
        try:
            if self._loaded is None or chosen != self._seen:
                self._loaded, self._seen = load(chosen, self._loaded), chosen
            return self._loaded
        finally:
            self._loading.release()

    def look_again(self) -> None:
        """Ask which model is in use at the next turn, however short ago it was asked."""
        self._looked = -LOOK_SECONDS


def load(chosen: Chosen | None, present: Loaded | None = None) -> Loaded:
    """The engine of the settings with the chosen model; the present one if that cannot be."""
    if chosen is None:
        return _as_shipped()
    folder = learning.folder(chosen.model)
    try:
        model = Model.load(folder, taught=chosen.taught)
    except BrokenModelError as error:
        logger.warning("model.unusable", model=chosen.model, why=str(error))
        return present or _as_shipped()
    logger.info("model.loaded", model=chosen.model)
    if settings().nlu_engine == RasaEngine.name:
        return Loaded(_rasa(folder), chosen, chosen.model)
    return Loaded(EmbeddedEngine(model), chosen, chosen.model)


def _as_shipped() -> Loaded:
    """The trained model of `var/nlu`, or one learned on the spot."""
    own = settings()
    folder = own.var_dir / "nlu"
    if own.nlu_engine == RasaEngine.name:
        return Loaded(_rasa(folder), None, "")
    engine = ENGINES[own.nlu_engine].load(folder)
    digest = engine.model.data_digest if isinstance(engine, EmbeddedEngine) else ""
    return Loaded(engine, None, digest[:16])


def _rasa(folder: Path) -> Engine:
    own = settings()
    return RasaEngine.load(folder, url=own.rasa_url, token=own.rasa_token, fell_back=count_fallback)


def count_fallback(reason: str) -> None:
    """Rasa gave no answer and the embedded engine did; while Rasa is paused, not logged again."""
    metrics.ENGINE_FALLBACKS.inc()
    if reason != "paused":
        logger.warning("rasa.no_answer", reason=reason)


language = Language()


def engine() -> Engine:
    """The engine to ask now."""
    return language.engine()


def present() -> dict[str, str]:
    """Which engine and which model answer, as each turn's outcome says it."""
    return {"engine": settings().nlu_engine, "model": language.loaded().model}
