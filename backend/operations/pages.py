"""Staff pages that belong to no feature, and what this package gives to the whole."""

from backend import streams
from backend.operations import audit_pages, health, letter_pages, look, official_page, upkeep
from backend.parts import MenuItem, Part

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
        MenuItem("Tin chưa gửi được", letter_pages.LETTERS, "operations.letters"),
        MenuItem("Công tắc", letter_pages.SWITCHES, "operations.switches"),
        MenuItem("Nhật ký kiểm toán", audit_pages.LOG, "operations.audit"),
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
