"""The people of the tests, always the same, and what belongs to them.

Lan handed in a dossier; Tuấn would like to read it and may not. Minh works at the one-stop desk,
Hoa heads the office. `make_*` functions take only what matters to a test.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from backend import clock, security
from backend.accounts.models import Officer
from backend.accounts.roles import Role
from backend.dossiers import proofs
from backend.dossiers.models import Dossier, DossierEvent
from backend.dossiers.status import Status
from backend.notifications.chats import ChatRef

PASSWORD = "mat-khau-cua-vai-dien"


@dataclass(frozen=True)
class Citizen:
    """Somebody with a telephone and a chat."""

    name: str
    phone: str
    chat: ChatRef


LAN = Citizen("Nguyễn Thị Lan", "0912000001", ChatRef("web", "chat-cua-lan"))
TUAN = Citizen("Trần Anh Tuấn", "0912000002", ChatRef("web", "chat-cua-tuan"))

BIRTH = ("1.001193", "Đăng ký khai sinh")
CODE = "H12-260105-0001"
UNKNOWN_CODE = "H12-260105-9999"


def make_dossier(
    session: Session,
    owner: Citizen = LAN,
    *,
    code: str = CODE,
    status: Status = Status.PROCESSING,
    procedure: tuple[str, str] = BIRTH,
    due: datetime | None = None,
) -> Dossier:
    """A dossier that was received now and stands at `status`, with one line of history."""
    now = clock.now()
    dossier = Dossier(
        code=code, procedure_code=procedure[0], procedure_name=procedure[1],
        owner_name=owner.name, phone=owner.phone, status=status, status_since=now,
        received_at=now, due_at=due or now + timedelta(days=7), told_at=now, created_at=now,
        receipt_digest=proofs.receipt_digest(code, 1), receipt_serial=1,
    )  # fmt: skip
    session.add(dossier)
    session.flush()
    session.add(
        DossierEvent(
            dossier_id=dossier.id, kind="status", at=now, recorded_at=now, to_status=status
        )
    )
    session.flush()
    return dossier


def receipt_of(dossier: Dossier) -> str:
    """The token on the receipt that the owner holds."""
    return proofs.receipt_token(dossier.code, dossier.receipt_serial)


def make_officer(session: Session, login: str, name: str, role: Role) -> Officer:
    """Somebody who may sign in with `PASSWORD`."""
    officer = Officer(
        login=login, name=name, role=role, password_hash=security.hash_password(PASSWORD),
        created_at=clock.now(),
    )  # fmt: skip
    session.add(officer)
    session.flush()
    return officer


def minh(session: Session) -> Officer:
    """Minh, at the one-stop desk."""
    return make_officer(session, "minh", "Trần Quang Minh", Role.ONE_STOP)


def hoa(session: Session) -> Officer:
    """Hoa, head of the office."""
    return make_officer(session, "hoa", "Lê Thị Hoa", Role.HEAD)
