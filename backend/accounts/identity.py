"""Who is asking for a staff page, for the routes of every package.

    router = Router(prefix="/quan-tri/…", route_class=StaffRoute)

    @router.get("")
    def desk(request: Request, officer: Annotated[SignedIn, OfficerDep("dossiers.view")]): ...

`request.state.officer` is set for the menu. Whoever is not signed in is sent to the log-in page and
comes back afterwards; a signed-in officer without the permission is told so.
"""

from collections.abc import Callable, Coroutine
from typing import Any
from urllib.parse import urlencode, urlsplit

from fastapi import Depends, Request, Response
from fastapi.responses import RedirectResponse
from fastapi.routing import APIRoute
from sqlalchemy.orm import Session

from backend import clock, db
from backend.accounts import service as accounts
from backend.accounts.roles import SignedIn
from backend.errors import Forbidden
from backend.http import read_cookie
from backend.i18n import gettext as _

COOKIE = "officer"


class SignInFirst(Exception):  # noqa: N818
    """Nobody is signed in; `StaffRoute` turns it into a redirect."""


class StaffRoute(APIRoute):
    """A route of a staff page: sends strangers to the log-in page."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route's own handler, and what to do with strangers."""
        handler = super().get_route_handler()

        async def sign_in_first(request: Request) -> Response:
            try:
                return await handler(request)
            except SignInFirst:
                query = urlencode({"next": _page_of(request)})
                return RedirectResponse(f"/dang-nhap?{query}", status_code=303)

        return sign_in_first


def _page_of(request: Request) -> str:
    """Where somebody was: the page they asked for, or the one whose form they sent."""
    url = request.url
    if request.method != "GET":
        came_from = urlsplit(request.headers.get("referer", ""))
        if came_from.netloc != url.netloc:
            return ""
        return came_from.path + (f"?{came_from.query}" if came_from.query else "")
    return url.path + (f"?{url.query}" if url.query else "")


def officer_of(request: Request) -> SignedIn | None:
    """The officer whose cookie this is, if it is anybody's."""
    token = read_cookie(request, COOKIE)
    if not token:
        return None
    with db.reading() as session:
        officer = accounts.signed_in(session, token, now=clock.now())
    request.state.officer = officer
    return officer


def officer_in(session: Session, request: Request, permission: str) -> SignedIn:
    """The officer who is asking, where everybody comes at once: found in the page's own session."""
    token = read_cookie(request, COOKIE)
    officer = accounts.signed_in(session, token, now=clock.now()) if token else None
    request.state.officer = officer
    return _allowed(officer, permission)


def OfficerDep(permission: str) -> Any:  # noqa: N802 (reads as a type where it is used)
    """The officer who is asking, who must have this permission; for `Annotated[SignedIn, …]`."""

    def officer_with_permission(request: Request) -> SignedIn:
        return _allowed(officer_of(request), permission)

    return Depends(officer_with_permission)


def _allowed(officer: SignedIn | None, permission: str) -> SignedIn:
    if officer is None:
        raise SignInFirst
    if not officer.may(permission):
        raise Forbidden("not_allowed", _("Tài khoản này không có quyền làm việc đó."))
    return officer
