"""Agencies and officials for those who keep the directory."""

import math
from datetime import timedelta
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Request, Response
from starlette.datastructures import FormData

from backend import clock, db, web
from backend.accounts.identity import OfficerDep, StaffRoute
from backend.accounts.pages import development_link
from backend.accounts.roles import SignedIn
from backend.errors import AppError, InvalidInput
from backend.i18n import gettext as _
from backend.parts import MenuGroup, MenuItem, Part
from backend.people import changes, demo, officers, roster_pages, search
from backend.people import service as people
from backend.people.changes import Details, Place
from backend.people.duties import Duty, duty_names
from backend.people.roster_pages import day_of
from backend.people.search import Filter
from backend.routing import Router
from backend.web import FormDep, RowId, text_of

AGENCIES, PEOPLE = "/quan-tri/co-quan", "/quan-tri/can-bo"

router = Router(prefix="/quan-tri", route_class=StaffRoute, include_in_schema=False)
Viewer = Annotated[SignedIn, OfficerDep("people.view")]
Changer = Annotated[SignedIn, OfficerDep("people.change")]


@router.get("/co-quan")
def agencies(request: Request, officer: Viewer) -> Response:
    """The tree of agencies."""
    return _agencies(request, officer)


@router.post("/co-quan")
def open_agency(request: Request, officer: Changer, form: FormDep) -> Response:
    """A new agency."""
    try:
        with db.transaction() as session:
            changes.open_agency(
                session, officer, text_of(form, "code", limit=60), text_of(form, "name"),
                parent_id=_number(form, "parent"), since=day_of(form, "since"), now=clock.now(),
            )  # fmt: skip
    except AppError as refusal:
        return _agencies(request, officer, refusal=refusal)
    return web.redirect(AGENCIES, flash=_("Đã mở cơ quan."))


@router.post("/co-quan/nhap")
def merge(request: Request, officer: Changer, form: FormDep) -> Response:
    """One agency becomes part of another from a day on."""
    gone, into = _number(form, "gone"), _number(form, "into")
    try:
        with db.transaction() as session:
            moved = changes.merge(
                session, officer, gone or 0, into or 0, on=day_of(form, "on"), now=clock.now()
            )
    except AppError as refusal:
        return _agencies(request, officer, refusal=refusal)
    said = _("Đã nhập cơ quan; {count} người chuyển theo.").format(count=moved)
    return web.redirect(AGENCIES, flash=said)


@router.get("/can-bo")
def listed(
    request: Request,
    officer: Viewer,
    q: str = "",
    co_quan: str = "",
    nhiem_vu: str = "",
    trang: int = 1,
) -> Response:
    """Officials by name, agency and duty."""
    page, today = min(max(trang, 1), 10_000), clock.today()
    chosen = int(co_quan) if co_quan.isdecimal() and len(co_quan) < 19 else None
    duty = Duty(nhiem_vu) if nhiem_vu in set(Duty) else None
    wanted = Filter(web.UNSTORABLE.sub("", q)[:100], chosen, duty)
    query = {"q": wanted.words, "co_quan": chosen or "", "nhiem_vu": duty or ""}
    with db.reading() as session:
        scope = people.scope(session, officer, at=today)
        rows, total = search.found(session, scope, wanted, page=page, at=today)
        return web.page(
            request, "people/list.html", rows=rows, total=total, page=page, wanted=wanted,
            pages=math.ceil(total / search.PAGE), duties=duty_names(),
            agencies=search.in_scope(session, scope, at=today),
            without_account=officers.without_account(session, scope, at=today),
            url=f"{PEOPLE}?{urlencode({k: v for k, v in query.items() if v})}&trang=",
        )  # fmt: skip


@router.post("/can-bo/tai-khoan")
def open_accounts(request: Request, officer: Changer, form: FormDep) -> Response:
    """Accounts and invitations for everybody without one: of one person, or of all agencies."""
    person_id, today = _number(form, "person"), clock.today()
    with db.transaction() as session:
        scope = people.scope(session, officer, at=today)
        opened = officers.open_accounts(
            session, scope, person_id=person_id, at=today, by=officer.id, now=clock.now()
        )
    return web.page(
        request, "people/accounts_opened.html", opened=opened,
        shown=[link for link in map(development_link, opened.links[:20]) if link],
    )  # fmt: skip


@router.get("/can-bo/moi")
def ask_new(request: Request, officer: Changer) -> Response:
    """The form for somebody new."""
    return _new(request, officer)


@router.post("/can-bo/moi")
def add(request: Request, officer: Changer, form: FormDep) -> Response:
    """Somebody new."""
    try:
        with db.transaction() as session:
            person = changes.add(
                session, officer, text_of(form, "code", limit=60), _details(form), _place(form),
                now=clock.now(),
            )  # fmt: skip
    except AppError as refusal:
        return _new(request, officer, refusal=refusal)
    return web.redirect(f"{PEOPLE}/{person.id}", flash=_("Đã thêm cán bộ."))


@router.get("/can-bo/{person_id}")
def person(request: Request, officer: Viewer, person_id: RowId) -> Response:
    """One official, with what has been."""
    return _person(request, officer, person_id)


@router.post("/can-bo/{person_id}/thong-tin")
def correct(request: Request, officer: Changer, person_id: RowId, form: FormDep) -> Response:
    """Mend a name, a mailbox, a telephone."""
    try:
        with db.transaction() as session:
            changes.correct(session, officer, person_id, _details(form), now=clock.now())
    except InvalidInput as refusal:
        return _person(request, officer, person_id, refusal=refusal)
    return web.redirect(f"{PEOPLE}/{person_id}", flash=_("Đã lưu."))


@router.post("/can-bo/{person_id}/cong-tac")
def move(request: Request, officer: Changer, person_id: RowId, form: FormDep) -> Response:
    """Another agency, position or duty from a day on."""
    try:
        with db.transaction() as session:
            changes.move(session, officer, person_id, _place(form), now=clock.now())
    except AppError as refusal:
        return _person(request, officer, person_id, refusal=refusal)
    return web.redirect(f"{PEOPLE}/{person_id}", flash=_("Đã ghi thay đổi công tác."))


@router.post("/can-bo/{person_id}/nghi")
def leave(request: Request, officer: Changer, person_id: RowId, form: FormDep) -> Response:
    """The last day of work."""
    try:
        with db.transaction() as session:
            changes.leave(
                session, officer, person_id, last_day=day_of(form, "last_day"), now=clock.now()
            )
    except AppError as refusal:
        return _person(request, officer, person_id, refusal=refusal)
    return web.redirect(f"{PEOPLE}/{person_id}", flash=_("Đã ghi ngày nghỉ."))


@router.post("/can-bo/{person_id}/moi-lai")
def invite_again(request: Request, officer: Changer, person_id: RowId, form: FormDep) -> Response:
    """Send the invitation once more."""
    with db.transaction() as session:
        search.person(session, officer, person_id, at=clock.today())
        link = officers.invite_again(session, person_id, now=clock.now())
    opened = officers.Opened((link,) if link else (), 0 if link else 1)
    shown = [one for one in [development_link(link)] if one]
    return web.page(request, "people/accounts_opened.html", opened=opened, shown=shown)


def _agencies(request: Request, officer: SignedIn, *, refusal: AppError | None = None) -> Response:
    today = clock.today()
    with db.reading() as session:
        scope = people.scope(session, officer, at=today)
        return web.page(
            request, "people/agencies.html", status=refusal.status if refusal else 200,
            tree=search.tree(session, scope, at=today), refusal=refusal, today=today,
            agencies=search.in_scope(session, scope, at=today),
            may_open=scope is None and officer.may("people.change"),
        )  # fmt: skip


def _new(request: Request, officer: SignedIn, *, refusal: AppError | None = None) -> Response:
    today = clock.today()
    with db.reading() as session:
        agencies = search.in_scope(session, people.scope(session, officer, at=today), at=today)
        return web.page(
            request, "people/new.html", status=refusal.status if refusal else 200, refusal=refusal,
            agencies=agencies, duties=duty_names(), today=today,
        )  # fmt: skip


def _person(
    request: Request, officer: SignedIn, person_id: RowId, *, refusal: AppError | None = None
) -> Response:
    today = clock.today()
    with db.reading() as session:
        person = search.person(session, officer, person_id, at=today)
        scope = people.scope(session, officer, at=today)
        return web.page(
            request, "people/person.html", status=refusal.status if refusal else 200,
            person=person, here=people.official(session, person_id, at=today), refusal=refusal,
            history=search.history(session, person_id), duties=duty_names(), today=today,
            agencies=search.in_scope(session, scope, at=today),
            account=officers.account(session, person_id),
        )  # fmt: skip


def _details(form: FormData) -> Details:
    return Details(
        text_of(form, "name", limit=200), text_of(form, "email", limit=220),
        text_of(form, "phone", limit=40),
    )  # fmt: skip


def _place(form: FormData) -> Place:
    duty = text_of(form, "duty", limit=10)
    if duty not in set(Duty):
        raise InvalidInput("duty", _("Xin chọn nhiệm vụ CNTT."))
    return Place(
        _number(form, "agency") or 0, text_of(form, "position", limit=120), Duty(duty),
        day_of(form, "since"),
    )  # fmt: skip


def _number(form: FormData, name: str) -> int | None:
    given = text_of(form, name, limit=18)
    return int(given) if given.isdecimal() else None


PART = Part(
    name="people",
    routers=(roster_pages.router, router),
    menu=(
        MenuItem(_("Cơ quan"), AGENCIES, "people.view", MenuGroup.PEOPLE),
        MenuItem(_("Cán bộ"), PEOPLE, "people.view", MenuGroup.PEOPLE),
    ),
    permissions={
        "people.view": "Xem danh bạ cơ quan và cán bộ",
        "people.change": "Cập nhật danh bạ, nhập danh sách, mở tài khoản học viên",
    },
    periodic={"people.follow": timedelta(days=1), "people.forget_drafts": timedelta(hours=1)},
    seed=demo.seed,
)
