"""`…/tin-thoai/…`: a voice note passed on from its channel to the officer's browser."""

import re
from typing import Annotated

from fastapi import Header, Response
from fastapi.responses import StreamingResponse

from backend import db
from backend.accounts.identity import OfficerDep, StaffRoute
from backend.accounts.roles import SignedIn
from backend.routing import Router
from backend.web import RowId
from bot.inbox import voices
from bot.inbox.pages import HERE

router = Router(prefix=HERE, route_class=StaffRoute, include_in_schema=False)

RANGE = re.compile(r"bytes=(\d{1,12})-(\d{0,12})", re.ASCII)


@router.get("/{talk_id}/tin-thoai/{message_id}")
def play(
    officer: Annotated[SignedIn, OfficerDep("handover.view")],
    talk_id: RowId,
    message_id: RowId,
    wanted: Annotated[str, Header(alias="Range")] = "",
) -> Response:
    """The sound, or the part of it that a player asks for."""
    with db.reading() as session:
        channel, file = voices.find(session, officer, talk_id, message_id)
    sound, kind = voices.fetched(channel, file)
    headers = {"Cache-Control": "no-store", "Accept-Ranges": "bytes"}
    part = RANGE.fullmatch(wanted)
    if part is None:
        return _sent(sound, kind, 200, headers)
    first, last = int(part[1]), min(int(part[2] or len(sound)), len(sound) - 1)
    if first > last:
        headers["Content-Range"] = f"bytes */{len(sound)}"
        return Response(status_code=416, headers=headers)
    headers["Content-Range"] = f"bytes {first}-{last}/{len(sound)}"
    return _sent(sound[first : last + 1], kind, 206, headers)


def _sent(sound: bytes, kind: str, status: int, headers: dict[str, str]) -> Response:
    headers |= {"Content-Length": str(len(sound))}
    return StreamingResponse(voices.pieces(sound), status, headers, media_type=kind)
