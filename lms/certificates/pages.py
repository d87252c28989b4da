"""The public page on which anybody can check a certificate, without signing in."""

from typing import Annotated

from fastapi import Query, Request, Response

from backend import clock, db, web
from backend.errors import NotFound
from backend.routing import Router
from lms.certificates import service as certificates
from lms.certificates.pdf import pdf

router = Router(prefix="/chung-chi", include_in_schema=False)


@router.get("")
def ask(request: Request, code: Annotated[str, Query(alias="ma", max_length=60)] = "") -> Response:
    """For whoever has the paper but no way to read its QR code."""
    with db.reading() as session:
        try:
            if code:
                return web.redirect(f"/chung-chi/{certificates.find(session, code).code}")
        except NotFound:
            pass  # the page says so
    return web.page(request, "lms/certificates/ask.html", code=code)


@router.get("/{code}.pdf")
def paper(code: str) -> Response:
    """The certificate on paper."""
    with db.reading() as session:
        found = certificates.find(session, code)
        if certificates.state(found, on=clock.today()) is certificates.State.REVOKED:
            raise web.not_found()
        headers = {"Content-Disposition": f'inline; filename="{found.code}.pdf"'}
        return Response(pdf(found), media_type="application/pdf", headers=headers)


@router.get("/{code}")
def check(request: Request, code: str) -> Response:
    """Whether it holds, and what it says."""
    with db.reading() as session:
        found = certificates.find(session, code)
        return web.page(
            request, "lms/certificates/certificate.html", certificate=found,
            state=certificates.state(found, on=clock.today()),
            replacement=certificates.replaced_by(session, found),
        )  # fmt: skip
