"""Dossiers of invented people in every status, so that the demo has something to tell.

Their dates are counted back from the moment of the first seed, in working days, so that a demo
always looks as if the office had been at work until this morning.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend import clock, workdays
from backend.config import settings
from backend.dossiers import desk, moves
from backend.dossiers.models import Dossier, DossierEvent, DossierRequest
from backend.dossiers.status import Status
from backend.ids import digest

_AGENCY = "Trung tâm Phục vụ hành chính công phường An Xuyên"


@dataclass(frozen=True)
class _Story:
    """One dossier: whose, about what, how many working days it may take, and what happened.

    A step is (working days after the receipt, status, what was said). `days_ago`: working days.
    """

    number: int
    owner: str
    phone: str
    procedure: tuple[str, str]
    days_ago: int
    working_days: float
    steps: tuple[tuple[float, Status, str], ...] = ()
    missing: tuple[str, ...] = ()
    fee: int = 0
    is_flagged: bool = False


_BIRTH = ("1.001193", "Thủ tục đăng ký khai sinh")
_MARRIAGE = ("1.000894", "Thủ tục đăng ký kết hôn")
_SINGLE = ("1.004873", "Thủ tục cấp Giấy xác nhận tình trạng hôn nhân")
_LAND = ("1.012783", "Cấp đổi Giấy chứng nhận quyền sử dụng đất")
_BUSINESS = ("1.001612", "Đăng ký thành lập hộ kinh doanh")
_RESIDENCE = ("1.004222", "Đăng ký thường trú")

_A, _P = Status.ACCEPTED, Status.PROCESSING

STORIES = (
    _Story(1, "Nguyễn Thị Lan", "0912000001", _BIRTH, 1, 3, (
        (0.1, _A, ""), (0.3, _P, "Chuyển công chức tư pháp - hộ tịch"),
    )),
    _Story(2, "Nguyễn Thị Lan", "0912000001", _SINGLE, 9, 3, (
        (0.1, _A, ""), (0.5, _P, ""), (2, Status.DONE, "Đã ký giấy xác nhận"),
        (3, Status.RETURNED, ""),
    )),
    _Story(3, "Lê Văn Tuấn", "0912000002", _MARRIAGE, 4, 5, (
        (0.2, _A, ""), (1, _P, ""),
        (2, Status.SUPPLEMENT, "Còn thiếu giấy tờ của bên nam"),
    ), missing=("Giấy xác nhận tình trạng hôn nhân của bên nam, còn giá trị sử dụng",)),
    _Story(4, "Trần Văn Hải", "0912000003", _LAND, 14, 10, (
        (0.2, _A, ""), (1, _P, "Đã chuyển hồ sơ đến chi nhánh Văn phòng đăng ký đất đai"),
    )),
    _Story(5, "Phạm Thị Mai", "0912000004", _LAND, 8, 10, (
        (0.2, _A, ""), (1, _P, ""),
        (5, Status.PAYMENT, "Mời nộp lệ phí theo thông báo đã gửi"),
    ), fee=120_000),
    _Story(6, "Võ Minh Khang", "0912000005", _BUSINESS, 0, 3),
    _Story(7, "Đặng Thị Thu", "0912000006", _BUSINESS, 6, 3, (
        (1, Status.REJECTED, "Ngành nghề ghi trong giấy đề nghị chưa đúng với địa điểm kinh doanh"),
    )),
    _Story(8, "Huỳnh Văn Bảo", "0912000007", _RESIDENCE, 10, 7, (
        (0.2, _A, ""), (1, _P, ""),
        (4, Status.WITHDRAWN, "Người nộp đề nghị rút hồ sơ để nộp tại nơi ở mới"),
    )),
    _Story(9, "Bùi Thị Hạnh", "0912000008", _RESIDENCE, 12, 7, (
        (0.2, _A, ""), (1, _P, ""),
        (3, Status.STOPPED, "Chờ kết quả giải quyết tranh chấp về chỗ ở"),
    )),
    _Story(10, "Ngô Quốc Việt", "0912000009", _BUSINESS, 4, 3, (
        (0.1, _A, ""), (0.4, _P, ""), (2.5, Status.DONE, "Đã có giấy chứng nhận"),
    )),
    _Story(11, "Lý Thị Ngọc", "0912000010", _BIRTH, 1, 1, (
        (0.2, _A, "Đã nhận đủ bản chính"),
    )),
    _Story(12, "Trương Văn Phúc", "0912000011", _SINGLE, 5, 3, (
        (0.2, _A, ""), (2, Status.RETURNED, "Hệ thống một cửa báo đã trả kết quả"),
    ), is_flagged=True),
)  # fmt: skip


def seed(session: Session) -> None:
    """Make them, unless they are there."""
    first_day = "260105"
    codes = {story: f"{settings().agency_code}-{first_day}-{story.number:04d}" for story in STORIES}
    known = set(session.scalars(select(Dossier.code).where(Dossier.code.in_(codes.values()))))
    for story, code in codes.items():
        if code not in known:
            _tell(session, story, code, clock.now())


def _tell(session: Session, story: _Story, code: str, now: datetime) -> None:
    day = clock.local(now).date()
    for _ in range(story.days_ago):
        day -= timedelta(days=1)
        while not workdays.is_workday(day):
            day -= timedelta(days=1)
    morning = datetime.combine(day, workdays.MORNING[0], clock.VIETNAM) + timedelta(minutes=40)
    dossier = desk.receive(
        session, code=code, procedure=story.procedure, owner=(story.owner, story.phone),
        agency=_AGENCY, working_days=story.working_days, received_at=min(morning, now),
        actor="Trần Quang Minh",
    )  # fmt: skip
    dossier.fee_total = story.fee
    for days, to, note in story.steps:
        at = min(workdays.due(morning, days), now)
        _step(session, dossier, story, to, note, at)
    moves.reckon_due(session, [dossier])
    dossier.told_at = now


def _step(
    session: Session, dossier: Dossier, story: _Story, to: Status, note: str, at: datetime
) -> None:
    is_last = to is story.steps[-1][1]
    event = DossierEvent(
        dossier_id=dossier.id, kind="status", at=at, recorded_at=at, from_status=dossier.status,
        to_status=to.value, note=note, actor="Trần Quang Minh", department=_AGENCY,
        is_flagged=story.is_flagged and is_last,
    )  # fmt: skip
    moves.apply(session, dossier, event)
    dossier.status_key = at
    for number, what in enumerate(story.missing if to is Status.SUPPLEMENT else ()):
        session.add(
            DossierRequest(
                dossier_id=dossier.id, what=what, asked_by="Trần Quang Minh", asked_at=at,
                old_due_at=dossier.due_at, digest=digest(f"{number}:{what}"),
            )
        )  # fmt: skip
