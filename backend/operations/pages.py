"""Staff pages that belong to no feature, and what this package gives to the whole."""

from backend import streams
from backend.i18n import gettext as _
from backend.operations import audit_pages, health, letter_pages, look, official_page, upkeep
from backend.parts import MenuGroup, MenuItem, Part

PART = Part(
    name="operations",
    routers=(
        health.router,
        look.router,
        official_page.router,
        letter_pages.router,
        audit_pages.router,
    ),
    menu=(
        MenuItem(
            _("Tin chưa gửi được"), letter_pages.LETTERS, "operations.letters", MenuGroup.SYSTEM
        ),
        MenuItem(_("Công tắc"), letter_pages.SWITCHES, "operations.switches", MenuGroup.SYSTEM),
        MenuItem(_("Nhật ký kiểm toán"), audit_pages.LOG, "operations.audit", MenuGroup.SYSTEM),
    ),
    permissions={
        "operations.letters": "Xem và gửi lại tin chưa gửi được",
        "operations.audit": "Xem nhật ký kiểm toán",
        "operations.switches": "Tắt, bật câu trả lời của trợ lý và tin báo",
    },
    periodic=upkeep.PERIODIC,
    readiness=health.READINESS,
    life=streams.life,
)
