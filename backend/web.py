"""The HTML edge: pages, fragments, forms with their token, flash messages, error pages."""

import re
import secrets
from typing import Annotated, Any

from fastapi import Depends, Path, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.datastructures import FormData

from backend import render, security
from backend.config import settings
from backend.errors import AppError, Forbidden, NotFound
from backend.http import drop_cookie, read_cookie, set_cookie
from backend.i18n import gettext as _
from backend.parts import MenuGroup, MenuItem

WITHOUT_HEADINGS = 6  # so few items of the menu are taken in at a glance
# NUL and lone surrogates: no text has them, and PostgreSQL stores neither.
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def page(
    request: Request, template: str, *, fragment: str = "", status: int = 200, **context: Any
) -> HTMLResponse:
    """A page; for htmx the `fragment` that the page itself includes."""
    wants_fragment = bool(fragment) and "hx-request" in request.headers
    cookie = read_cookie(request, "form") or secrets.token_urlsafe(16)
    flash = security.unsign("flash", read_cookie(request, "flash") or "")
    text = render.render(
        fragment if wants_fragment else template,
        **{
            "settings": settings(), "path": request.url.path, "flash": flash,
            "form_token": security.sign("form", cookie), "menu": menu(request),
            "officer": getattr(request.state, "officer", None), **context,
        },
    )  # fmt: skip
    response = HTMLResponse(text, status_code=status, headers={"Vary": "HX-Request, Cookie"})
    if read_cookie(request, "form") is None:
        set_cookie(response, "form", cookie, days=30)
    if flash is not None:
        drop_cookie(response, "flash")
    response.headers["Cache-Control"] = "no-store"
    return response


def menu(request: Request) -> list[tuple[str, list[MenuItem]]]:
    """The staff menu of whoever is signed in: each heading with its items; short, without any."""
    officer = getattr(request.state, "officer", None)
    if officer is None:
        return []
    is_person = officer.person_id is not None
    items = [
        item for item in getattr(request.app.state, "menu", ())
        if officer.may(item.permission) and (is_person or not item.of_person)
    ]  # fmt: skip
    if len(items) <= WITHOUT_HEADINGS:
        return [("", items)]
    groups = [(group.value, [i for i in items if i.group is group]) for group in MenuGroup]
    return [(title, own) for title, own in groups if own]


async def checked_form(request: Request) -> FormData:
    """The form that was sent, once its token proves that one of our pages sent it."""
    form = await request.form(max_files=4, max_fields=200)
    check_form(request, form)
    return form


def check_form(request: Request, form: FormData) -> None:
    """Refuse a form, however it was read, unless its token proves that a page of ours sent it."""
    cookie = read_cookie(request, "form")
    signed = str(form.get("form_token") or request.headers.get("x-form-token") or "")
    if cookie is None or security.unsign("form", signed) != cookie:
        raise Forbidden(
            "form_expired",
            _("Trang này đã mở quá lâu. Xin tải lại trang rồi gửi lại."),
        )


FormDep = Annotated[FormData, Depends(checked_form)]
# No row has such an id; asked for one beyond 64 bits, a database fails instead of finding nothing.
BEYOND_IDS = 2**62
RowId = Annotated[int, Path(ge=1, lt=BEYOND_IDS)]  # what no row can have is no page


def text_of(form: FormData, name: str, *, limit: int = 4000) -> str:
    """One text field, trimmed; a file or a missing field counts as empty."""
    value = form.get(name)
    return UNSTORABLE.sub("", value).strip()[:limit] if isinstance(value, str) else ""


def redirect(url: str, *, flash: str = "") -> Response:
    """After a form: go there with GET, so that reloading repeats nothing."""
    response = RedirectResponse(url, status_code=303)
    if flash:
        set_cookie(response, "flash", security.sign("flash", flash), days=0.01)
    return response


def error_page(request: Request, failure: AppError, *, reference: str = "") -> HTMLResponse:
    """A refusal as a page that says what to do next."""
    response = page(
        request, "errors/error.html", status=failure.status, failure=failure, reference=reference
    )
    if failure.retry_after:
        response.headers["Retry-After"] = str(failure.retry_after)
    return response


def not_found() -> NotFound:
    """The page does not exist."""
    return NotFound("not_found", _("Không có trang này."))
