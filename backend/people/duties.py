"""What an official has to do with information technology: the plan of 2017 counts by these."""

from enum import StrEnum

from backend.i18n import gettext as _


class Duty(StrEnum):
    """Leads it, does it all day, does it beside other work, or merely uses it."""

    ICT_LEAD = "ict_lead"
    ICT_FULL = "ict_full"
    ICT_PART = "ict_part"
    NONE = "none"


AUDIENCES: dict[str, frozenset[Duty]] = {
    "all": frozenset(Duty),
    "ict_lead": frozenset({Duty.ICT_LEAD}),
    "ict_full": frozenset({Duty.ICT_FULL}),
    "ict_part": frozenset({Duty.ICT_PART}),
    "ict": frozenset({Duty.ICT_FULL, Duty.ICT_PART}),
}
"""Groups that a course or a requirement may be meant for."""


def duty_names() -> dict[str, str]:
    """How pages call them."""
    return {
        Duty.ICT_LEAD: _("Lãnh đạo phụ trách CNTT"),
        Duty.ICT_FULL: _("Chuyên trách CNTT"),
        Duty.ICT_PART: _("Kiêm nhiệm CNTT"),
        Duty.NONE: _("Không phụ trách CNTT"),
    }


def audience_names() -> dict[str, str]:
    """How pages call the groups."""
    return {
        "all": _("Toàn thể cán bộ, công chức, viên chức"),
        "ict_lead": _("Lãnh đạo phụ trách CNTT"),
        "ict_full": _("Cán bộ chuyên trách CNTT"),
        "ict_part": _("Cán bộ kiêm nhiệm CNTT"),
        "ict": _("Cán bộ chuyên trách và kiêm nhiệm CNTT"),
    }
