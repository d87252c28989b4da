"""What the forms of a class say, read into values."""

from datetime import date, datetime, time

from starlette.datastructures import FormData

from backend import clock
from backend.errors import InvalidInput
from backend.i18n import gettext as _
from backend.web import text_of
from lms.classes.attendance import ByHand
from lms.classes.models import TrainingClass
from lms.classes.service import Planned, Setting

MOST_SEATS = 5_000


def planned(form: FormData) -> Planned:
    """A new class; a day or an hour that is none is refused."""
    course, _slash, lesson = text_of(form, "lesson", limit=80).partition("/")
    return Planned(course, lesson, setting(form))


def setting(form: FormData) -> Setting:
    """When and where, with whom, and how many seats."""
    day = _day(text_of(form, "day", limit=10))
    return Setting(
        place=text_of(form, "place", limit=200), trainer=text_of(form, "trainer", limit=200),
        starts_at=_moment(day, text_of(form, "since", limit=5), "since"),
        ends_at=_moment(day, text_of(form, "until", limit=5), "until"),
        seats=_seats(text_of(form, "seats", limit=20)),
    )  # fmt: skip


def typed(row: TrainingClass) -> dict[str, str]:
    """What the form shows of a class as it stands."""
    start, end = clock.local(row.starts_at), clock.local(row.ends_at)
    return {
        "place": row.place, "trainer": row.trainer, "day": f"{start:%Y-%m-%d}",
        "since": f"{start:%H:%M}", "until": f"{end:%H:%M}", "seats": str(row.seats or ""),
    }  # fmt: skip


def by_hand(form: FormData, person_id: int) -> ByHand:
    """Somebody was there: so many minutes, for this reason."""
    return ByHand(person_id, whole(form, "minutes"), text_of(form, "reason", limit=300))


def whole(form: FormData, name: str) -> int:
    """A number without a sign; 0 where there is none."""
    text = text_of(form, name, limit=9)
    return int(text) if text.isascii() and text.isdecimal() else 0


def _seats(text: str) -> int:
    """How many; 0 (any number) only where it was left empty, never by a slip of the hand."""
    if not text:
        return 0
    if text.isascii() and text.isdecimal() and 1 <= int(text) <= MOST_SEATS:
        return int(text)
    message = _("Xin ghi số chỗ từ 1 đến {most}, hoặc để trống nếu không giới hạn.").format(
        most=MOST_SEATS
    )
    raise InvalidInput("bad_seats", message, fields={"seats": message})


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        message = _("Xin chọn ngày học.")
        raise InvalidInput("bad_day", message, fields={"day": message}) from None


def _moment(day: date, text: str, field: str) -> datetime:
    try:
        return datetime.combine(day, time.fromisoformat(text), clock.VIETNAM)
    except ValueError:
        message = _("Xin ghi giờ, ví dụ 08:00.")
        raise InvalidInput("bad_time", message, fields={field: message}) from None
