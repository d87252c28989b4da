"""Every kind of message that is sent without being asked for.

To add one: a line here and `templates/notifications/<kind>.txt`; where it may go by e-mail as well,
the name of its letter's template, whose first line is the subject. A push never carries personal
data, and no link (people learn from links in messages to trust those of swindlers).
"""

from dataclasses import dataclass
from datetime import timedelta

from backend.jobs import Lane


@dataclass(frozen=True)
class Kind:
    """How urgent it is, after how long it is no news any more, and whether it may wake people."""

    lane: Lane
    good_for: timedelta
    is_urgent: bool = False  # goes at night as well
    letter: str = ""


KINDS: dict[str, Kind] = {
    # A followed dossier moved. data: tail (the code's last four characters)
    "dossier_status": Kind(Lane.PUSH, timedelta(days=3), letter="dossier_status_letter"),
    # Another chat opened a dossier that this chat had opened. data: tail, channel (of the other)
    "dossier_opened": Kind(Lane.PUSH, timedelta(days=3), is_urgent=True),
    # A course must be completed soon, or should have been. data: course, deadline, when
    "training_due": Kind(Lane.PUSH, timedelta(days=3), letter="training_due_letter"),
    # In a coordinator's agency people are late with a course. data: course, deadline, count
    "training_missing": Kind(Lane.PUSH, timedelta(days=3), letter="training_missing_letter"),
    # A trainer answered what a learner asked under a lesson. data: course, lesson
    "training_answered": Kind(Lane.PUSH, timedelta(days=3), letter="training_answered_letter"),
    # Somebody is invited to a class, or it was moved or cancelled.
    # data: what, course, place, day, since, until, reason
    "training_class": Kind(Lane.PUSH, timedelta(days=3), letter="training_class_letter"),
}
