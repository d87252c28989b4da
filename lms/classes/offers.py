"""The classes that are still to come for a lesson, as one learner sees them."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.classes import service as classes
from lms.classes.models import Invitation, Seat
from lms.classes.service import Meeting


class Offer(NamedTuple):
    """A class, how many seats of it are taken, the learner's own, whether they were asked to come.

    `seat` is also there for somebody who gave it back: `booked_at` says so.
    """

    meeting: Meeting
    taken: int
    seat: Seat | None
    is_invited: bool


def offers(
    session: Session, course_id: int, lesson: str, person_id: int, *, now: datetime
) -> list[Offer]:
    """What this person may book, the soonest first; as many queries for ten classes as for one."""
    meetings = [
        meeting
        for meeting in classes.listed(session, since=now, course_id=course_id)
        if meeting.row.lesson == lesson and meeting.row.cancelled_at is None
    ]
    ids = [meeting.row.id for meeting in meetings]
    taken = classes.taken_in(session, ids)
    own = select(Seat).where(Seat.class_id.in_(ids), Seat.person_id == person_id)
    seats = {seat.class_id: seat for seat in session.scalars(own)}
    asked = select(Invitation.class_id).where(
        Invitation.class_id.in_(ids), Invitation.person_id == person_id
    )
    invited = set(session.scalars(asked))
    return [
        Offer(meeting, taken.get(id_, 0), seats.get(id_), id_ in invited)
        for id_, meeting in zip(ids, meetings, strict=True)
    ]
