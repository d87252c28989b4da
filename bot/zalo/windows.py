"""When a citizen may still be answered on Zalo, and what it costs, as far as Zalo tells.

An Official Account answers freely for 48 hours after whatever the citizen did last, for money until
seven days are over, and then not at all, except by ZBS template messages. What is free within the
48 hours was changed in 2026 and is told differently by different sources: so we show what Zalo
itself said with its latest answer.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from backend import db
from backend.i18n import gettext as _
from backend.i18n import moment
from bot.zalo.models import ZaloWindow

FREE, OPEN = timedelta(hours=48), timedelta(days=7)


def touch(session: Session, chat: str, *, at: datetime) -> None:
    """The citizen did something: the windows begin again; what comes late moves nothing back."""
    row = _row(session, chat)
    row.last_at = max(row.last_at or at, at)


def keep_quota(session: Session, chat: str, quota: Mapping[str, Any], *, now: datetime) -> None:
    """What Zalo said of its quota with its latest answer."""
    if not quota:
        return
    row = _row(session, chat)
    row.quota_type = str(quota.get("quota_type", ""))[:40]
    row.quota_remain, row.quota_total = _number(quota.get("remain")), _number(quota.get("total"))
    row.quota_at = now


def window(session: Session, chat: str, *, now: datetime) -> str:
    """What an officer must know before writing there, in one or two sentences."""
    row = session.get(ZaloWindow, chat)
    if row is None or row.last_at is None:
        return _("Zalo: chưa rõ người dân nhắn lần cuối khi nào, tin có thể bị từ chối.")
    return " ".join(part for part in (_until(row.last_at, now), _quota(row)) if part)


def _until(last: datetime, now: datetime) -> str:
    if now - last <= FREE:
        return _("Zalo: gửi miễn phí đến {until}.").format(until=moment(last + FREE))
    if now - last <= OPEN:
        words = _("Zalo: đã quá 48 giờ, mỗi tin bị tính phí; gửi được đến {until}.")
        return words.format(until=moment(last + OPEN))
    return _("Zalo: đã quá 7 ngày, không gửi được tin cho đến khi người dân nhắn lại.")


def _quota(row: ZaloWindow) -> str:
    if row.quota_remain is None:
        return ""
    if row.quota_total is None:
        return _("Hạn mức còn {remain} tin.").format(remain=row.quota_remain)
    words = _("Hạn mức còn {remain}/{total} tin.")
    return words.format(remain=row.quota_remain, total=row.quota_total)


def _row(session: Session, chat: str) -> ZaloWindow:
    db.insert_once(session, ZaloWindow, {"chat": chat}, unique=("chat",))
    return session.get_one(ZaloWindow, chat, with_for_update=True)


def _number(stated: Any) -> int | None:
    text = str(stated).strip()
    return int(text) if text.isdecimal() and len(text) < 9 else None
