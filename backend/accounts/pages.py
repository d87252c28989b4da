"""Sign in, sign out, the staff's front page, and who has an account."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from backend import clock, db, security, web
from backend.accounts import service as accounts
from backend.accounts.demo import seed
from backend.accounts.identity import COOKIE, OfficerDep, StaffRoute, officer_of
from backend.accounts.roles import Role, SignedIn
from backend.errors import TooMany
from backend.http import AddressDep, drop_cookie, read_cookie, set_cookie
from backend.i18n import gettext as _
from backend.parts import MenuItem, Part
from backend.web import FormDep, text_of

router = APIRouter(include_in_schema=False)
staff = APIRouter(prefix="/quan-tri", route_class=StaffRoute, include_in_schema=False)


@router.get("/dang-nhap")
def ask(request: Request, came_from: Annotated[str, Query(alias="next")] = "") -> Response:
    """The log-in form."""
    if officer_of(request):
        return web.redirect(_safe(came_from))
    return web.page(request, "accounts/sign_in.html", came_from=came_from, login="", failed=False)


@router.post("/dang-nhap")
def sign_in(request: Request, form: FormDep, address: AddressDep) -> Response:
    """A right password opens a session; a wrong one is counted and says only that it is wrong."""
    login, came_from = text_of(form, "login", limit=60), text_of(form, "next", limit=200)
    with db.transaction() as session:
        attempt = accounts.attempt(session, login, address=address, now=clock.now())
    if attempt.retry_after:
        message = _("Ông/bà đã thử đăng nhập quá nhiều lần.")
        raise TooMany("too_many_logins", message, retry_after=attempt.retry_after)
    # Untrimmed: a password may begin or end with a space.
    password = str(form.get("password") or "")[:1000]
    is_right = security.check_password(attempt.password_hash, password)
    if not is_right or attempt.officer_id is None:
        return web.page(
            request, "accounts/sign_in.html", status=422, came_from=came_from, login=login,
            failed=True,
        )  # fmt: skip
    with db.transaction() as session:
        token = accounts.begin(session, attempt.officer_id, now=clock.now())
    response = web.redirect(_safe(came_from))
    set_cookie(response, COOKIE, token, days=accounts.SESSION_LASTS.total_seconds() / 86_400)
    return response


@router.post("/dang-xuat")
def sign_out(request: Request, form: FormDep) -> Response:
    """End this session."""
    if token := read_cookie(request, COOKIE):
        with db.transaction() as session:
            accounts.end(session, token, now=clock.now())
    response = web.redirect("/dang-nhap", flash=_("Ông/bà đã đăng xuất."))
    drop_cookie(response, COOKIE)
    return response


@staff.get("")
def front(request: Request, officer: Annotated[SignedIn, OfficerDep("staff.enter")]) -> Response:
    """What this officer can do here."""
    return web.page(request, "accounts/front.html", items=web.menu(request), roles=_roles())


@staff.get("/tai-khoan")
def people(request: Request, officer: Annotated[SignedIn, OfficerDep("accounts.view")]) -> Response:
    """Everybody with an account."""
    with db.reading() as session:
        rows = accounts.officers(session, now=clock.now())
        return web.page(request, "accounts/people.html", rows=rows, roles=_roles())


@staff.post("/tai-khoan/phien")
def end_sessions(
    form: FormDep, officer: Annotated[SignedIn, OfficerDep("accounts.change")]
) -> Response:
    """Sign somebody out everywhere."""
    chosen = text_of(form, "officer", limit=18)
    if chosen.isdecimal():
        with db.transaction() as session:
            accounts.end_all(session, int(chosen), now=clock.now())
    return web.redirect("/quan-tri/tai-khoan", flash=_("Đã đăng xuất tài khoản ở mọi nơi."))


def _safe(url: str) -> str:
    """Only our own pages: a link must not lead from our log-in form to somebody else's."""
    is_ours = url.startswith(("/quan-tri", "/hoc")) and "//" not in url and "\\" not in url
    return url if is_ours else "/quan-tri"


def _roles() -> dict[str, str]:
    return {
        Role.ONE_STOP: _("Cán bộ một cửa"),
        Role.HEAD: _("Lãnh đạo"),
        Role.ADMINISTRATOR: _("Quản trị"),
        Role.OFFICIAL: _("Học viên"),
        Role.TRAINER: _("Giảng viên"),
        Role.COORDINATOR: _("Đầu mối đào tạo"),
    }


PART = Part(
    name="accounts",
    routers=(router, staff),
    menu=(MenuItem("Tài khoản", "/quan-tri/tai-khoan", "accounts.view"),),
    permissions={
        "staff.enter": "Vào trang cán bộ",
        "accounts.view": "Xem danh sách tài khoản",
        "accounts.change": "Đăng xuất tài khoản ở mọi nơi",
    },
    periodic={"accounts.forget": timedelta(days=1)},
    seed=seed,
)
