"""The engine that understands messages in this process, as the settings choose it."""

from functools import cache

from backend.config import settings
from nlu.engines import ENGINES
from nlu.types import Engine


@cache
def engine() -> Engine:
    """The engine, loaded once: the trained model of `var/nlu`, or one learned on the spot."""
    loaded: Engine = ENGINES[settings().nlu_engine].load(settings().var_dir / "nlu")
    return loaded
