"""What a one-stop system sends to `/api/v1/dossiers/sync`, in the field names of the national
data-sharing platform, and what it is told.

Numbers may come as text and text as null. `MaDoiTuong`, the identity number, is not declared, so it
is dropped before anything looks at it; so are scans and lists of papers handed in.
"""

import re
import unicodedata
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from backend.clock import VIETNAM
from backend.dossiers import status
from backend.dossiers.spelling import code_of
from backend.dossiers.status import Status
from backend.log import masked

MOST_ITEMS = 500
_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]+(\.[\w-]+)+", re.ASCII)
_STAMP = "%Y%m%d%H%M%S"
# Beyond them a date means "none": systems put there the first or the last that they know.
_FIRST_YEAR, _LAST_YEAR = 1990, 2100


def text_of(value: Any) -> str:
    """Text without what a database refuses (NUL, lone surrogates)."""
    text = "" if value is None else str(value).replace("\0", "")
    return unicodedata.normalize("NFC", text.encode("utf-8", "ignore").decode()).strip()


def _words(value: Any) -> str:
    """What officers wrote: telephone and identity numbers in it are nobody's business."""
    return masked(text_of(value))[:4000]


def _moment(value: Any) -> datetime | None:
    text = text_of(value)
    if not text:
        return None
    if not re.fullmatch(r"\d{8}|\d{12}|\d{14}", text):
        raise ValueError("không phải dạng yyyyMMddHHmmss")
    try:
        moment = datetime.strptime(text.ljust(14, "0"), _STAMP).replace(tzinfo=VIETNAM)
    except ValueError as error:
        raise ValueError("không phải ngày giờ có thật") from error
    return moment if _FIRST_YEAR <= moment.year <= _LAST_YEAR else None


def _email(value: Any) -> str:
    """One address and nothing else: a second one, or a line more, would be written to as well."""
    text = text_of(value)
    return text if _EMAIL.fullmatch(text) else ""


def _status(value: Any) -> Status:
    text = text_of(value)
    found = status.of_number(int(text)) if re.fullmatch(r"\d{1,2}", text) else None
    if found is None:
        raise ValueError("không có trong mười trạng thái (1 đến 10)")
    return found


def _code(value: Any) -> str:
    code = code_of(text_of(value))
    if not code:
        raise ValueError("không phải mã hồ sơ")
    return code


def _money(value: Any) -> int:
    text = re.sub(r"[.,](?=\d{3}(\D|$))", "", text_of(value)) or "0"
    try:
        amount = int(float(text))
    except (ValueError, OverflowError) as error:
        raise ValueError("không phải số tiền") from error
    if not 0 <= amount < 10**12:
        raise ValueError("không phải số tiền có thật")
    return amount


def _list(value: Any) -> Any:
    return [] if value is None else value


Text = Annotated[str, BeforeValidator(text_of)]
Words = Annotated[str, BeforeValidator(_words)]
Moment = Annotated[datetime | None, BeforeValidator(_moment)]


class Fee(BaseModel):
    """One line of `DanhSachLePhi`."""

    amount: Annotated[int, BeforeValidator(_money)] = Field(0, alias="Gia")


class Asked(BaseModel):
    """One line of `DanhSachHoSoBoSung`."""

    asked_by: Text = Field("", alias="NguoiYeuCauBoSung")
    what: Words = Field("", alias="NoiDungBoSung")
    asked_at: Moment = Field(None, alias="NgayBoSung")
    old_due_at: Moment = Field(None, alias="NgayHenTraTruoc")
    new_due_at: Moment = Field(None, alias="NgayHenTraMoi")


class Snapshot(BaseModel):
    """An item of `DongBoHoSoMC`: the dossier as it is."""

    code: Annotated[str, BeforeValidator(_code)] = Field(alias="MaHoSo")
    status: Annotated[Status, BeforeValidator(_status)] = Field(alias="TrangThaiHoSo")
    at: Moment = Field(None, alias="ThoiDiemXuLy")
    procedure_code: Text = Field("", alias="MaTTHC")
    procedure_name: Text = Field("", alias="TenTTHC")
    receipt_number: Text = Field("", alias="SoBienNhan")
    owner_name: Text = Field("", alias="ChuHoSo")
    email: Annotated[str, BeforeValidator(_email)] = Field("", alias="Email")
    phone: Text = Field("", alias="SoDienThoai")
    received_at: Moment = Field(None, alias="NgayTiepNhan")
    due_at: Moment = Field(None, alias="NgayHenTra")
    finished_at: Moment = Field(None, alias="NgayKetThucXuLy")
    returned_at: Moment = Field(None, alias="NgayTra")
    agency_name: Text = Field("", alias="DonViXuLy")
    note: Words = Field("", alias="GhiChu")
    fees: Annotated[list[Fee], BeforeValidator(_list)] = Field([], alias="DanhSachLePhi")
    asked: Annotated[list[Asked], BeforeValidator(_list)] = Field([], alias="DanhSachHoSoBoSung")


class Progress(BaseModel):
    """An item of `CapNhatTienDoHoSoMC`: a step that was taken."""

    code: Annotated[str, BeforeValidator(_code)] = Field(alias="MaHoSo")
    status: Annotated[Status, BeforeValidator(_status)] = Field(alias="TrangThai")
    at: Moment = Field(None, alias="ThoiDiemXuLy")
    actor: Text = Field("", alias="NguoiXuLy")
    position: Text = Field("", alias="ChucDanh")
    department: Text = Field("", alias="PhongBanXuLy")
    note: Words = Field("", alias="NoiDungXuLy")


Item = Snapshot | Progress


class SyncRequest(BaseModel):
    """A message of the national platform."""

    model_config = ConfigDict(populate_by_name=True)

    service: Literal["DongBoHoSoMC", "CapNhatTienDoHoSoMC"]
    is_updating: bool = Field(
        False, alias="isUpdating", description="accepted; makes no difference"
    )
    agency_code: Text = Field("", alias="madonvi", description="code of the agency that sends")
    data: list[dict[str, Any]] = Field(description=f"at most {MOST_ITEMS} items")


class SyncResult(BaseModel):
    """What became of one item."""

    index: int
    code: str = Field(serialization_alias="MaHoSo")
    result: Literal["applied", "repeated", "stale", "rejected"]
    reason: str = ""
    flagged: bool = Field(False, description="the move is not in our table; officers will look")
    tracking_url: str | None = Field(None, description="to be printed on the receipt, as a QR code")
    telegram_url: str | None = Field(None, description="the same for Telegram, where that is on")


class SyncResponse(BaseModel):
    """One result for each item, in the order of the items."""

    error_code: int = 0
    results: list[SyncResult]
