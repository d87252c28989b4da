"""Messages that did not go, for the people who look after the product.

What a message said is shown only as far as it helps to find out what went wrong: the first words,
personal numbers masked. An answer in a chat may name people, so it is shown only to those who may
read conversations. Sending again is a row (`Resent`), and pressing twice sends once.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from backend import jobs
from backend.accounts.roles import SignedIn
from backend.errors import Conflict, NotFound
from backend.i18n import gettext as _
from backend.jobs import Job, Status
from backend.log import masked
from backend.notifications import service as notifications
from backend.operations.models import Resent
from nlu.extractors import mask

PAGE = 30
EXCERPT = 80
_NUMBERS = re.compile(r"<\w+>|[\w./-]*\d{3,}[\w./-]*")  # codes and dates of dossiers as well


class Standing(StrEnum):
    """What became of a message, as the page names it."""

    DEAD = "dead"
    UNKNOWN = "unknown"
    RETRYING = "retrying"


@dataclass(frozen=True)
class Letter:
    """One message that did not go, or not yet."""

    id: int
    channel: str
    is_push: bool
    standing: Standing
    excerpt: str
    reason: str
    detail: str
    attempts: int
    since: datetime
    next_at: datetime | None
    sent_again_by: str


@dataclass(frozen=True)
class Filter:
    """Which of them the page shows."""

    standing: Standing = Standing.DEAD
    channel: str = ""


def listed(
    session: Session, officer: SignedIn, wanted: Filter, *, page: int
) -> tuple[list[Letter], int]:
    """One page, newest first; and how many in all."""
    if not officer.may("operations.letters"):
        return [], 0
    which = [_is(wanted.standing), Job.flow != ""]
    if wanted.channel:
        which.append(Job.flow == wanted.channel)
    total = session.scalar(select(func.count()).select_from(Job).where(*which)) or 0
    query = select(Job).where(*which).order_by(Job.id.desc())
    rows = session.scalars(query.limit(PAGE).offset((page - 1) * PAGE)).all()
    again = _sent_again(session, [row.id for row in rows])
    reads = officer.may("handover.view")
    found = [_letter(row, wanted.standing, again.get(row.id, ""), reads=reads) for row in rows]
    return found, total


def counts(session: Session) -> dict[Standing, int]:
    """How many there are of each."""
    return {
        standing: session.scalar(
            select(func.count()).select_from(Job).where(_is(standing), Job.flow != "")
        )
        or 0
        for standing in Standing
    }


def channels(session: Session) -> list[str]:
    """Those that something did not go by."""
    which = Job.status.in_((Status.DEAD, Status.UNKNOWN))
    return list(session.scalars(select(Job.flow).where(which, Job.flow != "").distinct()))


def send_again(session: Session, officer: SignedIn, job_id: int, *, now: datetime) -> None:
    """Send what was given up once more; somebody else's press a moment ago counts as this one."""
    row = session.get(Job, job_id, with_for_update=True)
    if row is None or not row.flow or not officer.may("operations.letters"):
        raise NotFound("letter_not_found", _("Không có tin này."))
    attempt = json.loads(row.payload).get("attempt")
    if attempt and notifications.was_told_otherwise(session, attempt):
        raise Conflict("told_otherwise", _("Tin này đã được gửi bằng kênh khác."))
    why = row.last_error or ""
    if not jobs.revive(session, job_id):
        return
    if attempt:
        notifications.resume(session, attempt)
    session.add(
        Resent(
            job_id=job_id, why=why, officer_id=officer.id, officer_name=officer.name, at=now
        )
    )  # fmt: skip


def reason(error: str) -> str:
    """What went wrong, in words for people; `detail` keeps what the channel said."""
    told = error.lower()
    for words, meaning in _reasons():
        if any(word in told for word in words):
            return meaning
    return _("Kênh báo lỗi khác")


def _reasons() -> Sequence[tuple[tuple[str, ...], str]]:
    return (
        (("blocked", "forbidden", "deactivated", "-222", "-227", "-213"),
         _("Người nhận đã chặn hoặc không còn dùng tài khoản")),
        (("not found", "not an address", "mailbox refused", "-118"), _("Không có người nhận này")),
        (("-230", "-232", "-311", "-305"), _("Đã quá thời hạn được gửi tin của kênh")),
        (("quota", "-211", "-218", "-321", "-320"), _("Hết hạn mức hoặc số dư của kênh")),
        (("retry after", "too many", "pacing"), _("Kênh yêu cầu gửi chậm lại")),
        (("may have been sent", "unknown", "hung up"), _("Không rõ tin đã tới hay chưa")),
        (("quiet hours",), _("Chờ đến sáng mới gửi")),
        (("token", "unauthorized", "-216", "-220", "-14020"),
         _("Mã truy cập của kênh không dùng được")),
        (("timed out", "network", "connect"), _("Không kết nối được với kênh")),
        (("bad request", "-201", "-210", "-233"), _("Kênh không nhận nội dung này")),
    )  # fmt: skip


def _is(standing: Standing) -> ColumnElement[bool]:
    if standing is Standing.RETRYING:
        return (Job.status == Status.READY) & Job.last_error.is_not(None)
    return Job.status == standing.value


def _sent_again(session: Session, ids: Sequence[int]) -> dict[int, str]:
    rows = session.scalars(select(Resent).where(Resent.job_id.in_(ids)).order_by(Resent.id))
    return {row.job_id: row.officer_name for row in rows}


def _letter(row: Job, standing: Standing, by: str, *, reads: bool) -> Letter:
    error, is_push = row.last_error or "", row.lane in jobs.PUSHED
    excerpt = _excerpt(json.loads(row.payload)) if is_push or reads else ""
    return Letter(
        id=row.id, channel=row.flow, is_push=is_push, standing=standing,
        excerpt=excerpt, reason=reason(error), detail=masked(error),
        attempts=row.attempts, since=row.created_at,
        next_at=row.run_at if standing is Standing.RETRYING else None, sent_again_by=by,
    )  # fmt: skip


def _excerpt(payload: dict[str, Any]) -> str:
    text = str(payload.get("message", {}).get("text", ""))
    if "kind" in payload:
        text = notifications.render(payload["kind"], payload["data"])
    short = _NUMBERS.sub("•••", mask(masked(" ".join(text.split()))))
    return short if len(short) <= EXCERPT else short[:EXCERPT].rstrip() + "…"
