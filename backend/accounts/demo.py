"""The people of the demo; they can sign in only where DEMO_ACCOUNTS is on."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend import clock
from backend.accounts import service as accounts
from backend.accounts.models import Officer
from backend.accounts.roles import Role

PASSWORD = "mot-cua-thu"  # noqa: S105 (printed at the start of the demo)
_AGENCY = "Trung tâm Phục vụ hành chính công phường An Xuyên"
_PEOPLE = (
    ("minh", "Trần Quang Minh", Role.ONE_STOP, _AGENCY),
    ("hoa", "Lê Thị Hoa", Role.HEAD, _AGENCY),
    ("admin", "Phạm Đức An", Role.ADMINISTRATOR, "Sở Khoa học và Công nghệ"),
)

# (log-in, password, who it is), for whoever prints where to go.
DEMO_LOGINS = tuple((login, PASSWORD, f"{name}, {agency}") for login, name, _, agency in _PEOPLE)


def seed(session: Session) -> None:
    """Make them, unless they are there."""
    known = set(session.scalars(select(Officer.login)))
    for login, name, role, agency in _PEOPLE:
        if login not in known:
            accounts.create(
                session, login, name=name, role=role, password=PASSWORD, agency=agency,
                is_demo=True, now=clock.now(),
            )  # fmt: skip
