"""Staff write entries of the catalogue by hand: list, form, "compared", withdraw."""

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Request, Response
from starlette.datastructures import FormData

from backend import clock, db, web
from backend.accounts.identity import OfficerDep, StaffRoute
from backend.accounts.roles import SignedIn
from backend.errors import AppError
from backend.i18n import gettext as _
from backend.procedures import local
from backend.procedures.local import Draft
from backend.procedures.record import ChannelKind, Level
from backend.procedures.shelf import shelf
from backend.routing import Router
from backend.web import FormDep, text_of

HERE = "/quan-tri/thu-tuc"
MOST_LINES = 60
LONGEST_LINE = 1000

router = Router(prefix=HERE, route_class=StaffRoute, include_in_schema=False)
Writer = Annotated[SignedIn, OfficerDep("procedures.write")]


@router.get("")
def listed(request: Request, officer: Writer) -> Response:
    """Everything that was written here."""
    return _list(request)


@router.get("/moi")
def ask(request: Request, officer: Writer, ten: str = "", ve: str = "") -> Response:
    """An empty form; `ten` is how people ask for it, `ve` the staff page to go back to."""
    asked = web.UNSTORABLE.sub("", ten)[:200]
    return _form(request, {"name": asked, "lay_names": asked, "ve": ve[:200]})


@router.post("/moi")
def write(request: Request, officer: Writer, form: FormDep) -> Response:
    """Store it; citizens find it from now on."""
    try:
        with db.transaction() as session:
            code = local.write(session, officer, _draft(form), now=clock.now())
    except AppError as refusal:
        typed = {name: text_of(form, name, limit=20_000) for name in form}
        return _form(request, typed, refusal=refusal, chosen=_channels(form))
    back, said = text_of(form, "ve", limit=200), _("Đã ghi thủ tục {code}, chờ đối chiếu.")
    is_staff = back.startswith("/quan-tri/") and "//" not in back and "?" not in back
    url = f"{back}?q={quote(code)}" if is_staff else HERE
    return web.redirect(url, flash=said.format(code=code))


@router.post("/{code}/xac-nhan")
def check(request: Request, officer: Writer, code: str, form: FormDep) -> Response:
    """It was compared with its decision."""
    try:
        with db.transaction() as session:
            local.check(session, officer, code, now=clock.now())
    except AppError as refusal:
        return _list(request, refusal=refusal)
    return web.redirect(HERE, flash=_("Đã ghi là đã đối chiếu."))


@router.post("/{code}/rut")
def withdraw(officer: Writer, code: str, form: FormDep) -> Response:
    """Take it back."""
    with db.transaction() as session:
        local.withdraw(session, officer, code, now=clock.now())
    return web.redirect(HERE, flash=_("Đã rút khỏi danh mục."))


def _list(request: Request, *, refusal: AppError | None = None) -> Response:
    with db.reading() as session:
        entries = local.listed(session)
    return web.page(
        request, "procedures/local.html", entries=entries, refusal=refusal,
        status=refusal.status if refusal else 200,
    )  # fmt: skip


def _form(
    request: Request,
    typed: dict[str, Any],
    *,
    refusal: AppError | None = None,
    chosen: tuple[str, ...] = (ChannelKind.IN_PERSON.value,),
) -> Response:
    with db.reading() as session:
        fields = shelf(session).fields
    return web.page(
        request, "procedures/local_form.html", typed=typed, refusal=refusal, fields=fields,
        chosen=chosen, status=refusal.status if refusal else 200,
        levels=_levels(), channels=list(ChannelKind),
    )  # fmt: skip


def _levels() -> list[tuple[str, str]]:
    """What the form offers, with nothing chosen beforehand."""
    return [
        ("", _("Chọn…")), (Level.COMMUNE.value, _("Cấp xã")), (Level.PROVINCE.value, _("Cấp tỉnh")),
        (Level.MINISTRY.value, _("Cấp bộ")), (Level.OTHER.value, _("Cơ quan khác")),
    ]  # fmt: skip


def _draft(form: FormData) -> Draft:
    level = text_of(form, "level", limit=20)
    return Draft(
        name=text_of(form, "name", limit=500), field=text_of(form, "field", limit=200),
        level=level if level in set(Level) else "", code=text_of(form, "code", limit=30),
        lay_names=_lines(form, "lay_names"), agencies=_lines(form, "agencies"),
        receiving=text_of(form, "receiving"), summary=text_of(form, "summary"),
        documents=_lines(form, "documents"), channels=_channels(form),
        deadline=text_of(form, "deadline", limit=LONGEST_LINE), fees=_lines(form, "fees"),
        is_free=text_of(form, "is_free", limit=1) == "1", steps=_lines(form, "steps"),
        conditions=_lines(form, "conditions"), results=_lines(form, "results"),
        decision=text_of(form, "decision", limit=200), url=text_of(form, "url", limit=400),
    )  # fmt: skip


def _lines(form: FormData, name: str) -> tuple[str, ...]:
    lines = (" ".join(line.split()) for line in text_of(form, name, limit=20_000).splitlines())
    return tuple(line[:LONGEST_LINE] for line in lines if line)[:MOST_LINES]


def _channels(form: FormData) -> tuple[str, ...]:
    return tuple(one.value for one in ChannelKind if one in form.getlist("channel"))
