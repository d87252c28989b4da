"""The directory of the demo: thirty invented officials of two communes and two departments."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend import clock
from backend.accounts import service as accounts
from backend.accounts.demo import PASSWORD
from backend.accounts.roles import Role
from backend.people import service as people
from backend.people.duties import Duty
from backend.people.models import Agency

_AGENCIES = (
    ("SKHCN", "Sở Khoa học và Công nghệ"),
    ("SNV", "Sở Nội vụ"),
    ("P-ANXUYEN", "Phường An Xuyên"),
    ("X-DATMUI", "Xã Đất Mũi"),
)
_LEAD, _FULL, _PART = Duty.ICT_LEAD, Duty.ICT_FULL, Duty.ICT_PART
# Code, name, agency, position, duty; log-in and role of those who have a demo account.
_PEOPLE: tuple[tuple[str, str, str, str, Duty, str, Role], ...] = (
    ("0001", "Nguyễn Văn Bình", "P-ANXUYEN", "Công chức", Duty.NONE, "binh", Role.OFFICIAL),
    ("0002", "Đặng Minh Thư", "SKHCN", "Giảng viên", _FULL, "thu", Role.TRAINER),
    ("0003", "Phan Anh Khoa", "P-ANXUYEN", "Phó Chủ tịch", _LEAD, "khoa", Role.COORDINATOR),
)
_OTHERS = (
    ("SKHCN", "Phó Giám đốc", _LEAD, ("Hồ Thanh Liêm",)),
    ("SKHCN", "Chuyên viên", _FULL, ("Lý Hải Đăng", "Quách Mỹ Duyên")),
    ("SKHCN", "Chuyên viên", Duty.NONE,
     ("Bùi Thị Ngọc Ánh", "Dương Quốc Việt", "Tạ Hồng Nhung", "Mai Xuân Trường")),
    ("SNV", "Phó Giám đốc", _LEAD, ("Trương Mỹ Lệ",)),
    ("SNV", "Chuyên viên", _PART, ("Võ Hoàng Nam",)),
    ("SNV", "Chuyên viên", Duty.NONE,
     ("Cao Thị Bích Trâm", "Đoàn Văn Phước", "Huỳnh Kim Yến", "Lâm Chí Hiếu", "Phạm Thu Hà")),
    ("P-ANXUYEN", "Công chức", _PART, ("Ngô Gia Bảo",)),
    ("P-ANXUYEN", "Công chức", Duty.NONE,
     ("Lưu Thị Cẩm Tú", "Trần Hữu Lộc", "Đỗ Phương Thảo", "Châu Ngọc Diễm")),
    ("X-DATMUI", "Phó Chủ tịch", _LEAD, ("Nguyễn Thành Đạt",)),
    ("X-DATMUI", "Công chức", _PART, ("Lê Thị Kiều Oanh",)),
    ("X-DATMUI", "Công chức", Duty.NONE,
     ("Trịnh Công Danh", "Hà Thị Mộng Tuyền", "Phùng Văn Út", "Kiều Minh Tâm", "Từ Bảo Ngọc")),
)  # fmt: skip


def seed(session: Session) -> None:
    """Make them, unless their agencies are there."""
    codes = [code for code, _ in _AGENCIES]
    if session.scalar(select(Agency.id).where(Agency.code.in_(codes)).limit(1)) is not None:
        return
    start = clock.today().replace(month=1, day=1)
    made = {code: people.open_agency(session, code, name, since=start) for code, name in _AGENCIES}
    for code, name, agency, position, duty, login, role in _PEOPLE:
        person_id = _add(session, code, name, made[agency].id, position, duty)
        accounts.create(
            session, login, name=name, role=role, password=PASSWORD, agency=made[agency].name,
            email=_mailbox(code), person_id=person_id, is_demo=True, now=clock.now(),
        )  # fmt: skip
    number = len(_PEOPLE)
    for agency, position, duty, names in _OTHERS:
        for name in names:
            number += 1
            _add(session, f"{number:04d}", name, made[agency].id, position, duty)


def _add(session: Session, code: str, name: str, agency_id: int, position: str, duty: Duty) -> int:
    person = people.add_person(
        session, code, name, email=_mailbox(code), is_demo=True, now=clock.now()
    )
    start = clock.today().replace(month=1, day=1)
    people.place(session, person.id, agency_id, position=position, duty=duty, since=start)
    return person.id


def _mailbox(code: str) -> str:
    """Nobody's: the domain is reserved for examples."""
    return f"canbo{code}@example.vn"
