"""Counters and timings for Prometheus, summed over the processes of one host.

Web and worker count in files of their own under `var/metrics` (`config.count_in_files`), which
`exposition` adds up. No label ever holds a person, a chat or a dossier.
"""

from prometheus_client import (
    REGISTRY,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
    multiprocess,
)

from backend.config import metrics_folder

REQUESTS = Counter("motcua_requests", "HTTP requests", ["method", "status"])
REQUEST_SECONDS = Histogram("motcua_request_seconds", "Time to answer a request")
UPDATES = Counter("motcua_updates", "What came in from channels", ["channel", "outcome"])
TURNS = Counter("motcua_turns", "Chat turns", ["behavior"])
TURN_SECONDS = Histogram("motcua_turn_seconds", "Time to answer a chat turn")
SENDS = Counter("motcua_sends", "Messages handed to channels", ["channel", "outcome"])
LOOKUPS = Counter("motcua_lookups", "Dossier look-ups", ["outcome"])
ENGINE_FALLBACKS = Counter("motcua_engine_fallbacks", "Rasa asked, embedded engine answered")


def exposition(gauges: dict[str, float]) -> bytes:
    """All counters of all processes, and the gauges as measured now."""
    registry = REGISTRY
    if folder := metrics_folder():
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry, path=str(folder))  # type: ignore[no-untyped-call]  # untyped library
    lines = [f"# TYPE {name} gauge\n{name} {value}\n" for name, value in gauges.items()]
    return generate_latest(registry) + "".join(lines).encode()
