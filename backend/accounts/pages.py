"""Sign in (password, link from the mailbox, second factor), sign out, the staff's front page."""

import json
from datetime import timedelta
from typing import Annotated, Any

from fastapi import Query, Request, Response

from backend import audit, clock, db, security, web
from backend.accounts import factor, links, own_pages
from backend.accounts import service as accounts
from backend.accounts.demo import seed
from backend.accounts.identity import COOKIE, OfficerDep, StaffRoute, officer_of
from backend.accounts.roles import Role, SignedIn
from backend.config import settings
from backend.errors import InvalidInput, TooMany
from backend.http import AddressDep, drop_cookie, read_cookie, set_cookie
from backend.i18n import gettext as _
from backend.parts import MenuGroup, MenuItem, Part
from backend.routing import Router
from backend.web import FormDep, text_of

router = Router(include_in_schema=False)
staff = Router(prefix="/quan-tri", route_class=StaffRoute, include_in_schema=False)

_SECOND_LASTS = timedelta(minutes=10)


@router.get("/dang-nhap")
def ask(request: Request, came_from: Annotated[str, Query(alias="next")] = "") -> Response:
    """The log-in form."""
    if officer := officer_of(request):
        return web.redirect(_safe(came_from, officer.role))
    return web.page(request, "accounts/sign_in.html", came_from=came_from, login="", failed=False)


@router.post("/dang-nhap")
def sign_in(request: Request, form: FormDep, address: AddressDep) -> Response:
    """A right password opens a session; a wrong one is counted and says only that it is wrong."""
    login, came_from = text_of(form, "login", limit=200), text_of(form, "next", limit=400)
    with db.transaction() as session:
        attempt = accounts.attempt(session, login, address=address, now=clock.now())
    if attempt.retry_after:
        raise _too_many(attempt.retry_after)
    # Untrimmed: a password may begin or end with a space.
    password = str(form.get("password") or "")[:1000]
    is_right = security.check_password(attempt.password_hash, password)
    if not is_right or attempt.officer_id is None:
        return web.page(
            request, "accounts/sign_in.html", status=422, came_from=came_from, login=login,
            failed=True,
        )  # fmt: skip
    return _first_passed(request, attempt.officer_id, came_from)


@router.post("/dang-nhap/ma")
def second(request: Request, form: FormDep) -> Response:
    """The code of somebody whose password or link was right."""
    ticket = text_of(form, "ticket", limit=2000)
    passed = _read_ticket(ticket)
    if passed is None:
        return web.redirect("/dang-nhap", flash=_("Đã quá lâu. Xin anh/chị đăng nhập lại."))
    with db.transaction() as session:
        checked = factor.check(
            session, passed["officer"], text_of(form, "code", limit=40), now=clock.now()
        )
    if checked.retry_after:
        raise _too_many(checked.retry_after)
    if not checked.is_right:
        return web.page(request, "accounts/second.html", status=422, ticket=ticket, failed=True)
    return _opened(request, passed["officer"], passed["next"], by_link=passed["by_link"])


@router.get("/dang-nhap/lien-ket")
def ask_for_link(request: Request, came_from: Annotated[str, Query(alias="next")] = "") -> Response:
    """The form that sends a link to the official mailbox."""
    return web.page(request, "accounts/link_ask.html", came_from=came_from)


@router.post("/dang-nhap/lien-ket")
def send_link(request: Request, form: FormDep, address: AddressDep) -> Response:
    """Send it, and say the same whether or not there is such an account."""
    with db.transaction() as session:
        asked = links.request(
            session, text_of(form, "login", limit=200), address=address, now=clock.now()
        )
    if asked.retry_after:
        raise _too_many(asked.retry_after)
    return web.page(request, "accounts/link_sent.html", link=development_link(asked.link_id))


@router.get("/dang-nhap/lien-ket/{token}")
def look_at_link(request: Request, token: str) -> Response:
    """Whose link it is. Opening it signs nobody in: programs that scan mail open links, too."""
    with db.reading() as session:
        owner = links.look(session, token, now=clock.now())
    status = 200 if owner else 404
    return web.page(request, "accounts/link.html", status=status, owner=owner, token=token)


@router.post("/dang-nhap/lien-ket/{token}")
def use_link(request: Request, form: FormDep, token: str) -> Response:
    """Use it up and go on."""
    with db.transaction() as session:
        owner = links.use(session, token, now=clock.now())
    if owner is None:
        return web.page(request, "accounts/link.html", status=404, owner=None, token=token)
    is_new = owner.purpose is links.Purpose.INVITE
    return _first_passed(
        request, owner.officer_id, own_pages.PASSWORD if is_new else "", by_link=True
    )


@router.post("/dang-xuat")
def sign_out(request: Request, form: FormDep) -> Response:
    """End this session."""
    if token := read_cookie(request, COOKIE):
        with db.transaction() as session:
            accounts.end(session, token, now=clock.now())
    response = web.redirect("/dang-nhap", flash=_("Anh/chị đã đăng xuất."))
    drop_cookie(response, COOKIE)
    return response


@staff.get("")
def front(request: Request, officer: Annotated[SignedIn, OfficerDep("staff.enter")]) -> Response:
    """What this officer can do here."""
    return web.page(request, "accounts/front.html", roles=_roles())


@staff.get("/tai-khoan")
def people(request: Request, officer: Annotated[SignedIn, OfficerDep("accounts.view")]) -> Response:
    """Everybody with an account."""
    with db.reading() as session:
        rows = accounts.officers(session, now=clock.now())
        return web.page(request, "accounts/people.html", rows=rows, roles=_roles())


@staff.post("/tai-khoan/vai-tro")
def change_role(
    form: FormDep, officer: Annotated[SignedIn, OfficerDep("accounts.change")]
) -> Response:
    """Give somebody another part."""
    chosen, role = text_of(form, "officer", limit=18), text_of(form, "role", limit=20)
    if not chosen.isdecimal() or role not in set(Role):
        raise InvalidInput("role", _("Xin chọn tài khoản và vai trò."))
    with db.transaction() as session:
        accounts.change_role(session, officer, int(chosen), Role(role), now=clock.now())
    return web.redirect("/quan-tri/tai-khoan", flash=_("Đã đổi vai trò."))


@staff.post("/tai-khoan/phien")
def end_sessions(
    form: FormDep, officer: Annotated[SignedIn, OfficerDep("accounts.change")]
) -> Response:
    """Sign somebody out everywhere."""
    chosen = text_of(form, "officer", limit=18)
    if chosen.isdecimal():
        with db.transaction() as session:
            accounts.end_all(session, int(chosen), now=clock.now())
            subject = f"account:{chosen}"
            audit.record(session, officer.id, "account.signed_out", subject, now=clock.now())
    return web.redirect("/quan-tri/tai-khoan", flash=_("Đã đăng xuất tài khoản ở mọi nơi."))


def development_link(link_id: int | None) -> str:
    """While developing there is no mailbox: the page shows what the letter would say."""
    if link_id is None or settings().smtp_url or not settings().is_development:
        return ""
    with db.reading() as session:
        letter = links.letter(session, link_id, now=clock.now())
    return letter.url if letter else ""


def _first_passed(
    request: Request, officer_id: int, came_from: str, *, by_link: bool = False
) -> Response:
    """The password or the link was right: ask for the code where there is one."""
    with db.reading() as session:
        needs_code = factor.is_on(session, officer_id)
    if not needs_code:
        return _opened(request, officer_id, came_from, by_link=by_link)
    until = (clock.now() + _SECOND_LASTS).timestamp()
    passed = {"officer": officer_id, "next": came_from, "by_link": by_link, "until": until}
    ticket = security.sign("second-factor-ticket", json.dumps(passed))
    return web.page(request, "accounts/second.html", ticket=ticket, failed=False)


def _read_ticket(ticket: str) -> dict[str, Any] | None:
    text = security.unsign("second-factor-ticket", ticket)
    passed: dict[str, Any] = json.loads(text) if text else {}
    is_fresh = passed.get("until", 0) > clock.now().timestamp()
    return passed if is_fresh else None


def _opened(request: Request, officer_id: int, came_from: str, *, by_link: bool) -> Response:
    with db.transaction() as session:
        device = own_pages.device(request.headers.get("user-agent", ""))
        now = clock.now()
        token = accounts.begin(session, officer_id, now=now, device=device, by_link=by_link)
        officer = accounts.signed_in(session, token, now=now)
    response = web.redirect(_safe(came_from, officer.role if officer else None))
    set_cookie(response, COOKIE, token, days=accounts.SESSION_LASTS.total_seconds() / 86_400)
    return response


def _safe(url: str, role: Role | None = None) -> str:
    """Only our own pages: a link must not lead from our log-in form to somebody else's."""
    is_ours = url.startswith(("/quan-tri", "/hoc", "/dao-tao")) and url.isprintable()
    if is_ours and "//" not in url and "\\" not in url:
        return url
    return "/hoc" if role is Role.OFFICIAL else "/quan-tri"


def _too_many(retry_after: int) -> TooMany:
    message = _("Anh/chị đã thử đăng nhập quá nhiều lần.")
    return TooMany("too_many_logins", message, retry_after=retry_after)


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
    routers=(router, own_pages.router, staff),
    menu=(
        MenuItem(_("Tài khoản"), "/quan-tri/tai-khoan", "accounts.view", MenuGroup.PEOPLE),
        MenuItem(_("Đăng nhập và bảo mật"), own_pages.HOME, "staff.enter", MenuGroup.PEOPLE),
    ),
    permissions={
        "staff.enter": "Vào trang cán bộ",
        "accounts.view": "Xem danh sách tài khoản",
        "accounts.change": "Đổi vai trò, đăng xuất tài khoản ở mọi nơi",
    },
    periodic={"accounts.forget": timedelta(days=1)},
    seed=seed,
)
