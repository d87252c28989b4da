"""`POST /api/v1/dossiers/sync`: a one-stop system tells us about its dossiers."""

from typing import Annotated

from fastapi import Depends, Header

from backend import clock, db, log, security
from backend.api import refusals
from backend.config import settings
from backend.dossiers import sync
from backend.dossiers.schemas import MOST_ITEMS, SyncRequest, SyncResponse
from backend.errors import TooLarge, Unauthorized
from backend.i18n import gettext as _
from backend.routing import Router

router = Router(prefix="/api/v1/dossiers", tags=["dossiers"])
logger = log.get(__name__)


def check_key(x_api_key: Annotated[str, Header()] = "") -> None:
    """Whoever has no key learns nothing more, not even what a body looks like."""
    if not security.same(x_api_key, settings().sync_api_key):
        raise Unauthorized("wrong_api_key", _("X-API-Key thiếu hoặc không đúng."))


@router.post("/sync", dependencies=[Depends(check_key)], responses=refusals(401, 413, 422, 503))
def synchronise(body: SyncRequest) -> SyncResponse:
    """Takes `DongBoHoSoMC` and `CapNhatTienDoHoSoMC` messages as the national platform has them.

    Each item is `applied`, `repeated` (seen before), `stale` (older than what is known: it only
    joins the history) or `rejected` (with the reason; the others are not affected). Items are
    ordered by `ThoiDiemXuLy`, else by arrival. `MaDoiTuong` is dropped unread.
    """
    if len(body.data) > MOST_ITEMS:
        message = _("Mỗi lần gửi nhiều nhất {most} hồ sơ.").format(most=MOST_ITEMS)
        raise TooLarge("too_many_items", message)
    with db.transaction() as session:
        results = sync.apply(
            session, body.service, body.data, agency_code=body.agency_code, now=clock.now()
        )
    flagged = sum(result.flagged for result in results)
    logger.info("dossiers.synchronised", items=len(results), flagged=flagged)
    return SyncResponse(results=results)
