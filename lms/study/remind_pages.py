"""Where a learner says in which chats they want to be reminded of deadlines."""

import segno
from fastapi import Request, Response

from backend import clock, db, official, web
from backend.accounts.identity import StaffRoute
from backend.i18n import gettext as _
from backend.notifications import follow
from backend.routing import Router
from backend.web import FormDep, text_of
from lms.study import shell
from lms.study.learner import Learner, person_of

HERE = "/hoc/nhac-han"

router = Router(prefix=HERE, route_class=StaffRoute, include_in_schema=False)


@router.get("")
def mine(request: Request, officer: Learner) -> Response:
    """The chats that are reminded, and how another is."""
    return _page(request, person_of(officer))


@router.post("")
def code(request: Request, officer: Learner, form: FormDep) -> Response:
    """A new code, shown this once; the one before works no more."""
    person = person_of(officer)
    with db.transaction() as session:
        made = follow.code(session, person, now=clock.now())
    return _page(request, person, code=made)


@router.post("/thoi")
def stop(officer: Learner, form: FormDep) -> Response:
    """No more reminders in one of them."""
    chosen = text_of(form, "chat", limit=18)
    if chosen.isdecimal():
        with db.transaction() as session:
            follow.unlink(session, person_of(officer), int(chosen))
    return web.redirect(HERE, flash=_("Đã thôi nhắc ở đó."))


def _page(request: Request, person: int, *, code: str = "") -> Response:
    url = official.telegram_url(f"{follow.START}{code}") if code else ""
    with db.reading() as session:
        return shell.page(
            request, "lms/study/reminders.html", code=code, url=url, ways=official.ways(),
            picture=segno.make(url, error="m").svg_data_uri(scale=4) if url else "",
            minutes=int(follow.LASTS.total_seconds() // 60),
            linked=follow.linked(session, person), channels=_channels(),
        )  # fmt: skip


def _channels() -> dict[str, str]:
    return {"telegram": "Telegram", "zalo_oa": "Zalo", "zalo_bot": "Zalo"}
