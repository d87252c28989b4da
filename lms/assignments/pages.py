"""Where staff say who must learn what by when, excuse people, and see what was reminded."""

from typing import Annotated

from fastapi import Request, Response
from sqlalchemy.orm import Session

from backend import clock, db, web
from backend.accounts.identity import OfficerDep, StaffRoute
from backend.accounts.roles import SignedIn
from backend.errors import AppError, Forbidden, NotFound
from backend.i18n import gettext as _
from backend.people import service as people
from backend.people.duties import audience_names
from backend.routing import Router
from backend.web import FormDep, RowId, text_of
from lms.assignments import outside, reminders
from lms.assignments import service as assignments
from lms.assignments.forms import as_typed, day_of, number_of, share_of
from lms.assignments.models import Requirement
from lms.courses import service as courses

router = Router(prefix="/dao-tao/yeu-cau", route_class=StaffRoute, include_in_schema=False)

Keeper = Annotated[SignedIn, OfficerDep("training.assign")]
FRONT = "/dao-tao/yeu-cau"
MOST_REMINDERS = 100


@router.get("")
def front(request: Request, officer: Keeper) -> Response:
    """Periods with their requirements, and a form for one more."""
    return _front(request, officer)


@router.post("/ky")
def open_period(request: Request, officer: Keeper, form: FormDep) -> Response:
    """A new reporting period, for the whole province."""
    if not officer.may(people.EVERYWHERE):
        raise _not_allowed()
    try:
        with db.transaction() as session:
            assignments.open_period(
                session, text_of(form, "ten", limit=120), starts_on=day_of(form, "tu"),
                ends_on=day_of(form, "den"),
            )  # fmt: skip
    except AppError as refusal:
        return _front(request, officer, typed=as_typed(form), refusal=refusal)
    return web.redirect(FRONT, flash=_("Đã mở kỳ báo cáo."))


@router.post("/them")
def add(request: Request, officer: Keeper, form: FormDep) -> Response:
    """One more requirement; a coordinator's holds for their own agency and those below."""
    agency_id = number_of(form, "co_quan") or None
    try:
        with db.transaction() as session:
            _within(session, officer, agency_id)
            assignments.require(
                session, text_of(form, "khoa", limit=20),
                assignments.period_of(session, number_of(form, "ky")),
                audience=text_of(form, "doi_tuong", limit=10), deadline=day_of(form, "han"),
                agency_id=agency_id, target=share_of(form, "chi_tieu"),
                counts_valid=bool(text_of(form, "con_gia_tri")), by=officer.id, now=clock.now(),
            )  # fmt: skip
    except AppError as refusal:
        return _front(request, officer, typed=as_typed(form), refusal=refusal)
    return web.redirect(FRONT, flash=_("Đã thêm yêu cầu đào tạo."))


@router.post("/{wanted_id}/rut")
def withdraw(officer: Keeper, form: FormDep, wanted_id: RowId) -> Response:
    """Nobody must any more."""
    with db.transaction() as session:
        wanted = assignments.requirement(session, wanted_id)
        _within(session, officer, wanted.agency_id)
        reason = text_of(form, "ly_do", limit=300)
        assignments.withdraw(session, wanted, reason=reason, by=officer.id, now=clock.now())
    return web.redirect(FRONT, flash=_("Đã rút yêu cầu đào tạo."))


@router.post("/{wanted_id}/mien")
def excuse(officer: Keeper, form: FormDep, wanted_id: RowId) -> Response:
    """Somebody need not; nobody decides that of themselves."""
    with db.transaction() as session:
        wanted, person = _somebody(session, officer, form, wanted_id)
        if person.person_id == officer.person_id:
            raise Forbidden("own_excuse", _("Miễn cho mình phải do người khác quyết định."))
        assignments.excuse(
            session, wanted.id, person.person_id, reason=text_of(form, "ly_do", limit=300),
            by=officer.id, now=clock.now(),
        )  # fmt: skip
        back = _names(wanted, person)
    return web.redirect(back, flash=_("Đã ghi miễn kèm lý do."))


@router.post("/{wanted_id}/thoi-mien")
def end_excuse(officer: Keeper, form: FormDep, wanted_id: RowId) -> Response:
    """Somebody must again."""
    with db.transaction() as session:
        wanted, person = _somebody(session, officer, form, wanted_id)
        assignments.end_excuse(session, wanted.id, person.person_id, by=officer.id, now=clock.now())
        back = _names(wanted, person)
    return web.redirect(back, flash=_("Đã bỏ miễn."))


@router.get("/nhac-han")
def reminded(request: Request, officer: Keeper) -> Response:
    """What was reminded, newest first, and whether it arrived."""
    with db.reading() as session:
        scope = people.scope(session, officer, at=clock.today())
        rows = reminders.latest(session, on=clock.today(), within=scope, limit=MOST_REMINDERS)
        return web.page(request, "lms/assignments/reminders.html", rows=rows)


def _front(
    request: Request, officer: SignedIn, *, typed: dict[str, str] | None = None,
    refusal: AppError | None = None,
) -> Response:  # fmt: skip
    today = clock.today()
    with db.reading() as session:
        scope = people.scope(session, officer, at=today)
        everything = people.agencies(session, at=today)
        agencies = [one for one in everything if scope is None or one.id in scope]
        periods = assignments.periods(session)
        return web.page(
            request, "lms/assignments/requirements.html", status=refusal.status if refusal else 200,
            refusal=refusal, faults=refusal.fields if refusal else {}, typed=typed or {},
            periods=periods, today=today, audiences=audience_names(),
            wanted={one.id: assignments.requirements(session, one.id) for one in periods[:2]},
            courses=courses.courses(session), agencies=agencies, sees_all=scope is None,
            agency_names={one.id: one.name for one in everything}, scope=scope,
            waiting=len(outside.waiting(session, on=today, within=scope)),
        )  # fmt: skip


def _within(session: Session, officer: SignedIn, agency_id: int | None) -> None:
    """Requirements of an agency are made where it may be seen; of all, by who sees all."""
    scope = people.scope(session, officer, at=clock.today())
    if scope is not None and agency_id not in scope:
        raise _not_allowed()


def _somebody(
    session: Session, officer: SignedIn, form: FormDep, wanted_id: int
) -> tuple[Requirement, people.Official]:
    """One person of those whom this officer may see."""
    wanted, today = assignments.requirement(session, wanted_id), clock.today()
    person = people.official(session, number_of(form, "nguoi"), at=today)
    scope = people.scope(session, officer, at=today)
    if person is None or (scope is not None and person.agency_id not in scope):
        raise NotFound("no_person", _("Không có người này."))
    return wanted, person


def _names(wanted: Requirement, person: people.Official) -> str:
    return f"/dao-tao/bao-cao/ky/{wanted.period_id}/co-quan/{person.agency_id}"


def _not_allowed() -> Forbidden:
    return Forbidden("not_allowed", _("Tài khoản này không có quyền làm việc đó."))
