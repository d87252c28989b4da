"""The audit log as administrators read it."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Query, Request, Response

from backend import audit, clock, db, web
from backend.accounts import service as accounts
from backend.accounts.identity import OfficerDep, StaffRoute
from backend.accounts.roles import SignedIn
from backend.i18n import gettext as _
from backend.routing import Router
from backend.web import BEYOND_IDS, FormDep

LOG = "/quan-tri/nhat-ky"
PAGE = 50

router = Router(prefix=LOG, route_class=StaffRoute, include_in_schema=False)

Reader = Annotated[SignedIn, OfficerDep("operations.audit")]


@dataclass(frozen=True)
class Line:
    """One act in words; `details` as pairs of what is written down."""

    number: int
    at: datetime
    who: str
    action: str
    subject: str
    details: dict[str, object]


@router.get("")
def listed(
    request: Request,
    officer: Reader,
    before: Annotated[int, Query(alias="truoc", ge=0, lt=BEYOND_IDS)] = 0,
) -> Response:
    """The newest acts."""
    with db.reading() as session:
        names = {row.id: row.name for row, _open in accounts.officers(session, now=clock.now())}
        acts = _acts()
        lines = [
            Line(
                row.number, row.at,
                names.get(row.actor_id, str(row.actor_id)) if row.actor_id else _("hệ thống"),
                acts.get(row.action, row.action), row.subject, json.loads(row.details),
            )
            for row in audit.latest(session, before=before or None, limit=PAGE)
        ]  # fmt: skip
    return web.page(request, "operations/audit.html", lines=lines, is_full=len(lines) == PAGE)


@router.post("/kiem-tra")
def verify(request: Request, officer: Reader, form: FormDep) -> Response:
    """Go along the whole chain."""
    with db.reading() as session:
        found = audit.verify(session)
    if found.is_whole:
        said = _("Nhật ký khớp: {count} dòng.").format(count=found.records)
    else:
        said = _("Nhật ký KHÔNG khớp từ dòng {number}.").format(number=found.broken_at)
    return web.redirect(LOG, flash=said)


def _acts() -> dict[str, str]:
    return {
        "account.opened": _("mở tài khoản"),
        "account.disabled": _("khoá tài khoản"),
        "account.reopened": _("mở lại tài khoản"),
        "account.role": _("đổi vai trò"),
        "account.signed_out": _("đăng xuất tài khoản ở mọi nơi"),
        "handover.route_set": _("đặt tuyến hội thoại"),
        "handover.route_removed": _("xóa tuyến hội thoại"),
        "khmer_reader.added": _("ghi người đọc được tiếng Khmer"),
        "khmer_reader.removed": _("thôi ghi người đọc được tiếng Khmer"),
        "person.added": _("thêm cán bộ"),
        "person.corrected": _("sửa thông tin cán bộ"),
        "person.moved": _("đổi công tác"),
        "person.left": _("ghi ngày nghỉ"),
        "agency.opened": _("mở cơ quan"),
        "agency.merged": _("nhập cơ quan"),
        "roster.applied": _("áp dụng danh sách cán bộ"),
        "procedure.written": _("ghi thủ tục của tỉnh"),
        "procedure.checked": _("xác nhận đã đối chiếu thủ tục"),
        "procedure.withdrawn": _("rút thủ tục của tỉnh"),
        "course.published": _("xuất bản khoá học"),
        "requirement.added": _("thêm yêu cầu đào tạo"),
        "requirement.withdrawn": _("rút yêu cầu đào tạo"),
        "excuse.given": _("miễn một người"),
        "excuse.ended": _("thôi miễn một người"),
        "outside.accepted": _("chấp nhận chứng nhận nơi khác"),
        "outside.refused": _("không chấp nhận chứng nhận nơi khác"),
        "certificate.revoked": _("thu hồi chứng nhận"),
        "certificate.reissued": _("cấp lại chứng nhận"),
        "period.closed": _("chốt kỳ báo cáo"),
        "period.amended": _("đính chính kỳ báo cáo"),
    }
