"""The page that lists the official ways, for whoever doubts a message."""

from fastapi import Request
from fastapi.responses import Response

from backend import official
from backend.routing import Router
from backend.web import page

router = Router(include_in_schema=False)


@router.get("/kenh-chinh-thuc")
def listed(request: Request) -> Response:
    """By which addresses we speak, and how an impostor gives himself away."""
    return page(request, "operations/official.html", ways=official.ways())
