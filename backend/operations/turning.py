"""Turn a kill switch, and see who did."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend import db, switches
from backend.accounts.roles import SignedIn
from backend.errors import Forbidden, InvalidInput
from backend.i18n import gettext as _
from backend.switches import Switch, SwitchChange

LATEST = 20


def turn(
    session: Session, officer: SignedIn, switch: Switch, *, is_on: bool, notice: str, now: datetime
) -> None:
    """On or off; where citizens will notice, with the words that they read meanwhile."""
    if not officer.may("operations.switches"):
        raise Forbidden("not_allowed", _("Tài khoản này không có quyền làm việc đó."))
    if switch is Switch.ANSWERS and not is_on and not notice:
        message = _("Xin ghi lời báo để người dân biết.")
        raise InvalidInput("notice_missing", message, fields={"notice": message})
    if switches.is_on(session, switch) is is_on:
        return
    session.add(
        SwitchChange(
            name=switch.value, is_on=is_on, notice="" if is_on else notice, at=now,
            officer_id=officer.id, officer_name=officer.name,
        )
    )  # fmt: skip
    db.after_commit(session, switches.notices.forget)


def shown(session: Session) -> dict[Switch, SwitchChange | None]:
    """Every switch and its last change; None: never touched, so it is on."""
    return {switch: switches.state(session, switch) for switch in Switch}


def history(session: Session) -> list[SwitchChange]:
    """Who turned what, newest first."""
    return list(
        session.scalars(select(SwitchChange).order_by(SwitchChange.id.desc()).limit(LATEST))
    )
