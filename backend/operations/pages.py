"""Staff pages that belong to no feature, and what this package gives to the whole."""

from backend import streams
from backend.operations import health, look, upkeep
from backend.parts import Part

PART = Part(
    name="operations",
    routers=(health.router, look.router),
    periodic=upkeep.PERIODIC,
    readiness=health.READINESS,
    life=streams.life,
)
