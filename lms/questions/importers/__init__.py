"""Every kind of file that questions come in. To add one: a file here, a line below."""

from collections.abc import Callable

from backend.errors import InvalidInput
from backend.i18n import gettext as _
from lms.questions.importers import docx, gift, text, xlsx
from lms.questions.importers.draft import Draft, Import

__all__ = ["IMPORTERS", "Draft", "Import", "read"]

IMPORTERS: dict[str, Callable[[bytes, str], Import]] = {
    ".docx": docx.read,
    ".doc": docx.read,
    ".xlsx": xlsx.read,
    ".gift": gift.read,
    ".txt": text.read,
}


def read(data: bytes, name: str) -> Import:
    """The questions of a file, by its ending; nothing is stored."""
    if not data:
        raise InvalidInput("empty_file", _("Tệp trống. Xin chọn lại tệp câu hỏi."))
    ending = "." + name.rpartition(".")[2].casefold()
    if ending not in IMPORTERS:
        message = _(
            "Chưa đọc được loại tệp này. Xin gửi tệp Word (.docx), Excel (.xlsx) hoặc GIFT."
        )
        raise InvalidInput("unknown_kind", message)
    return IMPORTERS[ending](data, name)
