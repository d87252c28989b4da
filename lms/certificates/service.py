"""Settle a round after every step, issue what it earned, say whether a certificate holds."""

from collections.abc import Collection
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend import audit, clock, ids, jobs
from backend.errors import Conflict, InvalidInput, NotFound
from backend.i18n import gettext as _
from backend.people import service as people
from lms.attempts import service as attempts
from lms.certificates.models import Certificate
from lms.courses import service as courses
from lms.courses.service import Taking
from lms.courses.standing import Standing


class State(StrEnum):
    """Whether a certificate holds on a day."""

    VALID = "valid"
    EXPIRED = "expired"
    REVOKED = "revoked"


def settle(session: Session, taking: Taking, *, now: datetime) -> Standing:
    """Bring the round up to date after anything that may have completed it, in one transaction.

    Every edge calls it after a lesson, an answer sheet or a roll-call, and holds the round while
    it does; calling it again is harmless.
    """
    standing = attempts.standing_of(session, taking)
    if standing.is_complete and courses.complete(
        session, taking.enrolment, now=now,
        final_begun_at=attempts.final_begun_at(session, taking),
    ):  # fmt: skip
        issue(session, taking, now=now)
    return standing


def issue(
    session: Session, taking: Taking, *, replaces: Certificate | None = None, now: datetime
) -> Certificate:
    """The certificate of a completed round, with names and places as they are on this day."""
    enrolment, course = taking.enrolment, taking.course
    done = enrolment.counts_on
    if done is None:
        raise Conflict("not_complete", _("Khoá học này chưa hoàn thành."))
    here = people.official(session, enrolment.person_id, at=done)
    made = Certificate(
        code=_code(done), enrolment_id=enrolment.id, live_enrolment_id=enrolment.id,
        replaces_id=replaces.id if replaces else None, person_id=enrolment.person_id,
        person_name=people.name_of(session, enrolment.person_id),
        agency_id=enrolment.done_agency_id, agency_name=enrolment.done_agency_name,
        position=here.position if here else "", course_code=course.code,
        course_title=course.title, hours=course.hours, score=_best(session, taking),
        begun_on=clock.local(enrolment.started_at).date(), completed_on=done,
        expires_on=courses.last_day(done, course.validity_months), issued_at=now,
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def find(session: Session, code: str, *, lock: bool = False) -> Certificate:
    """The certificate of this code, as anybody may ask; spaces and case are forgiven.

    `lock` it before changing it.
    """
    query = select(Certificate).where(Certificate.code == "".join(code.split()).upper())
    found = session.scalar(query.with_for_update() if lock else query)
    if found is None:
        raise NotFound("no_certificate", _("Không có chứng nhận nào mang mã này."))
    return found


def state(certificate: Certificate, *, on: date) -> State:
    """Whether it holds on this day; its last day is a day on which it holds."""
    if certificate.revoked_at is not None:
        return State.REVOKED
    is_over = certificate.expires_on is not None and on > certificate.expires_on
    return State.EXPIRED if is_over else State.VALID


def of_person(session: Session, person_id: int) -> list[Certificate]:
    """All of somebody's, newest first."""
    return list(
        session.scalars(
            select(Certificate)
            .where(Certificate.person_id == person_id)
            .order_by(Certificate.issued_at.desc(), Certificate.id.desc())
        )
    )


def of_round(session: Session, enrolment_id: int) -> Certificate | None:
    """The one in force of this round."""
    return session.scalar(select(Certificate).where(Certificate.live_enrolment_id == enrolment_id))


def listed(
    session: Session, text: str, *, within: Collection[int] | None, limit: int, offset: int,
    only_live: bool = False,
) -> tuple[list[Certificate], int]:  # fmt: skip
    """The newest certificates of these agencies, and how many there are in all.

    `text`: part of a name, a code, or the code of a course.
    """
    query = select(Certificate)
    if text := text.strip():
        query = query.where(
            Certificate.person_name.icontains(text, autoescape=True)
            | (Certificate.code == text.upper()) | (Certificate.course_code == text.upper())
        )  # fmt: skip
    if within is not None:
        query = query.where(Certificate.agency_id.in_(within))
    if only_live:
        query = query.where(Certificate.revoked_at.is_(None))
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    newest = query.order_by(Certificate.id.desc()).limit(limit).offset(offset)
    return list(session.scalars(newest)), total


def revoke(
    session: Session, certificate: Certificate, *, reason: str, by: int, now: datetime
) -> None:
    """It no longer holds, and whoever checks it sees why; once is enough."""
    if not reason.strip():
        raise InvalidInput("no_reason", _("Xin ghi lý do thu hồi."))
    if certificate.revoked_at is None:
        certificate.revoked_at, certificate.revoked_by = now, by
        certificate.reason, certificate.live_enrolment_id = reason.strip(), None
        session.flush()
        audit.record(
            session, by, "certificate.revoked", f"certificate:{certificate.code}",
            reason=certificate.reason, now=now,
        )  # fmt: skip


def reissue(
    session: Session, certificate: Certificate, *, reason: str, by: int, now: datetime
) -> Certificate:
    """Revoke it and issue another of the same round (a corrected name): both can be checked.

    Refused where the round has another in force already, as after a second tap.
    """
    live = of_round(session, certificate.enrolment_id)
    if live is not None and live.id != certificate.id:
        message = _("Chứng nhận này đã được cấp lại, mã mới {code}.").format(code=live.code)
        raise Conflict("reissued", message)
    revoke(session, certificate, reason=reason, by=by, now=now)
    taking = courses.taking_of(session, certificate.enrolment_id)
    made = issue(session, taking, replaces=certificate, now=now)
    audit.record(
        session, by, "certificate.reissued", f"certificate:{made.code}",
        replaces=certificate.code, now=now,
    )  # fmt: skip
    return made


def replaced_by(session: Session, certificate: Certificate) -> Certificate | None:
    """The one that took its place."""
    return session.scalar(select(Certificate).where(Certificate.replaces_id == certificate.id))


@jobs.job("lms.close_overdue")
def close_overdue(session: Session) -> None:
    """Hand in what nobody handed in: its time is over, and what is saved counts."""
    now = clock.now()
    for attempt_id in attempts.overdue(session, now=now):
        attempt = attempts.to_close(session, attempt_id)
        taking = courses.taking_of(session, attempt.enrolment_id)
        attempts.submit(session, attempt, attempts.quiz_of(taking, attempt.quiz), now=now)
        settle(session, taking, now=now)


def _best(session: Session, taking: Taking) -> float | None:
    finals = [quiz.key for quiz in taking.course.quizzes if quiz.kind == "final"]
    tries = [a for key in finals for a in attempts.attempts(session, taking.enrolment.id, key)]
    return max((attempt.score for attempt in tries if attempt.score is not None), default=None)


def _code(day: date) -> str:
    """Ten letters of thirty: nobody finds another's certificate by trying."""
    letters = ids.reference(10)
    return f"CN{day:%y}-{letters[:5]}-{letters[5:]}"
