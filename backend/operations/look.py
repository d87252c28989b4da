"""How the pages look and in which language: the language switch, and the component guide."""

from fastapi import Request
from fastapi.responses import Response

from backend.config import settings
from backend.i18n import LOCALES
from backend.routing import Router
from backend.web import FormDep, not_found, page, redirect, text_of

YEAR = 365 * 86_400

router = Router(include_in_schema=False)


@router.post("/ngon-ngu")
def language(form: FormDep) -> Response:
    """Speak this language from now on, and go back to the page."""
    chosen, back = text_of(form, "lang"), text_of(form, "next")
    response = redirect(back if _is_own(back) else "/")
    if chosen in LOCALES:
        # Read before any route by backend.middleware, under this plain name; it is no secret.
        response.set_cookie(
            "lang", chosen, max_age=YEAR, path="/", httponly=True, samesite="lax",
            secure=settings().is_https,
        )  # fmt: skip
    return response


@router.get("/dev/components")
def components(request: Request) -> Response:
    """Every component in every kind, for whoever writes a page."""
    if not settings().is_development:
        raise not_found()
    return page(request, "dev/components.html")


def _is_own(path: str) -> bool:
    """A path of this host: `//elsewhere` and `/\\elsewhere` would leave it."""
    return path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
