"""A webhook whose caller shows a secret in a header: what is stored before it is acknowledged."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import Request, Response

from backend import log, metrics, security

logger = log.get(__name__)

RETRY_SECONDS = 5  # after which the caller is asked to bring it again


async def brought(
    kind: str, request: Request, *, header: str, secret: str,
    take: Callable[[Any], Awaitable[None]],
) -> Response:  # fmt: skip
    """Give what was brought to `take`; 200 only once that has returned, else why not."""
    if not secret or not security.same(request.headers.get(header, ""), secret):
        return _refused(kind, "forbidden", 403)
    try:
        raw = json.loads(await request.body())
    except (ValueError, RecursionError):
        return _refused(kind, "malformed", 400)
    try:
        await take(raw)
    except Exception as error:  # noqa: BLE001 (nothing was stored: it is brought again)
        logger.warning("webhook.not_stored", channel=kind, error=str(error))
        return _refused(kind, "unavailable", 503, {"Retry-After": str(RETRY_SECONDS)})
    return Response(status_code=200)


def _refused(
    kind: str, outcome: str, status: int, headers: dict[str, str] | None = None
) -> Response:
    metrics.UPDATES.labels(kind, outcome).inc()
    return Response(status_code=status, headers=headers)
