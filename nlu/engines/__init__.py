"""Every engine that can understand a message. To add one: a file here, a line below."""

from nlu.engines.embedded import EmbeddedEngine

ENGINES = {engine.name: engine for engine in (EmbeddedEngine,)}
