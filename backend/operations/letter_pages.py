"""The pages of what did not go, and of the switches."""

import math
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Request, Response

from backend import clock, db, web
from backend.accounts.identity import OfficerDep, StaffRoute
from backend.accounts.roles import SignedIn
from backend.errors import InvalidInput
from backend.i18n import gettext as _
from backend.operations import letters, turning
from backend.operations.letters import Filter, Standing
from backend.routing import Router
from backend.switches import Switch
from backend.web import FormDep, text_of

router = Router(prefix="/quan-tri", route_class=StaffRoute, include_in_schema=False)

Keeper = Annotated[SignedIn, OfficerDep("operations.letters")]
Turner = Annotated[SignedIn, OfficerDep("operations.switches")]

LETTERS, SWITCHES = "/quan-tri/tin-chua-gui", "/quan-tri/cong-tac"


@router.get("/tin-chua-gui")
def listed(
    request: Request, officer: Keeper, loai: str = "", kenh: str = "", trang: int = 1
) -> Response:
    """What did not go, newest first."""
    standing = Standing(loai) if loai in set(Standing) else Standing.DEAD
    wanted, page = Filter(standing, kenh[:20]), min(max(trang, 1), 10_000)
    query = urlencode({"loai": standing.value, "kenh": wanted.channel})
    with db.reading() as session:
        rows, total = letters.listed(session, officer, wanted, page=page)
        return web.page(
            request, "operations/letters.html", rows=rows, total=total, wanted=wanted, page=page,
            counts=letters.counts(session), channels=letters.channels(session),
            standings=_standings(), query=query, pages=math.ceil(total / letters.PAGE),
        )  # fmt: skip


@router.post("/tin-chua-gui/gui-lai")
def send_again(officer: Keeper, form: FormDep) -> Response:
    """Send one of them again."""
    chosen, query = text_of(form, "letter", limit=18), text_of(form, "query", limit=100)
    if not chosen.isdecimal():
        raise InvalidInput("letter_missing", _("Xin chọn tin cần gửi lại."))
    with db.transaction() as session:
        letters.send_again(session, officer, int(chosen), now=clock.now())
    return web.redirect(f"{LETTERS}?{query}", flash=_("Đã xếp tin vào hàng để gửi lại."))


@router.get("/cong-tac")
def switches(request: Request, officer: Turner) -> Response:
    """What can be turned off, and who did last."""
    return _switches(request)


@router.post("/cong-tac")
def turn(request: Request, officer: Turner, form: FormDep) -> Response:
    """Turn one of them on or off."""
    chosen, notice = text_of(form, "switch", limit=20), text_of(form, "notice", limit=500)
    if chosen not in set(Switch):
        raise InvalidInput("no_such_switch", _("Không có công tắc này."))
    is_on = text_of(form, "turn", limit=3) == "on"
    try:
        with db.transaction() as session:
            turning.turn(
                session, officer, Switch(chosen), is_on=is_on, notice=notice, now=clock.now()
            )
    except InvalidInput as refusal:
        return _switches(request, refusal=refusal, chosen=chosen)
    said = _("Đã bật lại.") if is_on else _("Đã tắt.")
    return web.redirect(SWITCHES, flash=said)


def _switches(
    request: Request, *, refusal: InvalidInput | None = None, chosen: str = ""
) -> Response:
    with db.reading() as session:
        return web.page(
            request, "operations/switches.html", status=refusal.status if refusal else 200,
            rows=turning.shown(session), history=turning.history(session), words=_switch_words(),
            refusal=refusal, chosen=chosen,
        )  # fmt: skip


def _standings() -> dict[Standing, str]:
    return {
        Standing.DEAD: _("Không gửi được"),
        Standing.UNKNOWN: _("Không rõ đã tới chưa"),
        Standing.RETRYING: _("Đang thử lại"),
    }


def _switch_words() -> dict[str, tuple[str, str]]:
    return {
        Switch.ANSWERS: (
            _("Trợ lý trả lời"),
            _("Khi tắt, người dân nhận lời báo bên dưới thay cho câu trả lời."),
        ),
        Switch.NOTIFICATIONS: (
            _("Gửi tin báo"),
            _("Khi tắt, tin báo tiến độ được giữ lại; tin quá hạn sẽ không gửi nữa."),
        ),
    }
