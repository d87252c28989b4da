"""Who is learning: an account that belongs to somebody of `people`."""

from typing import Annotated

from fastapi import Request

from backend.accounts.identity import OfficerDep
from backend.accounts.roles import SignedIn
from backend.errors import Forbidden
from backend.i18n import gettext as _

LEARN = "training.learn"
Learner = Annotated[SignedIn, OfficerDep(LEARN)]


def person_of(officer: SignedIn) -> int:
    """Whose training this is; an account without a person can look, but learns nothing."""
    if officer.person_id is None:
        raise Forbidden(
            "no_person",
            _(
                "Tài khoản này chưa gắn với ai trong danh sách cán bộ. "
                "Xin anh/chị báo đầu mối đào tạo của cơ quan."
            ),
        )
    return officer.person_id


def is_in_app(request: Request) -> bool:
    """Whether the page is open inside Zalo or Facebook, whose browsers keep nothing offline."""
    agent = request.headers.get("user-agent", "")
    return any(mark in agent for mark in ("Zalo", "FBAN", "FBAV"))
