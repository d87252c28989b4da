"""Demo agencies, officials and accounts, and the courses that ship with the product."""

from sqlalchemy.orm import Session

from backend import clock
from backend.accounts import service as accounts
from backend.accounts.demo import PASSWORD
from backend.accounts.roles import Role
from backend.people import service as people
from backend.people.duties import Duty
from lms.courses import loader, shelf

_AGENCIES = (("SKHCN", "Sở Khoa học và Công nghệ"), ("P-ANXUYEN", "Phường An Xuyên"))
_PEOPLE = (
    ("binh", "0001", "Nguyễn Văn Bình", Role.OFFICIAL, "P-ANXUYEN", "Công chức", Duty.NONE),
    ("thu", "0002", "Đặng Minh Thư", Role.TRAINER, "SKHCN", "Giảng viên", Duty.ICT_FULL),
    ("khoa", "0003", "Phan Anh Khoa", Role.COORDINATOR, "P-ANXUYEN", "Phó Chủ tịch",
     Duty.ICT_LEAD),
)  # fmt: skip


def seed(session: Session) -> None:
    """Make them, unless they are there; courses are brought up to date."""
    load_courses(session)
    known = {agency.code for agency in people.agencies(session, at=clock.today())}
    if known.intersection(code for code, _ in _AGENCIES):
        return
    now, start = clock.now(), clock.today().replace(month=1, day=1)
    made = {code: people.open_agency(session, code, name, since=start) for code, name in _AGENCIES}
    for login, staff_code, name, role, agency, position, duty in _PEOPLE:
        person = people.add_person(session, staff_code, name, is_demo=True, now=now)
        people.place(session, person.id, made[agency].id, position=position, duty=duty, since=start)
        accounts.create(
            session, login, name=name, role=role, password=PASSWORD, agency=made[agency].name,
            person_id=person.id, is_demo=True, now=now,
        )  # fmt: skip


def load_courses(session: Session) -> list[str]:
    """The shipped courses; codes of those with a new version."""
    loaded = [
        loader.load(session, shelf.read(folder), now=clock.now()) for folder in shelf.folders()
    ]
    return [one.code for one in loaded if one.is_new_version]
