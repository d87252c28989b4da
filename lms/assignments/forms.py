"""What people type into the forms of requirements."""

from datetime import date

from starlette.datastructures import FormData

from backend.errors import InvalidInput
from backend.i18n import gettext as _
from backend.web import text_of


def day_of(form: FormData, name: str) -> date:
    """A date as a browser's date field sends it."""
    if (found := optional_day_of(form, name)) is None:
        raise InvalidInput("date_missing", _("Xin chọn ngày."), fields={name: _("Xin chọn ngày.")})
    return found


def optional_day_of(form: FormData, name: str) -> date | None:
    """The same, where it may be left empty; typed as dd/mm/yyyy it is understood too."""
    text = text_of(form, name, limit=10)
    if not text:
        return None
    parts = text.split("/")[::-1] if "/" in text else text.split("-")
    try:
        year, month, day = (int(part) for part in parts)
        return date(year, month, day)
    except ValueError as error:
        message = _("Ngày chưa đúng, xin ghi ngày/tháng/năm.")
        raise InvalidInput("date_wrong", message, fields={name: message}) from error


def as_typed(form: FormData) -> dict[str, str]:
    """What was typed, to be shown again with a refusal."""
    return {name: text_of(form, name, limit=200) for name in form}


def share_of(form: FormData, name: str) -> float:
    """A share between 0 and 1, typed as per cent; never another than what was typed."""
    text = text_of(form, name, limit=12)
    if text.isascii() and text.isdecimal() and 1 <= int(text) <= 100:
        return int(text) / 100
    message = _("Xin ghi số phần trăm từ 1 đến 100.")
    raise InvalidInput("bad_share", message, fields={name: message})


def number_of(form: FormData, name: str) -> int:
    """An id, or 0."""
    text = text_of(form, name, limit=12)
    return int(text) if text.isascii() and text.isdecimal() else 0
