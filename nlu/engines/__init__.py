"""Every engine that can understand a message. To add one: a file here, a line below."""

from pathlib import Path
from typing import Protocol

from nlu.engines.embedded import EmbeddedEngine
from nlu.engines.rasa import RasaEngine
from nlu.types import Engine


class Kind(Protocol):
    """A class of engines: its name in the settings, and how to get one that is ready."""

    @property
    def name(self) -> str:
        """What `NLU_ENGINE` calls it."""
        ...

    def load(self, folder: Path | None = None) -> Engine:
        """An engine with the model of `folder`, as everything else is by default."""
        ...


ENGINES: dict[str, Kind] = {engine.name: engine for engine in (EmbeddedEngine, RasaEngine)}
