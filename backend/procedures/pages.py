"""Public pages of the catalogue: the list with its search, and the full page of one procedure."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from backend import ids, log
from backend.db import reading
from backend.errors import NotFound
from backend.i18n import gettext as _
from backend.parts import MenuGroup, MenuItem, Part
from backend.procedures import local_pages, sheet
from backend.procedures import service as procedures
from backend.procedures.record import bare_code
from backend.procedures.shelf import shelf
from backend.routing import Router
from backend.web import page

PER_PAGE = 30
LONGEST_QUERY = 200
MOST_RELATED = 8

router = Router(include_in_schema=False)
logger = log.get(__name__)


@router.get("/thu-tuc")
def index(request: Request) -> Response:
    """All procedures, or those with certain words, of one field."""
    asked = request.query_params
    text, field = _typed(asked.get("q", "")), asked.get("linh-vuc", "")
    with reading() as session:
        known = shelf(session)
    found = known.find(text, field=field)
    pages = max(1, -(-len(found) // PER_PAGE))
    number = min(_number(asked.get("trang", "")), pages)
    kept = urlencode({k: v for k, v in (("q", text), ("linh-vuc", field)) if v} | {"trang": ""})
    return page(
        request,
        "procedures/index.html",
        text=text,
        field=field,
        fields=known.fields,
        found=found[(number - 1) * PER_PAGE : number * PER_PAGE],
        total=len(found),
        number=number,
        pages=pages,
        url=f"/thu-tuc?{kept}",
    )


@router.get("/thu-tuc/{code}")
def procedure(request: Request, code: str) -> Response:
    """Everything that is known of one procedure."""
    bare = bare_code(code)
    if bare is None:
        raise _unknown(code)
    if bare != code:
        return RedirectResponse(f"/thu-tuc/{bare}", status_code=301)
    came_from = bare_code(request.query_params.get("ma-cu", "")) or ""
    with reading() as session:
        resolved = procedures.resolve(session, bare)
        before = procedures.resolve(session, came_from) if came_from else None
        names = shelf(session).names
    if resolved is None:
        raise _unknown(code)
    record = resolved.record
    if bare in {alias.code for alias in record.aliases}:
        return RedirectResponse(f"/thu-tuc/{record.code}?ma-cu={bare}", status_code=302)
    moved = before is not None and before.record.code == record.code
    return page(
        request,
        "procedures/procedure.html",
        sheet=sheet.arrange(record),
        record=record,
        title=names.get(bare, record.name),
        note=before.note if before and moved else resolved.note,
        related=[(c, names[c]) for c in record.related if c in names][:MOST_RELATED],
        message_id=ids.token(128),
    )


def _number(text: str) -> int:
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 6 else 1


def _typed(text: str) -> str:
    """What can be shown again in a page: no control characters, not endless."""
    return "".join(c for c in text if c.isprintable()).strip()[:LONGEST_QUERY]


def _unknown(code: str) -> NotFound:
    message = _("Không có thủ tục nào mang mã “{code}”. Xin kiểm tra lại mã, hoặc tìm theo tên.")
    return NotFound("procedure_unknown", message.format(code=_typed(code)[:30]))


@asynccontextmanager
async def _life() -> AsyncIterator[None]:
    """Read the list while nobody waits for it; whatever goes wrong is told to the first visitor."""
    task = asyncio.create_task(asyncio.to_thread(_warm))
    yield
    await task


def _warm() -> None:
    try:
        with reading() as session:
            shelf(session)
    except Exception as error:  # noqa: BLE001 (a start must not fail for want of a list)
        logger.warning("procedures.not_listed", why=type(error).__name__)


PART = Part(
    name="procedures",
    routers=(local_pages.router, router),
    menu=(
        MenuItem(_("Thủ tục của tỉnh"), local_pages.HERE, "procedures.write", MenuGroup.CITIZENS),
    ),
    permissions={"procedures.write": "Viết, đối chiếu, rút thủ tục của tỉnh"},
    life=_life,
)
