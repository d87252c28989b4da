"""The trainer's pages: classes ahead, one class with its list, the mark on the wall."""

from typing import Annotated, Any

import segno
from fastapi import Request, Response
from sqlalchemy.orm import Session

from backend import clock, db, web
from backend.accounts.identity import OfficerDep, StaffRoute
from backend.accounts.roles import SignedIn
from backend.config import settings
from backend.errors import AppError
from backend.i18n import day, hour
from backend.i18n import gettext as _
from backend.routing import Router
from backend.web import FormDep, text_of
from lms.classes import attendance, forms, invitations, marks
from lms.classes import service as classes
from lms.classes.service import Attender, Meeting
from lms.reports import sheets
from lms.reports.pages import download

HOME = "/dao-tao/lop"
SCAN = "/hoc/diem-danh"
router = Router(prefix=HOME, route_class=StaffRoute, include_in_schema=False)

Trainer = Annotated[SignedIn, OfficerDep("training.teach")]


@router.get("")
def front(request: Request, officer: Trainer) -> Response:
    """Classes ahead, and those of the last month."""
    now = clock.now()
    with db.reading() as session:
        ahead = classes.listed(session, since=now)
        known = {meeting.row.id for meeting in ahead}
        recent = classes.listed(session, since=now - classes.RECENT)
        return web.page(
            request, "lms/classes/front.html", ahead=ahead,
            past=[meeting for meeting in reversed(recent) if meeting.row.id not in known],
        )  # fmt: skip


@router.get("/moi")
def new(request: Request, officer: Trainer) -> Response:
    """The form for a new class."""
    return _new(request, {"trainer": officer.name, "seats": ""})


@router.post("/moi")
def create(request: Request, officer: Trainer, form: FormDep) -> Response:
    """Set it up; on to its page."""
    try:
        with db.transaction() as session:
            row = classes.plan(session, officer, forms.planned(form), now=clock.now())
    except AppError as refusal:
        typed = {name: text_of(form, name, limit=200) for name in form}
        return _new(request, typed, refusal=refusal)
    return web.redirect(f"{HOME}/{row.token}", flash=_("Đã mở lớp. Người đang học khoá này đăng ký "
                                                       "được ngay."))  # fmt: skip


def _new(request: Request, typed: dict[str, str], *, refusal: AppError | None = None) -> Response:
    with db.reading() as session:
        choices = [
            (f"{row.code}/{lesson.key}", f"{row.code} · {lesson.title}")
            for row, lesson in classes.lessons(session)
        ]
    return web.page(
        request, "lms/classes/new.html", status=refusal.status if refusal else 200, typed=typed,
        choices=choices, refusal=refusal, faults=refusal.fields if refusal else {},
    )  # fmt: skip


@router.get("/{token}")
def one(request: Request, officer: Trainer, token: str) -> Response:
    """A class: where, when, who; the roll-call."""
    return _one(request, token)


def _one(request: Request, token: str, *, refusal: AppError | None = None) -> Response:
    with db.reading() as session:
        meeting = classes.find(session, token)
        return web.page(
            request, "lms/classes/class.html", meeting=meeting, refusal=refusal,
            status=refusal.status if refusal else 200, **_list(session, meeting),
            invited=invitations.count(session, meeting.row.id),
        )  # fmt: skip


@router.post("/{token}/diem-danh")
def call(request: Request, officer: Trainer, form: FormDep, token: str) -> Response:
    """Open the roll-call (again), or close it."""
    what, now, words = text_of(form, "viec", limit=10), clock.now(), ""
    try:
        with db.transaction() as session:
            meeting = classes.find(session, token, lock=True)
            if what == "mo":
                classes.open_roll(session, officer, meeting, now=now)
            elif what == "chot":
                count = classes.close_roll(session, meeting, by=officer.id, now=now)
                words = _("Đã chốt điểm danh và tính giờ cho {count} người.").format(count=count)
    except AppError as refusal:
        return _one(request, token, refusal=refusal)
    return web.redirect(f"{HOME}/{token}/ma" if what == "mo" else f"{HOME}/{token}", flash=words)


@router.post("/{token}/danh-sach")
def correct(request: Request, officer: Trainer, form: FormDep, token: str) -> Response:
    """Tick somebody by hand, or take somebody off."""
    now, reason = clock.now(), text_of(form, "reason", limit=300)
    try:
        with db.transaction() as session:
            meeting = classes.find(session, token, lock=True)
            if code := text_of(form, "staff_code", limit=40):
                person = attendance.by_code(session, code, now=now)
            else:
                person = forms.whole(form, "nguoi")
            if text_of(form, "viec", limit=10) == "bo":
                attendance.strike(session, officer, meeting, person, reason, now=now)
            else:
                said = forms.by_hand(form, person)
                attendance.tick(session, officer, meeting, said, now=now)
    except AppError as refusal:
        return _one(request, token, refusal=refusal)
    return web.redirect(f"{HOME}/{token}", flash=_("Đã ghi."))


@router.get("/{token}/ma")
def wall(request: Request, officer: Trainer, token: str) -> Response:
    """The mark for the wall; it renews itself, without scripts as well."""
    now = clock.now()
    with db.reading() as session:
        meeting = classes.find(session, token)
        if not meeting.is_open:
            return web.redirect(f"{HOME}/{token}", flash=_("Điểm danh đang đóng."))
        people = classes.attenders(session, meeting.row.id)
        return web.page(
            request, "lms/classes/wall.html", fragment="lms/classes/_mark.html", meeting=meeting,
            drawing=_drawn(f"{settings().base_url}{SCAN}/{token}/{marks.mark(token, now)}"),
            digits=marks.digits(token, now), seconds=marks.seconds_left(now),
            present=sum(one.seat.present_at is not None for one in people),
        )  # fmt: skip


def _drawn(url: str) -> str:
    """As large as the wall allows; nothing on a screen is smudged, so little is repeated."""
    return segno.make_qr(url, error="l").svg_inline(
        scale=8, border=2, omitsize=True, dark="#000", light="#fff"
    )


@router.get("/{token}/in")
def printed(request: Request, officer: Trainer, token: str) -> Response:
    """The list with room for signatures, for paper."""
    with db.reading() as session:
        meeting = classes.find(session, token)
        return web.page(
            request, "lms/classes/paper.html", meeting=meeting, **_list(session, meeting)
        )


@router.get("/{token}/danh-sach.xlsx")
def sheet(officer: Trainer, token: str) -> Response:
    """The list as xlsx."""
    with db.reading() as session:
        meeting = classes.find(session, token)
        rows = [_cells(one) for one in classes.attenders(session, meeting.row.id)]
        name = f"lop-{meeting.code}-{clock.local(meeting.row.starts_at):%Y%m%d}.xlsx"
    heads = [_("Họ và tên"), _("Cơ quan"), _("Mã cán bộ"), _("Có mặt"), _("Lúc"), _("Số phút"),
             _("Cách điểm danh"), _("Lý do")]  # fmt: skip
    return download(sheets.table(_("Điểm danh"), heads, rows), sheets.XLSX, name)


def _cells(one: Attender) -> list[Any]:
    seat, here = one.seat, one.seat.present_at is not None
    ways = {"scan": _("quét mã"), "hand": _("giảng viên ghi")}
    at = f"{hour(seat.present_at)} {day(seat.present_at)}" if seat.present_at else ""
    return [
        one.name, one.agency, one.staff_code, _("có") if here else _("không"), at, seat.minutes,
        ways.get(seat.how, ""), seat.reason,
    ]  # fmt: skip


def _list(session: Session, meeting: Meeting) -> dict[str, Any]:
    people = classes.attenders(session, meeting.row.id)
    return {
        "present": [one for one in people if one.seat.present_at],
        "claimed": [one for one in people if one.seat.claimed_at and not one.seat.present_at],
        "booked": [
            one
            for one in people
            if one.seat.booked_at and not (one.seat.present_at or one.seat.claimed_at)
        ],
    }
