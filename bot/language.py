"""The engine that understands messages in this process, as the settings choose it."""

from functools import cache

from backend import log, metrics
from backend.config import settings
from nlu.engines import ENGINES
from nlu.engines.rasa import RasaEngine
from nlu.types import Engine

logger = log.get(__name__)


@cache
def engine() -> Engine:
    """The engine, loaded once: the trained model of `var/nlu`, or one learned on the spot."""
    chosen = settings()
    folder = chosen.var_dir / "nlu"
    if chosen.nlu_engine == RasaEngine.name:
        return RasaEngine.load(
            folder, url=chosen.rasa_url, token=chosen.rasa_token, fell_back=count_fallback
        )
    return ENGINES[chosen.nlu_engine].load(folder)


def count_fallback(reason: str) -> None:
    """Rasa gave no answer and the embedded engine did; while Rasa is paused, not logged again."""
    metrics.ENGINE_FALLBACKS.inc()
    if reason != "paused":
        logger.warning("rasa.no_answer", reason=reason)
