"""The staff page of messages that citizens doubted."""

from typing import Annotated

from fastapi import Request, Response

from backend import clock, db, web
from backend.accounts.identity import OfficerDep, StaffRoute
from backend.accounts.roles import SignedIn
from backend.routing import Router
from bot.inbox.pages import channels
from bot.learning import reports

HERE = "/quan-tri/tin-nghi-gia"

router = Router(prefix=HERE, route_class=StaffRoute, include_in_schema=False)

Viewer = Annotated[SignedIn, OfficerDep("handover.reports")]


@router.get("")
def listed(request: Request, officer: Viewer) -> Response:
    """What was shown to the assistant lately."""
    with db.reading() as session:
        shown = reports.latest(session, now=clock.now())
    return web.page(
        request, "inbox/reports.html", reports=shown, channels=channels(), days=reports.SHOWN_DAYS
    )
