"""Certificates from elsewhere: sent with their evidence by the learner, decided on by staff."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, defer

from backend import audit, clock
from backend.errors import Conflict, InvalidInput, NotFound, TooLarge, TooMany
from backend.i18n import gettext as _
from backend.people import service as people
from lms.assignments.models import OutsideCertificate
from lms.courses import service as courses

LARGEST = 5 * 1024 * 1024
MOST_WAITING = 10
# What a file says it is counts for nothing; what it begins with decides.
MAGIC = {
    b"%PDF-": "application/pdf",
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
}
ENDINGS = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}


@dataclass(frozen=True)
class Claim:
    """What the learner says about it."""

    course_code: str
    issuer: str
    number: str
    issued_on: date
    expires_on: date | None


@dataclass(frozen=True)
class Waiting:
    """One for which a decision is awaited, with who sent it from where."""

    row: OutsideCertificate
    name: str
    agency: str
    course: str


def send(
    session: Session, person_id: int, claim: Claim, evidence: bytes, *, now: datetime
) -> OutsideCertificate:
    """Hand one in; it counts once somebody has accepted it."""
    _check(claim, now=now)
    waiting = select(func.count()).where(
        OutsideCertificate.person_id == person_id, OutsideCertificate.status == "waiting"
    )
    if (session.scalar(waiting) or 0) >= MOST_WAITING:
        raise TooMany("too_many_waiting", _("Xin chờ các chứng nhận đã gửi được xét trước."))
    made = OutsideCertificate(
        person_id=person_id, course_code=courses.find(session, claim.course_code).code,
        issuer=claim.issuer, number=claim.number, issued_on=claim.issued_on,
        expires_on=claim.expires_on, evidence=evidence, media_type=kind_of(evidence), sent_at=now,
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def kind_of(evidence: bytes) -> str:
    """The media type by the first bytes; anything else, or anything too large, is refused."""
    if not evidence:
        message = _("Xin chọn tệp minh chứng.")
        raise InvalidInput("no_evidence", message, fields={"tep": message})
    if len(evidence) > LARGEST:
        message = _("Tệp minh chứng được dài đến 5 MB.")
        raise TooLarge("evidence_too_large", message, fields={"tep": message})
    for magic, media_type in MAGIC.items():
        if evidence.startswith(magic):
            return media_type
    message = _("Xin gửi minh chứng là tệp PDF, JPG hoặc PNG.")
    raise InvalidInput("evidence_kind", message, fields={"tep": message})


def of_person(session: Session, person_id: int) -> list[OutsideCertificate]:
    """Somebody's own, newest first; without the evidence, which is large."""
    return list(
        session.scalars(
            select(OutsideCertificate)
            .where(OutsideCertificate.person_id == person_id)
            .options(defer(OutsideCertificate.evidence))
            .order_by(OutsideCertificate.id.desc())
        )
    )


def accepted(session: Session, person_id: int, *, on: date) -> set[str]:
    """Courses learned elsewhere, with a certificate that was accepted and holds on this day."""
    expires_on = OutsideCertificate.expires_on
    query = select(OutsideCertificate.course_code).where(
        OutsideCertificate.person_id == person_id, OutsideCertificate.status == "accepted",
        expires_on.is_(None) | (expires_on >= on),
    )  # fmt: skip
    return set(session.scalars(query))


def waiting(session: Session, *, on: date, within: Collection[int] | None) -> list[Waiting]:
    """What awaits a decision of whoever may see these agencies, oldest first."""
    here = people.directory(on).subquery()
    query = (
        select(OutsideCertificate, here.c.name, here.c.agency)
        .join(here, here.c.person_id == OutsideCertificate.person_id)
        .where(OutsideCertificate.status == "waiting")
        .options(defer(OutsideCertificate.evidence))
        .order_by(OutsideCertificate.id)
    )
    if within is not None:
        query = query.where(here.c.agency_id.in_(within))
    titles = {row.code: row.title for row in courses.courses(session)}
    return [
        Waiting(row, name, agency, titles.get(row.course_code, row.course_code))
        for row, name, agency in session.execute(query)
    ]


def find(
    session: Session, certificate_id: int, *, on: date, within: Collection[int] | None,
    lock: bool = False,
) -> OutsideCertificate:  # fmt: skip
    """One of those that whoever asks may decide on; others do not exist for them.

    `lock` it before deciding: of two who decide at once the second is told so.
    """
    row = session.get(OutsideCertificate, certificate_id, with_for_update=lock)
    here = people.official(session, row.person_id, at=on) if row else None
    if row is None or (within is not None and (here is None or here.agency_id not in within)):
        raise NotFound("no_outside_certificate", _("Không có chứng nhận này."))
    return row


def decide(
    session: Session, row: OutsideCertificate, *, accept: bool, remark: str, by: int, now: datetime
) -> None:
    """Accept it, or refuse it with the reason; once."""
    if row.status != "waiting":
        raise Conflict("decided", _("Chứng nhận này đã được xét."))
    if not accept and not remark.strip():
        raise InvalidInput("no_reason", _("Xin ghi lý do không chấp nhận."))
    row.status = "accepted" if accept else "refused"
    row.decided_at, row.decided_by, row.remark = now, by, remark.strip()[:300]
    session.flush()
    audit.record(
        session, by, f"outside.{row.status}", f"outside:{row.id}", person=row.person_id,
        course=row.course_code, remark=row.remark, now=now,
    )  # fmt: skip


def _check(claim: Claim, *, now: datetime) -> None:
    if not claim.issuer:
        message = _("Xin ghi nơi cấp chứng nhận.")
        raise InvalidInput("no_issuer", message, fields={"noi_cap": message})
    if claim.issued_on > clock.local(now).date():
        message = _("Ngày cấp không thể sau hôm nay.")
        raise InvalidInput("issued_later", message, fields={"ngay_cap": message})
    if claim.expires_on is not None and claim.expires_on < claim.issued_on:
        message = _("Ngày hết hạn phải sau ngày cấp.")
        raise InvalidInput("expires_before", message, fields={"het_han": message})
