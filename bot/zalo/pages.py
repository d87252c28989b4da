"""The staff page of the Official Account: how the log-in stands, and logging in; and its part."""

from datetime import timedelta
from typing import Annotated

from fastapi import Request, Response

from backend import clock, db, web
from backend.accounts.identity import OfficerDep, StaffRoute
from backend.accounts.roles import SignedIn
from backend.config import settings
from backend.errors import AppError
from backend.i18n import gettext as _
from backend.parts import MenuGroup, MenuItem, Part
from backend.routing import Router
from backend.web import FormDep
from bot.zalo import login, tokens, zbs

router = Router(prefix="/quan-tri/zalo", route_class=StaffRoute, include_in_schema=False)

Operator = Annotated[SignedIn, OfficerDep("operations.zalo")]


@router.get("")
def front(request: Request, officer: Operator) -> Response:
    """Whether we may speak for the account, until when, and what else Zalo needs."""
    return _front(request)


@router.post("/dang-nhap")
def begin(request: Request, form: FormDep, officer: Operator) -> Response:
    """The link to Zalo; a redirect would be stopped, since our forms lead nowhere else."""
    with db.transaction() as session:
        url = login.begin(session, now=clock.now())
    return _front(request, url=url)


@router.get("/xong")
async def finish(request: Request, officer: Operator, code: str = "", state: str = "") -> Response:
    """Back from Zalo."""
    try:
        await login.finish(code[:1000], state[:200])
    except AppError as refusal:
        return _front(request, refusal=refusal)
    return web.redirect("/quan-tri/zalo", flash=_("Đã kết nối Zalo Official Account."))


def _front(request: Request, *, refusal: AppError | None = None, url: str = "") -> Response:
    with db.reading() as session:
        standing = tokens.standing(session)
    return web.page(
        request, "zalo/front.html", status=refusal.status if refusal else 200, refusal=refusal,
        standing=standing, is_configured=login.is_configured(), now=clock.now(),
        webhook=f"{settings().base_url}/webhooks/zalo", callback=login.CALLBACK, url=url,
        is_signed=bool(settings().zalo_oa_secret_key), zbs=zbs.is_on(),
        bot_webhook=f"{settings().base_url}/webhooks/zalo-bot",
    )  # fmt: skip


PART = Part(
    name="zalo",
    routers=(router,),
    menu=(MenuItem(_("Zalo"), "/quan-tri/zalo", "operations.zalo", MenuGroup.SYSTEM),),
    permissions={"operations.zalo": "Kết nối Zalo Official Account"},
    periodic={"zalo.renew": timedelta(minutes=30), "zalo.forget": timedelta(days=1)},
)
