"""What everybody looks after in their own account: sessions, password, second factor."""

from typing import Annotated

import segno
from fastapi import Request, Response

from backend import clock, db, security, web
from backend.accounts import factor, passwords
from backend.accounts import service as accounts
from backend.accounts.identity import COOKIE, OfficerDep, StaffRoute
from backend.accounts.roles import SignedIn
from backend.errors import InvalidInput, TooMany
from backend.http import AddressDep, read_cookie
from backend.i18n import gettext as _
from backend.routing import Router
from backend.web import FormDep, text_of

HOME = "/quan-tri/phien"
PASSWORD = f"{HOME}/mat-khau"
SECOND = f"{HOME}/ma-xac-thuc"

router = Router(prefix=HOME, route_class=StaffRoute, include_in_schema=False)
Owner = Annotated[SignedIn, OfficerDep("staff.enter")]

# The first that stands in a browser's name for itself; Chrome's name stands in all the others'.
_BROWSERS = (
    ("Zalo", "Zalo"), ("Edg", "Edge"), ("coc_coc", "Cốc Cốc"), ("Firefox", "Firefox"),
    ("Chrome", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip
_SYSTEMS = (
    ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"),
    ("Mac OS", "macOS"), ("Linux", "Linux"),
)  # fmt: skip


@router.get("")
def home(request: Request, officer: Owner) -> Response:
    """Where one is signed in, and what protects the account."""
    with db.reading() as session:
        now = clock.now()
        return web.page(
            request, "accounts/own.html",
            sessions=accounts.sessions(session, officer.id, _token(request), now=now),
            has_second=factor.is_on(session, officer.id),
            codes_left=factor.recovery_codes_left(session, officer.id),
        )  # fmt: skip


@router.post("/dong")
def end_session(request: Request, officer: Owner, form: FormDep) -> Response:
    """Close one session, or all but this one."""
    chosen = text_of(form, "session", limit=18)
    with db.transaction() as session:
        if chosen.isdecimal():
            accounts.end_one(session, officer.id, int(chosen), now=clock.now())
        elif chosen == "others":
            accounts.end_all(session, officer.id, now=clock.now(), but=_token(request))
    return web.redirect(HOME, flash=_("Đã đóng phiên đăng nhập."))


@router.get("/mat-khau")
def ask_password(request: Request, officer: Owner) -> Response:
    """The form for a new password."""
    return _password_form(request, officer)


@router.post("/mat-khau")
def set_password(request: Request, officer: Owner, form: FormDep, address: AddressDep) -> Response:
    """Set it, once whoever asks has proved to be the owner."""
    old, new = (str(form.get(name) or "")[:1000] for name in ("old", "new"))
    with db.transaction() as session:
        attempt = accounts.attempt(session, officer.login, address=address, now=clock.now())
        stored = accounts.password_of(session, officer.id, _token(request), now=clock.now())
    if attempt.retry_after:
        raise TooMany(
            "too_many_logins", _("Anh/chị đã thử quá nhiều lần."), retry_after=attempt.retry_after
        )
    try:
        if stored is not None and not security.check_password(stored, old):
            message = _("Mật khẩu đang dùng chưa đúng.")
            raise InvalidInput("password_wrong", message, fields={"old": message})
        passwords.check(new, login=officer.login, name=officer.name)
    except InvalidInput as refusal:
        return _password_form(request, officer, refusal=refusal)
    hashed = security.hash_password(new)
    with db.transaction() as session:
        accounts.set_password(session, officer.id, hashed, token=_token(request), now=clock.now())
    return web.redirect(HOME, flash=_("Đã đặt mật khẩu mới. Các phiên khác đã được đóng."))


@router.get("/ma-xac-thuc")
def ask_second(request: Request, officer: Owner) -> Response:
    """The QR code to scan, until it is on; then how to turn it off."""
    return _second_form(request, officer)


@router.post("/ma-xac-thuc")
def confirm_second(request: Request, officer: Owner, form: FormDep) -> Response:
    """The first code turns it on; the recovery codes are shown this once."""
    with db.transaction() as session:
        checked, codes = factor.confirm(
            session, officer.id, text_of(form, "code", limit=40), now=clock.now()
        )
    if not checked.is_right:
        return _second_form(request, officer, failed=True, retry_after=checked.retry_after)
    return web.page(request, "accounts/recovery_codes.html", codes=codes)


@router.post("/ma-xac-thuc/tat")
def turn_off_second(request: Request, officer: Owner, form: FormDep) -> Response:
    """A right code turns it off: an unattended screen does not."""
    with db.transaction() as session:
        checked = factor.check(
            session, officer.id, text_of(form, "code", limit=40), now=clock.now()
        )
        if checked.is_right:
            factor.turn_off(session, officer.id)
    if not checked.is_right:
        return _second_form(request, officer, failed=True, retry_after=checked.retry_after)
    return web.redirect(HOME, flash=_("Đã tắt mã xác thực."))


@router.post("/ma-xac-thuc/ma-du-phong")
def renew_codes(request: Request, officer: Owner, form: FormDep) -> Response:
    """New recovery codes for whoever has used or lost theirs."""
    with db.transaction() as session:
        checked = factor.check(
            session, officer.id, text_of(form, "code", limit=40), now=clock.now()
        )
        codes = factor.renew_recovery_codes(session, officer.id) if checked.is_right else []
    if not checked.is_right:
        return _second_form(request, officer, failed=True, retry_after=checked.retry_after)
    return web.page(request, "accounts/recovery_codes.html", codes=codes)


def device(agent: str) -> str:
    """`Chrome, Android`: enough to recognise one's own telephone."""
    names = [
        next((name for mark, name in marks if mark in agent), "") for marks in (_BROWSERS, _SYSTEMS)
    ]
    return ", ".join(filter(None, names))


def _password_form(
    request: Request, officer: SignedIn, *, refusal: InvalidInput | None = None
) -> Response:
    with db.reading() as session:
        stored = accounts.password_of(session, officer.id, _token(request), now=clock.now())
    return web.page(
        request, "accounts/password.html", status=refusal.status if refusal else 200,
        refusal=refusal, asks_old=stored is not None, shortest=passwords.SHORTEST,
    )  # fmt: skip


def _second_form(
    request: Request, officer: SignedIn, *, failed: bool = False, retry_after: int = 0
) -> Response:
    if retry_after:
        message = _("Anh/chị đã thử quá nhiều lần.")
        raise TooMany("too_many_codes", message, retry_after=retry_after)
    with db.transaction() as session:
        enrolment = factor.begin(session, officer.id, now=clock.now())
    picture = segno.make(enrolment.uri, error="m").svg_data_uri(scale=5) if enrolment else ""
    return web.page(
        request, "accounts/second_setup.html", status=422 if failed else 200, failed=failed,
        enrolment=enrolment, picture=picture,
    )  # fmt: skip


def _token(request: Request) -> str:
    return read_cookie(request, COOKIE) or ""
