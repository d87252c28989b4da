"""The officers' inbox: pages over `bot/handover`, and what goes out from there to channels."""

from bot.inbox import (
    canned_pages,
    pages,
    report_pages,
    route_pages,
    sending,
    talk_pages,
    voice_pages,
)

__all__ = ["PERMISSIONS", "ROUTERS", "sending"]

# In this order: the last one takes every number.
ROUTERS = (
    report_pages.router,
    pages.router,
    canned_pages.router,
    route_pages.router,
    talk_pages.router,
    voice_pages.router,
)
PERMISSIONS = {
    "handover.view": "Xem hội thoại được chuyển cho cán bộ",
    "handover.answer": "Trực, nhận và trả lời hội thoại",
    "handover.reports": "Xem tin nghi giả mạo mà người dân đưa cho trợ lý",
    "handover.manage": "Soạn câu mẫu dùng chung, phân tuyến hội thoại",
}
