"""The full record of one administrative procedure: what every answer is made from.

The shape follows the national service `LayThuTuc` (codes, levels, agencies, several deadlines and
several fees per channel, documents and steps by case) and adds what the portal publishes since
2025. Importers produce it, YAML files in `data/` hold it, the database stores it as JSON, and
replies, pages and `python -m backend procedures show` read it. Nothing here touches the database.
"""

import datetime as dt
import re
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field, field_validator

NATIONAL_CODE = re.compile(r"^(\d\.\d{6})(\.000\.00\.00\.[A-Z]\d{2})?$")


def bare_code(text: str) -> str | None:
    """The national code without its local suffix (`1.001193.000.00.00.H49` → `1.001193`)."""
    match = NATIONAL_CODE.match(text.strip().upper())
    return match[1] if match else None


class Tier(StrEnum):
    """Where a record comes from; earlier members win, whatever the order of import."""

    OVERLAY = "overlay"
    IMPORTED = "imported"
    SHIPPED = "shipped"
    NAME_ONLY = "name_only"


class Level(StrEnum):
    """Who handles a procedure. There has been no district level since 1 July 2025."""

    COMMUNE = "commune"
    PROVINCE = "province"
    MINISTRY = "ministry"
    OTHER = "other"


class ChannelKind(StrEnum):
    """How a dossier is handed in (national codes 1, 2, 3)."""

    IN_PERSON = "in_person"
    ONLINE = "online"
    POST = "post"


class Unit(StrEnum):
    """Unit of a deadline as published; a deadline without one is shown as its published text."""

    WORKING_DAY = "working_day"
    DAY = "day"
    HOUR = "hour"
    MONTH = "month"


class DocumentUse(StrEnum):
    """What the citizen does with a paper; a note is advice, not a paper."""

    HAND_IN = "hand_in"
    SHOW = "show"
    NOTE = "note"


class OnlineLevel(StrEnum):
    """NĐ 42/2022: whole (toàn trình), part (một phần) or information only."""

    WHOLE = "whole"
    PART = "part"
    INFORMATION = "information"


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Alias(_Model):
    """Another code of the same procedure, with the days between which it was valid."""

    code: str
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    note: str = ""


class Agency(_Model):
    """An agency and its part: performs, decides, is delegated to, cooperates, or receives."""

    role: str = "performs"  # performs | decides | delegated | cooperates | receives
    name: str
    code: str = ""


class Case(_Model):
    """A situation that changes papers, fees or steps ("cha mẹ chưa đăng ký kết hôn").

    `question` is what the assistant may ask to find out whether it applies.
    """

    key: str
    name: str
    question: str = ""


class Channel(_Model):
    """One way of handing in; `note` is the published text beside it."""

    kind: ChannelKind
    note: str = ""


class Deadline(_Model):
    """How long it takes on one channel (`None`: on all) in one case (`None`: in all).

    `number` with `unit` is exact; with either missing, only `text`, as published, is shown.
    """

    channel: ChannelKind | None = None
    case: str | None = None
    number: float | None = None
    unit: Unit | None = None
    text: str = ""


class Fee(_Model):
    """A fee (phí) or charge (lệ phí) in đồng; never shown without its exemptions.

    `amount` 0 means free of charge; `None` means that only `text`, as published, can be shown.
    `per` is what one amount pays for ("trường hợp", "bản", "trang").
    """

    channel: ChannelKind | None = None
    case: str | None = None
    kind: str = ""  # "Lệ phí" | "Phí" | ""
    amount: int | None = Field(default=None, ge=0)
    per: str = ""
    text: str = ""
    exemptions: str = ""


class Form(_Model):
    """The blank form of a paper."""

    name: str
    url: str = ""


class Document(_Model):
    """One paper of the dossier, in one case (`None`: always).

    `digital_substitute` names the digital result that replaces the paper, if there is one.
    """

    case: str | None = None
    use: DocumentUse = DocumentUse.HAND_IN
    name: str
    originals: int | None = None
    copies: int | None = None
    digital_substitute: str = ""
    form: Form | None = None


class Step(_Model):
    """One step, in one case (`None`: always)."""

    case: str | None = None
    text: str


class LegalBasis(_Model):
    """A legal text the procedure rests on; `title` may be empty where only the number is known."""

    code: str
    title: str = ""
    issued: dt.date | None = None
    effective: dt.date | None = None
    url: str = ""


class Online(_Model):
    """How far the procedure can be done online, in today's and in the old (NĐ 43/2011) levels."""

    level: OnlineLevel
    old_level: int | None = Field(default=None, ge=1, le=4)
    url: str = ""


class Source(_Model):
    """Where the facts come from and when; `verified` is never set by an importer."""

    name: str
    url: str = ""
    date: dt.date | None = None
    decision: str = ""
    verified: bool = False
    note: str = ""


class Record(_Model):
    """One procedure. Empty lists mean that the source is silent ("không công bố")."""

    code: str
    name: str
    tier: Tier = Tier.IMPORTED
    aliases: tuple[Alias, ...] = ()
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    lay_names: tuple[str, ...] = ()
    field: str = ""
    levels: tuple[Level, ...] = ()
    subjects: tuple[str, ...] = ()
    agencies: tuple[Agency, ...] = ()
    receiving: str = ""  # place of receipt as published
    summary: str = ""
    cases: tuple[Case, ...] = ()
    documents: tuple[Document, ...] = ()
    channels: tuple[Channel, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    fees: tuple[Fee, ...] = ()
    steps: tuple[Step, ...] = ()
    conditions: tuple[str, ...] = ()
    results: tuple[str, ...] = ()
    legal_basis: tuple[LegalBasis, ...] = ()
    online: Online | None = None
    related: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()

    @field_validator("code")
    @classmethod
    def _code_is_bare(cls, value: str) -> str:
        code = bare_code(value)
        if code is None:
            raise ValueError(f"not a procedure code: {value!r}")
        return code

    @property
    def is_name_only(self) -> bool:
        """True where nothing but the name (and perhaps the field and level) is known."""
        return not (self.documents or self.steps or self.channels or self.deadlines or self.fees)
