"""Pictures, documents and videos of lessons, on the app's host and on that of CONTENT_ORIGIN."""

import re
from typing import Annotated
from urllib.parse import quote

from fastapi import Header, Query, Request, Response
from fastapi.responses import RedirectResponse

from backend import db, web
from backend.accounts.identity import officer_of
from backend.config import settings
from backend.errors import Forbidden
from backend.i18n import gettext as _
from backend.parts import Check
from backend.routing import Router
from lms.courses import addresses, loader

router = Router(prefix=addresses.FOLDER, include_in_schema=False)
content = Router(prefix=addresses.FOLDER)

PIECE = 2 * 1024 * 1024
"""The most that one answer to a range brings; players ask for the next."""
Ranged = Annotated[str, Header(alias="range")]
_RANGE = re.compile(r"bytes=(\d{1,12})-(\d{0,12})", re.ASCII)
_SHOWN = ("image/", "video/", "audio/", "text/vtt")
# A browser refuses to open a PDF in a sandbox, so documents are taken away, not shown.
_SANDBOX = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


@router.get("/{digest}/{name:path}")
def own(request: Request, digest: str, name: str, ranged: Ranged = "") -> Response:
    """The file; where it has a host of its own, the way there for whoever is signed in."""
    if not settings().content_origin:
        keep = "public, max-age=31536000, immutable"
        return _file(digest, name, ranged, {"Cache-Control": keep})
    if officer_of(request) is None:
        raise web.not_found()
    headers = {"Cache-Control": "no-store"}
    return RedirectResponse(addresses.address(digest, name), status_code=302, headers=headers)


@content.get("/{digest}/{name:path}")
def elsewhere(
    digest: str, name: str, signed: Annotated[str, Query(alias="k")] = "", ranged: Ranged = ""
) -> Response:
    """The file, where no cookie comes: the signature says that one of our pages led here."""
    if not addresses.is_signed(digest, signed):
        raise Forbidden("link_expired", _("Liên kết này đã hết hạn. Xin tải lại trang bài học."))
    return _file(
        digest, name, ranged,
        {"Cache-Control": "private, max-age=86400",
         "Access-Control-Allow-Origin": addresses.readers()},
    )  # fmt: skip


def readiness() -> Check:
    """Advice, not a condition: uploads are harmless without it, but one wall more is better."""
    if origin := settings().content_origin:
        return Check(ok=True, detail=f"tệp tải lên được phục vụ từ {origin}")
    return Check(ok=True, detail="nên đặt CONTENT_ORIGIN (một tên miền riêng) cho tệp tải lên")


def _file(digest: str, name: str, ranged: str, headers: dict[str, str]) -> Response:
    """Never able to run anything; a part of it where a video asks for one."""
    with db.reading() as session:
        found = loader.find_file(session, digest, name) if len(digest) == addresses.DIGITS else None
        if found is None:
            raise web.not_found()
        part = _part(ranged, found.size)
        body = loader.bytes_of(session, found, range(found.size) if part is None else part)
    kind = found.media_type
    how = "inline" if kind.startswith(_SHOWN) else "attachment"
    headers |= {
        "Content-Security-Policy": _SANDBOX, "Accept-Ranges": "bytes",
        "X-Content-Type-Options": "nosniff",
        "Content-Disposition": f"{how}; filename*=UTF-8''{quote(name.rpartition('/')[2])}",
    }  # fmt: skip
    if part is not None:
        headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{found.size}"
    return Response(
        body, status_code=200 if part is None else 206, media_type=kind, headers=headers
    )


def _part(ranged: str, size: int) -> range | None:
    """The bytes asked for; None for all of them, also where the question makes no sense."""
    match = _RANGE.fullmatch(ranged)
    if match is None:
        return None
    first = int(match[1])
    last = min(int(match[2] or size - 1), first + PIECE - 1)
    return range(first, min(last, size - 1) + 1) if first <= last and first < size else None
