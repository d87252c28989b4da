"""Canned answers: an officer's own and everybody's, with variables that the conversation fills."""

import re
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from backend.accounts.roles import SignedIn
from backend.errors import InvalidInput, NotFound
from backend.i18n import gettext as _
from bot.handover import desk, words
from bot.handover.models import CannedAnswer

MOST = 100
LONGEST_TITLE = 80
_VARIABLE = re.compile(r"\{(\w+)\}")


def listed(session: Session, officer: SignedIn) -> list[CannedAnswer]:
    """What this officer may use, their own first."""
    query = select(CannedAnswer).where(_usable_by(officer))
    order = (CannedAnswer.officer_id.is_(None), CannedAnswer.title, CannedAnswer.id)
    return list(session.scalars(query.order_by(*order).limit(MOST)))


def add(
    session: Session,
    officer: SignedIn,
    *,
    title: str,
    body: str,
    is_shared: bool,
    now: datetime,
) -> CannedAnswer:
    """A new one; a variable that we do not know is refused here, not before a citizen."""
    unknown = sorted(set(_VARIABLE.findall(body)) - words.variables().keys())
    fields = {}
    if not title:
        fields["title"] = _("Xin đặt tên cho câu mẫu.")
    if not body or len(body) > desk.LONGEST:
        fields["body"] = _("Xin viết nội dung câu mẫu, không quá {most} ký tự.").format(
            most=desk.LONGEST
        )
    elif unknown:
        fields["body"] = _("Không có biến này: {names}").format(
            names=", ".join("{" + name + "}" for name in unknown)
        )
    if fields:
        raise InvalidInput("canned_answer", next(iter(fields.values())), fields=fields)
    row = CannedAnswer(
        officer_id=None if is_shared else officer.id, title=title[:LONGEST_TITLE], body=body,
        created_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def remove(session: Session, officer: SignedIn, answer_id: int) -> None:
    """Away with it; everybody's only by whoever looks after them."""
    row = session.scalar(
        select(CannedAnswer).where(CannedAnswer.id == answer_id, _usable_by(officer))
    )
    if row is None or (row.officer_id is None and not officer.may("handover.manage")):
        raise NotFound("canned_answer_not_found", _("Không có câu mẫu này."))
    session.delete(row)


def text_of(session: Session, officer: SignedIn, answer_id: int, values: Mapping[str, str]) -> str:
    """The text, filled in."""
    row = session.scalar(
        select(CannedAnswer).where(CannedAnswer.id == answer_id, _usable_by(officer))
    )
    if row is None:
        raise NotFound("canned_answer_not_found", _("Không có câu mẫu này."))
    return filled(row.body, values)


def filled(body: str, values: Mapping[str, str]) -> str:
    """With the values that are known; the others are named in brackets, and cannot be sent so."""

    def value(match: re.Match[str]) -> str:
        name = match[1]
        if name not in words.variables():
            return match[0]
        return values.get(name) or words.blank(name)

    return _VARIABLE.sub(value, body)


def _usable_by(officer: SignedIn) -> ColumnElement[bool]:
    return or_(CannedAnswer.officer_id == officer.id, CannedAnswer.officer_id.is_(None))
